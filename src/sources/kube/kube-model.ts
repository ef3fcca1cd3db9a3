import type { Clock } from '../../core/clock.ts';
import type { TemplateStart } from '../../diagnosis/entrypoint-log.ts';
import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import type { OpsEvent } from '../../domain/event.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Change } from '../../domain/ports.ts';
import type { ServiceAddress } from '../../domain/service-address.ts';
import type { Workload, WorkloadName } from '../../domain/workload.ts';
import { createEnvironmentCache } from './environment-cache.ts';
import { type ConfigMapState, createEnvironmentReader, type EnvironmentSpec } from './environment-spec.ts';
import { createInterner } from './intern.ts';
import type { KubeLimits } from './kube-limits.ts';
import { mapEvent, mapOwned, mapService, type OwnedRecord } from './map-other.ts';
import { type MapContext, mapPod, type PodRecord, workloadNameOf } from './map-pod.ts';
import { type KubeWorkloadKind, mapWorkload, type WorkloadRecord } from './map-workload.ts';
import { ResourceTable, type TableChange } from './resource-table.ts';
import type { ResourceName } from './resources.ts';

export interface KubeModelOptions {
  readonly context: string;
  readonly clock: Clock;
  readonly limits: KubeLimits;
  /** Called at once, many times; the caller batches. */
  readonly emit: (changes: readonly Change[]) => void;
  readonly count: (name: string, by: number) => void;
  /** A ConfigMap nobody referred to before is referred to now. */
  readonly needsConfigMaps: () => void;
}

const dropOf = ({ ref }: OpsEvent): Change => ({ type: 'drop', kind: 'event', ref });

const isSameName = (a: WorkloadName | undefined, b: WorkloadName | undefined): boolean =>
  a?.kind === b?.kind && a?.name === b?.name;

/** A start of a container whose log may tell which template it began with. */
export interface StartToRead {
  readonly key: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** Everything known of one context, completed across resources: owners, revisions, environments. */
export class KubeModel {
  readonly #options: KubeModelOptions;
  readonly #environments = createEnvironmentReader();
  readonly #configMaps = new Map<string, ConfigMapState>();
  readonly #environmentCache = createEnvironmentCache((key) => this.#configMaps.get(key));
  readonly #progressingSince = new Map<string, number | undefined>();
  /** By `namespace/name` of the pod: what its entrypoint said at that start. */
  readonly #starts = new Map<string, { readonly at: number; readonly said: TemplateStart }>();
  readonly #pods: ResourceTable<PodRecord>;
  readonly #workloads: Readonly<
    Record<'deployments' | 'statefulsets' | 'daemonsets', ResourceTable<WorkloadRecord>>
  >;
  readonly #replicaSets: ResourceTable<OwnedRecord>;
  readonly #revisions: ResourceTable<OwnedRecord>;
  readonly #services: ResourceTable<ServiceAddress>;
  readonly #events: ResourceTable<OpsEvent>;

