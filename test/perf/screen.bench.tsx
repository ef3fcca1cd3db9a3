import { createSinkHub } from '../../src/app/batching-sink.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Change } from '../../src/domain/ports.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  contextOf,
  environmentOf,
  instanceOf,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const SERVERS = 10_000;
const CONTEXTS = 4;
/** Senders whose newest datagram reaches the store with each batch. */
const SENDERS_PER_BATCH = 5_000;
/** As the receiver of datagrams tells its senders. */
const BATCH_MS = 250;
const REFRESH_MS = 100;
const KEYS = 400;
const FILTERS = 30;
const MIB = 2 ** 20;

const addressOf = (index: number) => `10.${20 + (index >> 14)}.${(index >> 7) & 127}.${index & 127}`;
const contextNameOf = (index: number) => `ctx-${index % CONTEXTS}`;
const nameOf = (index: number) => `lena-was-${index}`;

function instances(now: number): Change[] {
  const environment = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12', LENA_SERVER_TYPE: 'was' });
  return Array.from({ length: SERVERS }, (_, index) =>
    putOf(
      'instance',
      instanceOf(nameOf(index), {
        context: contextNameOf(index),
        addresses: [addressOf(index)],
        environment,
        readySince: now - 3_600_000,
        createdAt: now - 3_600_000,
        startedAt: now - 3_600_000,
        seenAt: now,
      }),
    ),
  );
}

function senders(from: number, count: number, now: number): Change[] {
  return Array.from({ length: count }, (_, offset) => {
    const index = (from + offset) % SERVERS;
    const sender = senderOf(nameOf(index), { sourceAddress: addressOf(index) });
    const usedBytes = ((index * 7 + Math.floor(now / 50)) % 1_000) * MIB;
    return putOf('sender', {
      ...sender,
      heartbeat: { ...sender.heartbeat, at: now },
      jvm: {
        ...sender.jvm,
        source: 'lena',
        at: now,
        heap: { usedBytes, maxBytes: 1_024 * MIB },
        tps: index % 90,
      },
    });
  });
}

const at = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
const figures = (times: readonly number[]) => {
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: at(sorted, 0.5), p90: at(sorted, 0.9), p99: at(sorted, 0.99), max: at(sorted, 1) };
};

/** Milliseconds from a key to the frame it caused, on a headless terminal, at 10,000 servers under datagrams. */
export async function run(): Promise<object> {
  // React and Ink choose their build when they are loaded; the shipped one is for production.
  process.env['NODE_ENV'] = 'production';
  const { createElement } = await import('react');
  const { Console } = await import('../../src/ui/console.tsx');
  const { createRelated } = await import('../../src/app/view-context.ts');
  const { launch } = await import('../support/terminal.tsx');

  const startAt = Date.now();
  const contexts = Array.from({ length: CONTEXTS }, (_, index) => contextOf(`ctx-${index}`));
  const store = createConsoleStore(storeOptionsOf([...contexts, contextOf('udp', 'udp')], { now: startAt }));
  const joinFrom = performance.now();
  store.apply(instances(startAt));
  store.apply(senders(0, SERVERS, startAt));
  const joinMs = performance.now() - joinFrom;
  for (const { name } of contexts) store.setStatus(name, { state: 'live', lastGoodAt: startAt });

  let onFrame: (() => void) | undefined;
  const terminal = await launch(
    createElement(Console, {
      store,
      related: createRelated(store),
      clock: systemClock,
      settings: {
        language: 'en',
        isUtc: true,
        isColor: true,
        colorDepth: 8,
        theme: 'auto',
        levels: { middle: 0.6, high: 0.8 },
        mode: 'normal',
        refreshMs: REFRESH_MS,
        version: '0.1.0',
        isDemo: true,
        configuredContexts: contexts.map(({ name }) => name),
      },
      onQuit() {},
      onRefresh() {},
      saveFile: async (name) => name,
      copy() {},
    }),
    { columns: 120, rows: 40, onWrite: () => onFrame?.() },
  );

  let from = 0;
  const hub = createSinkHub({ store, clock: systemClock, intervalMs: REFRESH_MS });
  const sink = hub.sinkOf('udp', () => undefined);
  const feed = setInterval(() => {
    const now = Date.now();
    const batch = senders(from, SENDERS_PER_BATCH, now);
    from = (from + SENDERS_PER_BATCH) % SERVERS;
    sink.changes(batch);
  }, BATCH_MS);

  /** Types at a set moment and waits for its frame; a loop that is busy at that moment counts against the screen. */
  const keyToFrame = (keys: string, isFrame: () => boolean, delayMs: number) =>
    new Promise<number>((resolve) => {
      const dueAt = performance.now() + delayMs;
      setTimeout(() => {
        onFrame = () => {
          if (!isFrame()) return;
          onFrame = undefined;
          resolve(performance.now() - dueAt);
        };
        terminal.type(keys);
      }, delayMs);
    });

  const measure = async () => {
    const keyTimes: number[] = [];
    for (let index = 0; index < KEYS; index++) {
      // Steps that share no period with the batches fall on every part of their interval.
      keyTimes.push(await keyToFrame(index % 2 === 0 ? 'j' : 'k', () => true, 17 + ((index * 13) % 29)));
    }
    return figures(keyTimes);
  };
  const keysByName = await measure();
  terminal.type('H');
  await terminal.idle();
  const keysByHeap = await measure();
  const typed: number[] = [];
  const cleared: number[] = [];
  for (let index = 0; index < FILTERS; index++) {
    typed.push(await keyToFrame(`/was-${index}\r`, () => true, 23));
    cleared.push(await keyToFrame('0', () => true, 23));
  }
  clearInterval(feed);
  hub.close();
  terminal.close();
  return {
    servers: SERVERS,
    contexts: CONTEXTS,
    sendersPerSecond: (SENDERS_PER_BATCH * 1_000) / BATCH_MS,
    joinMs: Math.round(joinMs),
    keyToFrameMs: keysByName,
    keyToFrameSortedByHeapMs: keysByHeap,
    filterTypedMs: figures(typed),
    filterClearedMs: figures(cleared),
    targets: { keyToFrameP50: 8, keyToFrameP99: 25, filter: 30 },
  };
}
