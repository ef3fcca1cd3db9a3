import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { applyLena, at, names } from '../support/fleet-kube.ts';
import { DEPLOYMENT, PODS } from '../support/fleet-kube-writer.ts';
import { isKubectlFrom, skipWithoutKubectl, withKubectl } from '../support/fleet-kubectl.ts';
import { waitFor } from '../support/fleet-wait.ts';

const IMAGE = ['spec', 'template', 'spec', 'containers', 0, 'image'] as const;
const WAS = `${PODS}?labelSelector=type%3Dlena-was`;
/** Before 1.23 drain names a node's end after what became of its last pod. */
const DRAINED = isKubectlFrom(23) ? /node\/node-1 drained/ : /node\/node-1 evicted/;

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`the real kubectl changes a simulated cluster ${version}`, { skip: skipWithoutKubectl }, () => {
    test('scales, restarts, follows and undoes a rollout', async (context) => {
      const { kube, run } = await withKubectl(context, { version });
      const ran = async (...args: readonly string[]): Promise<string> => {
        const { out, err, code } = await run(...args);
        assert.equal(code, 0, `${args.join(' ')}: ${err}`);
        return out;
      };
      assert.match(await ran('scale', 'deploy/lena-was', '--replicas=3', '--current-replicas=2'), /scaled/);
      assert.match(await ran('rollout', 'status', 'deploy/lena-was'), /successfully rolled out/);
      assert.equal(at(await kube.json(DEPLOYMENT), 'status', 'readyReplicas'), 3);
      await ran('scale', 'sts/lena-session', '--replicas=1');
      assert.match(
        await ran('rollout', 'restart', 'deploy/lena-was', 'ds/lena-web', 'sts/lena-session'),
        /restarted/,
      );
      for (const workload of ['deploy/lena-was', 'ds/lena-web', 'sts/lena-session']) {
        assert.match(await ran('rollout', 'status', workload), /success|complete/);
      }
      await ran('set', 'image', 'deploy/lena-was', 'lena-was=docker.io/lenacloud/lena-cluster:9');
      assert.match(String(at(await kube.json(DEPLOYMENT), ...IMAGE)), /:9$/);
      assert.match(await ran('rollout', 'history', 'deploy/lena-was'), /REVISION/);
      await ran('rollout', 'undo', 'deploy/lena-was');
      assert.match(String(at(await kube.json(DEPLOYMENT), ...IMAGE)), /:1\.3\.2$/);
      await ran('rollout', 'pause', 'deploy/lena-was');
      assert.equal(at(await kube.json(DEPLOYMENT), 'spec', 'paused'), true);
      await ran('rollout', 'resume', 'deploy/lena-was');
      await ran('rollout', 'undo', 'sts/lena-session');
    });

    test('patches in three ways, sets variables and labels', async (context) => {
      const { kube, run } = await withKubectl(context, { version });
      const ran = async (...args: readonly string[]): Promise<void> => {
        const { err, code } = await run(...args);
        assert.equal(code, 0, `${args.join(' ')}: ${err}`);
      };
      const deployment = ['patch', 'deploy', 'lena-was'] as const;
      await ran(...deployment, '--type=merge', '-p', '{"spec":{"minReadySeconds":1}}');
      await ran(
        ...deployment,
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/minReadySeconds","value":2}]',
      );
      await ran(...deployment, '-p', '{"spec":{"minReadySeconds":3}}');
      assert.equal(at(await kube.json(DEPLOYMENT), 'spec', 'minReadySeconds'), 3);
      await ran('set', 'env', 'deploy/lena-was', 'A=1', 'B=2');
      await ran('set', 'env', 'deploy/lena-was', 'A-');
      const now = await kube.json(DEPLOYMENT);
      assert.deepEqual(at(now, 'spec', 'template', 'spec', 'containers', 0, 'env'), [
        { name: 'B', value: '2' },
      ]);
      await ran('label', 'deploy/lena-was', 'team=blue');
      await ran('annotate', 'pod/lena-session-0', 'note=x');
      const dry = await run(...deployment, '-p', '{"spec":{"minReadySeconds":9}}', '--dry-run=server');
      assert.match(dry.out, /patched/);
      assert.equal(at(await kube.json(DEPLOYMENT), 'spec', 'minReadySeconds'), 3);
      const bad = await run(...deployment, '--type=merge', '-p', '{"spec":{"replicas":-1}}');
      assert.match(bad.err, /spec\.replicas: Invalid value: -1: must be greater than or equal to 0/);
    });

    test('creates, applies, shows the difference and deletes', async (context) => {
      const { kube, run, folder } = await withKubectl(context, { version });
      const file = path.join(folder, 'map.json');
      const write = (data: object) =>
        writeFileSync(
          file,
          JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' }, data }),
        );
      write({ a: '1', b: '2' });
      const dry = await run('apply', '-f', file, '--dry-run=server');
      assert.match(dry.out, /made created \(server dry run\)/, dry.err);
      const created = await run('apply', '-f', file);
      assert.match(created.out, /made created/, created.err);
      write({ a: '3' });
      const configured = await run('apply', '-f', file);
      assert.match(configured.out, /made configured/, configured.err);
      const map = '/api/v1/namespaces/lena/configmaps/made';
      assert.deepEqual(at(await kube.json(map), 'data'), { a: '3' });
      assert.match((await run('apply', '-f', file)).out, /made unchanged/);
      const replaced = await run('replace', '-f', file);
      assert.match(replaced.out, /replaced/, replaced.err);
      assert.match((await run('create', '-f', file)).err, /AlreadyExists/);
      assert.match((await run('delete', 'configmap', 'made')).out, /deleted/);
      const pod = await run('delete', 'pod', 'lena-session-0', '--wait=false');
      assert.match(pod.out, /deleted/, pod.err);
      await waitFor('it to come back', async () => {
        const found = await kube.ask(`${PODS}/lena-session-0`);
        return found.status === 200 && at(JSON.parse(found.text), 'status', 'phase') === 'Running';
      });
      const gone = await run('delete', 'deploy/lena-was', '--cascade=foreground');
      assert.equal(gone.code, 0, gone.err);
      assert.deepEqual(names(await kube.json(WAS)), []);
    });

    test('is not let to apply a field there is not', async (context) => {
      const { kube, run, folder } = await withKubectl(context, { version });
      const file = path.join(folder, 'map.json');
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' }, data: { a: '1' } };
      writeFileSync(file, JSON.stringify({ ...map, dada: {} }));
      const refused = await run('apply', '-f', file);
      // The server of today checks for a client that knows to ask for it; any other reads the schema and checks itself.
      const words =
        version !== '1.20.2' && isKubectlFrom(24)
          ? /strict decoding error: unknown field "dada"/
          : /error validating data: .*unknown field "dada" in io\.k8s\.api\.core\.v1\.ConfigMap/;
      assert.match(refused.err, words);
      assert.equal((await kube.ask('/api/v1/namespaces/lena/configmaps/made')).status, 404);
      writeFileSync(file, JSON.stringify(map));
      assert.match((await run('apply', '-f', file)).out, /made created/);
      const other = await run('apply', '-f', file, '--server-side');
      assert.match(other.err, /Server-side apply not available on the server/);
    });

    test('drains a node by eviction', async (context) => {
      const policy = version === '1.36.2' ? 'policy/v1' : 'policy/v1beta1';
      const { kube, run } = await withKubectl(
        context,
        { version, nodes: ['node-1', 'node-2'] },
        (simulator) => {
          applyLena(simulator);
          simulator.apply({
            apiVersion: policy,
            kind: 'PodDisruptionBudget',
            metadata: { name: 'pdb-was', namespace: 'lena' },
            spec: { maxUnavailable: 1, selector: { matchLabels: { type: 'lena-was' } } },
          });
        },
      );
      const drained = await run('drain', 'node-1', '--ignore-daemonsets', '--timeout=15s');
      assert.equal(drained.code, 0, drained.err);
      assert.match(drained.out, DRAINED);
      assert.equal(at(await kube.json('/api/v1/nodes/node-1'), 'spec', 'unschedulable'), true);
      const evictions = kube.simulator.requests.filter(({ path: asked }) => /\/eviction\?/.test(asked));
      assert.ok(evictions.length > 0 && evictions.every(({ status }) => status === 201));
      const left = await kube.json('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1');
      assert.ok(names(left).every((name) => String(name).startsWith('lena-web-')));
      assert.match((await run('uncordon', 'node-1')).out, /uncordoned/);
      assert.equal(at(await kube.json('/api/v1/nodes/node-1'), 'spec', 'unschedulable'), undefined);
    });
  });
}
