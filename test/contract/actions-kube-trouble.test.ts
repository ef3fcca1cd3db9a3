import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { Job } from '../../src/domain/job.ts';
import { actOnKube } from '../support/actions-kube.ts';
import { applyLena } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const users = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: READ_ONLY },
];
const errors = ({ targets }: Job) => targets.map(({ error }) => error?.code ?? 'none');

const manyPods = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'lena-was', namespace: 'lena' },
  spec: {
    replicas: 10,
    selector: { matchLabels: { type: 'lena-was' } },
    template: {
      metadata: { labels: { type: 'lena-was' } },
      spec: { containers: [{ name: 'lena-was', image: 'docker.io/lenacloud/lena-cluster:1.3.2' }] },
    },
  },
};

describe('acting on Kubernetes in trouble', () => {
  test('a missing right is refused before anything is sent, and named', async (context) => {
    const kube = await actOnKube(context, { users, as: 'viewer' });
    const { ref } = await kube.workload('lena-was');
    await assert.rejects(kube.prepare('rolling-restart', [ref]), {
      code: 'PERMISSION_DENIED',
      message: /patch.*deployments/,
    });
    assert.deepEqual(kube.writes(), []);
  });

  test('what a webhook refuses is failed with its words', async (context) => {
    const kube = await actOnKube(context);
    const { ref } = await kube.workload('lena-was');
    const prepared = await kube.prepare('scale', [ref], { replicas: '3' });
    kube.simulator.refuseAdmission({ message: 'frozen until Monday' });
    const job = await kube.run(prepared);
    assert.deepEqual([job.state, errors(job)], ['failed', ['ADMISSION_REFUSED']]);
    assert.match(job.targets[0]?.error?.message ?? '', /frozen until Monday/);
    assert.equal(kube.writes().length, 1);
  });

  test('an answer that is lost is unknown, and the call is not repeated', async (context) => {
    const kube = await actOnKube(context);
    const { ref } = await kube.workload('lena-was');
    const prepared = await kube.prepare('scale', [ref], { replicas: '3' });
    kube.simulator.loseAnswers(1);
    const job = await kube.run(prepared);
    assert.deepEqual([job.state, errors(job)], ['unknown', ['OUTCOME_UNKNOWN']]);
    assert.equal(kube.writes().length, 1);
    assert.equal((await kube.servers('lena-was', 3)).length, 3);
  });

  test('throttled in the middle of ten targets: those are failed, none is repeated', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyLena(simulator);
        simulator.apply(manyPods);
      },
    });
    const servers = await kube.servers('lena-was', 10);
    const prepared = await kube.prepare(
      'restart',
      servers.map(({ ref }) => ref),
    );
    kube.simulator.throttleWrites(6);
    const job = await kube.run(prepared);
    assert.equal(job.state, 'partial');
    assert.deepEqual(errors(job).sort(), [...Array(4).fill('THROTTLED'), ...Array(6).fill('none')]);
    assert.equal(kube.writes().length, 10);
  });

  test('an object that is gone by then is failed and not found', async (context) => {
    const kube = await actOnKube(context);
    const { ref } = await kube.workload('lena-was');
    const prepared = await kube.prepare('rolling-restart', [ref]);
    kube.simulator.delete({ kind: 'Deployment', namespace: 'lena', name: 'lena-was' });
    const job = await kube.run(prepared);
    assert.deepEqual([job.state, errors(job)], ['failed', ['NOT_FOUND']]);
  });

  test('one that vanishes while it rolls out ends the wait', async (context) => {
    const kube = await actOnKube(context, { readyAfterMs: 60_000 });
    const { ref } = await kube.workload('lena-was');
    const prepared = await kube.prepare('rolling-restart', [ref]);
    const { done, ref: jobRef } = await kube.executor.run(prepared, { typedName: prepared.plan.nameToType });
    await waitFor('the rollout to be waited for', () =>
      kube.executor.jobs().some((job) => job.ref.id === jobRef.id && job.targets[0]?.parts !== undefined),
    );
    kube.simulator.delete({ kind: 'Deployment', namespace: 'lena', name: 'lena-was' });
    const job = await done;
    assert.deepEqual([job.state, errors(job)], ['failed', ['NOT_FOUND']]);
  });

  test('a paused Deployment is refused in words', async (context) => {
    const kube = await actOnKube(context);
    const { ref } = await kube.workload('lena-was');
    kube.simulator.apply({ ...manyPods, spec: { ...manyPods.spec, paused: true } });
    await assert.rejects(kube.prepare('rolling-restart', [ref]), {
      code: 'ACTION_IMPOSSIBLE',
      message: /paused/,
    });
    assert.deepEqual(kube.writes(), []);
  });

  for (const mode of ['readonly', 'triage'] as const)
    test(`in ${mode} every verb is refused and no request is made for it`, async (context) => {
      const kube = await actOnKube(context, { mode });
      const [server] = await kube.servers('lena-was', 2);
      const { ref } = await kube.workload('lena-was');
      assert.ok(server !== undefined);
      for (const [id, target, input] of [
        ['restart', server.ref, {}],
        ['delete', server.ref, {}],
        ['rolling-restart', ref, {}],
        ['scale', ref, { replicas: '3' }],
        ['rollback', ref, { revision: '1' }],
      ] as const)
        await assert.rejects(kube.prepare(id, [target], input), { code: 'MODE_REFUSED' }, id);
      assert.deepEqual(kube.writes(), []);
    });
});
