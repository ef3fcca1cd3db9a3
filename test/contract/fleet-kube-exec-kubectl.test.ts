import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { KubeVersion } from '../../fixtures/fleet/kube/kube-version.ts';
import { applyLena, startKube } from '../support/fleet-kube.ts';
import { isKubectlFrom, skipWithoutKubectl } from '../support/fleet-kubectl.ts';

/** Before 1.30 kubectl speaks SPDY alone, which is not simulated. */
const speaksWebSocket = isKubectlFrom(30);
/** Servers that would have to speak SPDY to this kubectl. */
const SPDY_SERVERS: readonly KubeVersion[] = speaksWebSocket ? ['1.20.2'] : ['1.20.2', '1.36.2'];

async function withExec(context: TestContext, version: KubeVersion) {
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
    'exec',
    'lena-session-0',
  ];
  return (words: readonly string[], input?: string) =>
    new Promise<{ out: string; err: string; code: number }>((resolve) => {
      const child = execFile('kubectl', [...fixed, ...words], { timeout: 20_000 }, (error, out, err) =>
        resolve({ out, err, code: error === null ? 0 : Number(error.code ?? 1) }),
      );
      child.stdin?.end(input);
    });
}

describe('the real kubectl runs commands in a simulated container', { skip: skipWithoutKubectl }, () => {
  if (speaksWebSocket) {
    test('and gets output, errors, exit code and what it typed', async (context) => {
      const exec = await withExec(context, '1.36.2');
      assert.deepEqual(await exec(['--', 'hostname']), { out: 'lena-session-0\n', err: '', code: 0 });
      const failed = await exec(['--', 'sh', '-c', 'cat /nosuch; exit 3']);
      assert.deepEqual(
        [failed.code, failed.err],
        [3, 'cat: /nosuch: No such file or directory\ncommand terminated with exit code 3\n'],
      );
      assert.equal((await exec(['-i', '--', 'cat'], '한 줄\n')).out, '한 줄\n');
      const missing = await exec(['--', 'nosuch']);
      assert.equal(missing.code, 1);
      assert.match(missing.err, /OCI runtime exec failed.*executable file not found in \$PATH/);
    });
  }

  for (const version of SPDY_SERVERS) {
    test(`and is told why it cannot on ${version}, which would need SPDY`, async (context) => {
      const exec = await withExec(context, version);
      const { out, code, err } = await exec(['--', 'hostname']);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /speaks websocket only, not SPDY\/3\.1/);
    });
  }
});
