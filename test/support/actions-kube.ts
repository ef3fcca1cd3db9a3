import type { TestContext } from 'node:test';
import type { KubeSimulatorControl, KubeSimulatorOptions } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { createKubeRemote } from '../../src/sources/kube/kube-remote.ts';
import { createKubeSource } from '../../src/sources/kube/kube-source.ts';
import { type Acting, clockTimes, startActingOn } from './acting-on.ts';
import { applyLena, startKube } from './fleet-kube.ts';
import { createWorkspace, kubeconfigText } from './kube-source-api.ts';
import { inMode } from './modes.ts';

export interface ActingOnKube extends Acting {
  readonly simulator: KubeSimulatorControl;
  /** Requests that were no reads, as `METHOD path status`. */
  writes(): readonly string[];
}

export interface ActingOnKubeOptions extends Partial<KubeSimulatorOptions> {
  readonly as?: string;
  readonly mode?: Mode;
  readonly apply?: (simulator: KubeSimulatorControl) => void;
}

/** The guide's sample workloads on a simulated cluster, watched by the real source, acted on by the real executor. */
export async function actOnKube(
  context: TestContext,
  { as = 'admin', mode = 'normal', apply = applyLena, ...options }: ActingOnKubeOptions = {},
): Promise<ActingOnKube> {
  const { simulator } = await startKube(context, options, apply);
  const workspace = await createWorkspace();
  context.after(() => workspace.remove());
  const kubeconfig = await workspace.write(
    'config',
    kubeconfigText({
      server: simulator.url,
      cluster: { 'certificate-authority-data': Buffer.from(simulator.caPem).toString('base64') },
      user: { token: simulator.credentials(as).token },
      namespace: 'lena',
    }),
  );
  const acting = startActingOnKube(context, { kubeconfig, mode, environment: {} });
  return {
    ...acting,
    simulator,
    writes: () =>
      simulator.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, status }) => `${method} ${path} ${status}`)
        .filter((line) => !line.includes('selfsubject')),
  };
}

export interface ActingSettings {
  readonly kubeconfig: string;
  readonly mode: Mode;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly namespaces?: readonly string[];
}

/** Watches and acts on whatever API server a kubeconfig names; ends with the test. */
export function startActingOnKube(
  context: TestContext,
  { kubeconfig, mode, environment, namespaces }: ActingSettings,
): Acting {
  const shared = {
    context: 'dev',
    kubeconfig,
    clock: systemClock,
    random: () => 0.5,
    environment,
    namespaces,
    mode: inMode(mode),
    limits: { requestMs: 2_000, writeMs: 2_000 },
  };
  const source = createKubeSource(shared);
  const remote = async () => createKubeRemote(shared);
  // A simulated controller needs a while for what its waits look at.
  return startActingOn(context, [{ name: 'dev', kind: 'kube', source, remote }], {
    mode,
    clock: clockTimes(20),
  });
}
