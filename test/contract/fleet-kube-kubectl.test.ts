import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { skipWithoutKubectl, withKubectl } from '../support/fleet-kubectl.ts';
import { waitFor } from '../support/fleet-wait.ts';

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`the real kubectl on a simulated cluster ${version}`, { skip: skipWithoutKubectl }, () => {
    test('lists, describes and reads logs', async (context) => {
      const { run } = await withKubectl(context, { version });
      const pods = await run('get', 'pods', '-A');
      assert.match(pods.out, /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\n/);
      assert.match(pods.out, /lena +lena-session-0 +1\/1 +Running +0 +\d+s/);
      const wide = await run('get', 'deploy', '-o', 'wide');
      assert.match(
        wide.out,
        /lena-was +2\/2 +2 +2 +\d+s +lena-was +docker\.io\/lenacloud\/lena-cluster:1\.3\.2 +type=lena-was/,
      );
      const logs = await run('logs', 'deploy/lena-was', '--tail=1');
      assert.match(logs.out, /Server startup/);
      const described = await run('describe', 'pod', 'lena-session-0');
      assert.match(described.out, /Controlled By: +StatefulSet\/lena-session/);
      assert.match(described.out, /Normal +Scheduled/);
      const paged = await run('get', 'pods', '--chunk-size=2', '-o', 'name');
      assert.equal(paged.out.trim().split('\n').length, 7);
      const rollout = await run('rollout', 'status', 'deploy/lena-was');
      assert.match(rollout.out, /successfully rolled out/);
      assert.deepEqual(
        [pods, wide, logs, described, paged, rollout].map(({ code }) => code),
        [0, 0, 0, 0, 0, 0],
      );
    });

    test('asks what it may and is told no', async (context) => {
      const { run } = await withKubectl(context, { version });
      assert.equal((await run('auth', 'can-i', 'delete', 'pods')).out.trim(), 'yes');
      const denied = await run('--context=viewer', 'auth', 'can-i', 'list', 'secrets');
      assert.equal(denied.out.trim(), 'no');
      const secrets = await run('--context=viewer', 'get', 'secrets');
      assert.match(secrets.err, /Forbidden.*User "viewer" cannot list resource "secrets"/);
      const removed = await run('--context=viewer', 'delete', 'pod', 'lena-session-0', '--wait=false');
      assert.match(removed.err, /Forbidden.*User "viewer" cannot delete resource "pods"/);
      const resources = await run('api-resources', '--api-group=apps', '-o', 'name');
      assert.match(resources.out, /deployments\.apps/);
    });

    test('watches', async (context) => {
      const { kube, fixed } = await withKubectl(context, { version });
      const child = spawn('kubectl', [...fixed, 'get', 'configmaps', '--watch', '--output-watch-events']);
      context.after(() => child.kill('SIGKILL'));
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        out += chunk;
      });
      await waitFor('the list', () => out.includes('ADDED      configmap-lena-was'));
      await waitFor('the open watch', () => kube.simulator.openStreams === 1);
      const metadata = { name: 'late', namespace: 'lena' };
      kube.simulator.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } });
      await waitFor('the new one', () => /ADDED +late/.test(out));
      kube.simulator.delete({ kind: 'ConfigMap', ...metadata });
      await waitFor('its end', () => /DELETED +late/.test(out));
    });
  });
}
