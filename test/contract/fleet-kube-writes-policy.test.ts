import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyLena, at, items, names, startKube } from '../support/fleet-kube.ts';
import { DEPLOYMENT, MERGE, PODS, writerOf } from '../support/fleet-kube-writer.ts';
import { waitFor } from '../support/fleet-wait.ts';

for (const version of ['1.20.2', '1.36.2'] as const) {
  const isModern = version === '1.36.2';
  const policy = isModern ? 'policy/v1' : 'policy/v1beta1';
  const budgets = `/apis/${policy}/namespaces/lena/poddisruptionbudgets`;
  const budget = (spec: object) => ({
    apiVersion: policy,
    kind: 'PodDisruptionBudget',
    metadata: { name: 'pdb-was' },
    spec: { selector: { matchLabels: { type: 'lena-was' } }, ...spec },
  });

  describe(`disruption budgets of a simulated cluster ${version}`, () => {
    for (const [said, spec, wanted] of [
      ['a count', { minAvailable: 1 }, { expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1 }],
      ['a share', { minAvailable: '60%' }, { expectedPods: 2, desiredHealthy: 2, disruptionsAllowed: 0 }],
      ['a most', { maxUnavailable: 1 }, { expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1 }],
      ['a most in percent', { maxUnavailable: '10%' }, { desiredHealthy: 1, disruptionsAllowed: 1 }],
    ] as const) {
      test(`${said} says how many pods may go`, async (context) => {
        const kube = await startKube(context, { version }, applyLena);
        const { send } = writerOf(kube);
        const made = await send('POST', budgets, budget(spec));
        assert.equal(made.status, 201, made.text);
        assert.equal(at(made.body, 'status', 'expectedPods'), 0);
        const status = at(await kube.json(`${budgets}/pdb-was`), 'status');
        for (const [name, value] of Object.entries(wanted)) assert.equal(at(status, name), value, name);
        assert.equal(
          at(status, 'conditions', 0, 'status'),
          isModern ? (wanted.disruptionsAllowed > 0 ? 'True' : 'False') : undefined,
        );
      });
    }

    test('a pod that does not serve may go when the budget holds without it, on a server of today', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      await send('PATCH', `${DEPLOYMENT}/scale`, { spec: { replicas: 3 } }, MERGE);
      await waitFor('three', async () => at(await kube.json(DEPLOYMENT), 'status', 'readyReplicas') === 3);
      await send('POST', budgets, budget({ minAvailable: 2 }));
      const [name = ''] = names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`)).map(String);
      kube.simulator.setReady({ namespace: 'lena', name }, false);
      const eviction = { apiVersion: policy, kind: 'Eviction', metadata: { name } };
      const answer = await send('POST', `${PODS}/${name}/eviction`, eviction);
      assert.equal(answer.status, isModern ? 201 : 429, answer.text);
    });

    test('a rollout does not change how many pods are expected', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send, patch } = writerOf(kube);
      await send('POST', budgets, budget({ maxUnavailable: '50%' }));
      const held = { spec: { template: { spec: { containers: [{ name: 'lena-was', image: 'other:1' }] } } } };
      await patch(DEPLOYMENT, { spec: { minReadySeconds: 3600 } });
      await patch(DEPLOYMENT, held);
      const pods = names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`));
      assert.ok(pods.length > 2);
      assert.equal(at(await kube.json(`${budgets}/pdb-was`), 'status', 'expectedPods'), 2);
    });

    test('two budgets for one pod allow no eviction', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      await send('POST', budgets, budget({ minAvailable: 0 }));
      await send('POST', budgets, { ...budget({ minAvailable: 0 }), metadata: { name: 'other' } });
      const [name = ''] = names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`)).map(String);
      const eviction = { apiVersion: policy, kind: 'Eviction', metadata: { name } };
      assert.equal((await send('POST', `${PODS}/${name}/eviction`, eviction)).status, 500);
    });

    test('an eviction of a version the server does not know is not understood', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const other = isModern ? 'policy/v2' : 'policy/v1';
      const eviction = { apiVersion: other, kind: 'Eviction', metadata: { name: 'lena-session-0' } };
      assert.equal((await send('POST', `${PODS}/lena-session-0/eviction`, eviction)).status, 400);
      assert.equal((await send('GET', `${PODS}/lena-session-0`)).status, 200);
    });

    test('an eviction in the words of an older client is carried out', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const before = at(await kube.json(`${PODS}/lena-session-0`), 'metadata', 'uid');
      const metadata = { name: 'lena-session-0' };
      const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata };
      assert.equal((await send('POST', `${PODS}/lena-session-0/eviction`, eviction)).status, 201);
      const { status, body } = await send('GET', `${PODS}/lena-session-0`);
      assert.ok(
        status === 404 ||
          at(body, 'metadata', 'uid') !== before ||
          at(body, 'metadata', 'deletionTimestamp') !== undefined,
      );
    });
  });

  describe(`autoscalers of a simulated cluster ${version}`, () => {
    test('are made in one version and read in every version there is', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const at1 = '/apis/autoscaling/v1/namespaces/lena/horizontalpodautoscalers';
      const at2 = at1.replace('/v1/', isModern ? '/v2/' : '/v2beta2/');
      const made = await send('POST', at1, {
        apiVersion: 'autoscaling/v1',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'was' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'lena-was' },
          minReplicas: 2,
          maxReplicas: 6,
          targetCPUUtilizationPercentage: 70,
        },
      });
      assert.equal(made.status, 201, made.text);
      assert.equal(at(made.body, 'spec', 'targetCPUUtilizationPercentage'), 70);
      const [newer] = items(await kube.json(at2), 'items');
      assert.equal(at(newer, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'), 70);
      assert.equal(at(newer, 'spec', 'scaleTargetRef', 'name'), 'lena-was');
      const patched = await send('PATCH', `${at2}/was`, { spec: { maxReplicas: 8 } }, MERGE);
      assert.equal(patched.status, 200, patched.text);
      const older = await kube.json(`${at1}/was`);
      assert.deepEqual(
        [at(older, 'spec', 'maxReplicas'), at(older, 'spec', 'targetCPUUtilizationPercentage')],
        [8, 70],
      );
      const bad = await send('PATCH', `${at2}/was`, { spec: { maxReplicas: 1 } }, MERGE);
      assert.equal(at(bad.body, 'details', 'causes', 0, 'field'), 'spec.maxReplicas');
    });
  });
}
