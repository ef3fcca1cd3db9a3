import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job } from '../../src/domain/job.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { refOf } from '../../src/domain/ref.ts';
import { actOnKube } from '../support/actions-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const WAS = '/apis/apps/v1/namespaces/lena/deployments/lena-was';
const PODS = '/api/v1/namespaces/lena/pods';
const codes = ({ warnings }: Plan) => warnings.map(({ code }) => code);
const resultOf = ({ state, targets }: Job) => [state, ...targets.map((one) => one.error?.code ?? one.state)];

describe('restart of one server', () => {
  test('evicts its pod and waits until another is ready', async (context) => {
    const kube = await actOnKube(context);
    const [server] = await kube.servers('lena-was', 2);
    assert.ok(server !== undefined);
    const prepared = await kube.prepare('restart', [server.ref]);
    const [target] = prepared.plan.targets;
    assert.equal(target?.kind, 'Pod');
    const [call] = target?.steps ?? [];
    assert.ok(call?.type === 'call' && call.call.request.system === 'kube');
    assert.deepEqual(call.call.request.body, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: server.name, namespace: 'lena' },
      deleteOptions: { preconditions: { uid: target?.before['uid'] } },
    });
    const job = await kube.run(prepared);
    assert.deepEqual(resultOf(job), ['done', 'done']);
    assert.deepEqual(kube.writes(), [`POST ${PODS}/${server.name}/eviction 201`]);
    const parts = job.targets[0]?.parts ?? [];
    assert.ok(parts.some(({ name, state }) => name !== server.name && state === 'done'));
  });

  test('counts every ready pod of a Deployment during a rollout, and says that one is under way', async (context) => {
    const kube = await actOnKube(context);
    const before = await kube.servers('lena-was', 2);
    const calm = await kube.prepare('restart', [before[0]?.ref ?? refOf('server', '', '')]);
    assert.ok(!codes(calm.plan).some((code) => code === 'last-ready' || code === 'rollout-running'));
    kube.simulator.apply(stuckDeployment);
    // The old ReplicaSet keeps serving while the only pod of the new one does not get ready.
    const fresh = await waitFor('a pod of the new ReplicaSet', () =>
      [...kube.lookup.all('server')].find(
        ({ name, state }) =>
          state !== 'stopping' && !before.some((old) => old.name === name) && name.startsWith('lena-was-'),
      ),
    );
    const { plan } = await kube.prepare('restart', [fresh.ref]);
    assert.ok(!codes(plan).includes('last-ready'), codes(plan).join());
    const said = plan.warnings.find(({ code }) => code === 'rollout-running')?.text.en ?? '';
    assert.match(said, /^A rollout of Deployment lena-was is under way \(/);
  });

  test('of all pods at once says that nothing serves meanwhile', async (context) => {
    const kube = await actOnKube(context);
    const servers = await kube.servers('lena-was', 2);
    const one = await kube.prepare(
      'restart',
      servers.slice(0, 1).map(({ ref }) => ref),
    );
    const all = await kube.prepare(
      'restart',
      servers.map(({ ref }) => ref),
    );
    assert.deepEqual(
      [one, all].map(({ plan }) => codes(plan).includes('last-ready')),
      [false, true],
    );
    const said = all.plan.warnings.filter(({ code }) => code === 'last-ready').map(({ text }) => text.en);
    assert.deepEqual(said, [
      'No other pod of Deployment lena-was is ready: nothing serves until the new one is',
    ]);
  });

  test('of a StatefulSet’s waits for the next of its name', async (context) => {
    const kube = await actOnKube(context);
    const servers = await kube.servers('lena-session', 2);
    const server = servers.find(({ name }) => name === 'lena-session-1');
    assert.ok(server !== undefined);
    const prepared = await kube.prepare('restart', [server.ref]);
    const job = await kube.run(prepared);
    assert.deepEqual(resultOf(job), ['done', 'done']);
    assert.ok(prepared.plan.targets[0]?.group !== undefined);
  });

  test('writes the eviction as an old server reads it', async (context) => {
    const kube = await actOnKube(context, { version: '1.20.2' });
    const [server] = await kube.servers('lena-was', 2);
    assert.ok(server !== undefined);
    assert.deepEqual(resultOf(await kube.act('restart', [server.ref])), ['done', 'done']);
  });

  test('is failed with the budget’s own words where a budget forbids it', async (context) => {
    const kube = await actOnKube(context);
    kube.simulator.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'pdb-was', namespace: 'lena' },
      spec: { minAvailable: 2, selector: { matchLabels: { type: 'lena-was' } } },
    });
    const [server] = await kube.servers('lena-was', 2);
    assert.ok(server !== undefined);
    const job = await kube.act('restart', [server.ref]);
    assert.deepEqual(resultOf(job), ['failed', 'DISRUPTION_BUDGET']);
    assert.match(job.targets[0]?.error?.message ?? '', /pdb-was/);
    assert.deepEqual(kube.writes(), [`POST ${PODS}/${server.name}/eviction 429`]);
  });

  test('of a pod that is another by now is a conflict, and no write leaves', async (context) => {
    const kube = await actOnKube(context);
    const [server] = await kube.servers('lena-was', 2);
    assert.ok(server !== undefined);
    const prepared = await kube.prepare('restart', [server.ref]);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: server.name });
    const job = await kube.run(prepared);
    assert.deepEqual(
      [job.state, ['NOT_FOUND', 'CONFLICT'].includes(String(resultOf(job)[1]))],
      ['failed', true],
    );
  });

  test('of a pod without a controller is refused: it would not come back', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        simulator.apply({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'lena-was-alone', namespace: 'lena', labels: { type: 'lena-was' } },
          spec: { containers: [{ name: 'was', image: 'docker.io/lenacloud/lena-cluster:1.3.2' }] },
        });
      },
    });
    const server = await kube.server('lena-was-alone');
    await assert.rejects(kube.prepare('restart', [server.ref]), {
      code: 'ACTION_IMPOSSIBLE',
      message: /has no controller/,
    });
    assert.deepEqual(kube.writes(), []);
  });
});

