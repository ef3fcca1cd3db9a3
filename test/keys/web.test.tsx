import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebUse } from '../../src/domain/jvm-sample.ts';
import {
  contextOf,
  environmentOf,
  instanceOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
} from '../support/store-entities.ts';
import { openConsole } from '../support/ui-console.tsx';

const WEB = environmentOf({ LENA_SERVER_TYPE: 'web' });
const web: WebUse = {
  activeThreads: 90,
  idleThreads: 10,
  maxThreads: 100,
  requests: 51_000,
  trafficBytes: 3 * 2 ** 30,
  requestsPerSecond: 146,
  bytesPerSecond: 2 * 2 ** 20,
  workers: [
    { name: 'was-1', state: 'OK', active: 40, idle: 10, max: 50, errors: 0 },
    { name: '주문', state: 'ERR', active: 0, idle: 0, max: 50, errors: 7 },
  ],
};
const CONTEXTS = [
  contextOf('prod'),
  contextOf('mgr', 'manager', { serves: ['prod'] }),
  contextOf('udp', 'udp'),
];
const CHANGES = [
  putOf(
    'instance',
    instanceOf('lena-web-busy', { addresses: ['10.42.0.41'], environment: WEB, ports: [7180] }),
  ),
  putOf(
    'sender',
    senderOf('lena-web-busy', {
      codec: 'l9s',
      sourceAddress: '10.42.0.41',
      serverType: 'web',
      jvm: { source: 'l9s', at: NOW, web, cpu: { process: 0.25 } },
    }),
  ),
  putOf(
    'instance',
    instanceOf('lena-web-mute', { addresses: ['10.42.0.42'], environment: WEB, ports: [7180] }),
  ),
  putOf(
    'registration',
    registrationOf('lena-web-mute', {
      type: 'web',
      address: '10.42.0.42',
      port: 7180,
      jvm: { source: 'manager', at: NOW, connectors: [{ name: 'threads', busy: 30, max: 400 }] },
    }),
  ),
  putOf('instance', instanceOf('lena-was-0', { addresses: ['10.42.0.30'] })),
];

test(':web shows threads, requests, traffic and back ends; what only the Manager tells is there too', async () => {
  const app = await openConsole({ contexts: CONTEXTS, changes: CHANGES, columns: 160, rows: 24 });
  await app.press(':web\r');
  assert.match(app.screen(), /2 of 2/);
  assert.match(app.screen(), /lena-web-busy .* 90\/100 +10 +146 +2 MiB +1\/2 +25%/);
  assert.match(app.screen(), /lena-web-mute .* 30\/400 +n\/a +n\/a +n\/a +n\/a/);
  await app.press('/', 'down>0', '<enter>');
  assert.match(app.screen(), /1 of 2/);
  await app.press('<esc>', '<c-z>');
  assert.match(app.screen(), /lena-web-busy/, 'a back end that is down is a fault');
  app.close();
});

test('who sends nothing says how to know more', async () => {
  const app = await openConsole({ contexts: CONTEXTS, changes: CHANGES, columns: 80, rows: 24 });
  await app.press(':web\r', 'G');
  assert.match(app.bottom(), /No datagram tells its requests and back ends → \/cmx-status in its pod does/);
  app.close();
});

test('of a web server that is not LENA’s nothing is promised', async () => {
  const nginx = putOf('instance', instanceOf('gateway', { declaredType: 'nginx' }));
  const app = await openConsole({ contexts: CONTEXTS, changes: [nginx], columns: 160, rows: 40 });
  await app.press(':web\r', '<enter>');
  assert.match(app.screen(), /see its own status page; l9s reads that of LENA web servers only/);
  assert.doesNotMatch(app.screen(), /cmx-status/);
  app.close();
});

test('the page of a web server lists its back ends', async () => {
  const app = await openConsole({ contexts: CONTEXTS, changes: CHANGES, columns: 120, rows: 40 });
  await app.press(':web\r', 'g', '<enter>');
  assert.match(app.screen(), /Threads +90 active of 100 \(90%\), 10 idle/);
  assert.match(app.screen(), /Requests +146 requests\/s; 51 000 since its start/);
  assert.match(app.screen(), /Traffic +2 MiB\/s; 3 GiB since its start/);
  assert.match(app.screen(), /│ was-1 +│ OK +│ 40 +│ 10 +│ 50 +│ 0 +│/);
  assert.match(app.screen(), /│ \?\? +│ ERR +│ 0 +│ 0 +│ 50 +│ 7 +│/, 'cells are ASCII by construction');
  app.close();
});
