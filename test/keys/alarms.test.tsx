import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import type { Change } from '../../src/domain/ports.ts';
import { instanceOf, jvmSampleOf, NOW, putOf, senderOf } from '../support/store-entities.ts';
import { type OpenOptions, openConsole } from '../support/ui-console.tsx';

/** A pod and its datagram at a second. */
const heard = (name: string, second: number, more: Partial<JvmSample>): readonly Change[] => {
  const at = NOW + second * 1_000;
  return [
    putOf('instance', instanceOf(name, { addresses: [] })),
    putOf(
      'sender',
      senderOf(name, {
        jvm: jvmSampleOf({ ...more, at }),
        heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
      }),
    ),
  ];
};
const header = ({ lines }: { lines(): readonly string[] }): string => lines()[0] ?? '';

const open = (more: Partial<OpenOptions> = {}) =>
  openConsole({ changes: heard('was-0', 0, {}), columns: 120, rows: 24, ...more });

test('the header counts servers with an alarm by their worst, and nothing where there is none', async () => {
  const app = await open();
  assert.doesNotMatch(header(app), /alarm|✖|▲/);
  await app.data(...heard('was-1', 0, { gcTimePercent: 15, errorPercent: 9 }));
  assert.match(header(app), /▲ 1 alarm {2}/);
  await app.data(...heard('was-2', 0, { gcTimePercent: 30, errorPercent: 9 }));
  assert.match(header(app), /✖ 1 ▲ 1 alarms {2}/);
  await app.data(...heard('was-3', 0, { gcTimePercent: 30 }), ...heard('was-1', 0, {}));
  assert.match(header(app), /✖ 2 ▲ 1 alarms/, 'what was raised is slow to clear');
  await app.tick(20_000);
  assert.match(header(app), /✖ 2 ▲ 2 alarms/);
  await app.tick(30_000);
  assert.match(header(app), / {2}▲ 4 alarms/, 'all of them fell silent');
  app.close();
});

test('a reason that raises no alarm is not counted', async () => {
  const app = await open();
  await app.data(putOf('instance', instanceOf('was-9', { addresses: [], state: 'failed' })));
  assert.doesNotMatch(header(app), /alarm/);
  app.close();
});

test('80 columns hold the alarms and the clock, in Korean too', async () => {
  const changes = [...heard('was-1', 0, { gcTimePercent: 15 }), ...heard('was-2', 0, { gcTimePercent: 30 })];
  const english = await open({ changes, columns: 80 });
  assert.match(header(english), /^ l9s 0\.1\.0 .*✖ 1 ▲ 1 alarms .*\d\d:\d\d UTC $/);
  english.close();
  const korean = await open({ changes, columns: 80, settings: { language: 'ko' } });
  assert.match(header(korean), /✖ 1 ▲ 1 경보/);
  korean.close();
  const crowded = await open({ changes, columns: 80, settings: { isDemo: true, mode: 'triage' } });
  assert.match(header(crowded), /✖ 1 ▲ 1 .*\d\d:\d\d UTC $/);
  assert.ok(header(crowded).length <= 80);
  crowded.close();
});

test(':alarms lists the servers the header counts, worst first, with why and since when', async () => {
  const changes = [
    ...heard('was-1', 0, { gcTimePercent: 15 }),
    ...heard('was-2', 0, { gcTimePercent: 30 }),
    ...heard('was-3', 0, { gcTimePercent: 1 }),
  ];
  const app = await open({ changes });
  await app.press(':alarms\r');
  assert.match(app.screen(), /─ Alarms ─.* 2 of 2 /);
  assert.match(app.screen(), /was-2 .*✖ error +gc-overhead .*[\s\S]*was-1 .*▲ warn +gc-overhead /);
  assert.doesNotMatch(app.screen(), /was-3/);
  await app.press('\r');
  assert.match(app.screen(), /Servers: was-2/);
  app.close();
});

test('an alarm is in the events and on its server’s page, and leads back to it', async () => {
  const app = await open();
  await app.tick(20_000);
  await app.data(...heard('was-0', 20, { gcTimePercent: 30 }));
  await app.press(':events\r');
  assert.match(app.screen(), /✖ error +GC-OVERHEAD +was-0/);
  assert.match(app.screen(), / spends 30\.0 % of its time/);
  await app.press('o');
  assert.match(app.screen(), /Health/);
  await app.press('<esc>', ':servers\r', 'e');
  assert.match(app.screen(), /GC-OVERHEAD/);
  await app.press(':servers\r', 'w');
  assert.match(app.screen(), /spends 30\.0 % of its time collecting garbage/);
  for (let second = 22; second <= 56; second += 2) {
    app.store.tick(NOW + second * 1_000);
    app.store.apply(heard('was-0', second, {}));
  }
  await app.press(':events\r');
  await app.afterData();
  assert.match(app.screen(), /· info +GC-OVERHEAD cleared +was-0/);
  app.close();
});

test('events of ours are in the user’s language', async () => {
  const app = await open({ settings: { language: 'ko' } });
  await app.tick(20_000);
  await app.data(...heard('was-0', 20, { gcTimePercent: 30 }));
  await app.press(':events\r');
  assert.match(app.screen(), /GC에 시간의 30\.0 %를 사용/);
  await app.press('/', '사용', '<enter>');
  assert.match(app.screen(), /GC-OVERHEAD/);
  app.close();
});