describe('rolling restart of a workload', () => {
  for (const name of ['lena-was', 'lena-web'] as const)
    test(`replaces every pod of ${name} and says when all are new`, async (context) => {
      const kube = await actOnKube(context);
      const before = (await kube.servers(name)).map((server) => server.name);
      const workload = await kube.workload(name);
      const job = await kube.act('rolling-restart', [workload.ref]);
      assert.deepEqual(resultOf(job), ['done', 'done']);
      const parts = job.targets[0]?.parts ?? [];
      assert.ok(parts.length > 0 && parts.every(({ name: pod }) => !before.includes(pod)));
      assert.equal(kube.writes().length, 1);
      assert.match(kube.writes()[0] ?? '', /^PATCH .*\?fieldManager=l9s 200$/);
    });

  test('replaces a session pair one member after the other, mirrored in between', async (context) => {
    const kube = await actOnKube(context);
    await kube.servers('lena-session', 2);
    const workload = await kube.workload('lena-session');
    const prepared = await kube.prepare('rolling-restart', [workload.ref]);
    const [target] = prepared.plan.targets;
    assert.equal(target?.steps.filter(({ type }) => type === 'call').length, 3);
    const job = await kube.run(prepared);
    assert.deepEqual(resultOf(job), ['done', 'done'], JSON.stringify(job.targets));
    assert.equal(kube.writes().length, 3);
  });

  test('a dry run is answered by the server and changes nothing', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const prepared = await kube.prepare('rolling-restart', [workload.ref]);
    const [result] = await kube.executor.dryRun(prepared, AbortSignal.timeout(5_000));
    assert.equal(result?.sent?.outcome, 'done');
    assert.deepEqual(kube.writes(), [`PATCH ${WAS}?fieldManager=l9s&dryRun=All 200`]);
    assert.equal((await kube.workload('lena-was')).rollout.revision, '1');
  });

  test('of two operators the second is a conflict', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const first = await kube.prepare('rolling-restart', [workload.ref]);
    const second = await kube.prepare('rolling-restart', [workload.ref]);
    assert.deepEqual(resultOf(await kube.run(first)), ['done', 'done']);
    assert.deepEqual(resultOf(await kube.run(second)), ['failed', 'CONFLICT']);
  });

  test('that never gets ready is failed with the pods that hold it up', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const earlier = await kube.prepare('rolling-restart', [workload.ref]);
    kube.simulator.apply(stuckDeployment);
    const job = await kube.act('rolling-restart', [workload.ref]);
    assert.deepEqual(resultOf(job), ['failed', 'ROLLOUT_FAILED']);
    assert.match(
      job.targets[0]?.error?.message ?? '',
      /progress deadline.*ImagePull|progress deadline.*ErrImagePull/,
    );
    assert.deepEqual(resultOf(await kube.run(earlier)), ['failed', 'CONFLICT']);
  });
});

const stuckDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'lena-was', namespace: 'lena' },
  spec: {
    selector: { matchLabels: { type: 'lena-was' } },
    replicas: 2,
    progressDeadlineSeconds: 1,
    template: {
      metadata: { labels: { type: 'lena-was' } },
      spec: { containers: [{ name: 'lena-was', image: 'docker.io/lenacloud/lena-cluster:does-not-exist' }] },
    },
  },
};

