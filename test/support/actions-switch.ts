import type { TestContext } from 'node:test';
import type { KubeSimulatorControl, KubeSimulatorOptions } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import type { Executor, Prepared } from '../../src/actions/acting.ts';
import type { ActionKind, AnyAction } from '../../src/actions/action.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor } from '../../src/actions/executor.ts';
import { switchClusterRevision, switchRevision } from '../../src/actions/switch-revision.action.ts';
import type { ActionTools, Lookup } from '../../src/actions/tools.ts';
import { createSinkHub } from '../../src/app/batching-sink.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Source } from '../../src/domain/ports.ts';
import type { Ref } from '../../src/domain/ref.ts';
import type { Remote, RemoteOf } from '../../src/domain/remote.ts';
import { createKubeRemote } from '../../src/sources/kube/kube-remote.ts';
import { createKubeSource } from '../../src/sources/kube/kube-source.ts';
import { createManagerRemote } from '../../src/sources/manager/manager-remote.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { NORMAL, temporaryDirectory } from './acting.ts';
import { startKube } from './fleet-kube.ts';
import { waitFor } from './fleet-wait.ts';
import { createWorkspace, kubeconfigText } from './kube-source-api.ts';
import { inMode } from './modes.ts';
import { startManager } from './sources-manager.ts';

/** Pauses between two looks are short; limits, 5 s and more, stay what they are. */
const QUICK: Clock = {
  now: systemClock.now,
  after: (delayMs, task) => systemClock.after(delayMs < 5_000 ? 15 : delayMs, task),
};
const SIGNAL = AbortSignal.timeout(120_000);

type Environment = Readonly<Record<string, string>>;
export const lenaEnvironment = (template: string, more: Environment = {}): Environment => ({
  LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y',
  LENA_CONFIG_TEMPLATE_ID: template,
  LENA_MANAGER_ADDRESS: 'lena-manager:7700',
  ...more,
});
export const configMapOf = (name: string, data: Environment, more: object = {}): KubeManifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data,
  ...more,
});
export const variables = (environment: Environment) =>
  Object.entries(environment).map(([name, value]) => ({ name, value }));
export const fromMap = (name: string) => ({ envFrom: [{ configMapRef: { name } }] });

export interface WorkloadOptions {
  /** @default Deployment */
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly replicas?: number;
  readonly image?: string;
  readonly spec?: object;
}
export function workloadManifest(
  name: string,
  containers: readonly object[],
  { kind = 'Deployment', replicas = 1, image = 'lenacloud/lena-cluster:1', spec = {} }: WorkloadOptions = {},
): KubeManifest {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: containers.map((container, index) => ({
            name: index === 0 ? 'lena' : `lena-${index}`,
            image,
            ...container,
          })),
        },
      },
      ...spec,
    },
  };
}

/** The console over one orchestrator `dev` and the Manager `mgr` that serves it. */
export interface SwitchConsole {
  readonly manager: Awaited<ReturnType<typeof startManager>>['simulator'];
  readonly lookup: Lookup;
  readonly executor: Executor;
  readonly tools: ActionTools;
  /** Waits until the store knows a workload, and a server of it is ready. */
  workload(name: string): Promise<Entities['workload']>;
  serviceCluster(name: string): Promise<Entities['serviceCluster']>;
  prepare(target: Ref<ActionKind>, to: string): Promise<Prepared>;
  run(prepared: Prepared): Promise<Job>;
}
export interface SwitchFleet extends SwitchConsole {
  readonly kube: KubeSimulatorControl;
  /** Of the cluster, as `PATCH path status`. */
  writes(): readonly string[];
  read(path: string): Promise<unknown>;
}

