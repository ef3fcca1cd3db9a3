import type { TestContext } from 'node:test';
import type { KubeSimulatorControl, KubeSimulatorOptions } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { Executor, Order, Prepared, RunOptions } from '../../src/actions/acting.ts';
import type { ActionKind, AnyAction } from '../../src/actions/action.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor } from '../../src/actions/executor.ts';
import { ACTIONS } from '../../src/actions/index.ts';
import type { Lookup } from '../../src/actions/tools.ts';
import { createSinkHub } from '../../src/app/batching-sink.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Mode } from '../../src/domain/policy.ts';
import type { Ref } from '../../src/domain/ref.ts';
import { createKubeRemote } from '../../src/sources/kube/kube-remote.ts';
import { createKubeSource } from '../../src/sources/kube/kube-source.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { NORMAL, temporaryDirectory } from './acting.ts';
import { applyLena, startKube } from './fleet-kube.ts';
import { waitFor } from './fleet-wait.ts';
import { createWorkspace, kubeconfigText } from './kube-source-api.ts';
import { inMode } from './modes.ts';

/** The real source, store, executor and remote of one context. */
export interface Acting {
  readonly executor: Executor;
  readonly lookup: Lookup;
  workload(name: string): Promise<Entities['workload']>;
  server(name: string): Promise<Entities['server']>;
  /** Servers of a workload, ready ones only, at least as many as asked for. */
  servers(workload: string, least?: number): Promise<readonly Entities['server'][]>;
  prepare(id: string, targets: readonly Ref<ActionKind>[], input?: Order['input']): Promise<Prepared>;
  run(prepared: Prepared, options?: RunOptions): Promise<Job>;
  /** Prepares and runs, with the name typed. */
  act(id: string, targets: readonly Ref<ActionKind>[], input?: Order['input']): Promise<Job>;
}
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

/** Looks that are seconds apart come a twentieth of that apart; instants stay what they are. */
const quickClock: Clock = {
  now: systemClock.now,
  after: (delayMs, task) => systemClock.after(delayMs / 20, task),
};
const SIGNAL = AbortSignal.timeout(120_000);

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
  const acting = startActingOn(context, { kubeconfig, mode, environment: {} });
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
export function startActingOn(
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
  const store = createConsoleStore({
    contexts: [{ name: 'dev', kind: 'kube', isProtected: false, network: 'dev', serves: [] }],
    rules: [],
    identity: [],
    now: Date.now(),
  });
  const hub = createSinkHub({ store, clock: systemClock, intervalMs: 5 });
  const abort = new AbortController();
  const running = createKubeSource(shared).run(
    hub.sinkOf('dev', () => undefined),
    abort.signal,
  );
  const lookup = createLookup(store, []);
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    openRemote: async () => createKubeRemote(shared),
    policy: { ...NORMAL, mode },
    modeOf: inMode(mode),
    isProtected: () => false,
    audit: createAuditLog({ directory: temporaryDirectory(context), clock: systemClock }),
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock: quickClock,
  });
  context.after(async () => {
    await executor.close();
    abort.abort();
    await running;
    hub.close();
  });
  const actionOf = (id: string): AnyAction => {
    const action = ACTIONS.find((one) => one.id === id);
    if (action === undefined) throw new Error(`no action ${id}`);
    return action;
  };
  const prepare: Acting['prepare'] = (id, targets, input = {}) =>
    executor.prepare({ action: actionOf(id), targets, input }, SIGNAL);
  const run: Acting['run'] = async (prepared, options) =>
    (await executor.run(prepared, { typedName: prepared.plan.nameToType }, options)).done;
  return {
    executor,
    lookup,
    workload: (name) =>
      waitFor(`workload ${name}`, () => [...lookup.all('workload')].find((row) => row.name === name)),
    server: (name) =>
      waitFor(`server ${name}`, () => [...lookup.all('server')].find((row) => row.name === name)),
    servers: (workload, least = 1) =>
      waitFor(`${least} ready servers of ${workload}`, () => {
        const rows = [...lookup.all('server')].filter(
          (row) => row.workload?.name === workload && row.state === 'ready',
        );
        return rows.length >= least && rows;
      }),
    prepare,
    run,
    act: async (id, targets, input) => run(await prepare(id, targets, input)),
  };
}
