import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { KubeVersion } from '../../fixtures/fleet/kube/kube-version.ts';
import { applyLena, at, items, startKube } from '../support/fleet-kube.ts';
import { skipWithoutKubectl } from '../support/fleet-kubectl.ts';
import { waitFor } from '../support/fleet-wait.ts';

async function withKubectl(context: TestContext, version: KubeVersion) {
  const kube = await startKube(context, { version }, applyLena);
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-kubectl-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = path.join(folder, 'ca.pem');
  writeFileSync(authority, kube.simulator.caPem);
  const fixed = [
    `--server=${kube.simulator.url}`,
    `--certificate-authority=${authority}`,
    `--token=${kube.simulator.credentials('admin').token}`,
    `--cache-dir=${path.join(folder, 'cache')}`,
    '--kubeconfig=/dev/null',
    '--namespace=lena',
  ];
  const run = (...words: readonly string[]) =>
    new Promise<{ out: string; err: string; code: number }>((resolve) => {
      execFile('kubectl', [...fixed, ...words], { timeout: 20_000 }, (error, out, err) =>
        resolve({ out, err, code: error === null ? 0 : Number(error.code ?? 1) }),
      );
    });
  return { kube, run };
}

describe('the real kubectl rolls workloads of a simulated cluster', { skip: skipWithoutKubectl }, () => {
  for (const [version, workload] of [
    ['1.36.2', 'deploy/lena-was'],
    ['1.36.2', 'sts/lena-session'],
    ['1.36.2', 'ds/lena-web'],
    ['1.20.2', 'sts/lena-session'],
  ] as const) {
    test(`and knows how ${workload} of ${version} gets on, and takes it back`, async (context) => {
      const { run } = await withKubectl(context, version);
      const good = async (...words: readonly string[]) => {
        const { out, err, code } = await run(...words);
        assert.equal(code, 0, `${words.join(' ')}: ${err}`);
        return out;
      };
      const container = workload.replace(/^.*\//, '');
      await good('set', 'image', workload, `${container}=x/next:2`);
      assert.match(
        await good('rollout', 'status', workload, '--timeout=10s'),
        /successfully rolled out|partitioned roll out complete: 2 new pods/,
      );
      await good('rollout', 'restart', workload);
      await good('rollout', 'undo', workload);
      await good('rollout', 'status', workload, '--timeout=10s');
      const template = await good('get', workload, '-o', 'jsonpath={.spec.template}');
      assert.match(template, /x\/next:2/);
      assert.doesNotMatch(template, /restartedAt/);
      // The second is the fourth now.
      assert.match(await good('rollout', 'history', workload), /\n3 [^\n]+\n4 /);
    });
  }

  test('and is told that a rollout has failed', async (context) => {
    const { kube, run } = await withKubectl(context, '1.36.2');
    await run('patch', 'deploy/lena-was', '-p', '{"spec":{"progressDeadlineSeconds":1}}');
    await run('set', 'image', 'deploy/lena-was', 'lena-was=x/next:does-not-exist');
    await waitFor('the deadline', async () => {
      const deployment = await kube.json('/apis/apps/v1/namespaces/lena/deployments/lena-was');
      return items(deployment, 'status', 'conditions').some(
        (one) => at(one, 'reason') === 'ProgressDeadlineExceeded',
      );
    });
    const { code, err } = await run('rollout', 'status', 'deploy/lena-was', '--timeout=10s');
    assert.deepEqual([code, err], [1, 'error: deployment "lena-was" exceeded its progress deadline\n']);
  });
});
