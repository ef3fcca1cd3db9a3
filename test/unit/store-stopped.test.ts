import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFailure } from '../../src/domain/errors.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  contextOf,
  HOUR_MS,
  hostInstanceOf,
  jvmSampleOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const READY = hostInstanceOf('vm-was-01', { addresses: [], hostNames: ['vm-was-01'] });
const REFUSED = { ...READY, state: 'failed', stateReason: 'connection refused' } as const;
const STARTED = registrationOf('was01', {
  isContainer: false,
  nodeName: 'vm-was-01',
  hostName: 'vm-was-01',
  serviceCluster: 'member',
});
const STOPPED = { ...STARTED, status: 'Stopped', state: 'stopped' } as const;

/** A machine's server that ran, was heard and is listed by the Manager of its hosts. */
function running() {
  const store = createConsoleStore(
    storeOptionsOf([
      contextOf('vms', 'hosts'),
      contextOf('mgr', 'manager', { serves: ['vms'] }),
      contextOf('udp', 'udp'),
    ]),
  );
  store.setStatus('mgr', { state: 'live', lastGoodAt: NOW });
  store.apply([
    putOf('instance', READY),
    putOf('registration', STARTED),
    putOf('sender', senderOf('vm-was-01')),
  ]);
  const tables = () => store.state.getState().tables;
  const server = () => {
    const [row, ...more] = tables().server.rows.values();
    assert.equal(more.length, 0);
    return row ?? assert.fail('no server');
  };
  const said = () => {
    const { state, stateReason, health, jvm } = server();
    return [state, stateReason, health.level, jvm?.tps];
  };
  assert.deepEqual(said(), ['ready', undefined, 'ok', 41.2]);
  return { store, said, tps: () => [...tables().serviceCluster.rows.values()][0]?.tps };
}
const heardAt = (at: number, more: Parameters<typeof senderOf>[1] = {}) =>
  putOf(
    'sender',
    senderOf('vm-was-01', {
      jvm: jvmSampleOf({ at }),
      heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
      ...more,
    }),
  );

test('a server whose probe nobody answers is stopped, and well, where its Manager says so', () => {
  const { store, said } = running();
  store.apply([putOf('instance', REFUSED)]);
  assert.deepEqual(said().slice(0, 3), ['failed', 'connection refused', 'error']);
  store.apply([putOf('registration', STOPPED)]);
  assert.deepEqual(said().slice(0, 3), ['stopped', 'Stopped', 'ok']);
});

test('the figures of a stopped server go once its datagrams stop', () => {
  const { store, said, tps } = running();
  store.apply([putOf('instance', REFUSED), putOf('registration', STOPPED)]);
  store.tick(NOW + 5_000);
  assert.equal(said()[3], 41.2);
  store.tick(NOW + 6_000);
  assert.deepEqual(said(), ['stopped', 'Stopped', 'ok', undefined]);
  assert.equal(tps(), undefined);
});

test('a goodbye ends the figures of a stopped server at once', () => {
  const { store, said } = running();
  store.apply([
    heardAt(NOW, { byeAt: NOW, appStatus: 'STOPPING' }),
    putOf('instance', REFUSED),
    putOf('registration', STOPPED),
  ]);
  assert.deepEqual(said(), ['stopped', 'Stopped', 'ok', undefined]);
});

test('meters a Manager read before it stopped the server are not shown', () => {
  const { store, said } = running();
  const jvm = jvmSampleOf({ source: 'manager', at: NOW });
  store.apply([putOf('instance', REFUSED), putOf('registration', { ...STOPPED, jvm })]);
  store.tick(NOW + 6_000);
  assert.equal(said()[3], undefined);
});

test('a stopped server that is started again has its figures with its first datagram', () => {
  const { store, said } = running();
  store.apply([putOf('instance', REFUSED), putOf('registration', STOPPED)]);
  store.tick(NOW + 60_000);
  assert.equal(said()[3], undefined);
  store.apply([heardAt(NOW + 60_000)]);
  assert.equal(said()[3], 41.2);
  store.apply([putOf('instance', { ...READY, seenAt: NOW + 61_000 }), putOf('registration', STARTED)]);
  assert.equal(said()[0], 'ready');
});

test('a stop the probe saw first is no failure to remember', () => {
  const { store, said } = running();
  store.apply([putOf('instance', REFUSED)]);
  store.apply([putOf('registration', STOPPED)]);
  store.tick(NOW + 30_000);
  store.apply([
    putOf('instance', { ...READY, readySince: NOW + 30_000 }),
    putOf('registration', STARTED),
    heardAt(NOW + 30_000),
  ]);
  assert.deepEqual(said(), ['ready', undefined, 'ok', 41.2]);
});

test('a failure before the stop is remembered', () => {
  const { store, said } = running();
  store.apply([putOf('instance', REFUSED)]);
  store.apply([putOf('instance', READY)]);
  store.apply([putOf('instance', REFUSED)]);
  store.apply([putOf('registration', STOPPED)]);
  store.apply([putOf('instance', READY), putOf('registration', STARTED)]);
  assert.equal(said()[2], 'warn');
});

test('a probe that is answered is believed before a Manager that says Stopped', () => {
  const { store, said } = running();
  store.apply([putOf('registration', STOPPED)]);
  assert.equal(said()[0], 'ready');
});

test('a Manager out of reach explains no stop', () => {
  const { store, said } = running();
  store.apply([putOf('instance', REFUSED), putOf('registration', STOPPED)]);
  assert.equal(said()[0], 'stopped');
  store.setStatus('mgr', {
    state: 'failed',
    error: sourceFailure('UNREACHABLE', 'mgr does not answer'),
    lastGoodAt: NOW - HOUR_MS,
  });
  assert.deepEqual(said().slice(0, 3), ['failed', 'connection refused', 'error']);
  store.setStatus('mgr', { state: 'live', lastGoodAt: NOW });
  assert.equal(said()[0], 'stopped');
});

test('a server its Manager calls Error, or does not know, stays failed', () => {
  const { store, said } = running();
  store.apply([
    putOf('instance', REFUSED),
    putOf('registration', { ...STARTED, status: 'Error', state: 'failed' }),
  ]);
  assert.deepEqual(said().slice(0, 3), ['failed', 'connection refused', 'error']);
});
