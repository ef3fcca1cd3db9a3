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

const stateful = (spec: object = {}) => workload('StatefulSet', { replicas: 3, serviceName: 'app', ...spec });
const partition = (from: number) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: from } },
});
const tags = (pods: readonly Json[]) =>
  pods.filter((pod) => !isEnding(pod)).map((pod) => `${nameOf(pod)}:${imageOf(pod)}`);
const revisionNumbers = (revisions: readonly Json[]) =>
  revisions.map((one) => Number(at(one, 'revision'))).sort((a, b) => a - b);

describe('a simulated StatefulSet', () => {
  test('starts its pods one by one, and all at once when they are parallel', async (context) => {
    const ordered = await startRollout(context, stateful({ replicas: 1 }));
    await ordered.scale(4);
    await ordered.clock.advance(7_000);
    assert.equal((await ordered.pods()).length, 3);
    const parallel = await startRollout(context, stateful({ replicas: 1, podManagementPolicy: 'Parallel' }));
    await parallel.scale(4);
    assert.equal((await parallel.pods()).length, 4);
  });

  test('replaces its pods from the last, each only when the one behind it has served long enough', async (context) => {
    const { image, pods, each, status, revisions } = await startRollout(
      context,
      stateful({ minReadySeconds: 4 }),
    );
    const [before] = await status('currentRevision');
    await image('2');
    assert.deepEqual(
      await status('observedGeneration', 'currentRevision', 'currentReplicas', 'updatedReplicas'),
      [2, before, 2, undefined],
    );
    const replaced: string[] = [];
    const seconds: number[] = [];
    let second = 0;
    await each(60, async () => {
      const all = await pods();
      assert.ok(all.filter((pod) => isUp(pod) && !isEnding(pod)).length >= 2, 'one at a time');
      for (const pod of all) {
        if (imageOf(pod) !== '2' || replaced.includes(nameOf(pod))) continue;
        replaced.push(nameOf(pod));
        seconds.push(second);
      }
      second++;
    });
    assert.deepEqual(replaced, ['app-2', 'app-1', 'app-0']);
    // Start 1 s, ready 5 s, served 4 s, end 2 s.
    assert.deepEqual(
      seconds.map((one) => one - (seconds[0] ?? 0)),
      [0, 12, 24],
    );
    const [current, update, updated, available] = await status(
      'currentRevision',
      'updateRevision',
      'updatedReplicas',
      'availableReplicas',
    );
    assert.equal(current, update);
    assert.notEqual(current, before);
    assert.deepEqual([updated, available], [3, 3]);
    assert.deepEqual(revisionNumbers(await revisions()), [1, 2]);
  });

  test('keeps what is below its partition as it was, even when such a pod has to be made anew', async (context) => {
    const { clock, image, pods, kube, status, change } = await startRollout(context, stateful());
    await image('2', partition(2));
    await clock.advance(60_000);
    assert.deepEqual(tags(await pods()), ['app-0:1', 'app-1:1', 'app-2:2']);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'app-0' });
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'app-2' });
    await clock.advance(60_000);
    assert.deepEqual(tags(await pods()), ['app-0:1', 'app-1:1', 'app-2:2']);
    const [current, update, currentReplicas, updatedReplicas] = await status(
      'currentRevision',
      'updateRevision',
      'currentReplicas',
      'updatedReplicas',
    );
    assert.notEqual(current, update);
    assert.deepEqual([currentReplicas, updatedReplicas], [2, 1]);
    await change({ spec: partition(0) });
    await clock.advance(60_000);
    assert.deepEqual(tags(await pods()), ['app-0:2', 'app-1:2', 'app-2:2']);
  });

  test('waits for somebody to delete its pods when it updates on delete', async (context) => {
    const { clock, image, pods, kube, status } = await startRollout(
      context,
      stateful({ updateStrategy: { type: 'OnDelete' } }),
    );
    await image('2');
    await clock.advance(60_000);
    assert.deepEqual(tags(await pods()), ['app-0:1', 'app-1:1', 'app-2:1']);
    for (const name of ['app-0', 'app-1', 'app-2']) {
      kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name });
      await clock.advance(30_000);
    }
    assert.deepEqual(tags(await pods()), ['app-0:2', 'app-1:2', 'app-2:2']);
    // Only a rolling update ever moves the current revision.
    const [current, update] = await status('currentRevision', 'updateRevision');
    assert.notEqual(current, update);
  });

  test('is stuck on a pod that cannot start until somebody deletes it, as the real one', async (context) => {
    const { clock, image, pods, kube } = await startRollout(context, stateful());
    await image('does-not-exist');
    await clock.advance(30_000);
    const last = (await pods()).at(-1);
    assert.deepEqual(
      [tags(await pods()), waitingOf(last)],
      [['app-0:1', 'app-1:1', 'app-2:does-not-exist'], 'ImagePullBackOff'],
    );
    await image('1');
    await clock.advance(60_000);
    assert.equal(imageOf((await pods()).at(-1)), 'does-not-exist');
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'app-2' });
    await clock.advance(60_000);
    assert.deepEqual(tags(await pods()), ['app-0:1', 'app-1:1', 'app-2:1']);
  });

  test('shrinks from the last, one after the other', async (context) => {
    const { clock, scale, pods } = await startRollout(context, stateful());
    await scale(1);
    assert.deepEqual((await pods()).filter(isEnding).map(nameOf), ['app-2']);
    await clock.advance(2_000);
    assert.deepEqual((await pods()).filter(isEnding).map(nameOf), ['app-1']);
    await clock.advance(2_000);
    assert.deepEqual((await pods()).map(nameOf), ['app-0']);
  });

  test('keeps old revisions to its limit, and numbers one anew when it comes back', async (context) => {
    const { clock, image, revisions } = await startRollout(
      context,
      stateful({ replicas: 1, revisionHistoryLimit: 1 }),
    );
    for (const tag of ['2', '3', '2']) {
      await image(tag);
      await clock.advance(30_000);
    }
    assert.deepEqual(revisionNumbers(await revisions()), [3, 4]);
  });
});

