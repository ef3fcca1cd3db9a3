import { type HealthLevel, worseOf } from '../domain/health.ts';
import { refOf } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import type { ServiceCluster } from '../domain/service-cluster.ts';
import type { Topology } from './join/topology.ts';
import { isFresh } from './server-assessment.ts';
import { deleteRow, type MutableTables, setRow } from './tables.ts';

/** LENA's service clusters as their servers name them, and those a Manager has a template for. */
export class ServiceClusterBook {
  readonly #tables: MutableTables;
  readonly #topology: Topology;
  readonly #members = new Map<string, Set<string>>();
  readonly #keyOf = new Map<string, string>();
  readonly #dirty = new Set<string>();
  readonly #stirred = new Set<string>();

  constructor(tables: MutableTables, topology: Topology) {
    this.#tables = tables;
    this.#topology = topology;
  }

  /** Notes that a server is new, other or (`undefined`) gone; the answer is its cluster's key. */
  note(serverKey: string, server: Server | undefined): string | undefined {
    const before = this.#keyOf.get(serverKey);
    const after = server === undefined ? undefined : this.#clusterKey(server);
    if (before !== after) {
      if (before !== undefined) {
        this.#members.get(before)?.delete(serverKey);
        if (this.#members.get(before)?.size === 0) this.#members.delete(before);
        this.#dirty.add(before);
        this.#keyOf.delete(serverKey);
      }
      if (after !== undefined) {
        const members = this.#members.get(after) ?? new Set<string>();
        this.#members.set(after, members.add(serverKey));
        this.#keyOf.set(serverKey, after);
      }
    }
    if (after !== undefined) this.#dirty.add(after);
    return after;
  }
  /** Notes a new sample of a server whose state did not change; its cluster's sums follow at the next tick. */
  noteSample(clusterKey: string): void {
    this.#stirred.add(clusterKey);
  }
  /** Lets the sums of what was stirred follow. */
  settle(): void {
    for (const key of this.#stirred) this.#dirty.add(key);
    this.#stirred.clear();
  }
  /** Notes that the template default of a cluster changed; the answer is its servers. */
  noteDefault(key: string): Iterable<string> {
    this.#dirty.add(key);
    return this.#members.get(key) ?? [];
  }
  namesOf(contexts: readonly string[]): readonly string[] {
    const names = new Set<string>();
    const wanted = new Set(contexts);
    for (const members of this.#members.values()) {
      for (const key of members) {
        const server = this.#tables.server.rows.get(key);
        if (server?.serviceCluster === undefined || !wanted.has(server.ref.context)) continue;
        names.add(server.serviceCluster);
        break;
      }
    }
    return [...names].sort();
  }
  /** Builds anew what was noted. */
  flush(now: number): void {
    for (const key of this.#dirty) {
      const cluster = this.#build(key, now);
      if (cluster === undefined) deleteRow(this.#tables.serviceCluster, key);
      else setRow(this.#tables.serviceCluster, key, cluster);
    }
    this.#dirty.clear();
  }

  #clusterKey({ serviceCluster, ref, manager }: Server): string | undefined {
    if (serviceCluster === undefined) return undefined;
    const context = manager?.context ?? this.#topology.managersOf(ref.context)[0] ?? ref.context;
    return `${context}\n${serviceCluster}`;
  }

  #build(key: string, now: number): ServiceCluster | undefined {
    const members = this.#members.get(key);
    const standard = this.#tables.templateDefault.rows.get(key);
    if (members === undefined && standard === undefined) return undefined;
    const [context = '', name = ''] = key.split('\n');
    const contexts = new Set<string>();
    const running = new Map<string | undefined, number>();
    const wanted = new Set<string>();
    let ready = 0;
    let health: HealthLevel = 'ok';
    let tps: number | undefined;
    for (const serverKey of members ?? []) {
      const server = this.#tables.server.rows.get(serverKey);
      if (server === undefined) continue;
      contexts.add(server.ref.context);
      running.set(server.revision.running, (running.get(server.revision.running) ?? 0) + 1);
      if (server.revision.wanted !== undefined) wanted.add(server.revision.wanted);
      if (server.state === 'ready') ready++;
      health = worseOf(health, server.health.level);
      if (server.jvm?.tps !== undefined && isFresh(server, now)) tps = (tps ?? 0) + server.jvm.tps;
    }
    return {
      ref: refOf('serviceCluster', context, name),
      name,
      contexts: [...contexts].sort(),
      servers: members?.size ?? 0,
      ready,
      health,
      running: [...running]
        .map(([revision, servers]) => ({ revision, servers }))
        .sort((a, b) => b.servers - a.servers || ((a.revision ?? '') < (b.revision ?? '') ? -1 : 1)),
      wanted: [...wanted].sort(),
      default: standard?.revision,
      tps,
    };
  }
}