  constructor(options: KubeModelOptions) {
    this.#options = options;
    const { limits, count, clock, context, emit } = options;
    const map: MapContext = {
      context,
      intern: createInterner(),
      environments: this.#environments,
      now: () => clock.now(),
    };
    const common = { maxObjects: limits.maxObjects, count };
    this.#pods = new ResourceTable({
      ...common,
      decode: (object) => this.#completeNewPod(mapPod(object, map)),
      changed: (change) => this.#podsChanged(change),
    });
    const workloads = (kind: KubeWorkloadKind) =>
      new ResourceTable<WorkloadRecord>({
        ...common,
        decode: (object) => this.#completeNewWorkload(mapWorkload(kind, object, map)),
        changed: (change) => this.#workloadsChanged(change),
      });
    this.#workloads = {
      deployments: workloads('Deployment'),
      statefulsets: workloads('StatefulSet'),
      daemonsets: workloads('DaemonSet'),
    };
    this.#replicaSets = new ResourceTable({
      ...common,
      decode: (object) => mapOwned(object, map),
      changed: () => this.#recheckOwners(),
    });
    this.#revisions = new ResourceTable({
      ...common,
      decode: (object) => mapOwned(object, map),
      changed: () => this.#recheckRevisions(),
    });
    this.#services = new ResourceTable({
      ...common,
      decode: (object) => mapService(object, map),
      changed: (change) =>
        emit(
          change.type === 'replace'
            ? [{ type: 'replace', kind: 'serviceAddress', context, entities: [...this.#services.values()] }]
            : change.entries.map((entity) =>
                change.type === 'put'
                  ? { type: 'put', kind: 'serviceAddress', entity }
                  : { type: 'drop', kind: 'serviceAddress', ref: entity.ref },
              ),
        ),
    });
    this.#events = new ResourceTable({
      ...common,
      maxObjects: limits.maxEvents,
      ageOf: (event) => event.at,
      decode: (object) => mapEvent(object, map),
      changed: (change) =>
        emit(
          change.type === 'replace'
            ? [{ type: 'replace', kind: 'event', context, entities: [...this.#events.values()] }]
            : change.entries.map((entity) =>
                change.type === 'put' ? { type: 'put', kind: 'event', entity } : dropOf(entity),
              ),
        ),
    });
  }

  table(
    resource: ResourceName,
  ): Pick<ResourceTable<unknown>, 'startList' | 'apply' | 'removeScope' | 'size'> {
    switch (resource) {
      case 'pods':
        return this.#pods;
      case 'deployments':
      case 'statefulsets':
      case 'daemonsets':
        return this.#workloads[resource];
      case 'replicasets':
        return this.#replicaSets;
      case 'controllerrevisions':
        return this.#revisions;
      case 'services':
        return this.#services;
      case 'events':
        return this.#events;
    }
  }

  /** `namespace/name` of every ConfigMap some environment refers to; forgets the states of the others. */
  configMapsInUse(): Set<string> {
    const names = new Set<string>();
    const specs = new Set<EnvironmentSpec>();
    for (const { namespace, environment } of this.#environmentUsers()) {
      specs.add(environment);
      for (const name of environment.configMaps) names.add(`${namespace}/${name}`);
    }
    this.#environments.keepOnly(specs);
    for (const key of this.#configMaps.keys()) if (!names.has(key)) this.#configMaps.delete(key);
    return names;
  }
  configMap(key: string): ConfigMapState | undefined {
    return this.#configMaps.get(key);
  }
  /** Takes in what was read and completes the environments that refer to it. */
  setConfigMaps(states: ReadonlyMap<string, ConfigMapState>): void {
    if (states.size === 0) return;
    for (const [key, state] of states) this.#configMaps.set(key, state);
    this.#environmentCache.invalidate();
    const isTouched = ({ namespace, environment }: { namespace: string; environment: EnvironmentSpec }) =>
      environment.configMaps.some((name) => states.has(`${namespace}/${name}`));
    const pods = this.#pods.refine((record) => (isTouched(record) ? this.#completePod(record) : undefined));
    if (pods.length > 0) this.#podsChanged({ type: 'put', entries: pods });
    for (const table of Object.values(this.#workloads)) {
      const workloads = table.refine((record) =>
        isTouched(record) ? this.#completeWorkload(record) : undefined,
      );
      if (workloads.length > 0) this.#workloadsChanged({ type: 'put', entries: workloads });
    }
  }

  /** Running containers that download a template whose revision their environment does not tell, newest first. */
  startsToRead(): readonly StartToRead[] {
    const due: StartToRead[] = [];
    for (const { key, namespace, instance } of this.#pods.values()) {
      const { startedAt, containers, environment } = instance;
      const [container] = containers;
      if (startedAt === undefined || container?.state !== 'running') continue;
      if (this.#starts.get(key)?.at === startedAt) continue;
      const { template } = readLenaEnvironment(environment);
      if (template === undefined || !template.isDownloaded) continue;
      if (template.revision !== undefined && !template.changedSinceStart && instance.state === 'ready')
        continue;
      due.push({ key, namespace, pod: instance.name, container: container.name, startedAt });
    }
    return due.sort((a, b) => b.startedAt - a.startedAt);
  }
  /** Takes in what the log of a start said, also where that is nothing. */
  setStart({ key, startedAt }: StartToRead, said: TemplateStart): void {
    this.#starts.set(key, { at: startedAt, said });
    const pods = this.#pods.refine((record) => (record.key === key ? this.#completePod(record) : undefined));
    if (pods.length > 0) this.#podsChanged({ type: 'put', entries: pods });
  }
  #templateStartOf({ key, instance }: PodRecord): Instance['templateStart'] {
    const known = this.#starts.get(key);
    if (known === undefined || known.at !== instance.startedAt) return undefined;
    const { revision, hasFailed } = known.said;
    return revision === undefined && !hasFailed ? undefined : { revision, hasFailed };
  }

  *#environmentUsers(): Generator<{ namespace: string; environment: EnvironmentSpec }> {
    yield* this.#pods.values();
    for (const table of Object.values(this.#workloads)) yield* table.values();
  }

  #noteNeeds(namespace: string, spec: EnvironmentSpec): void {
    if (spec.configMaps.some((name) => !this.#configMaps.has(`${namespace}/${name}`)))
      this.#options.needsConfigMaps();
  }

  #environmentOf(record: PodRecord | WorkloadRecord): readonly EnvironmentEntry[] {
    const { namespace, environment } = record;
    if ('workload' in record) return this.#environmentCache.resolve(namespace, environment, {});
    return this.#environmentCache.resolve(namespace, environment, {
      fields: record.fields,
      startedAt: record.instance.startedAt,
    });
  }

  #completeNewPod(record: PodRecord | undefined): PodRecord | undefined {
    if (record === undefined) return undefined;
    this.#noteNeeds(record.namespace, record.environment);
    return this.#completePod(record);
  }
  #completePod(record: PodRecord): PodRecord {
    const instance = {
      ...record.instance,
      workload: this.#workloadOf(record),
      environment: this.#environmentOf(record),
      templateStart: this.#templateStartOf(record),
    };
    return { ...record, instance };
  }
  #workloadOf({ namespace, owner, guess }: PodRecord): WorkloadName | undefined {
    if (owner?.kind !== 'ReplicaSet') return workloadNameOf(owner);
    const replicaSet = this.#replicaSets.get(`${namespace}/${owner.name}`);
    if (replicaSet === undefined) return guess ?? workloadNameOf(owner);
    return workloadNameOf(replicaSet.owner) ?? workloadNameOf(owner);
  }
  #recheckOwners(): void {
    const pods = this.#pods.refine((record) => {
      if (record.owner?.kind !== 'ReplicaSet') return undefined;
      return isSameName(this.#workloadOf(record), record.instance.workload)
        ? undefined
        : this.#completePod(record);
    });
    if (pods.length > 0) this.#podsChanged({ type: 'put', entries: pods });
  }
  #podsChanged(change: TableChange<PodRecord>): void {
    const { emit, context } = this.#options;
    switch (change.type) {
      case 'put':
        emit(change.entries.map(({ instance }) => ({ type: 'put', kind: 'instance', entity: instance })));
        break;
      case 'drop':
        for (const { key } of change.entries) this.#starts.delete(key);
        emit(change.entries.map(({ instance }) => ({ type: 'drop', kind: 'instance', ref: instance.ref })));
        break;
      case 'replace': {
        const known = new Set([...this.#pods.values()].map(({ key }) => key));
        for (const key of this.#starts.keys()) if (!known.has(key)) this.#starts.delete(key);
        const entities = [...this.#pods.values()].map(({ instance }) => instance);
        emit([{ type: 'replace', kind: 'instance', context, entities }]);
        break;
      }
    }
  }

  #completeNewWorkload(record: WorkloadRecord | undefined): WorkloadRecord | undefined {
    if (record === undefined) return undefined;
    this.#noteNeeds(record.namespace, record.environment);
    const isProgressing = record.workload.rollout.state === 'progressing';
    const isKnown = this.#progressingSince.has(record.key);
    // When a rollout seen under way at first sight began is not known; one that begins before our eyes is.
    if (!isProgressing) this.#progressingSince.set(record.key, undefined);
    else if (isKnown && this.#progressingSince.get(record.key) === undefined) {
      this.#progressingSince.set(record.key, this.#options.clock.now());
    }
    return this.#completeWorkload(record);
  }
  #completeWorkload(record: WorkloadRecord): WorkloadRecord {
    const { workload, key } = record;
    const rollout: Workload['rollout'] = {
      ...workload.rollout,
      revision: this.#revisionOf(record),
      startedAt: workload.rollout.state === 'progressing' ? this.#progressingSince.get(key) : undefined,
    };
    return { ...record, workload: { ...workload, rollout, environment: this.#environmentOf(record) } };
  }
  #revisionOf({ workload, namespace, uid, updateRevision }: WorkloadRecord): string | undefined {
    if (workload.kind === 'Deployment') return workload.rollout.revision;
    const named =
      updateRevision === undefined ? undefined : this.#revisions.get(`${namespace}/${updateRevision}`);
    if (named?.revision !== undefined) return String(named.revision);
    if (updateRevision !== undefined) return undefined;
    let newest: number | undefined;
    for (const { owner, revision = 0 } of this.#revisions.values()) {
      if (owner?.uid === uid && revision > (newest ?? 0)) newest = revision;
    }
    return newest === undefined ? undefined : String(newest);
  }
  #recheckRevisions(): void {
    for (const table of Object.values(this.#workloads)) {
      const workloads = table.refine((record) =>
        this.#revisionOf(record) === record.workload.rollout.revision
          ? undefined
          : this.#completeWorkload(record),
      );
      if (workloads.length > 0) this.#workloadsChanged({ type: 'put', entries: workloads });
    }
  }
  #workloadsChanged(change: TableChange<WorkloadRecord>): void {
    const { emit, context } = this.#options;
    switch (change.type) {
      case 'put':
        emit(change.entries.map(({ workload }) => ({ type: 'put', kind: 'workload', entity: workload })));
        break;
      case 'drop':
        for (const { key } of change.entries) this.#progressingSince.delete(key);
        emit(change.entries.map(({ workload }) => ({ type: 'drop', kind: 'workload', ref: workload.ref })));
        break;
      case 'replace': {
        // Three resources make one kind: the others' rows must stay.
        const records = Object.values(this.#workloads).flatMap((table) => [...table.values()]);
        const known = new Set(records.map(({ key }) => key));
        for (const key of this.#progressingSince.keys())
          if (!known.has(key)) this.#progressingSince.delete(key);
        emit([
          { type: 'replace', kind: 'workload', context, entities: records.map(({ workload }) => workload) },
        ]);
        break;
      }
    }
  }
}
