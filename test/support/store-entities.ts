import type { ObservedEntities } from '../../src/domain/entities.ts';
import type { EnvironmentEntry } from '../../src/domain/environment.ts';
import type { OpsEvent } from '../../src/domain/event.ts';
import type { ContainerFacts, Instance } from '../../src/domain/instance.ts';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import type { ObservedKind } from '../../src/domain/kind.ts';
import type { Change } from '../../src/domain/ports.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import type { ManagerRead, Registration, TemplateDefault } from '../../src/domain/registration.ts';
import type { Sender } from '../../src/domain/sender.ts';
import type { ServiceAddress } from '../../src/domain/service-address.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { ContextSettings, StoreOptions } from '../../src/store/state.ts';

/** The instant all built entities stand at. */
export const NOW = Date.UTC(2026, 0, 15, 5, 0, 0);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const MIB = 1_048_576;

export const putOf = <K extends ObservedKind>(kind: K, entity: ObservedEntities[K]): Change =>
  ({ type: 'put', kind, entity }) as Change;
export const dropOf = <K extends ObservedKind>(kind: K, ref: Ref<K>): Change =>
  ({ type: 'drop', kind, ref }) as Change;
export const replaceOf = <K extends ObservedKind>(
  kind: K,
  context: string,
  entities: readonly ObservedEntities[K][],
): Change => ({ type: 'replace', kind, context, entities }) as Change;

export const contextOf = (
  name: string,
  kind: ContextSettings['kind'] = 'kube',
  more: Partial<ContextSettings> = {},
): ContextSettings => ({ name, kind, isProtected: false, network: name, serves: [], ...more });

export const storeOptionsOf = (
  contexts: readonly ContextSettings[],
  more: Partial<StoreOptions> = {},
): StoreOptions => ({ contexts, rules: [], identity: [], now: NOW, ...more });

/** Literal variables, as a manifest would hold them. */
export const environmentOf = (values: Readonly<Record<string, string>>): readonly EnvironmentEntry[] =>
  Object.entries(values).map(([name, value]) => ({ name, value, origin: { kind: 'literal' } }));

/** Variables that came through `envFrom`. */
export const configMapEnvironmentOf = (
  configMap: string,
  values: Readonly<Record<string, string>>,
): readonly EnvironmentEntry[] =>
  Object.entries(values).map(([name, value]) => ({
    name,
    value,
    origin: { kind: 'configMap', name: configMap },
  }));

export const containerOf = (more: Partial<ContainerFacts> = {}): ContainerFacts => ({
  name: 'lena',
  image: 'lenacloud/lena-cluster:1.3.2.10',
  state: 'running',
  isReady: true,
  restarts: 0,
  memoryLimitBytes: 2_048 * MIB,
  ...more,
});

export interface InstanceOptions extends Partial<Omit<Instance, 'ref'>> {
  readonly context?: string;
  readonly namespace?: string;
}

/** A ready LENA WAS pod `shop/NAME` of context `prod`. */
export function instanceOf(name: string, options: InstanceOptions = {}): Instance {
  const { context = 'prod', namespace = 'shop', ...more } = options;
  return {
    ref: refOf('instance', context, `${namespace}/${name}`),
    contextKind: 'kube',
    name,
    uid: `uid-${context}-${namespace}-${name}`,
    place: { kind: 'namespace', name: namespace },
    hostNames: [name],
    addresses: ['10.42.0.10'],
    ports: [8180],
    containers: [containerOf()],
    command: [],
    environment: [],
    labels: { app: 'lena-was' },
    state: 'ready',
    readySince: NOW - HOUR_MS,
    createdAt: NOW - HOUR_MS - 90_000,
    startedAt: NOW - HOUR_MS - MINUTE_MS,
    restarts: 0,
    node: 'node-1',
    seenAt: NOW,
    ...more,
  };
}

/** A VM of the hosts list. */
export const hostInstanceOf = (name: string, options: InstanceOptions = {}): Instance =>
  instanceOf(name, {
    context: 'vms',
    contextKind: 'hosts',
    place: { kind: 'host', name },
    containers: [],
    labels: {},
    restarts: undefined,
    node: undefined,
    ...options,
    namespace: name,
  });

export interface WorkloadOptions extends Partial<Omit<Workload, 'ref'>> {
  readonly context?: string;
  readonly namespace?: string;
}

