import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { sourceFailure } from '../../src/domain/errors.ts';
import type { Job } from '../../src/domain/job.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { ALLOWED } from '../support/fake-executor.ts';
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

test('a plan with everything it can say', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 80, rows: 24, isActing: true });
  app.gate.answers.verdict = {
    ...ALLOWED,
    confirm: 'type-name',
    needsReason: true,
    because: [text('context prod is protected', '컨텍스트 prod는 보호됨')],
  };
  app.gate.answers.plan = {
    nameToType: '주문-서버',
    warnings: [
      {
        level: 'warn',
        code: 'mutable-tag',
        text: text('comes up with whatever :latest is now', '현재의 :latest로 시작'),
      },
      {
        level: 'danger',
        code: 'manager-silent',
        text: text(
          'Manager lena-manager does not answer: the template download will fail',
          'Manager lena-manager 응답 없음: 템플릿 다운로드 실패',
        ),
      },
    ],
    diff: [{ title: 'server.xml', lines: [' <Server>', '-  <Connector/>', '+  <Connector port="8180"/>'] }],
  };
  await app.press('/주문\r', 'R');
  assertFrame('plan-80x24', trimmed(app.screen()));
  app.close();
});

const RESTARTED = refOf('server', 'prod', 'shop/lena-was-7d9c6f8b4-x2p9q');
const ENTRY: AuditEntry = {
  ref: refOf('audit', 'prod', 'a1'),
  at: NOW - 300_000,
  actor: { user: 'kim', host: 'bastion', pid: 7, identities: {} },
  mode: 'normal',
  action: 'restart',
  effect: 'change',
  title: 'restart lena-was-7d9c6f8b4-x2p9q in prod',
  reason: 'OPS-12',
  targets: [{ ref: RESTARTED, context: 'prod', kind: 'Pod', name: 'lena-was-7d9c6f8b4-x2p9q', before: {} }],
  calls: [],
  result: 'done',
};
const JOB: Job = {
  ref: refOf('job', 'prod', 'a1'),
  action: 'restart',
  title: text('restart 2 servers in prod', 'prod의 서버 2개 재시작'),
  state: 'running',
  isCancelling: false,
  startedAt: NOW - 45_000,
  targets: [
    { ref: RESTARTED, context: 'prod', name: 'lena-was-7d9c6f8b4-x2p9q', state: 'done', outcomes: ['done'] },
    {
      ref: RESTARTED,
      context: 'prod',
      name: 'lena-was-7d9c6f8b4-7k2lm',
      state: 'running',
      step: text('waits until its replacement is ready', '대체 서버가 준비될 때까지 대기'),
      parts: [{ name: 'lena-was-7d9c6f8b4-n3w01', state: 'waiting' }],
      outcomes: ['done'],
    },
  ],
};

test('jobs, audit and changes', async () => {
  const app = await open(120, 24);
  const done: Job = {
    ...JOB,
    ref: refOf('job', 'prod', 'a0'),
    startedAt: NOW - 900_000,
    endedAt: NOW - 800_000,
  };
  await app.data(
    putOf('job', JOB),
    putOf('job', { ...done, state: 'unknown' }),
    putOf('audit', { ...ENTRY, endedAt: NOW - 200_000 }),
    putOf('audit', { ...ENTRY, ref: refOf('audit', 'prod', 'a0'), at: NOW - 900_000, result: 'unfinished' }),
    putOf('workload', workloadOf('lena-was', { desired: 5, environment: environmentOf({}) })),
  );
  await app.press('J');
  assertFrame('jobs-120x24', trimmed(app.screen()));
  await app.press(':audit\r');
  assertFrame('audit-120x24', trimmed(app.screen()));
  await app.press(':changes\r');
  assertFrame('changes-120x24', trimmed(app.screen()));
  app.close();
});
