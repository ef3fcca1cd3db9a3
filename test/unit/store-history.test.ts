import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { MAX_EVENTS_PER_CONTEXT } from '../../src/store/event-log.ts';
import {
  contextOf,
  dropOf,
  eventOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  NOW,
  putOf,
  replaceOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const createStore = () =>
  createConsoleStore(storeOptionsOf([contextOf('prod'), contextOf('dr'), contextOf('udp', 'udp')]));

const heardAt = (at: number, usedMiB: number) =>
  putOf(
    'sender',
    senderOf('a', {
      jvm: jvmSampleOf({ at, heap: { usedBytes: usedMiB * MIB, maxBytes: 1_024 * MIB } }),
      heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    }),
  );
const SERVER = refOf('server', 'prod', 'shop/a');

test('ten minutes of samples are kept, oldest first, and not much more', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a'))]);
  for (let index = 0; index < 1_000; index++) {
    store.tick(NOW + index * 2_000);
    store.apply([heardAt(NOW + index * 2_000, index)]);
  }
  const points = store.series(SERVER, 'heapUsed');
  assert.ok(points.length >= 300 && points.length <= 400, `${points.length}`);
  assert.deepEqual(points.at(-1), { at: NOW + 999 * 2_000, value: 999 * MIB });
  assert.deepEqual(points.at(-300), { at: NOW + 700 * 2_000, value: 700 * MIB });
  assert.deepEqual(store.series(SERVER, 'afterGc'), []);
});

test('a pause in the samples leaves a gap, and the history grows without losing points', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a'))]);
  for (const second of [0, 2, 4, 300, 302]) {
    store.tick(NOW + second * 1_000);
    store.apply([heardAt(NOW + second * 1_000, second)]);
  }
  assert.deepEqual(
    store.series(SERVER, 'heapUsed').map(({ at, value }) => [(at - NOW) / 1_000, value / MIB]),
    [
      [0, 0],
      [2, 2],
      [4, 4],
      [300, 300],
      [302, 302],
    ],
  );
});

test('history follows a sender to the server that claims it, and ends with the server', () => {
  const store = createStore();
  store.apply([heardAt(NOW, 100)]);
  store.apply([putOf('instance', instanceOf('a'))]);
  assert.equal(store.series(SERVER, 'heapUsed').length, 1);
  store.apply([dropOf('instance', instanceOf('a').ref), dropOf('sender', senderOf('a').ref)]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), []);
  assert.equal(store.state.getState().tables.server.rows.size, 0);
});

test('events are bounded by context, newest kept, and found by the server they are about', () => {
  const store = createStore();
  const instance = instanceOf('a');
  store.apply([
    putOf('instance', instance),
    putOf('event', eventOf('quiet', {}, 'dr')),
    ...Array.from({ length: MAX_EVENTS_PER_CONTEXT * 2 }, (_, index) =>
      putOf('event', eventOf(`e${index}`, { at: NOW - index, target: instance.ref })),
    ),
  ]);
  const { rows } = store.state.getState().tables.event;
  assert.equal(rows.size, MAX_EVENTS_PER_CONTEXT + 1);
  const events = store.events(SERVER);
  assert.equal(events.length, MAX_EVENTS_PER_CONTEXT);
  assert.equal(events[0]?.ref.id, 'e0');
});

test('replace drops what it does not list, in its own context only', () => {
  const store = createStore();
  store.apply([
    putOf('instance', instanceOf('a')),
    putOf('instance', instanceOf('b')),
    putOf('instance', instanceOf('c', { context: 'dr' })),
  ]);
  store.apply([replaceOf('instance', 'prod', [instanceOf('b')])]);
  const names = [...store.state.getState().tables.server.rows.values()].map(({ name }) => name);
  assert.deepEqual(names, ['b', 'c']);
});

test('tables whose rows did not change keep their object, and a batch is published once', () => {
  const store = createStore();
  let published = 0;
  store.state.subscribe(() => published++);
  store.apply([putOf('instance', instanceOf('a')), putOf('sender', senderOf('a'))]);
  assert.equal(published, 1);
  const before = store.state.getState().tables;
  store.apply([heardAt(NOW + 2_000, 1)]);
  const after = store.state.getState().tables;
  assert.equal(after.instance, before.instance);
  assert.notEqual(after.server, before.server);
  assert.equal(after.server.rows, before.server.rows);
  const counted = published;
  store.apply([]);
  assert.equal(published, counted);
});

test('context rows count their servers and show what their sources say', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), putOf('instance', instanceOf('b', { context: 'dr' }))]);
  store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  store.setFacts('prod', { version: 'v1.31' });
  const { rows } = store.state.getState().tables.context;
  const prod = rows.get('prod\nprod');
  assert.deepEqual([prod?.servers, prod?.status.state, prod?.facts.version], [1, 'live', 'v1.31']);
  store.apply([dropOf('instance', instanceOf('a').ref)]);
  assert.equal(rows.get('prod\nprod')?.servers, 0);
  assert.equal(rows.get('udp\nudp')?.status.state, 'connecting');
});
