import type { Change } from '../../src/domain/ports.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { jvmSampleOf, MIB, MINUTE_MS, NOW, putOf, storeOptionsOf } from '../support/store-entities.ts';
import { largeFleetOf } from '../support/store-fleet.ts';

/** A process of its own: one store with so many servers, and two hours of their datagrams as fast as it takes them. */
const servers = Number(process.argv[2]);
const CYCLE_MS = 2_000;
/** Datagrams reach the store four times a second, an eighth of the senders each time. */
const FLUSHES = 8;
/** Then one datagram a half minute fills the rest as well. */
const DENSE_MINUTES = 10;
const READ_AT_MINUTES = [0, 1, DENSE_MINUTES, 120];
const COLLECT_EVERY_MS = 30_000;

const { gc } = globalThis;
if (gc === undefined) throw new Error('start with --expose-gc');
const toMiB = (bytes: number): number => Math.round((bytes / MIB) * 10) / 10;

/** One cycle's sample: a sawtooth of its own for every server; every group is a new object, as a receiver makes it. */
function heardAt(sender: Sender, at: number, number: number): Change {
  const cycle = Math.floor(at / CYCLE_MS);
  const usedBytes = (200 + ((number * 7 + cycle * 3) % 700)) * MIB;
  const jvm = jvmSampleOf({
    at,
    heap: { usedBytes, committedBytes: 900 * MIB, maxBytes: 1_024 * MIB, afterGcBytes: 240 * MIB },
    gcInterval: { coveredMs: CYCLE_MS, count: cycle % 3, timeMs: (cycle % 3) * 7 },
    tps: 40 + (cycle % 10),
    active: { total: cycle % 5, under3s: cycle % 5, under8s: 0, over8s: 0 },
  });
  return putOf('sender', { ...sender, jvm, heartbeat: { ...sender.heartbeat, at } });
}

const { contexts, changes, senders } = largeFleetOf(servers, 0);
const store = createConsoleStore(storeOptionsOf(contexts));
store.apply(changes.filter((change) => change.type !== 'put' || change.kind !== 'sender'));
// Heard, but without figures: what these add is history.
store.apply(senders.map((sender) => putOf('sender', { ...sender, jvm: undefined })));

const usSamples: number[] = [];
function hear(at: number): void {
  for (let flush = 0; flush < FLUSHES; flush++) {
    const flushAt = at + (flush * CYCLE_MS) / FLUSHES;
    if (flush % (FLUSHES / 2) === 0) store.tick(flushAt);
    const from = Math.floor((flush * servers) / FLUSHES);
    const part = senders.slice(from, Math.floor(((flush + 1) * servers) / FLUSHES));
    const batch = part.map((sender, index) => heardAt(sender, flushAt, from + index));
    const started = performance.now();
    store.apply(batch);
    usSamples.push(((performance.now() - started) * 1_000) / batch.length);
  }
}

gc();
const { arrayBuffers } = process.memoryUsage();
const readings: object[] = [];
let at = NOW;
for (const minutes of READ_AT_MINUTES) {
  const pauseMs = minutes > DENSE_MINUTES ? 30_000 : CYCLE_MS;
  for (; at < NOW + minutes * MINUTE_MS; at += pauseMs) {
    hear(at);
    // A console has time to collect; this goes hundreds of times as fast.
    if (at % COLLECT_EVERY_MS === 0) gc();
  }
  gc();
  const used = process.memoryUsage();
  readings.push({
    minutes,
    rssMiB: toMiB(used.rss),
    heapMiB: toMiB(used.heapUsed),
    buffersMiB: toMiB(used.arrayBuffers),
    historyBytesPerServer: Math.round((used.arrayBuffers - arrayBuffers) / servers),
  });
}
usSamples.sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    servers,
    rows: store.state.getState().tables.server.rows.size,
    applyUsPerSample: Math.round((usSamples[usSamples.length >> 1] ?? Number.NaN) * 100) / 100,
    readings,
  }),
);
