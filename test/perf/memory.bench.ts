import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Change } from '../../src/domain/ports.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { jvmSampleOf, MIB, NOW, putOf, storeOptionsOf } from '../support/store-entities.ts';
import { largeFleetOf } from '../support/store-fleet.ts';

const SIZES = [2_000, 10_000];
const CYCLE_MS = 2_000;
/** LENA's datagrams reach the store four times a second, an eighth of the senders each time. */
const FLUSHES = 8;
const MINUTES = [0, 1, 10, 30];

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const toMiB = (bytes: number): number => Math.round((bytes / MIB) * 10) / 10;
const toHundredths = (value: number): number => Math.round(value * 100) / 100;

/** One cycle's sample: a sawtooth of its own for every server, as a receiver makes it (all groups new objects). */
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

interface Reading {
  readonly minutes: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly buffersMiB: number;
  /** More than before the first sample of this run, a server. */
  readonly bytesPerServer: number;
  readonly buffersPerServer: number;
}

function measure(servers: number) {
  if (typeof collect !== 'function') throw new Error('no gc()');
  const { contexts, changes, senders } = largeFleetOf(servers, 0);
  const store = createConsoleStore(storeOptionsOf(contexts));
  store.apply(changes);
  collect();
  const empty = process.memoryUsage();
  const readings: Reading[] = [];
  const batches: number[] = [];
  let at = NOW;
  for (const minutes of MINUTES) {
    while (at < NOW + minutes * 60_000) {
      for (let flush = 0; flush < FLUSHES; flush++) {
        const flushAt = at + (flush * CYCLE_MS) / FLUSHES;
        if (flush % 4 === 0) store.tick(flushAt);
        const from = Math.floor((flush * servers) / FLUSHES);
        const to = Math.floor(((flush + 1) * servers) / FLUSHES);
        const batch: Change[] = [];
        for (let number = from; number < to; number++) {
          const sender = senders[number];
          if (sender !== undefined) batch.push(heardAt(sender, flushAt, number));
        }
        const started = performance.now();
        store.apply(batch);
        batches.push(((performance.now() - started) * 1_000) / batch.length);
      }
      at += CYCLE_MS;
    }
    collect();
    const used = process.memoryUsage();
    readings.push({
      minutes,
      rssMiB: toMiB(used.rss),
      heapMiB: toMiB(used.heapUsed),
      buffersMiB: toMiB(used.arrayBuffers),
      bytesPerServer: Math.round(
        (used.heapUsed + used.arrayBuffers - empty.heapUsed - empty.arrayBuffers) / servers,
      ),
      buffersPerServer: Math.round((used.arrayBuffers - empty.arrayBuffers) / servers),
    });
  }
  batches.sort((a, b) => a - b);
  return {
    servers,
    kept: store.state.getState().tables.server.rows.size,
    applyUsPerSample: toHundredths(batches[batches.length >> 1] ?? Number.NaN),
    readings,
  };
}

/** Memory of the store with history of 1, 10 and 30 minutes, and microseconds to take in one sample. */
export async function run(): Promise<object> {
  const figures = SIZES.map(measure);
  return { figures, targets: { largeMiB: 180, hugeMiB: 400 } };
}
