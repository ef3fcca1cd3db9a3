import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import type { Change } from '../../src/domain/ports.ts';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { RECORDINGS, readRecording } from '../support/lena-recordings.ts';
import { createDice, type Dice, mutate } from '../support/telemetry-mutations.ts';
import { L9S_SAMPLES, STATSD_SAMPLES } from '../support/telemetry-samples.ts';

const START = 1_795_233_200_000;
const MAX_SENDERS = 2_000;
const ROUNDS = 40_000;
const MIB = 1_048_576;

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  collect();
}
function heapMiB(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MIB;
}

const LENA = RECORDINGS.flatMap((name) => readRecording(name).map(({ bytes }) => bytes));
const L9S = L9S_SAMPLES.flatMap((sample) => [
  encodeL9sDatagram(sample),
  encodeL9sDatagram(sample, { deflate: true }),
]);
const STATSD = STATSD_SAMPLES.map((text) => Buffer.from(text));

/** Percentages where they belong, no count below zero, nothing that is no number. */
function assertSound(changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.type !== 'put' || change.kind !== 'sender') continue;
    const { jvm, heartbeat, counters } = change.entity;
    const told = JSON.stringify(change.entity, (key, value) => {
      if (typeof value === 'number') assert.ok(Number.isFinite(value), `${key} is ${value}`);
      return value;
    });
    assert.ok(told.length < 400_000, `${told.length} characters for one sender`);
    const share = jvm?.gcTimePercent;
    assert.ok(share === undefined || (share >= 0 && share <= 100), `GC share ${share}`);
    const interval = jvm?.gcInterval;
    if (interval !== undefined)
      assert.ok(interval.count >= 0 && interval.timeMs >= 0 && interval.coveredMs > 0);
    for (const bytes of [jvm?.heap?.usedBytes, jvm?.heap?.maxBytes, jvm?.heap?.afterGcBytes])
      assert.ok(bytes === undefined || bytes >= 0);
    assert.ok(heartbeat.rejected >= 0 && (heartbeat.rejectReasons?.length ?? 0) <= 9);
    assert.ok(Object.keys(counters).length <= 160);
  }
}

interface Plan {
  readonly samples: readonly Uint8Array[];
  readonly seed: number;
  /** What is done to a sample; the other ones come in between. */
  readonly change: (bytes: Uint8Array, dice: Dice) => Uint8Array;
}

/** Plays mutations at a receiver; gives the heap after the first third and at the end, in MiB. */
async function play({ samples, seed, change }: Plan): Promise<{
  readonly earlyMiB: number;
  readonly endMiB: number;
  readonly receiver: DatagramReceiver;
}> {
  const dice = createDice(seed);
  const receiver = new DatagramReceiver('udp', { senders: MAX_SENDERS });
  let now = START;
  let earlyMiB = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = change(dice.pick(samples), dice);
    const from = { address: `10.0.${dice.below(4)}.${dice.below(200)}`, port: 1_024 + dice.below(500) };
    receiver.take(bytes, from, now);
    now += dice.below(3);
    if (round % 500 === 0) {
      assertSound(receiver.takeChanges(now));
      // What failed to inflate is freed as the event loop turns, as it does between real datagrams.
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(receiver.senders <= MAX_SENDERS);
    }
    if (round === Math.floor(ROUNDS / 3)) earlyMiB = heapMiB();
  }
  receiver.takeChanges(now);
  return { earlyMiB, endMiB: heapMiB(), receiver };
}

async function assertBounded(plan: Plan): Promise<void> {
  const { earlyMiB, endMiB, receiver } = await play(plan);
  assert.ok(endMiB - earlyMiB < 16, `the heap grew from ${earlyMiB} to ${endMiB} MiB`);
  const counts = receiver.counts(START + ROUNDS * 3);
  assert.equal(counts['datagrams'], ROUNDS);
  assert.equal(counts['faults'], 0);
  const reasons = Object.keys(counts).filter((name) => name.startsWith('rejected.'));
  assert.ok(reasons.length > 0 && reasons.length <= 25, reasons.join(', '));
}

for (const [name, samples] of [
  ['LENA recordings', LENA],
  ['l9s/1 datagrams', L9S],
  ['StatsD lines', STATSD],
] as const) {
  test(`mutations of ${name} neither throw nor grow memory`, async () => {
    await assertBounded({ samples, seed: 7, change: (bytes, dice) => mutate(bytes, samples, dice) });
  });
}

test('mutated JSON behind deflate neither throws nor grows memory', async () => {
  const texts = L9S_SAMPLES.map((sample) => encodeL9sDatagram(sample));
  await assertBounded({
    samples: texts,
    seed: 11,
    change: (bytes, dice) =>
      Buffer.concat([Buffer.of(1), deflateRawSync(mutate(bytes, texts, dice), { level: 1 })]),
  });
});

test('every form cut at every length', () => {
  const receiver = new DatagramReceiver('udp', { senders: MAX_SENDERS });
  let sent = 0;
  for (const bytes of [...LENA.filter(({ length }) => length < 3_000), ...L9S, ...STATSD]) {
    for (let length = 0; length <= bytes.length; length++) {
      receiver.take(
        bytes.subarray(0, length),
        { address: `10.1.${sent & 255}.${(sent >> 8) & 255}`, port: 9 },
        START + sent++,
      );
    }
    assertSound(receiver.takeChanges(START + sent));
  }
  assert.equal(receiver.tallies.datagrams, sent);
});