/** A cluster `dev` of these objects and the Manager `mgr` that serves it, watched and acted on as in the program. */
export async function startSwitchFleet(
  context: TestContext,
  manifests: readonly KubeManifest[],
  options: Partial<KubeSimulatorOptions> = {},
): Promise<SwitchFleet> {
  const { simulator: kube, json } = await startKube(context, options, (simulator) => {
    for (const manifest of manifests) simulator.apply(manifest);
  });
  const workspace = await createWorkspace();
  const text = kubeconfigText({
    server: kube.url,
    cluster: { 'certificate-authority-data': Buffer.from(kube.caPem).toString('base64') },
    user: { token: kube.credentials('admin').token },
    namespace: 'shop',
  });
  const shared = {
    context: 'dev',
    kubeconfig: await workspace.write('config', text),
    clock: systemClock,
    random: () => 0.5,
    environment: {},
    mode: inMode(),
  };
  const acting = await startSwitchConsole(context, {
    kind: 'kube',
    source: createKubeSource(shared),
    remote: async () => createKubeRemote(shared),
  });
  context.after(() => workspace.remove());
  return {
    ...acting,
    kube,
    writes: () =>
      kube.requests
        .filter(({ method, path }) => method !== 'GET' && !path.includes('selfsubject'))
        .map(({ method, path, status }) => `${method} ${path.split('?', 1)[0]} ${status}`),
    read: (path) => json(path),
  };
}

export interface Orchestrator {
  readonly kind: 'kube' | 'ecs';
  readonly source: Source;
  readonly remote: () => Promise<Remote>;
}
export async function startSwitchConsole(
  context: TestContext,
  { kind: backEnd, source, remote: openDev }: Orchestrator,
): Promise<SwitchConsole> {
  const { simulator: manager } = await startManager();
  context.after(() => manager.close());
  const asked = {
    context: 'mgr',
    urls: [manager.url],
    key: async () => new Secret(manager.key),
    clock: systemClock,
    mode: inMode(),
  };
  const store = createConsoleStore({
    contexts: [
      { name: 'dev', kind: backEnd, isProtected: false, network: 'dev', serves: [] },
      { name: 'mgr', kind: 'manager', isProtected: false, network: 'mgr', serves: ['dev'] },
    ],
    rules: [],
    identity: [],
    now: Date.now(),
  });
  const hub = createSinkHub({ store, clock: systemClock, intervalMs: 5 });
  const abort = new AbortController();
  const watching = source.run(
    hub.sinkOf('dev', () => undefined),
    abort.signal,
  );
  const lookup: Lookup = {
    ...createLookup(store, []),
    managersServing: (name) => (name === 'dev' ? ['mgr'] : []),
    servedBy: (name) => (name === 'mgr' ? ['dev'] : []),
  };
  const openRemote = async (name: string): Promise<Remote> =>
    name === 'mgr' ? createManagerRemote(asked) : openDev();
  const opened = new Map<string, Promise<Remote>>();
  const tools: ActionTools = {
    lookup,
    clock: QUICK,
    async remote(kind, name) {
      const opening = opened.get(name) ?? openRemote(name);
      opened.set(name, opening);
      const remote = await opening;
      if (!isOf(kind, remote)) throw new Error(`${name} is no ${kind}`);
      return remote;
    },
  };
  const executor = createExecutor({
    actions: [switchRevision, switchClusterRevision],
    lookup,
    openRemote,
    policy: NORMAL,
    modeOf: inMode(),
    isProtected: () => false,
    audit: createAuditLog({ directory: temporaryDirectory(context), clock: systemClock }),
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock: QUICK,
  });
  context.after(async () => {
    await executor.close();
    for (const remote of opened.values()) await (await remote).close();
    abort.abort();
    await watching;
    hub.close();
  });
  const isReady = (name: string) =>
    [...lookup.all('server')].some((server) => server.workload?.name === name && server.state === 'ready');
  return {
    manager,
    lookup,
    executor,
    tools,
    workload: (name) =>
      waitFor(`workload ${name}`, () =>
        [...lookup.all('workload')].find(
          (row) => row.name === name && isReady(name) && row.environment.length > 0,
        ),
      ),
    serviceCluster: (name) =>
      waitFor(`service cluster ${name}`, () =>
        [...lookup.all('serviceCluster')].find((row) => row.name === name),
      ),
    prepare(target, to) {
      const action: AnyAction = target.kind === 'workload' ? switchRevision : switchClusterRevision;
      return executor.prepare({ action, targets: [target], input: { to } }, SIGNAL);
    },
    run: async (prepared) => (await executor.run(prepared, { typedName: prepared.plan.nameToType })).done,
  };
}

const isOf = <B extends Remote['kind']>(kind: B, remote: Remote): remote is RemoteOf<B> =>
  remote.kind === kind;
