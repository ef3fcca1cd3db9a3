import { createConsoleStore } from '../../src/store/console-store.ts';
import { NOW, storeOptionsOf } from '../support/store-entities.ts';
import { heardAgain, largeFleetOf } from '../support/store-fleet.ts';

const SERVERS = 10_000;
const REGISTRATIONS = 2_000;
const BATCH = 5_000;
const ROUNDS = 30;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Full join, one batch of datagrams, one tick, and what ten minutes of history take. */
export async function run(): Promise<object> {
  const { contexts, changes, senders } = largeFleetOf(SERVERS, REGISTRATIONS);
  const store = createConsoleStore(storeOptionsOf(contexts));
  const startedAt = performance.now();
  store.apply(changes);
  const fullJoinMs = performance.now() - startedAt;

  const batches: number[] = [];
  const ticks: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const first = (round % 2) * BATCH;
    const batch = heardAgain(senders.slice(first, first + BATCH), round * 1_000);
    const from = performance.now();
    store.apply(batch);
    batches.push(performance.now() - from);
    const ticked = performance.now();
    store.tick(NOW + round * 1_000);
    ticks.push(performance.now() - ticked);
  }
  const before = process.memoryUsage();
  for (let second = ROUNDS + 2; second <= ROUNDS + 602; second += 2) {
    store.tick(NOW + second * 1_000);
    store.apply(heardAgain(senders, second * 1_000));
  }
  const after = process.memoryUsage();
  const { tables } = store.state.getState();
  return {
    name: 'join',
    servers: tables.server.rows.size,
    senders: SERVERS,
    registrations: REGISTRATIONS,
    findings: tables.finding.rows.size,
    fullJoinMs: rounded(fullJoinMs),
    batch: BATCH,
    batchMedianMs: rounded(median(batches)),
    batchMaxMs: rounded(Math.max(...batches)),
    tickMedianMs: rounded(median(ticks)),
    tenMinutesOfSeriesMiB: rounded((after.arrayBuffers - before.arrayBuffers) / 1_048_576),
  };
}
