import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { CallRequest, JsonObject, JsonValue } from '../../src/domain/call.ts';
import type { Job } from '../../src/domain/job.ts';
import type { KubeRemote } from '../../src/domain/remote.ts';
import { createKubeRemote } from '../../src/sources/kube/kube-remote.ts';
import { createKubeSource } from '../../src/sources/kube/kube-source.ts';
import { startActingOnKube } from '../support/actions-kube.ts';
import { lenaEnvironment, startSwitchConsole } from '../support/actions-switch.ts';
import { at } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { inMode } from '../support/modes.ts';

const SIGNAL = AbortSignal.timeout(300_000);
const kubeconfig = process.env['E2E_KUBECONFIG'];
const namespace = `l9s-e2e-${randomBytes(4).toString('hex')}`;
const NAME = 'pause';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${namespace}/deployments/${NAME}`;
const manifest: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: NAME } },
    template: {
      metadata: { labels: { app: NAME } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: NAME, image: 'registry.k8s.io/pause:3.9' }],
      },
    },
  },
};

/** Waits are left out: the server may have no kubelet. */
const BRIEFLY = { waits: false };
const resultOf = ({ targets }: Job) => targets.map(({ error, state }) => error?.code ?? state);

if (kubeconfig !== undefined && kubeconfig !== '') {
  describe('the verbs on a real API server, in a namespace of their own', () => {
    let remote: KubeRemote;
    const send = async (method: 'POST' | 'DELETE', path: string, body: JsonValue) => {
      const request: CallRequest = { system: 'kube', method, path, body };
      const sent = await remote.send(request, SIGNAL);
      assert.equal(sent.outcome, 'done', JSON.stringify(sent));
    };
    before(async () => {
      remote = createKubeRemote({
        context: 'real',
        kubeconfig,
        clock: systemClock,
        random: Math.random,
        environment: process.env,
        mode: inMode(),
      });
      await send('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      });
      await send('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, manifest);
    });
    after(async () => {
      await send('DELETE', `/api/v1/namespaces/${namespace}`, {});
      await remote.close();
    });
    const shared = { kubeconfig, environment: process.env, namespaces: [namespace] };

    test('restart is tried, done once, and a conflict for the second operator', async (context) => {
      const acting = startActingOnKube(context, { ...shared, mode: 'normal' });
      const { ref } = await acting.workload(NAME);
      const first = await acting.prepare('rolling-restart', [ref]);
      const second = await acting.prepare('rolling-restart', [ref]);
      const [tried] = await acting.executor.dryRun(first, SIGNAL);
      assert.equal(tried?.sent?.outcome, 'done');
      assert.deepEqual(resultOf(await acting.run(first, undefined, BRIEFLY)), ['sent']);
      assert.deepEqual(resultOf(await acting.run(second, undefined, BRIEFLY)), ['CONFLICT']);
      const now = await remote.get(DEPLOYMENT, {}, SIGNAL);
      const path = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'];
      assert.equal(typeof at(now, ...path), 'string');
    });

    test('scale goes up, to none and back', async (context) => {
      const acting = startActingOnKube(context, { ...shared, mode: 'normal' });
      const { ref } = await acting.workload(NAME);
      for (const replicas of ['2', '0', '1']) {
        const prepared = await acting.prepare('scale', [ref], { replicas });
        const [tried] = await acting.executor.dryRun(prepared, SIGNAL);
        assert.equal(tried?.sent?.outcome, 'done', replicas);
        assert.deepEqual(resultOf(await acting.run(prepared, undefined, BRIEFLY)), ['sent'], replicas);
        assert.equal(at(await remote.get(DEPLOYMENT, {}, SIGNAL), 'spec', 'replicas'), Number(replicas));
      }
    });

    test('roll back to the first revision', async (context) => {
      const acting = startActingOnKube(context, { ...shared, mode: 'normal' });
      const { ref } = await acting.workload(NAME);
      await waitFor('a second revision', async () => {
        const now = await remote.get(DEPLOYMENT, {}, SIGNAL);
        return at(now, 'metadata', 'annotations', 'deployment.kubernetes.io/revision') === '2';
      });
      const prepared = await acting.prepare('rollback', [ref], { revision: '1' });
      assert.ok(prepared.plan.diff.flatMap(({ lines }) => lines).some((line) => /restartedAt/.test(line)));
      const [tried] = await acting.executor.dryRun(prepared, SIGNAL);
      assert.equal(tried?.sent?.outcome, 'done');
      assert.deepEqual(resultOf(await acting.run(prepared, undefined, BRIEFLY)), ['sent']);
    });

    test('delete and evict a pod, tried first', async (context) => {
      const acting = startActingOnKube(context, { ...shared, mode: 'normal' });
      for (const id of ['delete', 'restart']) {
        const server = await waitFor('a pod', () =>
          [...acting.lookup.all('server')].find(({ state }) => state !== 'stopping'),
        );
        const prepared = await acting.prepare(id, [server.ref]);
        const [tried] = await acting.executor.dryRun(prepared, SIGNAL);
        assert.equal(tried?.sent?.outcome, 'done', id);
        assert.deepEqual(resultOf(await acting.run(prepared, undefined, BRIEFLY)), ['sent'], id);
        await waitFor(`another pod than ${server.name}`, () =>
          [...acting.lookup.all('server')].some(
            ({ name, state }) => name !== server.name && state !== 'stopping',
          ),
        );
      }
    });

    test('switch the template revision a ConfigMap holds', async (context) => {
      const environment = lenaEnvironment('shop:1');
      await send('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'lena' },
        data: environment,
      });
      await send('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'shop' },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: 'shop' } },
          template: {
            metadata: { labels: { app: 'shop' } },
            spec: {
              containers: [
                {
                  name: 'lena',
                  image: 'registry.k8s.io/pause:3.9',
                  envFrom: [{ configMapRef: { name: 'lena' } }],
                },
              ],
            },
          },
        },
      });
      const options = { ...shared, context: 'dev', clock: systemClock, random: Math.random, mode: inMode() };
      const acting = await startSwitchConsole(context, {
        kind: 'kube',
        source: createKubeSource(options),
        remote: async () => createKubeRemote(options),
      });
      acting.manager.setServiceCluster({ name: 'shop', revisions: ['1', '2'] });
      const workload = await waitFor('the workload with its variable', () =>
        [...acting.lookup.all('workload')].find(
          ({ name, environment: set }) => name === 'shop' && set.some(({ value }) => value === 'shop:1'),
        ),
      );
      const prepared = await acting.prepare(workload.ref, '2');
      const { done } = await acting.executor.run(prepared, { typedName: prepared.plan.nameToType }, BRIEFLY);
      assert.deepEqual(resultOf(await done), ['sent']);
      const map = await remote.get(`/api/v1/namespaces/${namespace}/configmaps/lena`, {}, SIGNAL);
      assert.equal(at(map, 'data', 'LENA_CONFIG_TEMPLATE_ID'), 'shop:2');
    });

    test('in read-only nothing is sent', async (context) => {
      const acting = startActingOnKube(context, { ...shared, mode: 'readonly' });
      const { ref } = await acting.workload(NAME);
      const before = at(await remote.get(DEPLOYMENT, {}, SIGNAL), 'metadata', 'generation');
      await assert.rejects(acting.prepare('scale', [ref], { replicas: '3' }), { code: 'MODE_REFUSED' });
      assert.equal(at(await remote.get(DEPLOYMENT, {}, SIGNAL), 'metadata', 'generation'), before);
    });
  });
}