describe('scale', () => {
  test('sets the number that was not changed since, and waits for the pods', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const job = await kube.act('scale', [workload.ref], { replicas: '4' });
    assert.deepEqual(resultOf(job), ['done', 'done']);
    assert.deepEqual(kube.writes(), [`PATCH ${WAS}/scale?fieldManager=l9s 200`]);
    assert.equal((await kube.servers('lena-was', 4)).length, 4);
  });

  test('to none asks for the name, and from none is guarded too', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const down = await kube.prepare('scale', [workload.ref], { replicas: '0' });
    assert.ok(codes(down.plan).includes('scale-to-zero'));
    assert.ok(down.verdict.state === 'allowed' && down.verdict.confirm === 'type-name');
    assert.deepEqual(resultOf(await kube.run(down)), ['done', 'done']);
    const up = await kube.prepare('scale', [workload.ref], { replicas: '2' });
    const other = await kube.prepare('scale', [workload.ref], { replicas: '3' });
    assert.deepEqual(resultOf(await kube.run(up)), ['done', 'done']);
    assert.deepEqual(resultOf(await kube.run(other)), ['failed', 'CONFLICT']);
  });

  test('says that sessions end where servers end, and not where they are added', async (context) => {
    const kube = await actOnKube(context);
    await kube.servers('lena-was', 2);
    const { ref } = await kube.workload('lena-was');
    const saying = async (replicas: string) =>
      codes((await kube.prepare('scale', [ref], { replicas })).plan).includes('sessions-unmirrored');
    assert.deepEqual([await saying('1'), await saying('2'), await saying('3')], [true, false, false]);
    assert.ok(codes((await kube.prepare('rolling-restart', [ref])).plan).includes('sessions-unmirrored'));
  });

  test('of two operators the second is a conflict', async (context) => {
    const kube = await actOnKube(context);
    const workload = await kube.workload('lena-was');
    const first = await kube.prepare('scale', [workload.ref], { replicas: '3' });
    const second = await kube.prepare('scale', [workload.ref], { replicas: '1' });
    assert.deepEqual(resultOf(await kube.run(first)), ['done', 'done']);
    assert.deepEqual(resultOf(await kube.run(second)), ['failed', 'CONFLICT']);
  });

  test('names the autoscaler that sets the number again', async (context) => {
    const kube = await actOnKube(context);
    kube.simulator.apply({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'was', namespace: 'lena' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'lena-was' },
        minReplicas: 2,
        maxReplicas: 6,
      },
    });
    const workload = await kube.workload('lena-was');
    const { plan } = await kube.prepare('scale', [workload.ref], { replicas: '3' });
    assert.ok(codes(plan).includes('autoscaled'), codes(plan).join());
  });

  test('of a session pair and of a DaemonSet is refused', async (context) => {
    const kube = await actOnKube(context);
    await kube.servers('lena-session', 2);
    const session = await kube.workload('lena-session');
    await assert.rejects(kube.prepare('scale', [session.ref], { replicas: '3' }), {
      code: 'ACTION_IMPOSSIBLE',
    });
    const web = await kube.workload('lena-web');
    await assert.rejects(kube.prepare('scale', [web.ref], { replicas: '3' }), { code: 'ACTION_IMPOSSIBLE' });
    assert.deepEqual(kube.writes(), []);
  });
});

describe('delete of a server', () => {
  for (const [how, seconds] of [
    ['grace', undefined],
    ['now', 1],
    ['force', 0],
  ] as const)
    test(`(${how}) deletes the pod that was seen, and waits until it is gone`, async (context) => {
      const kube = await actOnKube(context);
      const [server] = await kube.servers('lena-was', 2);
      assert.ok(server !== undefined);
      const prepared = await kube.prepare('delete', [server.ref], { how });
      const [call] = prepared.plan.targets[0]?.steps ?? [];
      assert.ok(call?.type === 'call' && call.call.request.system === 'kube');
      assert.deepEqual(call.call.request.body, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: prepared.plan.targets[0]?.before['uid'] },
        ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
      });
      assert.ok(codes(prepared.plan).includes('comes-back'));
      assert.equal(codes(prepared.plan).includes('force'), how === 'force');
      assert.ok(prepared.verdict.state === 'allowed' && prepared.verdict.confirm === 'type-name');
      assert.deepEqual(resultOf(await kube.run(prepared)), ['done', 'done']);
      assert.deepEqual(kube.writes(), [`DELETE ${PODS}/${server.name} 200`]);
    });

  test('by force is refused for a session server, and not chosen for one', async (context) => {
    const kube = await actOnKube(context);
    const [server] = await kube.servers('lena-session', 2);
    assert.ok(server !== undefined);
    await assert.rejects(kube.prepare('delete', [server.ref], { how: 'force' }), {
      code: 'ACTION_IMPOSSIBLE',
      message: /a session server may run twice then/,
    });
    const order = { action: kube.action('delete'), targets: [server.ref], input: {} };
    const options = await kube.executor.options(order, 'how', AbortSignal.timeout(5_000));
    assert.deepEqual(
      options.map(({ value, unfit }) => [value, unfit === undefined]),
      [
        ['grace', true],
        ['now', true],
        ['force', false],
      ],
    );
    assert.deepEqual(kube.writes(), []);
  });

  test('a dry run of it deletes nothing', async (context) => {
    const kube = await actOnKube(context);
    const [server] = await kube.servers('lena-was', 2);
    assert.ok(server !== undefined);
    const prepared = await kube.prepare('delete', [server.ref]);
    const [result] = await kube.executor.dryRun(prepared, AbortSignal.timeout(5_000));
    assert.equal(result?.sent?.outcome, 'done');
    const job = await kube.run(await kube.prepare('delete', [server.ref]));
    assert.deepEqual(resultOf(job), ['done', 'done']);
  });
});