export function workloadOf(name: string, options: WorkloadOptions = {}): Workload {
  const { context = 'prod', namespace = 'shop', kind = 'Deployment', ...more } = options;
  return {
    ref: refOf('workload', context, `${namespace}/${kind}/${name}`),
    contextKind: 'kube',
    kind,
    name,
    place: { kind: 'namespace', name: namespace },
    desired: 2,
    ready: 2,
    rollout: { state: 'stable', revision: '3' },
    image: 'lenacloud/lena-cluster:1.3.2.10',
    environment: [],
    labels: { app: name },
    ownedBy: [],
    createdAt: NOW - 24 * HOUR_MS,
    seenAt: NOW,
    ...more,
  };
}

export interface RegistrationOptions extends Partial<Omit<Registration, 'ref'>> {
  readonly context?: string;
}

/** A container as its Manager lists it: the server id is the container's host name. */
export function registrationOf(serverId: string, options: RegistrationOptions = {}): Registration {
  const { context = 'mgr', ...more } = options;
  const isContainer = more.isContainer ?? true;
  return {
    ref: refOf(
      'registration',
      context,
      isContainer ? `container/${serverId}` : `default/${more.nodeName ?? 'node1'}/${serverId}`,
    ),
    serverId,
    serverName: serverId,
    address: '10.42.0.10',
    port: 8180,
    type: 'was',
    isContainer,
    status: 'Started',
    state: 'ready',
    seenAt: NOW,
    ...more,
  };
}

export const managerReadOf = (
  more: Partial<Omit<ManagerRead, 'ref'>> = {},
  context = 'mgr',
): ManagerRead => ({
  ref: refOf('managerRead', context, 'reads'),
  count: 9,
  recentAt: [NOW - 5_000, NOW - 20_000],
  covers: ['was', 'embedded', 'web'],
  version: '1.3.2',
  ...more,
});

export const templateDefaultOf = (
  serviceCluster: string,
  revision: string,
  context = 'mgr',
): TemplateDefault => ({
  ref: refOf('templateDefault', context, serviceCluster),
  serviceCluster,
  revision,
  seenAt: NOW,
});

export const serviceAddressOf = (name: string, namespace = 'shop', context = 'prod'): ServiceAddress => ({
  ref: refOf('serviceAddress', context, `${namespace}/${name}`),
  namespace,
  name,
  ports: [7700],
});

export const eventOf = (
  id: string,
  more: Partial<Omit<OpsEvent, 'ref'>> = {},
  context = 'prod',
): OpsEvent => ({
  ref: refOf('event', context, id),
  at: NOW,
  level: 'info',
  type: 'Started',
  message: 'Started container lena',
  targetName: 'lena-was-0',
  ...more,
});

export const jvmSampleOf = (more: Partial<JvmSample> = {}): JvmSample => ({
  source: 'lena',
  at: NOW,
  heap: {
    usedBytes: 412 * MIB,
    committedBytes: 900 * MIB,
    maxBytes: 1_024 * MIB,
    afterGcBytes: 240 * MIB,
  },
  gcPerMinute: 3,
  gcTimePercent: 0.8,
  tps: 41.2,
  meanMs: 37,
  errorPercent: 0,
  active: { total: 3, under3s: 3, under8s: 0, over8s: 0 },
  connectors: [{ name: 'http-nio-8180', busy: 4, max: 200 }],
  dataSources: [{ name: 'jdbc/shop', active: 2, idle: 8, max: 20 }],
  startedAt: NOW - HOUR_MS,
  ...more,
});

export interface SenderOptions extends Partial<Omit<Sender, 'ref'>> {
  readonly id?: string;
}

/** A LENA advertiser `/HOST/SERVER/`, heard now every two seconds. */
export function senderOf(hostName: string, options: SenderOptions = {}): Sender {
  const { serverName = 'tomcat1', sourceAddress = '10.42.0.10', id, ...more } = options;
  return {
    ref: refOf('sender', 'udp', id ?? `/${hostName}/${serverName}/@${sourceAddress}`),
    codec: 'lena',
    name: `${hostName}/${serverName}`,
    hostName,
    serverName,
    sourceAddress,
    sourcePort: 40_123,
    serverType: 'was',
    appStatus: 'STARTED',
    restarts: 0,
    jvm: jvmSampleOf(),
    heartbeat: { at: NOW, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    counters: {},
    ...more,
  };
}
