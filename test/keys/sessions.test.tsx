import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JvmSample, SessionStoreUse } from '../../src/domain/jvm-sample.ts';
import { environmentOf, instanceOf, MIB, NOW, putOf, senderOf } from '../support/store-entities.ts';
import { openConsole } from '../support/ui-console.tsx';

const PAIR = environmentOf({
  LENA_SERVER_TYPE: 'session',
  LENA_SESSION_0_ADDRESS: 'lena-session-0.lena-session:5180',
  LENA_SESSION_1_ADDRESS: 'lena-session-1.lena-session:5180',
});
const sampleOf = (sessionStore: SessionStoreUse): JvmSample => ({
  source: 'l9s',
  at: NOW,
  heap: { usedBytes: 300 * MIB, maxBytes: 400 * MIB },
  sessionStore,
});
const sessionServer = (name: string, address: string, sessionStore?: SessionStoreUse, node = 'node-1') => [
  putOf('instance', instanceOf(name, { addresses: [address], environment: PAIR, node })),
  ...(sessionStore === undefined
    ? []
    : [
        putOf(
          'sender',
          senderOf(name, {
            codec: 'l9s',
            sourceAddress: address,
            serverType: 'session',
            jvm: sampleOf(sessionStore),
          }),
        ),
      ]),
];
const CHANGES = [
  ...sessionServer('lena-session-0', '10.42.0.21', {
    sessions: 1_480,
    maxSessions: 2_000_000,
    expired: 12,
    mirrorAddress: 'lena-session-1.lena-session:5180',
    isMirrorConnected: false,
    lost: { received: 1, requests: 0, responses: 0 },
  }),
  ...sessionServer('lena-session-1', '10.42.0.22', undefined, 'node-2'),
  putOf('instance', instanceOf('lena-was-0', { addresses: ['10.42.0.30'] })),
];

test(':sessions shows session servers only: sessions, mirror, partner, losses', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 160, rows: 24 });
  await app.press(':sessions\r');
  assert.match(app.screen(), /2 of 2/);
  assert.doesNotMatch(app.screen(), /lena-was-0/);
  assert.match(app.screen(), /lena-session-0 +prod .*75% +1 480\/2 000 000 +12 ✖ lost +lena-session-1 .* 1 /);
  await app.press('/', 'mirror=lost', '<enter>');
  assert.match(app.screen(), /1 of 2/);
  await app.press('<esc>', 'G');
  assert.match(app.cursorLine() ?? '', /lena-session-1 .*n\/a/);
  assert.match(
    app.bottom(),
    /No datagram tells its sessions and mirror → console\.sh status in its pod does/,
  );
  app.close();
});

test('the page of a session server says what it holds and who mirrors it', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 120, rows: 40 });
  await app.press(':sessions\r', 'g', '<enter>');
  assert.match(app.screen(), /Sessions held +1 480 of 2 000 000 \(0\.1%\)/);
  assert.match(app.screen(), /Mirror +lena-session-1\.lena-session:5180, not connected/);
  assert.match(app.screen(), /Partner +lena-session-1 \(ready\)/);
  assert.match(app.screen(), /Messages lost +1 received, 0 requests, 0 responses/);
  app.close();
});

test('the same in Korean, and at 80 columns', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 80, rows: 24, settings: { language: 'ko' } });
  await app.press(':sessions\r');
  assert.match(app.screen(), /lena-session-0 .*75% +1 480\/2 000 000 ✖ lost/);
  await app.press('G');
  assert.match(app.bottom(), /세션 수와 미러를 담은 데이터그램 없음 → 파드에서 console\.sh status로 읽음/);
  app.close();
});

test('without any, it says so', async () => {
  const app = await openConsole({ columns: 80, rows: 24, changes: CHANGES.slice(-1) });
  await app.press(':sessions\r');
  assert.match(app.screen(), /No session server is known/);
  await app.press(':web\r');
  assert.match(app.screen(), /No web server is known/);
  app.close();
});
