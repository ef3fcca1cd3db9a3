import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { KubeVersion } from '../../fixtures/fleet/kube/kube-version.ts';
import { applyLena, startKube } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const skip = hasKubectl() ? false : 'kubectl is not installed here';

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** A cluster and the real kubectl pointed at it. */
async function withKubectl(context: TestContext, version: KubeVersion) {
  const users = [
    { name: 'admin', rules: EVERYTHING },
    { name: 'viewer', rules: READ_ONLY },
  ];
  const kube = await startKube(context, { version, users }, applyLena);
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-kubectl-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = (pem: string) => Buffer.from(pem).toString('base64');
  const { token } = kube.simulator.credentials('viewer');
  const { certPem, keyPem } = kube.simulator.credentials('admin');
  const file = path.join(folder, 'config');
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'admin',
      clusters: [
        {
          name: 'c',
          cluster: { server: kube.simulator.url, 'certificate-authority-data': data(kube.simulator.caPem) },
        },
      ],
      users: [
        {
          name: 'admin',
          user: { 'client-certificate-data': data(certPem), 'client-key-data': data(keyPem) },
        },
        { name: 'viewer', user: { token } },
      ],
      contexts: ['admin', 'viewer'].map((name) => ({
        name,
        context: { cluster: 'c', user: name, namespace: 'lena' },
      })),
    }),
    { mode: 0o600 },
  );
  const fixed = [
    `--kubeconfig=${file}`,
    `--cache-dir=${path.join(folder, 'cache')}`,
    '--request-timeout=10s',
  ];
  const run = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      execFile('kubectl', [...fixed, ...args], { timeout: 20_000 }, (error, out, err) => {
        resolve({ out, err, code: error === null ? 0 : Number(error.code ?? 1) });
      });
    });
  return { kube, run, fixed };
}

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`the real kubectl on a simulated cluster ${version}`, { skip }, () => {
    test('lists, describes and reads logs', async (context) => {
      const { run } = await withKubectl(context, version);
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
      const { run } = await withKubectl(context, version);
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
      const { kube, fixed } = await withKubectl(context, version);
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
