import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { type RecordingName, readRecording } from '../support/lena-recordings.ts';
import { contextOf, storeOptionsOf } from '../support/store-entities.ts';

/** When these began, by the collections in them. */
const BEGAN: Partial<Record<RecordingName, number>> = { g1: 1_795_232_523_000, oom2: 1_795_233_125_000 };
const STEP_MS = 500;
const FROM = { address: '127.0.0.1', port: 40_000 };

/** What a recording of a real JVM raises, played in its own time, and a minute and a half of silence after it. */
function alarmsOf(name: RecordingName): readonly string[] {
  const startAt = BEGAN[name] ?? 1_795_233_200_000;
  const receiver = new DatagramReceiver('udp');
  const store = createConsoleStore({ ...storeOptionsOf([contextOf('udp', 'udp')]), now: startAt - 60_000 });
  let now = startAt;
  const passTo = (at: number) => {
    for (; now + STEP_MS <= at; now += STEP_MS) {
      const changes = receiver.takeChanges(now);
      if (changes.length > 0) store.apply(changes);
      store.tick(now);
    }
  };
  let endAt = startAt;
  for (const { atMs, bytes } of readRecording(name)) {
    endAt = startAt + atMs;
    passTo(endAt);
    receiver.take(bytes, FROM, endAt);
  }
  passTo(endAt + 90_000);
  return [...store.state.getState().tables.event.rows.values()]
    .filter(({ isAlarm }) => isAlarm === true)
    .map(({ level, type, message }) => `${level} ${type}: ${message}`);
}

const DEAD = 'warning NO-LONGER-HEARD: stopped sending without a goodbye, and nobody else tells of it';

test('a JVM that runs out of memory: full collections, failing requests, then silence', () => {
  assert.deepEqual(alarmsOf('oom2'), [
    'error FULL-GCS: had 4 full collections within 60 s',
    'error ERROR-RATE: 100.0 % of the requests of vm/was01 fail',
    DEAD,
    'info FULL-GCS cleared: Not known any more, as it is not heard: had 6 full collections within 60 s',
    'info ERROR-RATE cleared: Not known any more, as it is not heard: 50.0 % of the requests of vm/was01 fail',
  ]);
});

test('a JVM under load with one full collection: only what failed', () => {
  assert.deepEqual(
    alarmsOf('g1').map((line) => line.split(':')[0]),
    ['warning ERROR-RATE', 'warning NO-LONGER-HEARD', 'info ERROR-RATE cleared'],
  );
});

test('JVMs that start and idle raise nothing but their silence, and one that said goodbye not even that', () => {
  for (const name of ['startup', 'ds', 'big', 'frag', 'tx'] as const)
    assert.deepEqual(alarmsOf(name), [DEAD], name);
  assert.deepEqual(alarmsOf('term'), []);
});
