import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyLena, at, items, type Json, names, startKube } from '../support/fleet-kube.ts';
import { DEPLOYMENT, MERGE, PODS, STRATEGIC, writerOf } from '../support/fleet-kube-writer.ts';
import { waitFor } from '../support/fleet-wait.ts';

const MAPS = '/api/v1/namespaces/lena/configmaps';
const SETS = '/apis/apps/v1/namespaces/lena/replicasets';
const SESSION = '/apis/apps/v1/namespaces/lena/statefulsets/lena-session';
const map = (name: string, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: '1' },
  ...rest,
});
const fieldsOf = (body: Json): readonly Json[] =>
  items(body, 'details', 'causes').map((cause) => at(cause, 'field'));

for (const version of ['1.20.2', '1.36.2'] as const) {
  const isModern = version === '1.36.2';
  describe(`creation on a simulated API server ${version}`, () => {
    test('a workload is made with its defaults and its pods follow', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const deployment = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'extra' },
        spec: {
          selector: { matchLabels: { app: 'extra' } },
          template: {
            metadata: { labels: { app: 'extra' }, creationTimestamp: null },
            spec: { containers: [{ name: 'c', image: 'busybox' }] },
          },
        },
      };
      const where = '/apis/apps/v1/namespaces/lena/deployments';
      const dry = await send('POST', `${where}?dryRun=All`, deployment);
      assert.equal(dry.status, 201, dry.text);
      assert.deepEqual(
        [typeof at(dry.body, 'metadata', 'uid'), at(dry.body, 'metadata', 'resourceVersion')],
        ['string', undefined],
      );
      assert.equal((await send('GET', `${where}/extra`)).status, 404);
      const made = await send('POST', where, deployment);
      assert.equal(made.status, 201);
      assert.equal(at(made.body, 'spec', 'template', 'spec', 'containers', 0, 'imagePullPolicy'), 'Always');
      await waitFor('its pod', async () => {
        return at(await kube.json(`${where}/extra`), 'status', 'readyReplicas') === 1;
      });
      const again = await send('POST', where, deployment);
      assert.deepEqual([again.status, at(again.body, 'reason')], [409, 'AlreadyExists']);
      assert.equal((await send('POST', where.replace('/lena/', '/nosuch/'), deployment)).status, 404);
    });

    test('a name is made of a prefix, and a bad one is refused', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const made = await send('POST', MAPS, map('', { metadata: { generateName: 'm-' } }));
      assert.match(String(at(made.body, 'metadata', 'name')), /^m-[a-z0-9]{5}$/);
      assert.deepEqual(fieldsOf((await send('POST', MAPS, map('Not_A_Name'))).body), ['metadata.name']);
      assert.deepEqual(fieldsOf((await send('POST', MAPS, map(''))).body), ['metadata.name']);
    });

    test('a namespace comes with its ConfigMap, and goes with all that is in it', async (context) => {
      const kube = await startKube(context, { version, stopAfterMs: 3_600_000 }, applyLena);
      const { send } = writerOf(kube);
      const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels: { a: 'b' } } };
      const made = await send('POST', '/api/v1/namespaces', space);
      assert.deepEqual([made.status, at(made.body, 'metadata', 'labels', 'a')], [201, 'b']);
      assert.deepEqual(names(await kube.json('/api/v1/namespaces/team/configmaps')), ['kube-root-ca.crt']);
      const going = await send('DELETE', '/api/v1/namespaces/lena');
      assert.equal(at(going.body, 'status', 'phase'), 'Terminating');
      // The test pods have no grace, so nothing is left to wait for.
      assert.equal((await send('GET', '/api/v1/namespaces/lena')).status, 404);
      assert.deepEqual(names(await kube.json(PODS)), []);
    });

    test('nothing is made in a namespace that goes', async (context) => {
      const kube = await startKube(context, { version, stopAfterMs: 3_600_000 }, (simulator) => {
        applyLena(simulator);
        const metadata = { name: 'slow', namespace: 'lena' };
        const spec = { containers: [{ name: 'a', image: 'x:1' }] };
        simulator.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
      });
      const { send } = writerOf(kube);
      await send('DELETE', '/api/v1/namespaces/lena');
      const refused = await send('POST', MAPS, map('late'));
      assert.deepEqual(
        [refused.status, at(refused.body, 'details', 'causes', 0, 'reason')],
        [403, 'NamespaceTerminating'],
      );
      await send('DELETE', `${PODS}/slow?gracePeriodSeconds=0`);
      assert.equal((await send('GET', '/api/v1/namespaces/lena')).status, 404);
    });

    test('fields nobody knows are warned of, refused or dropped', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const odd = map('odd', { dada: { a: 'b' } });
      const plain = await send('POST', `${MAPS}?dryRun=All`, odd);
      assert.equal(plain.headers['warning'], isModern ? '299 - "unknown field \\"dada\\""' : undefined);
      assert.equal(at(plain.body, 'dada'), undefined);
      const strict = await send('POST', `${MAPS}?dryRun=All&fieldValidation=Strict`, odd);
      assert.equal(strict.status, isModern ? 400 : 201);
      const container = { name: 'lena-was', imag: 'x:2' };
      const patch = { spec: { template: { spec: { containers: [container] } } } };
      const deep = await send('PATCH', `${DEPLOYMENT}?fieldValidation=Strict`, patch, STRATEGIC);
      assert.equal(deep.status, isModern ? 400 : 200, deep.text);
      if (isModern) {
        assert.match(deep.text, /unknown field \\"spec\.template\.spec\.containers\[0\]\.imag\\"/);
      }
    });
  });

  describe(`replacement on a simulated API server ${version}`, () => {
    test('an old version loses, none wins, the same content changes nothing', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const path = `${MAPS}/configmap-lena-was`;
      const before = await kube.json(path);
      const changed = { ...Object(before), data: { a: '2' } };
      const first = await send('PUT', path, changed);
      assert.equal(first.status, 200, first.text);
      assert.equal((await send('PUT', path, changed)).status, 409);
      const { resourceVersion: _, ...metadata } = Object(at(before, 'metadata'));
      const third = await send('PUT', path, { ...changed, metadata, data: { a: '3' } });
      assert.equal(third.status, 200);
      const same = await send('PUT', path, Object(third.body));
      assert.equal(
        at(same.body, 'metadata', 'resourceVersion'),
        at(third.body, 'metadata', 'resourceVersion'),
      );
      assert.deepEqual(at(await kube.json(path), 'data'), { a: '3' });
    });

    test('what cannot be is refused with every cause', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const refused = async (path: string, body: object, type = MERGE) => {
        const answer = await send('PATCH', path, body, type);
        assert.equal(answer.status, 422, answer.text);
        return fieldsOf(answer.body);
      };
      const pod = (containers: object[]) => ({ spec: { template: { spec: { containers } } } });
      assert.deepEqual(await refused(DEPLOYMENT, pod([])), ['spec.template.spec.containers']);
      assert.deepEqual(await refused(DEPLOYMENT, pod([{ name: 'a' }])), [
        'spec.template.spec.containers[0].image',
      ]);
      assert.deepEqual(
        await refused(
          DEPLOYMENT,
          pod([
            { name: 'a', image: 'i' },
            { name: 'a', image: 'i' },
          ]),
        ),
        ['spec.template.spec.containers[1].name'],
      );
      assert.deepEqual(await refused(DEPLOYMENT, { spec: { strategy: { type: 'Recreate' } } }), [
        'spec.strategy.rollingUpdate',
      ]);
      assert.deepEqual(await refused(DEPLOYMENT, { spec: { strategy: { type: 'Other' } } }), [
        'spec.strategy.type',
      ]);
      assert.deepEqual(await refused(SESSION, { spec: { serviceName: 'x' } }), ['spec']);
      assert.deepEqual(await refused(SESSION, { spec: { replicas: -1 } }), ['spec.replicas']);
      const revisions = '/apis/apps/v1/namespaces/lena/controllerrevisions';
      const [name] = names(await kube.json(revisions));
      assert.deepEqual(await refused(`${revisions}/${String(name)}`, { data: { a: 1 } }), ['data']);
      assert.deepEqual(await refused(`${PODS}/lena-session-0`, { spec: { nodeName: 'node-9' } }), ['spec']);
      assert.deepEqual(await refused(DEPLOYMENT, { spec: { replicas: 'many' } }, STRATEGIC), ['patch']);
    });
  });

  test(`a field of another type is told as Go tells it on ${version}`, async (context) => {
    const kube = await startKube(context, { version }, applyLena);
    const { send } = writerOf(kube);
    const told =
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32';
    const patched = await send('PATCH', DEPLOYMENT, { spec: { replicas: 'many' } }, MERGE);
    assert.equal(patched.status, 422);
    assert.ok(String(at(patched.body, 'message')).endsWith(told), patched.text);
    const whole = Object(await kube.json(DEPLOYMENT));
    const put = await send('PUT', DEPLOYMENT, { ...whole, spec: { ...whole.spec, replicas: 'many' } });
    assert.deepEqual(
      [put.status, at(put.body, 'message')],
      [400, `Deployment in version "v1" cannot be handled as a Deployment: ${told}`],
    );
    const labels = { metadata: { labels: { a: 1 } } };
    const wrong = await send('PATCH', `${PODS}/lena-session-0`, labels, MERGE);
    assert.match(
      String(at(wrong.body, 'message')),
      /cannot unmarshal number into Go struct field .* of type string$/,
    );
  });

  describe(`deletion of an owner on a simulated API server ${version}`, () => {
    test('in the foreground it stays until its pods are gone', async (context) => {
      const kube = await startKube(context, { version, stopAfterMs: 3_600_000 }, applyLena);
      const { send, patch } = writerOf(kube);
      await patch(DEPLOYMENT, { spec: { template: { spec: { terminationGracePeriodSeconds: 60 } } } });
      const selector = `${PODS}?labelSelector=type%3Dlena-was`;
      await waitFor('the new pods', async () => {
        const pods = items(await kube.json(selector), 'items');
        return (
          pods.length === 2 && pods.every((pod) => at(pod, 'spec', 'terminationGracePeriodSeconds') === 60)
        );
      });
      const going = await send('DELETE', `${DEPLOYMENT}?propagationPolicy=Foreground`);
      assert.deepEqual(at(going.body, 'metadata', 'finalizers'), ['foregroundDeletion']);
      const pods = names(await kube.json(selector)).map(String);
      assert.equal(pods.length, 2);
      assert.equal((await send('GET', DEPLOYMENT)).status, 200);
      for (const name of pods) await send('DELETE', `${PODS}/${name}?gracePeriodSeconds=0`);
      assert.equal((await send('GET', DEPLOYMENT)).status, 404);
      assert.deepEqual(names(await kube.json(SETS)), []);
    });

    test('with orphans its ReplicaSet and pods stay', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      const [set] = names(await kube.json(SETS));
      await send('DELETE', DEPLOYMENT, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Orphan',
      });
      assert.equal((await send('GET', DEPLOYMENT)).status, 404);
      const left = await kube.json(`${SETS}/${String(set)}`);
      assert.equal(at(left, 'metadata', 'ownerReferences'), undefined);
      assert.equal(names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`)).length, 2);
    });
  });

  describe(`what stands in the way of writes to a simulated API server ${version}`, () => {
    test('an admission webhook refuses what its rule matches, dry runs too', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      kube.simulator.refuseAdmission({
        message: 'frozen until Monday',
        resources: ['deployments', 'pods/eviction'],
        operations: ['UPDATE'],
      });
      const grow = { spec: { replicas: 4 } };
      const denied = await send('PATCH', `${DEPLOYMENT}?dryRun=All`, grow, MERGE);
      assert.equal(denied.status, 403);
      assert.equal(
        at(denied.body, 'message'),
        'admission webhook "policy.example" denied the request: frozen until Monday',
      );
      assert.equal((await send('PATCH', SESSION, grow, MERGE)).status, 200);
      assert.equal((await send('PATCH', `${DEPLOYMENT}/scale`, grow, MERGE)).status, 200);
      kube.simulator.refuseAdmission({ message: 'no', webhook: 'other.example', code: 400 });
      assert.equal((await send('DELETE', `${PODS}/lena-session-0`)).status, 400);
      kube.simulator.refuseAdmission(undefined);
      assert.equal((await send('DELETE', `${PODS}/lena-session-0`)).status, 200);
    });

    test('too many writes are told to come again, reads and reviews are not', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      kube.simulator.throttleWrites(1);
      const annotate = (value: string) => ({ metadata: { annotations: { value } } });
      assert.equal((await send('PATCH', DEPLOYMENT, annotate('1'), MERGE)).status, 200);
      const late = await send('PATCH', DEPLOYMENT, annotate('2'), MERGE);
      assert.deepEqual([late.status, late.headers['retry-after']], [429, '1']);
      assert.equal((await send('GET', DEPLOYMENT)).status, 200);
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} };
      const asked = await send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        ...review,
        spec: { resourceAttributes: { verb: 'patch', group: 'apps', resource: 'deployments' } },
      });
      assert.equal(asked.status, 201);
      kube.simulator.throttleWrites(undefined);
      assert.equal((await send('PATCH', DEPLOYMENT, annotate('3'), MERGE)).status, 200);
    });

    test('a lost answer leaves the change behind', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { send } = writerOf(kube);
      kube.simulator.loseAnswers(1);
      const grow = { spec: { replicas: 3 } };
      await send('PATCH', `${DEPLOYMENT}?dryRun=All`, grow, MERGE);
      await assert.rejects(send('PATCH', DEPLOYMENT, grow, MERGE), { code: 'ECONNRESET' });
      assert.deepEqual(kube.simulator.requests.at(-1), { method: 'PATCH', path: DEPLOYMENT, status: 0 });
      assert.equal(at(await kube.json(DEPLOYMENT), 'spec', 'replicas'), 3);
      assert.equal((await send('PATCH', DEPLOYMENT, { spec: { replicas: 2 } }, MERGE)).status, 200);
    });

    test('rights are asked by verb and sub-resource', async (context) => {
      const rules = [
        { verbs: ['patch'], groups: ['apps'], resources: ['deployments/scale'], namespaces: ['lena'] },
        { verbs: ['create'], groups: [''], resources: ['pods/eviction'], namespaces: ['lena'] },
      ];
      const users = [{ name: 'scaler', rules }];
      const kube = await startKube(context, { version, users }, applyLena);
      const { send } = writerOf(kube, 'scaler');
      const grow = { spec: { replicas: 3 } };
      const allowed = async (attributes: object) => {
        const review = await send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: {
            resourceAttributes: { namespace: 'lena', group: 'apps', resource: 'deployments', ...attributes },
          },
        });
        return at(review.body, 'status', 'allowed');
      };
      assert.equal((await send('PATCH', `${DEPLOYMENT}/scale`, grow, MERGE)).status, 200);
      assert.equal(await allowed({ verb: 'patch', subresource: 'scale' }), true);
      assert.equal((await send('PATCH', DEPLOYMENT, grow, MERGE)).status, 403);
      assert.equal(await allowed({ verb: 'patch' }), false);
      assert.equal((await send('PUT', `${DEPLOYMENT}/scale`, grow)).status, 403);
      assert.equal((await send('DELETE', `${PODS}/lena-session-0`)).status, 403);
      const missing = await send('POST', `${PODS}/nosuch/eviction`, {
        apiVersion: isModern ? 'policy/v1' : 'policy/v1beta1',
        kind: 'Eviction',
        metadata: { name: 'nosuch' },
      });
      assert.equal(missing.status, 404);
    });
  });
}
