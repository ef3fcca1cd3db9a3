import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyLena, at, items, type Json, names, startKube } from '../support/fleet-kube.ts';
import { DEPLOYMENT, JSON_PATCH, MERGE, PODS, STRATEGIC, writerOf } from '../support/fleet-kube-writer.ts';
import { waitFor } from '../support/fleet-wait.ts';

const CONTAINER = ['spec', 'template', 'spec', 'containers', 0] as const;
const SESSION = '/apis/apps/v1/namespaces/lena/statefulsets/lena-session';
const WEB = '/apis/apps/v1/namespaces/lena/daemonsets/lena-web';

const revision = (object: Json): Json => at(object, 'metadata', 'resourceVersion');
const generation = (object: Json): Json => at(object, 'metadata', 'generation');

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`patches of a simulated API server ${version}`, () => {
    test('a strategic patch merges containers by name, and their variables and ports by theirs', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { patch } = writerOf(kube);
      const change = (container: object) => ({
        spec: { template: { spec: { containers: [{ name: 'lena-was', ...container }] } } },
      });
      await patch(
        DEPLOYMENT,
        change({
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        }),
      );
      await patch(
        DEPLOYMENT,
        change({
          image: 'lena:2',
          env: [
            { name: 'A', $patch: 'delete' },
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
          ports: [{ containerPort: 9000 }],
        }),
      );
      const now = await kube.json(DEPLOYMENT);
      assert.equal(at(now, ...CONTAINER, 'image'), 'lena:2');
      assert.deepEqual(at(now, ...CONTAINER, 'env'), [
        { name: 'B', value: '3' },
        { name: 'C', value: '4' },
      ]);
      assert.deepEqual(
        items(now, ...CONTAINER, 'ports').map((port) => at(port, 'containerPort')),
        [8180, 9000],
      );
      assert.deepEqual(at(now, ...CONTAINER, 'envFrom'), [{ configMapRef: { name: 'configmap-lena-was' } }]);
      await patch(DEPLOYMENT, change({ env: [{ $patch: 'replace' }, { name: 'Z', value: '9' }] }));
      assert.deepEqual(at(await kube.json(DEPLOYMENT), ...CONTAINER, 'env'), [{ name: 'Z', value: '9' }]);
      await patch(DEPLOYMENT, change({ env: null }));
      assert.equal(at(await kube.json(DEPLOYMENT), ...CONTAINER, 'env'), undefined);
    });

    test('a JSON patch adds, copies, moves, tests and removes', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const steps = [
        { op: 'add', path: '/metadata/labels', value: { a: '1', 'x/y': '2' } },
        { op: 'test', path: '/metadata/labels/x~1y', value: '2' },
        { op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/b' },
        { op: 'move', from: '/metadata/labels/a', path: '/metadata/labels/c' },
        { op: 'add', path: '/spec/template/spec/containers/0/ports/-', value: { containerPort: 9000 } },
        { op: 'remove', path: '/spec/template/spec/containers/0/ports/0' },
      ];
      const answer = await send('PATCH', DEPLOYMENT, steps, JSON_PATCH);
      assert.equal(answer.status, 200, answer.text);
      const now = await kube.json(DEPLOYMENT);
      assert.deepEqual(at(now, 'metadata', 'labels'), { 'x/y': '2', b: '1', c: '1' });
      assert.deepEqual(at(now, ...CONTAINER, 'ports'), [{ containerPort: 9000, protocol: 'TCP' }]);
    });

    test('what changes nothing keeps the version; the generation follows the spec alone', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const before = await kube.json(SESSION);
      const noop = await send('PATCH', SESSION, { spec: { replicas: 2 } }, MERGE);
      assert.equal(revision(noop.body), revision(before));
      const labelled = await send('PATCH', SESSION, { metadata: { labels: { a: 'b' } } }, MERGE);
      assert.equal(generation(labelled.body), generation(before));
      assert.notEqual(revision(labelled.body), revision(before));
      const status = await send('PATCH', SESSION, { status: { replicas: 77 } }, MERGE);
      assert.equal(at(status.body, 'status', 'replicas'), 2);
      assert.equal(revision(status.body), revision(labelled.body));
      const grown = await send('PATCH', SESSION, { spec: { replicas: 3 } }, MERGE);
      assert.equal(generation(grown.body), Number(generation(before)) + 1);
    });

    test('a dry run shows what would be and leaves all as it is', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const before = await kube.json(DEPLOYMENT);
      const pods = names(await kube.json(PODS));
      const shown = await send('PATCH', `${DEPLOYMENT}?dryRun=All`, { spec: { replicas: 5 } }, MERGE);
      assert.equal(at(shown.body, 'spec', 'replicas'), 5);
      assert.equal(revision(shown.body), revision(before));
      assert.equal(generation(shown.body), Number(generation(before)) + 1);
      await send('PATCH', `${DEPLOYMENT}/scale?dryRun=All`, { spec: { replicas: 5 } }, MERGE);
      await send('DELETE', `${PODS}/lena-session-0?dryRun=All`);
      await send('DELETE', `${DEPLOYMENT}?dryRun=All`);
      assert.deepEqual(await kube.json(DEPLOYMENT), before);
      assert.deepEqual(names(await kube.json(PODS)), pods);
      const odd = await send('PATCH', `${DEPLOYMENT}?dryRun=yes`, { spec: { replicas: 5 } }, MERGE);
      assert.equal(odd.status, 422);
    });

    test('a changed template rolls the pods, and the old one brings its ReplicaSet back', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { patch, send } = writerOf(kube);
      const sets = '/apis/apps/v1/namespaces/lena/replicasets';
      const [first] = names(await kube.json(sets));
      const template = at(await kube.json(DEPLOYMENT), 'spec', 'template');
      const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
      await patch(DEPLOYMENT, { spec: { template: { metadata: { annotations } } } });
      await waitFor('the new ReplicaSet', async () => names(await kube.json(sets)).length === 2);
      // A client may write the fields in any other order.
      const turned: Json = Object.fromEntries(Object.entries(Object(template)).reverse());
      await send('PATCH', DEPLOYMENT, [{ op: 'replace', path: '/spec/template', value: turned }], JSON_PATCH);
      const now = await kube.json(DEPLOYMENT);
      assert.equal(at(now, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'), '3');
      const back = await kube.json(`${sets}/${String(first)}`);
      assert.equal(at(back, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'), '3');
      await waitFor('its pods', async () => {
        const set = await kube.json(`${sets}/${String(first)}`);
        return at(set, 'status', 'readyReplicas') === 2;
      });
    });
  });

  describe(`scales of a simulated API server ${version}`, () => {
    test('a scale is put or patched, and controllers follow', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const scale = await kube.json(`${DEPLOYMENT}/scale`);
      const wanted = { ...Object(scale), spec: { replicas: 3 } };
      const put = await send('PUT', `${DEPLOYMENT}/scale`, wanted);
      assert.equal(put.status, 200, put.text);
      assert.deepEqual([at(put.body, 'spec', 'replicas'), at(put.body, 'status', 'replicas')], [3, 2]);
      assert.equal((await send('PUT', `${DEPLOYMENT}/scale`, wanted)).status, 409);
      await waitFor(
        'three pods',
        async () => at(await kube.json(DEPLOYMENT), 'status', 'readyReplicas') === 3,
      );
      const session = await send('PATCH', `${SESSION}/scale`, { spec: { replicas: 1 } }, MERGE);
      assert.equal(session.status, 200);
      await waitFor('one session server', async () => {
        const pods = names(await kube.json(`${PODS}?labelSelector=type%3Dlena-session`));
        return pods.length === 1;
      });
      assert.equal((await send('GET', `${WEB}/scale`)).status, 404);
      assert.equal((await send('DELETE', `${DEPLOYMENT}/scale`)).status, 405);
    });
  });

  describe(`deletions of a simulated API server ${version}`, () => {
    test('a pod gets its grace, which may only be shortened, and a new one takes its place', async (context) => {
      const kube = await startKube(context, { version, stopAfterMs: 3_600_000 }, (simulator) => {
        applyLena(simulator);
      });
      const { send, patch } = writerOf(kube);
      await patch(DEPLOYMENT, { spec: { template: { spec: { terminationGracePeriodSeconds: 60 } } } });
      const selector = `${PODS}?labelSelector=type%3Dlena-was`;
      await waitFor('the new pods', async () => {
        const pods = items(await kube.json(selector), 'items');
        return (
          pods.length === 2 && pods.every((pod) => at(pod, 'spec', 'terminationGracePeriodSeconds') === 60)
        );
      });
      const [name] = names(await kube.json(selector));
      const pod = `${PODS}/${String(name)}`;
      const first = await send('DELETE', pod);
      assert.equal(at(first.body, 'metadata', 'deletionGracePeriodSeconds'), 60);
      assert.ok(Date.parse(String(at(first.body, 'metadata', 'deletionTimestamp'))) > Date.now() + 50_000);
      const again = await send('DELETE', pod, {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds: 90,
      });
      assert.equal(revision(again.body), revision(first.body));
      const shorter = await send('DELETE', `${pod}?gracePeriodSeconds=30`);
      assert.equal(at(shorter.body, 'metadata', 'deletionGracePeriodSeconds'), 30);
      assert.equal(items(await kube.json(selector), 'items').length, 3);
      const forced = await send('DELETE', `${pod}?gracePeriodSeconds=0`);
      assert.equal(at(forced.body, 'metadata', 'deletionGracePeriodSeconds'), 0);
      assert.equal((await send('GET', pod)).status, 404);
      assert.equal((await send('DELETE', pod)).status, 404);
    });

    test('preconditions hold', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const options = (preconditions: object) => ({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions });
      const other = '00000000-0000-0000-0000-000000000000';
      assert.equal((await send('DELETE', SESSION, options({ uid: other }))).status, 409);
      assert.equal((await send('DELETE', SESSION, options({ resourceVersion: '1' }))).status, 409);
      const uid = at(await kube.json(SESSION), 'metadata', 'uid');
      const gone = await send('DELETE', SESSION, options({ uid }));
      assert.deepEqual(at(gone.body, 'details'), {
        name: 'lena-session',
        group: 'apps',
        kind: 'statefulsets',
        uid,
      });
      await waitFor('its pods to go', async () => {
        return names(await kube.json(`${PODS}?labelSelector=type%3Dlena-session`)).length === 0;
      });
    });

    test('a finalizer holds an object until it is taken off', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const map = '/api/v1/namespaces/lena/configmaps/configmap-lena-web';
      await send('PATCH', map, { metadata: { finalizers: ['example.com/hold'] } }, MERGE);
      const held = await send('DELETE', map);
      assert.equal(at(held.body, 'kind'), 'ConfigMap');
      assert.notEqual(at(await kube.json(map), 'metadata', 'deletionTimestamp'), undefined);
      await send('PATCH', map, { metadata: { finalizers: null } }, MERGE);
      assert.equal((await send('GET', map)).status, 404);
    });

    test('a collection is deleted by its labels', async (context) => {
      const kube = await startKube(context, { version }, (simulator) => {
        for (const [name, app] of Object.entries({ a: 'w', b: 'w', c: 'x' })) {
          const metadata = { name, namespace: 'lena', labels: { app } };
          simulator.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
        }
      });
      const { send } = writerOf(kube);
      const maps = '/api/v1/namespaces/lena/configmaps';
      const deleted = await send('DELETE', `${maps}?labelSelector=app%3Dw`);
      assert.deepEqual(names(deleted.body), ['a', 'b']);
      assert.deepEqual(names(await kube.json(maps)), ['c', 'kube-root-ca.crt']);
      assert.equal((await send('DELETE', '/api/v1/namespaces')).status, 405);
    });
  });

  describe(`evictions of a simulated API server ${version}`, () => {
    const policy = version === '1.36.2' ? 'policy/v1' : 'policy/v1beta1';
    const evict = (name: string, deleteOptions?: object) => ({
      apiVersion: policy,
      kind: 'Eviction',
      metadata: { name, namespace: 'lena' },
      ...(deleteOptions === undefined ? {} : { deleteOptions }),
    });

    test('a budget lets one pod go and holds the next back until its successor serves', async (context) => {
      const kube = await startKube(context, { version, readyAfterMs: 0 }, (simulator) => {
        applyLena(simulator);
        simulator.apply({
          apiVersion: policy,
          kind: 'PodDisruptionBudget',
          metadata: { name: 'pdb-was', namespace: 'lena' },
          spec: { minAvailable: 1, selector: { matchLabels: { type: 'lena-was' } } },
        });
      });
      const { send } = writerOf(kube);
      const budget = `/apis/${policy}/namespaces/lena/poddisruptionbudgets/pdb-was`;
      assert.equal(at(await kube.json(budget), 'status', 'disruptionsAllowed'), 1);
      const [first = '', second = ''] = names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`)).map(
        String,
      );
      kube.simulator.setReady({ namespace: 'lena', name: second }, false);
      const denied = await send('POST', `${PODS}/${first}/eviction`, evict(first));
      assert.equal(denied.status, 429);
      assert.equal(denied.headers['retry-after'], undefined);
      assert.equal(
        at(denied.body, 'details', 'causes', 0, 'message'),
        'The disruption budget pdb-was needs 1 healthy pods and has 1 currently',
      );
      kube.simulator.setReady({ namespace: 'lena', name: second }, true);
      const other = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
      assert.equal((await send('POST', `${PODS}/${first}/eviction`, evict(first, other))).status, 409);
      const dry = await send('POST', `${PODS}/${first}/eviction?dryRun=All`, evict(first));
      assert.deepEqual([dry.status, (await send('GET', `${PODS}/${first}`)).status], [201, 200]);
      const evicted = await send('POST', `${PODS}/${first}/eviction`, evict(first));
      assert.equal(evicted.status, 201, evicted.text);
      await waitFor('its end', async () => (await send('GET', `${PODS}/${first}`)).status === 404);
      await waitFor('its successor', async () => {
        return at(await kube.json(budget), 'status', 'disruptionsAllowed') === 1;
      });
    });
  });
}

test('a strategic patch keeps the order the client names', async (context) => {
  const kube = await startKube(context, {}, applyLena);
  const { patch } = writerOf(kube);
  const spec = (containers: object[], order: string[]) => ({
    spec: {
      template: {
        spec: { containers, '$setElementOrder/containers': order.map((name) => ({ name })) },
      },
    },
  });
  await patch(DEPLOYMENT, spec([{ name: 'side', image: 's:1' }], ['side', 'lena-was']), STRATEGIC);
  const containers = items(await kube.json(DEPLOYMENT), 'spec', 'template', 'spec', 'containers');
  assert.deepEqual(
    containers.map((one) => at(one, 'name')),
    ['side', 'lena-was'],
  );
});

for (const version of ['1.20.2', '1.36.2'] as const) {
  test(`an empty patch changes no object of any kind on ${version}`, async (context) => {
    const kube = await startKube(context, { version }, (simulator) => {
      applyLena(simulator);
      const metadata = { name: 'key', namespace: 'lena' };
      simulator.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'b' } });
    });
    const { send } = writerOf(kube);
    const paths = [
      '/api/v1/namespaces',
      '/api/v1/nodes',
      ...['configmaps', 'endpoints', 'events', 'pods', 'secrets', 'serviceaccounts', 'services'].map(
        (resource) => `/api/v1/namespaces/lena/${resource}`,
      ),
      ...['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'].map(
        (resource) => `/apis/apps/v1/namespaces/lena/${resource}`,
      ),
    ];
    for (const path of paths) {
      const [first] = items(await kube.json(path), 'items');
      // Servers of today keep no Endpoints.
      if (first === undefined && path.endsWith('/endpoints')) continue;
      const where = `${path}/${String(at(first, 'metadata', 'name'))}`;
      for (const type of [MERGE, STRATEGIC]) {
        const answer = await send('PATCH', where, {}, type);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(revision(answer.body), revision(first), where);
      }
      const replaced = await send('PUT', where, Object(await kube.json(where)));
      assert.deepEqual([replaced.status, revision(replaced.body)], [200, revision(first)], where);
    }
  });
}
