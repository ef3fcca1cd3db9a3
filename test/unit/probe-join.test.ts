import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  contextOf,
  instanceOf,
  jvmSampleOf,
  MINUTE_MS,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const POOLS = [{ name: 'G1 Old Gen', usedBytes: 300 }];
const INSTANCE = instanceOf('was-1');

const readAt = (at: number, more: Partial<JvmSample> = {}) =>
  putOf('probe', {
    ref: refOf('probe', 'prod', 'shop/was-1'),
    way: 'hsperfdata',
    pid: 87,
    heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    jvm: { source: 'probe', at, heap: { usedBytes: 700 }, memoryPools: POOLS, classes: 9_000, ...more },
  });
const heardAt = (at: number) =>
  putOf(
    'sender',
    senderOf('was-1', {
      jvm: jvmSampleOf({ at, heap: { usedBytes: 400 }, threads: undefined }),
      heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    }),
  );

function stored() {
  const store = createConsoleStore(
    storeOptionsOf([
      contextOf('prod'),
      contextOf('mgr', 'manager', { serves: ['prod'] }),
      contextOf('udp', 'udp'),
    ]),
  );
  store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  store.apply([putOf('instance', INSTANCE)]);
  const server = () => {
    const rows = [...store.state.getState().tables.server.rows.values()];
    assert.equal(rows.length, 1);
    return rows[0] ?? assert.fail('no server');
  };
  return { store, server };
}

test('a reading of a server without datagrams is its figures, and its record is named', () => {
  const { store, server } = stored();
  assert.equal(server().jvm, undefined);
  store.apply([readAt(NOW)]);
  assert.equal(server().jvm?.source, 'probe');
  assert.deepEqual(server().records.probe, refOf('probe', 'prod', 'shop/was-1'));
  assert.equal(server().heartbeat, undefined);
  assert.deepEqual(
    store.series(server().ref, 'heapUsed').map(({ value }) => value),
    [700],
  );
});

test('fresh datagrams go before it, and it adds only what they lack', () => {
  const { store, server } = stored();
  store.apply([heardAt(NOW), readAt(NOW)]);
  const { jvm, heartbeat } = server();
  assert.deepEqual([jvm?.source, jvm?.heap?.usedBytes, jvm?.classes], ['lena', 400, 9_000]);
  assert.deepEqual(jvm?.memoryPools, POOLS);
  assert.equal(heartbeat?.at, NOW);
  const before = server();
  store.apply([heardAt(NOW + 2_000)]);
  assert.equal(server().jvm?.at, NOW + 2_000);
  assert.deepEqual(server().jvm?.memoryPools, POOLS);
  assert.notEqual(server(), before);
});

test('once datagrams stop it takes their place, and theirs again when they come back', () => {
  const { store, server } = stored();
  store.apply([heardAt(NOW)]);
  const later = NOW + 16_001;
  store.tick(later);
  assert.equal(server().jvm?.source, 'lena');
  store.apply([readAt(later)]);
  assert.equal(server().jvm?.source, 'probe');
  store.apply([heardAt(later + 1_000)]);
  assert.equal(server().jvm?.source, 'lena');
});

test('a reading long before the newest datagram adds nothing to it', () => {
  const { store, server } = stored();
  store.apply([readAt(NOW), heardAt(NOW + MINUTE_MS + 1)]);
  assert.equal(server().jvm?.memoryPools, undefined);
});

test('a Manager’s meters fill in what it lacks', () => {
  const { store, server } = stored();
  store.apply([
    putOf(
      'registration',
      registrationOf('was-1', { jvm: { source: 'manager', at: NOW, tps: 12, heap: { usedBytes: 1 } } }),
    ),
    readAt(NOW),
  ]);
  assert.deepEqual(
    [server().jvm?.source, server().jvm?.tps, server().jvm?.heap?.usedBytes],
    ['probe', 12, 700],
  );
});

test('it is forgotten after 15 minutes, and at once where the container is a newer one', () => {
  const { store, server } = stored();
  store.apply([readAt(NOW)]);
  store.tick(NOW + 15 * MINUTE_MS - 1);
  assert.equal(server().jvm?.source, 'probe');
  store.tick(NOW + 15 * MINUTE_MS);
  assert.equal(server().jvm, undefined);
  const again = stored();
  again.store.apply([readAt(NOW)]);
  again.store.apply([putOf('instance', { ...INSTANCE, uid: 'another', startedAt: NOW + 1 })]);
  assert.equal(again.server().jvm, undefined);
});

test('a reading of what is not there makes no row', () => {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod')]));
  store.apply([readAt(NOW)]);
  assert.equal(store.state.getState().tables.server.rows.size, 0);
});
