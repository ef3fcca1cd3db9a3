import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, type Json } from '../support/fleet-kube.ts';
import {
  imageOf,
  isEnding,
  isUp,
  nameOf,
  startRollout,
  waitingOf,
  workload,
} from '../support/fleet-rollout.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});
const annotation = (object: Json, name: string) => at(object, 'metadata', 'annotations', name);
const sizes = (sets: readonly Json[]) =>
  sets.map((set) => at(set, 'spec', 'replicas')).sort((a, b) => Number(a) - Number(b));

describe('a simulated Deployment that is patched', () => {
  for (const [maxSurge, maxUnavailable, most, least] of [
    [1, 0, 5, 4],
    [0, 1, 4, 3],
    ['50%', '25%', 6, 3],
    ['30%', '30%', 6, 3],
    ['100%', 0, 8, 4],
  ] as const) {
    test(`never has more than surge ${maxSurge} nor fewer than unavailable ${maxUnavailable} allow`, async (context) => {
      const { image, pods, each, status } = await startRollout(
        context,
        workload('Deployment', { replicas: 4, minReadySeconds: 2, ...rolling(maxSurge, maxUnavailable) }),
      );
      await image('2');
      let highest = 0;
      let lowest = 4;
      await each(90, async () => {
        const active = (await pods()).filter((pod) => !isEnding(pod));
        highest = Math.max(highest, active.length);
        lowest = Math.min(lowest, active.filter(isUp).length);
        const [replicas, ready, available = 0] = await status(
          'replicas',
          'readyReplicas',
          'availableReplicas',
        );
        assert.deepEqual([replicas, ready ?? 0], [active.length, active.filter(isUp).length]);
        assert.ok(Number(available) >= least, `${available} available`);
      });
      assert.deepEqual([highest, lowest], [most, least]);
      assert.deepEqual(await status('updatedReplicas', 'unavailableReplicas'), [4, undefined]);
    });
  }

  test('tells of each step with the numbers it has then', async (context) => {
    const { clock, image, status, object, messages, condition } = await startRollout(
      context,
      workload('Deployment', { replicas: 2, ...rolling(1, 0) }),
    );
    await image('2');
    const seen = async () => [
      ...(await status('observedGeneration', 'replicas', 'updatedReplicas', 'unavailableReplicas')),
      at(await condition('Progressing'), 'reason'),
    ];
    assert.deepEqual(await seen(), [2, 3, 1, 1, 'ReplicaSetUpdated']);
    assert.equal(annotation(await object(), REVISION), '2');
    await clock.advance(6_000);
    assert.deepEqual((await seen()).slice(0, 4), [2, 3, 2, 1]);
    await clock.advance(60_000);
    assert.deepEqual(await seen(), [2, 2, 2, undefined, 'NewReplicaSetAvailable']);
    const told = await messages('ScalingReplicaSet');
    assert.deepEqual(
      told.map((message) => message.replace(/app-\w+/, 'S')),
      [
        'Scaled up replica set S from 0 to 2',
        'Scaled up replica set S from 0 to 1',
        'Scaled down replica set S from 2 to 1',
        'Scaled up replica set S from 1 to 2',
        'Scaled down replica set S from 1 to 0',
      ],
    );
  });

  test('stands still while it is paused, takes several changes as one, and goes on', async (context) => {
    const { clock, image, images, change, condition, sets, scale } = await startRollout(
      context,
      workload('Deployment', { replicas: 2 }),
    );
    await change({ spec: { paused: true } });
    assert.equal(at(await condition('Progressing'), 'reason'), 'DeploymentPaused');
    await image('2');
    await image('3');
    await clock.advance(60_000);
    assert.deepEqual(await images(), ['1', '1']);
    await scale(3);
    await clock.advance(60_000);
    assert.deepEqual([await images(), (await sets()).length], [['1', '1', '1'], 1]);
    await change({ spec: { paused: null } });
    await clock.advance(120_000);
    assert.deepEqual([await images(), (await sets()).length], [['3', '3', '3'], 2]);
    assert.equal(at(await condition('Progressing'), 'reason'), 'NewReplicaSetAvailable');
  });

  test('holds what it has reached when it is paused in the middle', async (context) => {
    const { clock, image, images, change } = await startRollout(
      context,
      workload('Deployment', { replicas: 4, ...rolling(1, 0) }),
    );
    await image('2');
    await clock.advance(8_000);
    await change({ spec: { paused: true } });
    await clock.advance(60_000);
    const held = [...(await images())].sort();
    assert.deepEqual(new Set(held), new Set(['1', '2']));
    await clock.advance(60_000);
    assert.deepEqual([...(await images())].sort(), held);
  });

  test('spreads a new size over both ReplicaSets in the middle of a rollout', async (context) => {
    const { clock, image, scale, sets, images } = await startRollout(
      context,
      workload('Deployment', { replicas: 4, ...rolling(1, 1) }),
    );
    await image('does-not-exist');
    await clock.advance(30_000);
    assert.deepEqual(sizes(await sets()), [2, 3]);
    await scale(8);
    assert.deepEqual(
      sizes(await sets()).reduce<number>((sum, size) => sum + Number(size), 0),
      9,
    );
    assert.ok(sizes(await sets()).every((size) => Number(size) > 2));
    await image('3');
    await clock.advance(240_000);
    assert.deepEqual(
      await images(),
      Array.from({ length: 8 }, () => '3'),
    );
  });

  test('recreates: the last old pod is gone before the first new one is made', async (context) => {
    const { image, pods, each, status, sets } = await startRollout(
      context,
      workload('Deployment', { replicas: 3, strategy: { type: 'Recreate' } }),
    );
    await image('2');
    assert.equal((await sets()).length, 1);
    let none = 0;
    await each(30, async () => {
      const tags = new Set((await pods()).map(imageOf));
      assert.ok(tags.size < 2, 'never both');
      if ((await status('availableReplicas'))[0] === undefined) none++;
    });
    assert.ok(none > 0);
    assert.deepEqual(await status('updatedReplicas', 'availableReplicas'), [3, 3]);
  });

  test('is blocked by an image nobody has, says so when its deadline passes, and recovers by a rollback', async (context) => {
    const { clock, image, pods, condition, images, sets, send, path, messages } = await startRollout(
      context,
      workload('Deployment', { replicas: 3, progressDeadlineSeconds: 60, ...rolling(1, 0) }),
    );
    await image('does-not-exist');
    await clock.advance(1_000);
    const broken = async () => (await pods()).filter((pod) => imageOf(pod) === 'does-not-exist');
    assert.deepEqual((await broken()).map(waitingOf), ['ErrImagePull']);
    await clock.advance(5_000);
    assert.deepEqual((await broken()).map(waitingOf), ['ImagePullBackOff']);
    assert.equal(at(await condition('Progressing'), 'reason'), 'ReplicaSetUpdated');
    await clock.advance(60_000);
    assert.deepEqual(
      [at(await condition('Progressing'), 'status'), at(await condition('Progressing'), 'reason')],
      ['False', 'ProgressDeadlineExceeded'],
    );
    assert.equal(at(await condition('Available'), 'status'), 'True');
    assert.equal((await pods()).filter(isUp).length, 3);
    assert.ok((await messages('Failed')).includes('Error: ErrImagePull'));
    assert.ok((await messages('BackOff')).some((message) => message.startsWith('Back-off pulling image')));
    const [old] = (await sets()).filter((set) => annotation(set, REVISION) === '1');
    const template = at(old, 'spec', 'template');
    const answer = await send(
      'PATCH',
      path,
      [{ op: 'replace', path: '/spec/template', value: withoutHash(template) }],
      'application/json-patch+json',
    );
    assert.equal(answer.status, 200, answer.text);
    await clock.advance(120_000);
    assert.deepEqual(await images(), ['1', '1', '1']);
    const [again] = (await sets()).filter((set) => at(set, 'spec', 'replicas') === 3);
    assert.deepEqual(
      [
        nameOf(again),
        annotation(again, REVISION),
        annotation(again, 'deployment.kubernetes.io/revision-history'),
      ],
      [nameOf(old), '3', '1'],
    );
    assert.equal(at(await condition('Progressing'), 'reason'), 'NewReplicaSetAvailable');
  });

  test('does not exceed its deadline while it makes progress', async (context) => {
    const { image, condition, each, status } = await startRollout(
      context,
      workload('Deployment', {
        replicas: 6,
        progressDeadlineSeconds: 20,
        minReadySeconds: 8,
        ...rolling(1, 0),
      }),
    );
    await image('2');
    const reasons = new Set<Json>();
    await each(120, async () => {
      reasons.add(at(await condition('Progressing'), 'reason'));
    });
    assert.deepEqual(await status('updatedReplicas', 'availableReplicas'), [6, 6]);
    assert.equal(reasons.has('ProgressDeadlineExceeded'), false);
  });

  test('keeps old ReplicaSets to its limit, and only when all is done', async (context) => {
    const { clock, image, sets } = await startRollout(
      context,
      workload('Deployment', { replicas: 1, revisionHistoryLimit: 1 }),
    );
    for (const tag of ['2', '3', '4']) {
      await image(tag);
      await clock.advance(60_000);
    }
    assert.deepEqual((await sets()).map((set) => annotation(set, REVISION)).sort(), ['3', '4']);
    await image('does-not-exist');
    await clock.advance(60_000);
    assert.equal((await sets()).length, 3);
  });

  test('notes on its ReplicaSet what is noted on it, and hands on how long ready is not enough', async (context) => {
    const { clock, change, sets } = await startRollout(context, workload('Deployment', { replicas: 1 }));
    await change({
      metadata: { annotations: { 'kubernetes.io/change-cause': 'asked for' } },
      spec: { minReadySeconds: 7 },
    });
    await clock.advance(1_000);
    const [set] = await sets();
    assert.deepEqual(
      [annotation(set, 'kubernetes.io/change-cause'), at(set, 'spec', 'minReadySeconds')],
      ['asked for', 7],
    );
  });
});

