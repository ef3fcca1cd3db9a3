import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TemplateFault } from '../../fixtures/fleet/simulator.ts';
import { AppError } from '../../src/core/app-error.ts';
import { inLanguage } from '../../src/domain/text.ts';
import {
  configMapOf,
  fromMap,
  lenaEnvironment,
  startSwitchFleet,
  variables,
  workloadManifest,
} from '../support/actions-switch.ts';
import { at, items } from '../support/fleet-kube.ts';

const MAP = '/api/v1/namespaces/shop/configmaps/lena';
const APPS = '/apis/apps/v1/namespaces/shop';
const one = (template: string, more = {}) => [
  configMapOf('lena', lenaEnvironment(template, more)),
  workloadManifest('was', [fromMap('lena')]),
];
const refused = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  return true;
};
const codesOf = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);

test('changes a shared ConfigMap, rolls every workload that reads it and offers the way back', async (context) => {
  const fleet = await startSwitchFleet(context, [
    ...one('shop:1'),
    workloadManifest('second', [fromMap('lena')], { replicas: 2 }),
    workloadManifest('third', [fromMap('lena')], { kind: 'StatefulSet' }),
    // Sets its own: a change of the ConfigMap does not reach it.
    workloadManifest('own', [{ ...fromMap('lena'), env: variables(lenaEnvironment('shop:2')) }]),
  ]);
  const { ref } = await fleet.workload('was');
  const before = await fleet.read(`${APPS}/deployments/own`);
  const prepared = await fleet.prepare(ref, '3');
  const { plan } = prepared;
  assert.deepEqual(
    plan.targets.map(({ kind, name, group }) => [kind, name, group]),
    [
      ['Deployment', 'was', 'switch-revision shop'],
      ['Deployment', 'second', 'switch-revision shop'],
      ['StatefulSet', 'third', 'switch-revision shop'],
    ],
  );
  assert.match(
    plan.warnings.find(({ code }) => code === 'config-map-shared')?.text.en ?? '',
    /read by 3 workloads.*Deployment was, Deployment second, StatefulSet third/,
  );
  assert.deepEqual(plan.diff[0]?.lines, [
    '-LENA_CONFIG_TEMPLATE_ID: shop:1',
    '+LENA_CONFIG_TEMPLATE_ID: shop:3',
  ]);
  assert.match(plan.diff[1]?.title ?? '', /^Template shop 1 → 3: \d+ changed/);
  assert.ok(plan.diff.some(({ title }) => title.startsWith('conf/server.xml (changed')));
  assert.doesNotMatch(JSON.stringify(plan.diff), /c2ltdWxhdGVk/);
  assert.equal(plan.targets[0]?.before['templateId'], 'shop:1');
  assert.deepEqual(fleet.writes(), []);

  const job = await fleet.run(prepared);
  assert.deepEqual(
    job.targets.map(({ name, state, error }) => [name, state, error?.message]),
    [
      ['was', 'done', undefined],
      ['second', 'done', undefined],
      ['third', 'done', undefined],
    ],
  );
  assert.match(
    inLanguage(job.targets[0]?.detail ?? '', 'en'),
    /Way back: l9s switch-revision dev:shop\/Deployment\/was --to 1/,
  );
  assert.deepEqual(fleet.writes(), [
    `PATCH ${MAP} 200`,
    `PATCH ${APPS}/deployments/was 200`,
    `PATCH ${APPS}/deployments/second 200`,
    `PATCH ${APPS}/statefulsets/third 200`,
  ]);
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:3');
  const after = await fleet.read(`${APPS}/deployments/own`);
  assert.equal(at(after, 'metadata', 'generation'), at(before, 'metadata', 'generation'));
});

