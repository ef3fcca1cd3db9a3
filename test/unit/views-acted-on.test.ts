import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { isActedOn } from '../../src/views/acted-on.ts';
import {
  contextOf,
  environmentOf,
  instanceOf,
  NOW,
  putOf,
  registrationOf,
  storeOptionsOf,
  workloadOf,
} from '../support/store-entities.ts';

const store = createConsoleStore(
  storeOptionsOf([
    contextOf('prod'),
    contextOf('dr'),
    contextOf('mgr', 'manager', { serves: ['prod', 'dr'] }),
  ]),
);
const environment = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' });
const was = { kind: 'StatefulSet', name: 'was' } as const;
store.apply([
  putOf('workload', workloadOf('was', { kind: 'StatefulSet', environment })),
  putOf('workload', workloadOf('web')),
  putOf('instance', instanceOf('was-0', { workload: was, environment, addresses: ['10.42.0.10'] })),
  putOf('instance', instanceOf('was-1', { workload: was, environment, addresses: ['10.42.0.11'] })),
  putOf(
    'instance',
    instanceOf('web-7d9f6b8c4-x2x4z', {
      workload: { kind: 'Deployment', name: 'web' },
      addresses: ['10.42.0.12'],
    }),
  ),
  putOf('registration', registrationOf('was-0', { serviceCluster: 'WAS-001' })),
]);
const context = createViewContext(store, NOW, {
  language: 'en',
  isUtc: true,
  levels: { middle: 0.6, high: 0.8 },
});

const pod = (name: string, namespace = 'shop', where = 'prod') =>
  refOf('server', where, `${namespace}/${name}`);
const workload = (kind: string, name: string, where = 'prod') =>
  refOf('workload', where, `shop/${kind}/${name}`);
const cluster = refOf('serviceCluster', 'mgr', 'WAS-001');
const isShown = (target: Ref, scope: Ref) =>
  isActedOn({ ref: target, context: target.context }, scope, context);

test('what was done to a server is shown with its workload, its service cluster and itself, as is the reverse', () => {
  const server = pod('was-0');
  const own = workload('StatefulSet', 'was');
  for (const one of [server, own, cluster])
    for (const other of [server, own, cluster])
      assert.equal(isShown(one, other), true, `${one.kind} with ${other.kind}`);
  assert.equal(isShown(refOf('registration', 'mgr', 'container/was-0'), server), true);
});

test('what was done to a neighbour is not shown', () => {
  assert.equal(isShown(pod('was-1'), pod('was-0')), false);
  assert.equal(isShown(workload('Deployment', 'web'), pod('was-0')), false);
  assert.equal(isShown(workload('StatefulSet', 'was', 'dr'), pod('was-0')), false);
  assert.equal(isShown(pod('was-0'), workload('Deployment', 'web')), false);
  assert.equal(isShown(cluster, pod('web-7d9f6b8c4-x2x4z')), false);
  assert.equal(isShown(cluster, workload('Deployment', 'web')), false);
});

test('what was done to pods that are gone is shown with the workload that made them', () => {
  const set = workload('StatefulSet', 'was');
  assert.equal(isShown(pod('was-7'), set), true);
  assert.equal(isShown(pod('was-7', 'shop', 'dr'), set), false);
  assert.equal(isShown(pod('was-7', 'other'), set), false);
  assert.equal(isShown(pod('was-new-7'), set), false);
  const deployment = workload('Deployment', 'web');
  assert.equal(isShown(pod('web-5c8d7f9bb4-qwz29'), deployment), true);
  assert.equal(isShown(pod('web-admin-5c8d7f9bb4-qwz29'), deployment), false);
  assert.equal(isShown(pod('web-0'), deployment), false);
});
