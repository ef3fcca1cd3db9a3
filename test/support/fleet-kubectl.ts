import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import {
  EVERYTHING,
  type KubeSimulatorControl,
  type KubeSimulatorOptions,
  READ_ONLY,
} from '../../fixtures/fleet/kube/kube-simulator.ts';
import { applyLena, startKube } from './fleet-kube.ts';

/** Minor version of the kubectl installed here, e.g. 32 of 1.32; undefined where there is none. */
export const kubectlMinor: number | undefined = minorOfKubectl();
/** Why tests with the real kubectl are skipped; false where there is one. */
export const skipWithoutKubectl: string | false =
  kubectlMinor === undefined ? 'kubectl is not installed here' : false;
/** Whether the kubectl here is at least of this minor version; what is said of none does not matter. */
export const isKubectlFrom = (minor: number): boolean => kubectlMinor === undefined || kubectlMinor >= minor;

function minorOfKubectl(): number | undefined {
  try {
    const out = execFileSync('kubectl', ['version', '--client'], { encoding: 'utf8', stdio: 'pipe' });
    const minor = /v1\.(\d+)/.exec(out)?.[1];
    return minor === undefined ? undefined : Number(minor);
  } catch {
    return undefined;
  }
}

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** A cluster and the real kubectl pointed at it. */
export async function withKubectl(
  context: TestContext,
  options: Partial<KubeSimulatorOptions>,
  prepare: (simulator: KubeSimulatorControl) => void = applyLena,
) {
  const users = [
    { name: 'admin', rules: EVERYTHING },
    { name: 'viewer', rules: READ_ONLY },
  ];
  const kube = await startKube(context, { users, ...options }, prepare);
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
  return { kube, run, fixed, folder };
}