describe('a simulated DaemonSet', () => {
  const nodes = ['node-1', 'node-2', 'node-3', 'node-4'];
  const unavailable = (maxUnavailable: number | string) => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
  });

  for (const [maxUnavailable, least] of [
    [1, 3],
    ['50%', 2],
  ] as const) {
    test(`updates at most ${maxUnavailable} of its nodes at a time`, async (context) => {
      const { image, pods, each, status } = await startRollout(
        context,
        workload('DaemonSet', { minReadySeconds: 3, ...unavailable(maxUnavailable) }),
        { nodes },
      );
      await image('2');
      let lowest = 4;
      await each(60, async () => {
        const all = await pods();
        lowest = Math.min(lowest, all.filter((pod) => isUp(pod) && !isEnding(pod)).length);
        assert.ok(all.length <= 4);
      });
      assert.equal(lowest, least);
      assert.deepEqual(
        await status('observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'),
        [2, 4, 4, undefined],
      );
    });
  }

  test('stops at the first node whose pod cannot start, and goes on with a new template', async (context) => {
    const { clock, image, pods } = await startRollout(context, workload('DaemonSet', unavailable(1)), {
      nodes,
    });
    await image('does-not-exist');
    await clock.advance(60_000);
    assert.deepEqual((await pods()).map(imageOf).sort(), ['1', '1', '1', 'does-not-exist']);
    await image('3');
    await clock.advance(120_000);
    assert.deepEqual(new Set((await pods()).map(imageOf)), new Set(['3']));
  });

  test('replaces pods on delete alone when it is told so', async (context) => {
    const { clock, image, pods, kube } = await startRollout(
      context,
      workload('DaemonSet', { updateStrategy: { type: 'OnDelete' } }),
    );
    await image('2');
    await clock.advance(60_000);
    assert.deepEqual(new Set((await pods()).map(imageOf)), new Set(['1']));
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: nameOf((await pods())[0]) });
    await clock.advance(60_000);
    assert.deepEqual((await pods()).map(imageOf).sort(), ['1', '1', '2']);
  });

  test('keeps old revisions to its limit', async (context) => {
    const { clock, image, revisions } = await startRollout(
      context,
      workload('DaemonSet', { revisionHistoryLimit: 1 }),
    );
    for (const tag of ['2', '3', '4']) {
      await image(tag);
      await clock.advance(90_000);
    }
    assert.deepEqual(revisionNumbers(await revisions()), [3, 4]);
  });
});
