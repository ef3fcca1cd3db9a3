import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ConsoleStore } from '../../src/store/state.ts';
import {
  contextOf,
  dropOf,
  environmentOf,
  hostInstanceOf,
  instanceOf,
  jvmSampleOf,
  managerReadOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
  templateDefaultOf,
  workloadOf,
} from '../support/store-entities.ts';

const CONTEXTS = [
  contextOf('prod'),
  contextOf('dr'),
  contextOf('mgr', 'manager', { serves: ['prod', 'dr'] }),
  contextOf('vms', 'hosts'),
  contextOf('udp', 'udp'),
];
const createStore = () => createConsoleStore(storeOptionsOf(CONTEXTS));
const servers = (store: ConsoleStore) =>
  [...store.state.getState().tables.server.rows.values()].sort((a, b) =>
    `${a.ref.context} ${a.ref.id}` < `${b.ref.context} ${b.ref.id}` ? -1 : 1,
  );
const findingCodes = (store: ConsoleStore) =>
  [...store.state.getState().tables.finding.rows.values()].map(
    ({ code, targetName }) => `${code} ${targetName}`,
  );

test('pod, registration and datagrams of one host name are one row', () => {
  const store = createStore();
  store.apply([
    putOf('instance', instanceOf('lena-was-0')),
    putOf('registration', registrationOf('lena-was-0', { serviceCluster: 'WAS-001', revision: '12' })),
    putOf('sender', senderOf('lena-was-0')),
  ]);
  const [server, ...rest] = servers(store);
  assert.equal(rest.length, 0);
  assert.equal(server?.type, 'was');
  assert.equal(server?.typeReason, 'image lena-cluster');
  assert.equal(server?.serviceCluster, 'WAS-001');
  assert.equal(server?.revision.running, '12');
  assert.deepEqual(server?.manager, { context: 'mgr', registered: true, status: 'Started' });
  assert.equal(server?.jvm?.tps, 41.2);
  assert.equal(server?.health.level, 'ok');
});

test('a sender nobody claims is a row of context udp', () => {
  const store = createStore();
  store.apply([putOf('sender', senderOf('vm', { sourceAddress: '127.0.0.1' }))]);
  const [server] = servers(store);
  assert.equal(server?.name, 'vm/tomcat1');
  assert.equal(server?.ref.context, 'udp');
  assert.equal(server?.type, 'was');
});

test('a host name in two contexts joins nobody unless an address decides', () => {
  const store = createStore();
  store.apply([
    putOf('instance', instanceOf('lena-was-0')),
    putOf('instance', instanceOf('lena-was-0', { context: 'dr', addresses: ['10.42.0.99'] })),
    putOf('sender', senderOf('lena-was-0', { sourceAddress: '127.0.0.1' })),
  ]);
  assert.deepEqual(findingCodes(store), ['ambiguous lena-was-0/tomcat1']);
  assert.equal(servers(store).length, 3);
  store.apply([
    putOf('sender', senderOf('lena-was-0', { sourceAddress: '127.0.0.1', reportedAddress: '10.42.0.99' })),
  ]);
  assert.deepEqual(findingCodes(store), []);
  assert.deepEqual(
    servers(store).map(({ ref, jvm }) => [ref.context, jvm !== undefined]),
    [
      ['dr', true],
      ['prod', false],
    ],
  );
});

test('order of arrival does not matter and a dropped pod leaves its registration gone after a minute', () => {
  const store = createStore();
  const pod = instanceOf('lena-was-0');
  store.apply([putOf('sender', senderOf('lena-was-0'))]);
  store.apply([putOf('registration', registrationOf('lena-was-0'))]);
  assert.equal(servers(store).length, 1);
  store.apply([putOf('instance', pod)]);
  assert.equal(servers(store).length, 1);
  assert.equal(servers(store)[0]?.ref.context, 'prod');
  store.apply([dropOf('instance', pod.ref)]);
  assert.deepEqual(servers(store), []);
  store.tick(NOW + 61_000);
  assert.deepEqual(
    servers(store).map(({ ref, state, health, jvm }) => [ref.context, state, health.level, jvm]),
    [['mgr', 'unknown', 'warn', undefined]],
  );
  assert.deepEqual(findingCodes(store), ['gone lena-was-0']);
});

test('unchanged servers keep their object', () => {
  const store = createStore();
  store.apply([
    putOf('instance', instanceOf('a')),
    putOf('instance', instanceOf('b', { addresses: ['10.42.0.2'] })),
  ]);
  const before = servers(store);
  store.apply([putOf('sender', senderOf('a'))]);
  const after = servers(store);
  assert.notEqual(after[0], before[0]);
  assert.equal(after[1], before[1]);
});

test('revisions: running from the Manager, wanted from the workload, default from the template', () => {
  const store = createStore();
  const environment = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' });
  store.apply([
    putOf('workload', workloadOf('lena-was', { environment })),
    putOf('instance', instanceOf('lena-was-0', { workload: { kind: 'Deployment', name: 'lena-was' } })),
    putOf('registration', registrationOf('lena-was-0', { serviceCluster: 'WAS-001', revision: '11' })),
    putOf('templateDefault', templateDefaultOf('WAS-001', '13')),
  ]);
  assert.deepEqual(servers(store)[0]?.revision, { running: '11', wanted: '12', default: '13' });
  assert.deepEqual(findingCodes(store), ['revision-drift lena-was-0']);
  const [cluster] = [...store.state.getState().tables.serviceCluster.rows.values()];
  assert.equal(cluster?.ref.context, 'mgr');
  assert.equal(cluster?.default, '13');
  assert.deepEqual(store.serviceClustersOf(['prod']), ['WAS-001']);
});

test('not registered needs a minute of readiness and two good reads', () => {
  const store = createStore();
  store.apply([
    putOf('instance', instanceOf('lena-was-0', { readySince: NOW - 40_000 })),
    putOf('managerRead', managerReadOf()),
  ]);
  assert.deepEqual(findingCodes(store), []);
  store.tick(NOW + 21_000);
  assert.deepEqual(findingCodes(store), ['not-registered lena-was-0']);
  store.apply([putOf('registration', registrationOf('lena-was-0'))]);
  assert.deepEqual(findingCodes(store), []);
});

test('silence of a ready server is found by time alone and ends with a datagram', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), putOf('sender', senderOf('a'))]);
  store.tick(NOW + 15_900);
  assert.deepEqual(findingCodes(store), []);
  store.tick(NOW + 16_000);
  assert.deepEqual(findingCodes(store), ['silent a']);
  const at = NOW + 17_000;
  store.apply([
    putOf(
      'sender',
      senderOf('a', {
        jvm: jvmSampleOf({ at }),
        heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
      }),
    ),
  ]);
  assert.deepEqual(findingCodes(store), []);
});

test('two servers of one VM are told apart by their port', () => {
  const store = createStore();
  const sample = jvmSampleOf({ connectors: [{ name: 'http-nio-8280', busy: 1, max: 10 }] });
  store.apply([
    putOf('instance', hostInstanceOf('was1', { hostNames: ['vm1'], addresses: ['10.1.0.5'], ports: [8180] })),
    putOf('instance', hostInstanceOf('was2', { hostNames: ['vm1'], addresses: ['10.1.0.5'], ports: [8280] })),
    putOf('sender', senderOf('vm1', { serverName: 'tomcat2', sourceAddress: '10.1.0.5', jvm: sample })),
  ]);
  assert.deepEqual(
    servers(store).map(({ name, jvm }) => [name, jvm !== undefined]),
    [
      ['was1', false],
      ['was2', true],
    ],
  );
});
