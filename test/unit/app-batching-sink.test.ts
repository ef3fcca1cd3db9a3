import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSinkHub } from '../../src/app/batching-sink.ts';
import { ChangeQueue } from '../../src/app/change-queue.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { HandClock } from '../support/fleet-processes.ts';
import { contextOf, NOW, putOf, senderOf, storeOptionsOf } from '../support/store-entities.ts';

const newer = (name: string) => putOf('sender', { ...senderOf(name), revision: '2' });

test('of several changes about one entity only the newest waits', () => {
  const queue = new ChangeQueue();
  const [first, second, third] = [putOf('sender', senderOf('a')), putOf('sender', senderOf('b')), newer('a')];
  queue.push([first, second, third]);
  assert.deepEqual(queue.take(10).changes, [third, second]);
  assert.equal(queue.isEmpty, true);
});

test('a change stays behind the replacement of its whole context', () => {
  const queue = new ChangeQueue();
  const replace = { type: 'replace', kind: 'sender', context: 'udp', entities: [] } as const;
  const drop = { type: 'drop', kind: 'sender', ref: refOf('sender', 'udp', 'a') } as const;
  queue.push([newer('a'), replace, drop]);
  assert.deepEqual(
    queue.take(10).changes.map(({ type }) => type),
    ['put', 'replace', 'drop'],
  );
});

test('a long batch is handed over in turns, and a status waits for what was learnt before it', () => {
  const clock = new HandClock(NOW);
  const store = createConsoleStore(storeOptionsOf([contextOf('udp', 'udp')]));
  const turns: (() => void)[] = [];
  let ms = 0;
  const said: string[] = [];
  const hub = createSinkHub({
    store,
    clock,
    intervalMs: 100,
    // Each look takes 3 ms, so a turn is one or two slices long.
    stopwatch: () => {
      ms += 3;
      return ms;
    },
    afterInput(task) {
      turns.push(task);
      return () => void turns.splice(turns.indexOf(task) >>> 0, 1);
    },
  });
  const sink = hub.sinkOf('udp', ({ state }) => said.push(state));
  sink.changes(Array.from({ length: 300 }, (_, index) => putOf('sender', senderOf(`s${index}`))));
  sink.status({ state: 'live', lastGoodAt: NOW });
  turns.shift()?.();
  const { rows } = store.state.getState().tables.sender;
  assert.ok(rows.size > 0 && rows.size < 300);
  assert.deepEqual(said, []);
  while (turns.length > 0) turns.shift()?.();
  assert.equal(rows.size, 300);
  assert.deepEqual(said, ['live']);
  hub.close();
});

test('what another process remembers reaches the store behind the senders it is about', () => {
  const clock = new HandClock(NOW);
  const order: string[] = [];
  const real = createConsoleStore(storeOptionsOf([contextOf('udp', 'udp')]));
  const store = {
    ...real,
    apply(batch: Parameters<typeof real.apply>[0]) {
      order.push(`apply ${batch.length}`);
      real.apply(batch);
    },
    applyHistory(batch: Parameters<typeof real.applyHistory>[0]) {
      order.push(`history ${batch.length}`);
      real.applyHistory(batch);
    },
  };
  const hub = createSinkHub({ store, clock, intervalMs: 100 });
  const sink = hub.sinkOf('udp', ({ state }) => order.push(state));
  sink.changes([putOf('sender', senderOf('a')), putOf('sender', senderOf('b'))]);
  sink.history?.([{ sender: senderOf('a').ref, blocks: [], fullGcs: [] }]);
  sink.changes([putOf('sender', senderOf('c'))]);
  sink.status({ state: 'live', lastGoodAt: NOW });
  hub.flushNow();
  assert.deepEqual(order, ['apply 2', 'history 1', 'apply 1', 'live']);
});
