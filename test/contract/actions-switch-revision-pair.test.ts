import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepTitle } from '../../src/domain/plan.ts';
import {
  configMapOf,
  fromMap,
  lenaEnvironment,
  startSwitchFleet,
  workloadManifest,
} from '../support/actions-switch.ts';
import { at } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const SET = '/apis/apps/v1/namespaces/shop/statefulsets/session';
const MAP = '/api/v1/namespaces/shop/configmaps/session';
const PARTITION = ['spec', 'updateStrategy', 'rollingUpdate', 'partition'] as const;

const pair = [
  configMapOf(
    'session',
    lenaEnvironment('shop:1', {
      LENA_SESSION_0_ADDRESS: 'session-0.session:5180',
      LENA_SESSION_1_ADDRESS: 'session-1.session:5180',
    }),
  ),
  workloadManifest('session', [fromMap('session')], {
    kind: 'StatefulSet',
    replicas: 2,
    image: 'lenacloud/lena-session:1',
  }),
];
async function start(
  context: Parameters<typeof startSwitchFleet>[0],
  options: Parameters<typeof startSwitchFleet>[2] = {},
) {
  const fleet = await startSwitchFleet(context, pair, {
    mirrorMs: 20,
    // The pair has been up for a while, so that both hold sessions.
    ageAtStartMs: 600_000,
    ...options,
  });
  const { ref } = await fleet.workload('session');
  await waitFor(
    'both ready',
    () => [...fleet.lookup.all('server')].filter(({ state }) => state === 'ready').length === 2,
  );
  return { ...fleet, ref };
}

test('rolls a session pair through partition 1 and 0, each step after both are mirrored', async (context) => {
  const fleet = await start(context);
  const before = fleet.kube.requests.length;
  const prepared = await fleet.prepare(fleet.ref, '3');
  const steps = prepared.plan.targets[0]?.steps.map((step) => stepTitle(step).en);
  assert.deepEqual(steps, [
    'hold session back: partition 1',
    'set LENA_CONFIG_TEMPLATE_ID of ConfigMap session to shop:3',
    'switch StatefulSet session to shop:3 and roll it',
    'wait until session-1 is new and ready',
    'wait until session-0 and session-1 are ready and mirrored',
    'let the first of session follow: partition 0',
    'wait until all of session are new and ready',
    'wait until session-0 and session-1 are ready and mirrored',
    'see that every server of session runs template revision 3',
  ]);
  assert.ok(
    !prepared.plan.warnings.some(({ level }) => level === 'danger'),
    JSON.stringify(prepared.plan.warnings),
  );
  const job = await fleet.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  const asked = fleet.kube.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
  const patches = asked.flatMap((line, index) => (line.startsWith(`PATCH ${SET}`) ? [index] : []));
  assert.equal(patches.length, 3);
  // Both were asked between the two halves.
  const between = asked.slice(patches[1], patches[2]).join('\n');
  for (const member of [0, 1]) assert.match(between, new RegExp(`/pods/session-${member}/exec`));
  assert.equal(at(await fleet.read(SET), ...PARTITION), 0);
});

test('puts partition, template and ConfigMap back when the first half fails', async (context) => {
  let isPresent = true;
  const fleet = await start(context, { isImagePresent: () => isPresent });
  const before = await fleet.read(SET);
  const prepared = await fleet.prepare(fleet.ref, '3');
  isPresent = false;
  const running = await fleet.executor.run(prepared, { typedName: prepared.plan.nameToType });
  await waitFor('the second member hangs', () => JSON.stringify(fleet.executor.jobs()).includes('ImagePull'));
  fleet.executor.cancel(running.ref);
  const job = await running.done;
  assert.equal(job.targets[0]?.state, 'cancelled', JSON.stringify(job.targets));
  assert.equal(job.targets[0]?.detail, 'restored');
  const after = await fleet.read(SET);
  assert.equal(at(after, ...PARTITION), 0);
  const mark = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'] as const;
  assert.equal(at(after, ...mark), at(before, ...mark));
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:1');
});

test('puts the partition back when the ConfigMap was changed meanwhile', async (context) => {
  const fleet = await start(context);
  const prepared = await fleet.prepare(fleet.ref, '3');
  fleet.kube.apply(configMapOf('session', lenaEnvironment('shop:2')));
  const job = await fleet.run(prepared);
  assert.equal(job.targets[0]?.error?.code, 'CONFLICT', JSON.stringify(job.targets));
  assert.equal(at(await fleet.read(SET), ...PARTITION), 0);
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:2');
});

test('asks for the name where mirroring cannot be seen, and refuses a rollout somebody has staged', async (context) => {
  const rules = [{ verbs: ['get', 'list', 'watch', 'patch'], groups: ['*'], resources: ['*'] }];
  const fleet = await start(context, { users: [{ name: 'admin', rules }] });
  const { plan } = await fleet.prepare(fleet.ref, '3');
  const unseen = plan.warnings.find(({ code }) => code === 'mirror-unseen');
  assert.equal(unseen?.level, 'danger', JSON.stringify(plan.warnings));
  const [manifest] = pair.slice(1);
  assert.ok(manifest);
  const spec = at(manifest, 'spec');
  fleet.kube.apply({
    ...manifest,
    spec: {
      ...(typeof spec === 'object' ? spec : {}),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    },
  });
  await assert.rejects(fleet.prepare(fleet.ref, '3'), /partition 2: somebody rolls it out in parts/);
});
