import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { decodeRelayLine } from '../../src/wire/relay/decode.ts';
import { l9sDatagram, lenaCounters, lenaDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_760_000_000_000;
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;

/** One server that sends every two seconds, and whatever else its socket is made to send in between. */
async function speaking(t: { after(task: () => Promise<void>): void }) {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  const socket = await harness.socket();
  let seq = 100;
  return {
    harness,
    socket,
    /** Good figures of a JVM that began an hour ago. */
    async speak(fields: Partial<L9sJvm> = {}) {
      harness.clock.advance(2_000);
      const at = harness.clock.now();
      seq++;
      await harness.send(
        socket,
        l9sDatagram({
          id: 'was01/a',
          seq,
          at,
          upMs: at - START + 3_600_000,
          heap: { used: seq * 1_000, max: 1e9 },
          ...fields,
        }),
      );
      harness.flush();
      return seq * 1_000;
    },
    used: () => harness.sender('was01/a').jvm?.heap?.usedBytes,
  };
}

for (const [what, forged] of [
  ['the largest number and no uptime', { seq: LARGEST_INTEGER, at: 1, upMs: 1 }],
  ['the largest number and a start of just now', { seq: LARGEST_INTEGER, at: START + 4_000, upMs: 0 }],
  [
    'the largest number, uptime and clock',
    { seq: LARGEST_INTEGER, at: LARGEST_INTEGER, upMs: LARGEST_INTEGER },
  ],
] as const) {
  test(`one datagram with ${what} does not hide what the server sends after it`, async (t) => {
    const { harness, socket, speak, used } = await speaking(t);
    await speak();
    await speak();
    await harness.send(socket, l9sDatagram({ id: 'was01/a', ...forged }));
    // Two may pass for late ones; the third shows that the number was not the server's.
    await speak();
    await speak();
    const sent = await speak();
    assert.equal(used(), sent);
    assert.equal(await speak(), used());
  });
}

test('numbers no JVM counts to are refused with their reason, and reach no figure', async (t) => {
  const { harness, socket, speak, used } = await speaking(t);
  const sent = await speak();
  const json = (fields: string) =>
    `{"l9s":1,"type":"jvm","id":"was01/a","serverType":"was","at":${START},"seq":900,"upMs":1,${fields}}`;
  for (const fields of [
    '"heap":{"used":1e308}',
    '"gc":[{"name":"G1 Old Generation","count":1e300,"timeMs":1e300}]',
    '"pauses":[{"name":"G1 Old Generation","at":1e307,"pauseMs":1e307}]',
    '"heap":{"used":1e309}',
  ]) {
    await harness.send(socket, json(fields));
  }
  harness.flush();
  assert.equal(used(), sent);
  const reasons = harness.sender('was01/a').heartbeat.rejectReasons?.map(({ reason }) => reason);
  assert.deepEqual(
    reasons?.toSorted(),
    ['gc.count', 'heap.used', 'pauses.at'].map((name) => `l9s: ${name}: not a number`),
  );

  await harness.send(
    socket,
    [
      'jvm.memory.used:1e308|g|#host:sd1,area:heap,id:Eden',
      'jvm.gc.pause:12|ms|@1e-300|#host:sd1',
      'process.uptime:1e18|g|#host:sd1',
      'jvm.threads.live:7|g|#host:sd1',
    ].join('\n'),
  );
  harness.flush();
  const { jvm } = harness.sender('sd1');
  assert.deepEqual([jvm?.threads?.live, jvm?.heap, jvm?.startedAt], [7, undefined, undefined]);

  await harness.send(socket, lenaDatagram(lenaCounters({ objName: '/lena/t/', heapMiB: 1e38 })));
  harness.flush();
  assert.equal(harness.sender('lena/t').jvm?.heap?.usedBytes, undefined);
});

test('an uptime longer than all years of the clock is no start', async (t) => {
  const { harness, socket } = await speaking(t);
  await harness.send(socket, l9sDatagram({ id: 'far/b', at: 0, upMs: LARGEST_INTEGER }));
  harness.flush();
  assert.equal(harness.sender('far/b').jvm?.startedAt, undefined);
});

test('a count of collections that cannot be leaves the share of those after it true', async (t) => {
  const { harness, socket } = await speaking(t);
  const collect = async (gcCount: number, gcTimeMs: number) => {
    harness.clock.advance(1_750);
    await harness.send(socket, lenaDatagram(lenaCounters({ objName: '/lena/t/', gcCount, gcTimeMs })));
    harness.flush();
  };
  await collect(1, 20);
  await collect(LARGEST_INTEGER, LARGEST_INTEGER);
  // Long enough for the odd one to leave the window of a minute.
  for (let cycle = 0; cycle < 40; cycle++) await collect(1, 20);
  const { jvm } = harness.sender('lena/t');
  assert.deepEqual([Math.round(jvm?.gcPerMinute ?? 0), Math.round(jvm?.gcTimePercent ?? 0)], [30, 1]);
});

test('a secret in the words of an event is masked, whichever form tells of it', async (t) => {
  const { harness, socket } = await speaking(t);
  const words = 'login failed: -Djdbc.password=hunter2 http://u:hunter2@db/?token=hunter2';
  const head = { l9s: 1, type: 'event', id: 'was01/a', serverType: 'was', at: START, seq: 1, upMs: 1 };
  await harness.send(socket, JSON.stringify({ ...head, event: 'ERROR', level: 'ERROR', message: words }));
  harness.flush();
  const [event] = harness.events.values();
  assert.equal(event?.message, 'login failed: -Djdbc.password=*** http://***@db/?token=***');

  const record = { id: 'e', at: 1, level: 'error', type: 'ERROR', message: words, targetName: 'was01/a' };
  const read = decodeRelayLine(JSON.stringify({ type: 'events', events: [record] }));
  assert.ok(read.kind === 'frame' && read.frame.type === 'events');
  assert.equal(read.frame.events[0]?.message, event?.message);
});
