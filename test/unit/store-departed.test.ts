import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender } from '../../src/domain/sender.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ConsoleStore } from '../../src/store/state.ts';
import {
  contextOf,
  dropOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const CONTEXTS = [
  contextOf('prod'),
  contextOf('dr'),
  contextOf('mgr', 'manager', { serves: ['prod'] }),
  contextOf('udp', 'udp'),
];
const createStore = () => createConsoleStore(storeOptionsOf(CONTEXTS));
const rows = (store: ConsoleStore) =>
  [...store.state.getState().tables.server.rows.values()].map(({ ref, name }) => `${ref.context} ${name}`);
const only = (store: ConsoleStore) => {
  const [server, ...more] = store.state.getState().tables.server.rows.values();
  assert.equal(more.length, 0);
  return server ?? assert.fail('no server');
};
const cluster = (store: ConsoleStore) => [...store.state.getState().tables.serviceCluster.rows.values()][0];
/** The sender as heard at this time. */
const heard = (at: number, more: Parameters<typeof senderOf>[1] = {}, name = 'a'): Sender =>
  senderOf(name, {
    sourceAddress: '127.0.0.1',
    jvm: jvmSampleOf({ at }),
    heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    ...more,
  });

test('a sender whose pod is gone has no row while it is silent, whatever its Manager still lists', () => {
  const store = createStore();
  const pod = instanceOf('a');
  store.apply([
    putOf('instance', pod),
    putOf('registration', registrationOf('a')),
    putOf('sender', heard(NOW, { byeAt: NOW, appStatus: 'STOPPING' })),
  ]);
  store.tick(NOW + 1_000);
  store.apply([dropOf('instance', pod.ref)]);
  assert.deepEqual(rows(store), []);
  // Its last words.
  store.apply([putOf('sender', heard(NOW + 2_000, { byeAt: NOW }))]);
  assert.deepEqual(rows(store), []);
  store.tick(NOW + 59_000);
  assert.deepEqual(rows(store), []);
  store.tick(NOW + 62_000);
  const left = only(store);
  assert.deepEqual([left.ref.context, left.state, left.jvm], ['mgr', 'unknown', undefined]);
  assert.deepEqual(
    left.health.reasons.map(({ code }) => code),
    ['gone', 'unknown-state'],
  );
  store.apply([dropOf('registration', registrationOf('a').ref)]);
  assert.deepEqual(rows(store), []);
});

test('a registration let go within a minute of its pod was never a row', () => {
  const store = createStore();
  const pod = instanceOf('a');
  store.apply([putOf('instance', pod), putOf('registration', registrationOf('a'))]);
  store.apply([dropOf('instance', pod.ref)]);
  store.apply([dropOf('registration', registrationOf('a').ref)]);
  store.tick(NOW + 120_000);
  assert.deepEqual(rows(store), []);
});

test('a sender that goes on after its pod is gone is a server of its own', () => {
  const store = createStore();
  const pod = instanceOf('a');
  store.apply([putOf('instance', pod), putOf('sender', heard(NOW))]);
  store.apply([dropOf('instance', pod.ref)]);
  store.apply([putOf('sender', heard(NOW + 5_000))]);
  assert.deepEqual(rows(store), []);
  store.apply([putOf('sender', heard(NOW + 6_000))]);
  assert.deepEqual(rows(store), ['udp a/tomcat1']);
});

test('a pod that comes back under its name has its sender again', () => {
  const store = createStore();
  const pod = instanceOf('a');
  store.apply([putOf('instance', pod), putOf('sender', heard(NOW))]);
  store.apply([dropOf('instance', pod.ref)]);
  store.apply([putOf('instance', { ...pod, uid: 'other' })]);
  assert.deepEqual(rows(store), ['prod a']);
  assert.notEqual(only(store).records.sender, undefined);
});

test('a sender whose pod is gone does not move to a pod of that name or address elsewhere', () => {
  const store = createStore();
  const pod = instanceOf('a', { addresses: ['10.42.0.10'] });
  const other = putOf('instance', instanceOf('a', { context: 'dr', addresses: ['10.42.0.99'] }));
  store.apply([putOf('instance', pod), other, putOf('sender', heard(NOW, { sourceAddress: '10.42.0.10' }))]);
  store.apply([dropOf('instance', pod.ref)]);
  assert.equal(only(store).records.sender, undefined);
  const newcomer = putOf('instance', instanceOf('b', { addresses: ['10.42.0.10'] }));
  store.apply([newcomer]);
  assert.ok(
    [...store.state.getState().tables.server.rows.values()].every(
      ({ records }) => records.sender === undefined,
    ),
  );
});

test('a lone sender that fell silent is unknown, does not count, and leaves after a quarter of an hour', () => {
  for (const more of [{}, { byeAt: NOW }]) {
    const store = createStore();
    store.apply([putOf('sender', heard(NOW, { serviceCluster: 'shop-was', ...more }))]);
    assert.deepEqual([cluster(store)?.servers, cluster(store)?.tps], [1, 41.2]);
    store.tick(NOW + 16_000);
    assert.deepEqual([only(store).state, only(store).health.level], ['unknown', 'unknown']);
    assert.equal(cluster(store), undefined);
    store.tick(NOW + 899_000);
    assert.deepEqual(rows(store), ['udp a/tomcat1']);
    store.tick(NOW + 900_000);
    assert.deepEqual(rows(store), []);
    store.apply([putOf('sender', heard(NOW + 900_500, { serviceCluster: 'shop-was' }))]);
    assert.deepEqual([only(store).state, cluster(store)?.servers], ['ready', 1]);
  }
});

test('a service cluster sums only fresh figures', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), putOf('sender', heard(NOW, { serviceCluster: 'shop' }))]);
  assert.equal(cluster(store)?.tps, 41.2);
  store.tick(NOW + 16_000);
  assert.deepEqual([cluster(store)?.servers, cluster(store)?.ready, cluster(store)?.tps], [1, 1, undefined]);
});

test('what nobody understands is heard, not ready', () => {
  const store = createStore();
  store.apply([
    putOf('sender', senderOf('x', { codec: 'heartbeat', serverType: undefined, jvm: undefined })),
  ]);
  const { type, state, stateReason, health } = only(store);
  assert.deepEqual([type, state, health.level], ['unknown', 'unknown', 'unknown']);
  assert.match(stateReason ?? '', /heard.*not understood/);
});

test('a silent server keeps its last figures for a quarter of an hour, then its Manager’s meters stand alone', () => {
  const store = createStore();
  const meters = (at: number) =>
    putOf(
      'registration',
      registrationOf('a', { jvm: { source: 'manager', at, cpu: { process: 0.5 }, gcTimePercent: 99 } }),
    );
  store.apply([putOf('instance', instanceOf('a')), meters(NOW), putOf('sender', heard(NOW))]);
  assert.deepEqual([only(store).jvm?.source, only(store).jvm?.cpu?.process], ['lena', 0.5]);
  store.tick(NOW + 600_000);
  store.apply([meters(NOW + 599_000)]);
  const silent = only(store);
  assert.deepEqual([silent.jvm?.at, silent.jvm?.heap?.usedBytes], [NOW, 412 * MIB]);
  // Health follows what is fresh.
  assert.ok(silent.health.reasons.some(({ code }) => code === 'gc-overhead'));
  store.tick(NOW + 900_000);
  assert.deepEqual([only(store).jvm?.source, only(store).jvm?.heap], ['manager', undefined]);
});
