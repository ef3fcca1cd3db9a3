import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sourceFailure } from '../../src/domain/errors.ts';
import {
  environmentOf,
  eventOf,
  instanceOf,
  NOW,
  putOf,
  senderOf,
  workloadOf,
} from '../support/store-entities.ts';
import { openConsole, wasWithHeap } from '../support/ui-console.tsx';

/** Whole frames, read before they were accepted; `L9S_ACCEPT=1` writes them anew. */
function assertFrame(name: string, screen: string): void {
  const file = path.join(import.meta.dirname, 'frames', `${name}.txt`);
  if (process.env['L9S_ACCEPT'] === '1') writeFileSync(file, `${screen}\n`);
  assert.equal(`${screen}\n`, readFileSync(file, 'utf8'));
}
const trimmed = (screen: string) =>
  screen
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

const was = { kind: 'Deployment', name: 'lena-was' } as const;
const CHANGES = [
  ...wasWithHeap('lena-was-7d9c6f8b4-x2p9q', 87, '10.42.0.11'),
  ...wasWithHeap('lena-was-7d9c6f8b4-7k2lm', 63, '10.42.0.12'),
  putOf(
    'instance',
    instanceOf('lena-was-7d9c6f8b4-crash', {
      addresses: ['10.42.0.13'],
      state: 'notReady',
      stateReason: 'CrashLoopBackOff',
      restarts: 14,
      workload: was,
      environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:11' }),
    }),
  ),
  putOf('instance', instanceOf('주문-서버', { addresses: ['10.42.0.14'], namespace: '결제' })),
  putOf('sender', senderOf('vm', { sourceAddress: '10.9.0.1' })),
  putOf(
    'workload',
    workloadOf('lena-was', {
      ready: 1,
      environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' }),
    }),
  ),
  putOf(
    'event',
    eventOf('e1', {
      at: NOW - 90_000,
      level: 'warning',
      type: 'BackOff',
      message: 'Back-off restarting',
      target: instanceOf('lena-was-7d9c6f8b4-crash').ref,
      targetName: 'lena-was-7d9c6f8b4-crash',
      count: 12,
    }),
  ),
];

async function open(columns: number, rows: number) {
  const app = await openConsole({ changes: CHANGES, columns, rows });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  app.store.setStatus('vms', {
    state: 'denied',
    error: sourceFailure('UNAUTHORIZED', 'vms: the token has expired'),
  });
  await app.afterData();
  return app;
}

test('servers, wide and narrow', async () => {
  const wide = await open(120, 24);
  assertFrame('servers-120x24', trimmed(wide.screen()));
  wide.close();
  const narrow = await open(80, 24);
  assertFrame('servers-80x24', trimmed(narrow.screen()));
  narrow.close();
});

test('the page of a server', async () => {
  const app = await open(120, 50);
  await app.press('/x2p9q\r', '<enter>');
  assertFrame('server-page-120x50', trimmed(app.screen()));
  app.close();
});

test('contexts with one that is denied', async () => {
  const app = await open(120, 24);
  await app.press('@');
  assertFrame('contexts-120x24', trimmed(app.screen()));
  app.close();
});