describe('pods of a simulated Deployment', () => {
  test('are scaled up and down, the unready first to go', async (context) => {
    const { clock, kube, scale, pods, status } = await startRollout(
      context,
      workload('Deployment', { replicas: 3 }),
    );
    const [, second] = await pods();
    kube.simulator.setReady({ namespace: 'lena', name: nameOf(second) }, false);
    await scale(2);
    const ending = (await pods()).filter(isEnding);
    assert.deepEqual(ending.map(nameOf), [nameOf(second)]);
    await clock.advance(60_000);
    await scale(5);
    await clock.advance(60_000);
    assert.deepEqual(await status('replicas', 'readyReplicas'), [5, 5]);
    await scale(0);
    await clock.advance(60_000);
    assert.deepEqual([(await pods()).length, ...(await status('replicas'))], [0, undefined]);
  });

  test('end with grace when they are deleted or evicted, and are replaced at once', async (context) => {
    const { clock, pods, send, messages, status } = await startRollout(
      context,
      workload('Deployment', { replicas: 2 }),
    );
    const [first, second] = (await pods()).map(nameOf);
    const where = '/api/v1/namespaces/lena/pods';
    await send('DELETE', `${where}/${first}`);
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: second, namespace: 'lena' },
    };
    assert.equal((await send('POST', `${where}/${second}/eviction`, eviction)).status, 201);
    const all = await pods();
    assert.deepEqual(all.filter(isEnding).map(nameOf).sort(), [first, second].sort());
    assert.equal(all.length, 4);
    assert.equal(
      Date.parse(String(at(all.find(isEnding), 'metadata', 'deletionTimestamp'))),
      clock.now() + 20_000,
    );
    assert.deepEqual(await messages('Killing'), ['Stopping container app', 'Stopping container app']);
    await clock.advance(60_000);
    assert.deepEqual([(await pods()).length, ...(await status('readyReplicas'))], [2, 2]);
  });

  test('see a changed ConfigMap at their next start and not before', async (context) => {
    const { clock, kube, pods } = await startRollout(
      context,
      workload(
        'Deployment',
        { replicas: 1 },
        { envFrom: [{ configMapRef: { name: 'settings', optional: true } }] },
      ),
    );
    const settings = (level: string) =>
      kube.simulator.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'lena' },
        data: { LEVEL: level },
      });
    const level = () => at(kube.processes.all()[0]?.process.environment, 'LEVEL');
    assert.equal(level(), undefined);
    settings('one');
    await clock.advance(60_000);
    assert.equal(level(), undefined);
    const name = nameOf((await pods())[0]);
    kube.simulator.killContainer({ namespace: 'lena', name }, { exitCode: 1, reason: 'Error' });
    await clock.advance(60_000);
    assert.deepEqual([nameOf((await pods())[0]), level()], [name, 'one']);
    settings('two');
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name });
    await clock.advance(60_000);
    assert.equal(level(), 'two');
  });
});

function withoutHash(template: Json): Json {
  const labels = Object.entries(Object(at(template, 'metadata', 'labels')));
  const kept = Object.fromEntries(labels.filter(([name]) => name !== 'pod-template-hash'));
  return { ...Object(template), metadata: { labels: kept } };
}