test('changes all three places of one workload in one patch of it and one of each ConfigMap', async (context) => {
  const fleet = await startSwitchFleet(context, [
    configMapOf('lena', lenaEnvironment('shop:1')),
    configMapOf('other', { id: 'shop:1', LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y' }),
    workloadManifest('was', [
      fromMap('lena'),
      { env: variables(lenaEnvironment('shop:1')) },
      {
        ...fromMap('other'),
        env: [
          { name: 'LENA_CONFIG_TEMPLATE_ID', valueFrom: { configMapKeyRef: { name: 'other', key: 'id' } } },
        ],
      },
    ]),
  ]);
  const { ref } = await fleet.workload('was');
  const prepared = await fleet.prepare(ref, 'default');
  assert.deepEqual(
    prepared.plan.diff.slice(0, 3).map(({ title, lines }) => [title.split(' of ')[0], lines[1]]),
    [
      ['ConfigMap shop/lena', '+LENA_CONFIG_TEMPLATE_ID: shop'],
      ['ConfigMap shop/other', '+id: shop'],
      ['Deployment shop/was', '+LENA_CONFIG_TEMPLATE_ID: shop'],
    ],
  );
  const job = await fleet.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.deepEqual(fleet.writes(), [
    `PATCH ${MAP} 200`,
    `PATCH ${MAP.replace('lena', 'other')} 200`,
    `PATCH ${APPS}/deployments/was 200`,
  ]);
  const env = items(
    await fleet.read(`${APPS}/deployments/was`),
    'spec',
    'template',
    'spec',
    'containers',
    1,
    'env',
  );
  assert.ok(
    env.some((entry) => at(entry, 'name') === 'LENA_CONFIG_TEMPLATE_ID' && at(entry, 'value') === 'shop'),
  );
});

const FAULTS: readonly (readonly [TemplateFault, string])[] = [
  ['brokenZip', 'TEMPLATE_INVALID'],
  ['zipBomb', 'TEMPLATE_INVALID'],
  ['lyingSize', 'TEMPLATE_INVALID'],
  ['tooManyEntries', 'TEMPLATE_INVALID'],
  ['pathOutside', 'TEMPLATE_INVALID'],
  ['wrongVersion', 'TEMPLATE_INVALID'],
  ['page', 'NOT_FOUND'],
];
test('plans nothing for a revision the Manager has no good template of', async (context) => {
  const fleet = await startSwitchFleet(context, one('shop:1'));
  const { ref } = await fleet.workload('was');
  await assert.rejects(
    fleet.prepare(ref, '99'),
    refused(
      'NOT_FOUND',
      /^shop has no template revision 99 at mgr \(it says: (?!Error Error)[^<>]{1,121}\)$/,
    ),
  );
  await assert.rejects(fleet.prepare(ref, 'a:b'), refused('INPUT_INVALID', /no template revision/));
  await assert.rejects(fleet.prepare(ref, '1'), refused('ACTION_IMPOSSIBLE', /revision 1 already/));
  for (const [fault, code] of FAULTS) {
    fleet.manager.setTemplateFault('shop', fault);
    await assert.rejects(
      fleet.prepare(ref, '3'),
      refused(code, /Template shop:3|shop has no template revision 3/),
      fault,
    );
  }
  assert.deepEqual(fleet.writes(), []);
});

test('warns where the running revision can no longer be downloaded', async (context) => {
  const fleet = await startSwitchFleet(context, one('shop:0'));
  const { plan } = await fleet.prepare((await fleet.workload('was')).ref, '3');
  assert.ok(codesOf(plan).includes('running-not-readable'));
  assert.match(JSON.stringify(plan.diff), /cannot be compared/);
});

const REFUSALS = [
  ['no download', one('shop:1', { LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' }), /LENA_CONFIG_TEMPLATE_DOWNLOAD/],
  [
    'an immutable ConfigMap',
    [configMapOf('lena', lenaEnvironment('shop:1'), { immutable: true }), ...one('shop:1').slice(1)],
    /immutable/,
  ],
  [
    'a paused Deployment',
    [...one('shop:1').slice(0, 1), workloadManifest('was', [fromMap('lena')], { spec: { paused: true } })],
    /paused/,
  ],
  [
    'a value made of others',
    [
      workloadManifest('was', [
        {
          env: variables({
            ...lenaEnvironment('$(SC):1'),
            LENA_CONFIG_TEMPLATE_ID: '$(LENA_MANAGER_ADDRESS):1',
          }),
        },
      ]),
    ],
    /other variables/,
  ],
  [
    'two service clusters',
    [
      workloadManifest(
        'was',
        ['shop:1', 'cart:1'].map((id) => ({ env: variables(lenaEnvironment(id)) })),
      ),
    ],
    /two service clusters/,
  ],
] as const;
for (const [what, manifests, words] of REFUSALS) {
  test(`refuses ${what}`, async (context) => {
    // A paused Deployment makes no pods, so no server of it is waited for.
    const fleet = await startSwitchFleet(context, [
      ...manifests,
      workloadManifest('beside', [{ env: variables(lenaEnvironment('shop:1')) }]),
    ]);
    await fleet.workload('beside');
    const rows = [...fleet.lookup.all('workload')];
    const ref = rows.find(({ name }) => name === 'was')?.ref;
    assert.ok(ref);
    await assert.rejects(fleet.prepare(ref, '3'), refused('ACTION_IMPOSSIBLE', words));
    assert.deepEqual(fleet.writes(), []);
  });
}

test('of two operators the second gets a conflict and rolls nothing', async (context) => {
  const fleet = await startSwitchFleet(context, one('shop:1'));
  const { ref } = await fleet.workload('was');
  const [mine, theirs] = [await fleet.prepare(ref, '3'), await fleet.prepare(ref, '2')];
  assert.equal((await fleet.run(theirs)).state, 'done');
  const writes = fleet.writes().length;
  const job = await fleet.run(mine);
  assert.equal(job.state, 'failed');
  assert.equal(job.targets[0]?.error?.code, 'CONFLICT', JSON.stringify(job.targets));
  assert.equal(fleet.writes().length, writes + 1);
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:2');
});

/** One container has its revision from the ConfigMap, the other its own, which somebody changes after the plan. */
async function conflicting(context: TestContext) {
  const withOwn = (template: string) =>
    workloadManifest('was', [fromMap('lena'), { env: variables(lenaEnvironment(template)) }]);
  const fleet = await startSwitchFleet(context, [...one('shop:1').slice(0, 1), withOwn('shop:1')]);
  const { ref } = await fleet.workload('was');
  const prepared = await fleet.prepare(ref, '3');
  fleet.kube.apply(withOwn('shop:2'));
  return { ...fleet, prepared };
}

test('puts the ConfigMap back where the workload could not be rolled', async (context) => {
  const fleet = await conflicting(context);
  const job = await fleet.run(fleet.prepared);
  const [target] = job.targets;
  assert.equal(target?.error?.code, 'CONFLICT', JSON.stringify(job.targets));
  assert.equal(target?.detail, 'restored');
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:1');
  assert.deepEqual(
    fleet.writes().map((line) => line.split(' ').slice(0, 2).join(' ')),
    [`PATCH ${MAP}`, `PATCH ${APPS}/deployments/was`, `PATCH ${MAP}`],
  );
});

test('leaves a ConfigMap somebody else changed before it could be put back, and says so', async (context) => {
  const fleet = await conflicting(context);
  fleet.executor.onJob(({ targets }) => {
    // Our own change has arrived, and the workload's has not been answered.
    if (targets[0]?.outcomes.length === 1) {
      fleet.kube.apply(configMapOf('lena', lenaEnvironment('shop:9')));
    }
  });
  const job = await fleet.run(fleet.prepared);
  assert.match(
    inLanguage(job.targets[0]?.detail ?? '', 'en'),
    /^not restored: set LENA_CONFIG_TEMPLATE_ID of ConfigMap lena/,
  );
  assert.equal(at(await fleet.read(MAP), 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:9');
});

test('says which pod a rollout hangs on and starts no further workload', async (context) => {
  let isPresent = true;
  const spec = { progressDeadlineSeconds: 1, minReadySeconds: 0 };
  const fleet = await startSwitchFleet(
    context,
    [
      ...one('shop:1').slice(0, 1),
      ...['was', 'second'].map((name) => workloadManifest(name, [fromMap('lena')], { spec })),
    ],
    { isImagePresent: () => isPresent },
  );
  const { ref } = await fleet.workload('was');
  const prepared = await fleet.prepare(ref, '3');
  isPresent = false;
  const job = await fleet.run(prepared);
  assert.deepEqual(
    job.targets.map(({ name, state, error }) => [name, state, error?.code]),
    [
      ['was', 'failed', 'ROLLOUT_FAILED'],
      ['second', 'notStarted', undefined],
    ],
    JSON.stringify(job.targets),
  );
  assert.match(job.targets[0]?.error?.message ?? '', /was-.*Pull/);
  assert.match(job.targets[0]?.error?.hint ?? '', /l9s switch-revision dev:shop\/Deployment\/was --to 1/);
});

test('switches all workloads of a service cluster, whatever sets them', async (context) => {
  const fleet = await startSwitchFleet(context, [
    ...one('shop:1'),
    workloadManifest('literal', [{ env: variables(lenaEnvironment('shop')) }]),
    workloadManifest('another', [{ env: variables(lenaEnvironment('cart:1')) }]),
  ]);
  await fleet.workload('literal');
  await fleet.workload('was');
  const { ref } = await fleet.serviceCluster('shop');
  const prepared = await fleet.prepare(ref, '3');
  const job = await fleet.run(prepared);
  const detail = (name: string) =>
    inLanguage(job.targets.find((target) => target.name === name)?.detail ?? '', 'en');
  assert.match(detail('was'), /dev:shop\/Deployment\/was --to 1$/);
  assert.match(detail('literal'), /dev:shop\/Deployment\/literal --to default$/);
  assert.deepEqual(
    job.targets.map(({ name, state }) => `${name} ${state}`).sort((a, b) => a.localeCompare(b)),
    ['literal done', 'was done'],
  );
});

test('leaves a reader that downloads no template alone, and warns of a Secret that may count more', async (context) => {
  const kept = variables({ LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' });
  const optional = { secretRef: { name: 'extra', optional: true } };
  const fleet = await startSwitchFleet(context, [
    ...one('shop:1').slice(0, 1),
    workloadManifest('was', [{ envFrom: [...fromMap('lena').envFrom, optional] }]),
    workloadManifest('agent', [{ ...fromMap('lena'), env: kept }], { kind: 'DaemonSet' }),
  ]);
  const { plan } = await fleet.prepare((await fleet.workload('was')).ref, '3');
  assert.deepEqual(
    plan.targets.map(({ name }) => name),
    ['was'],
  );
  assert.match(
    plan.warnings.find(({ code }) => code === 'config-map-read-only')?.text.en ?? '',
    /DaemonSet agent/,
  );
  assert.match(
    plan.warnings.find(({ code }) => code === 'secret-may-override')?.text.en ?? '',
    /Secret extra/,
  );
});

test('plans nothing where it may not see who else reads the ConfigMap', async (context) => {
  const all = { verbs: ['*'], groups: ['*'] };
  const rules = [
    { ...all, resources: ['pods', 'configmaps', 'events', 'services', 'deployments', 'replicasets'] },
    { ...all, resources: ['statefulsets', 'controllerrevisions', 'selfsubjectaccessreviews'] },
  ];
  const fleet = await startSwitchFleet(context, one('shop:1'), { users: [{ name: 'admin', rules }] });
  const { ref } = await fleet.workload('was');
  await assert.rejects(fleet.prepare(ref, '3'), refused('FORBIDDEN', /daemonsets/));
  assert.deepEqual(fleet.writes(), []);
});
