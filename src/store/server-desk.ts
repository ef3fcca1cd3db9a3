import type { FindingInput } from '../diagnosis/findings/finding-input.ts';
import { ALERT_MS } from '../diagnosis/health/alerts.ts';
import type { HealthLevels } from '../diagnosis/health/health-levels.ts';
import { NO_LONGER_HEARD } from '../diagnosis/health/no-longer-heard.ts';
import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import { serverContainerOf, type TypeVerdict } from '../diagnosis/server-type-rules.ts';
import type { EventLevel } from '../domain/event.ts';
import type { Instance } from '../domain/instance.ts';
import { isSameRef, type Ref, refKey } from '../domain/ref.ts';
import { isMiddleware, type Server } from '../domain/server.ts';
import type { AlarmLog } from './alarms.ts';
import type { ContextRows } from './context-rows.ts';
import { hiddenUntil } from './departed-rows.ts';
import type { DumpVerdicts } from './dump-verdicts.ts';
import type { EventLog } from './event-log.ts';
import type { FindingTable, FoundDraft } from './finding-table.ts';
import type { Join } from './join/join.ts';
import type { Beat } from './join/sender-join.ts';
import type { Topology } from './join/topology.ts';
import { ManagerReads } from './manager-reads.ts';
import { SampleKeeper } from './sample-keeper.ts';
import type { SeriesStore } from './series/series-store.ts';
import {
  assessFindings,
  assessStanding,
  freshSample,
  healthOf,
  lookWhenSilent,
} from './server-assessment.ts';
import { ServerEntry } from './server-entry.ts';
import { isSameServer } from './server-equality.ts';
import { ServerGroups } from './server-groups.ts';
import { workloadKeyOf } from './server-keys.ts';
import { ambiguityOf, recordsUnder, rivalsOf } from './server-records.ts';
import { buildServer, recordsOf, type ServerFacts } from './server-row.ts';
import { jvmOf } from './server-sample.ts';
import type { ServiceClusterBook } from './service-clusters.ts';
import type { ServiceNameBook } from './service-names.ts';
import { deleteRow, type MutableTables, setRow } from './tables.ts';

export interface ServerDeskOptions {
  readonly tables: MutableTables;
  readonly topology: Topology;
  readonly join: Join;
  readonly events: EventLog;
  readonly series: SeriesStore;
  readonly findings: FindingTable;
  readonly clusters: ServiceClusterBook;
  readonly contexts: ContextRows;
  readonly services: ServiceNameBook;
  readonly typeOf: (instance: Instance) => TypeVerdict | undefined;
  readonly levels: HealthLevels;
  readonly alarms: AlarmLog;
  readonly dumps: DumpVerdicts;
}

/** What stands under a key now. */
interface Built {
  readonly key: string;
  readonly records: ServerEntry['records'];
  readonly facts: ServerFacts;
  readonly now: number;
}

const NO_DRAFTS: readonly FoundDraft[] = [];
/** An alarm of ours follows from its health, so it is none of its reasons. */
const ALERTS: ReadonlySet<EventLevel> = new Set(['error', 'critical']);
const NO_PEERS: readonly ServerFacts[] = [];

/** Builds the server rows: join → row → findings → health, for the servers it is told of. */
export class ServerDesk {
  readonly #options: ServerDeskOptions;
  readonly #entries = new Map<string, ServerEntry>();
  readonly #groups = new ServerGroups();
  readonly #reads: ManagerReads;
  readonly #samples: SampleKeeper;
  /** Keys that are no row yet, and when they will be one unless they go. */
  readonly #hidden = new Map<string, number>();

  constructor(options: ServerDeskOptions) {
    this.#options = options;
    this.#reads = new ManagerReads(options.tables, options.topology);
    this.#samples = new SampleKeeper({
      series: options.series,
      recordsUnder: (key) => recordsUnder(key, options.tables, options.join),
      recordsBefore: (key) => this.#entries.get(key)?.records,
    });
  }

  /** Builds these servers anew; those nothing stands for any more are dropped. */
  refresh(keys: Set<string>, now: number): void {
    const { contexts } = this.#options;
    const built: (readonly [string, ServerEntry, ServerFacts])[] = [];
    const vanished: string[] = [];
    const counts = new Map<string, number>();
    // Peers of a session server are added while this runs, and a set visits what is added to it.
    for (const key of keys) {
      const records = this.#shownRecords(key, now);
      const facts = records === undefined ? undefined : this.#buildFacts(records, now);
      if (records === undefined || facts === undefined) {
        if (this.#entries.has(key)) vanished.push(key);
        continue;
      }
      built.push([key, this.#enter({ key, records, facts, now }, keys), facts]);
    }
    for (const [key, entry, facts] of built) this.#finish(key, entry, facts, counts, now);
    for (const key of vanished) this.#remove(key, counts, now);
    for (const [context, by] of counts) if (by !== 0) contexts.addServers(context, by, now);
  }

  /** Servers whose health or findings may change by time alone. */
  due(now: number): Set<string> {
    const keys = new Set<string>();
    for (const [key, entry] of this.#entries) if (entry.dueAt <= now) keys.add(key);
    for (const [key, shownAt] of this.#hidden) if (shownAt <= now) keys.add(key);
    return keys;
  }
  ofWorkload(workloadKey: string): Iterable<string> {
    return this.#groups.ofWorkload(workloadKey);
  }
  /** Servers of these contexts, `only` those the predicate keeps. */
  inContexts(contexts: ReadonlySet<string>, only?: (facts: ServerFacts) => boolean): readonly string[] {
    const keys: string[] = [];
    for (const [key, { facts }] of this.#entries) {
      if (facts !== undefined && contexts.has(facts.ref.context) && (only === undefined || only(facts)))
        keys.push(key);
    }
    return keys;
  }
  /** Servers a receiver hears, and those of hosts that a Manager has: silent, it no longer explains a stop. */
  toldBy(source: string): readonly string[] {
    const keys: string[] = [];
    for (const [key, { records }] of this.#entries) {
      const { instance, registration, sender } = records;
      const isExplained = instance?.contextKind === 'hosts' && registration?.ref.context === source;
      if (isExplained || sender?.ref.context === source) keys.push(key);
    }
    return keys;
  }
  forgetReads(): void {
    this.#reads.forget();
  }
  /** Events about this server changed. */
  noteEvents(key: string, now: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#readAlerts(entry, now);
  }

  #shownRecords(key: string, now: number): ServerEntry['records'] | undefined {
    const { tables, join } = this.#options;
    const records = recordsUnder(key, tables, join);
    const until = records === undefined ? undefined : hiddenUntil(records, this.#goneSince(records), now);
    if (until === undefined || until === Number.POSITIVE_INFINITY) this.#hidden.delete(key);
    else this.#hidden.set(key, until);
    return until === undefined ? records : undefined;
  }
  /** When its orchestrator dropped what a registration without one is about. */
  #goneSince({ instance, registration }: ServerEntry['records']): number | undefined {
    if (instance !== undefined || registration === undefined) return undefined;
    return this.#options.join.goneSince(refKey(registration.ref));
  }

  #buildFacts(records: ServerEntry['records'], now: number): ServerFacts | undefined {
    const { tables, typeOf, topology, contexts } = this.#options;
    const { instance, registration, sender } = records;
    const owner = instance === undefined ? undefined : workloadKeyOf(instance);
    const context = (instance ?? registration ?? sender)?.ref.context ?? '';
    const managers = registration === undefined ? topology.managersOf(context) : [registration.ref.context];
    const manager =
      registration === undefined ? undefined : contexts.get(registration.ref.context)?.status.state;
    return buildServer({
      ...records,
      workload: owner === undefined ? undefined : tables.workload.rows.get(owner),
      goneSince: this.#goneSince(records),
      isManagerHeard: manager === 'live' || manager === 'connecting',
      reads: this.#reads.of(context),
      typeOf,
      now,
      templateDefault: (name) => {
        for (const manager of managers) {
          const known = tables.templateDefault.rows.get(`${manager}\n${name}`);
          if (known !== undefined) return known.revision;
        }
        return undefined;
      },
    });
  }

  #enter({ key, records, facts, now }: Built, keys: Set<string>): ServerEntry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new ServerEntry();
      this.#entries.set(key, entry);
    }
    this.#samples.follow(key, entry.records, records, now);
    if (
      entry.facts === undefined ||
      !isSameRecord(entry.facts.records.instance, facts.records.instance) ||
      !isSameRecord(entry.facts.records.sender, facts.records.sender) ||
      !isSameRecord(entry.facts.records.registration, facts.records.registration)
    ) {
      entry.facts = facts;
      this.#readAlerts(entry, 0);
    }
    entry.records = records;
    this.#groups.enter(key, entry, facts, keys);
    entry.facts = facts;
    return entry;
  }

  #finish(
    key: string,
    entry: ServerEntry,
    facts: ServerFacts,
    counts: Map<string, number>,
    now: number,
  ): void {
    const { tables, clusters, contexts, levels, alarms } = this.#options;
    const { instance } = entry.records;
    const input = this.#inputOf(key, entry, facts, now);
    assessStanding(entry, input);
    const jvm = freshSample(entry, facts, now);
    const restartedBefore = entry.history.restartedAt;
    entry.history.observe({
      now,
      uid: instance?.uid,
      state: facts.state,
      stateSince: stateSinceOf(facts, instance),
      restarts: facts.restarts,
      jvm,
      levels,
    });
    const { restartedAt } = entry.history;
    if (restartedAt !== restartedBefore && restartedAt.length > 0)
      alarms.restarted(facts, facts.restarts, now);
    lookWhenSilent(entry, facts.state, now);
    entry.findings = this.#options.findings.set(facts.ref, facts.name, assessFindings(entry, input), now);
    const source = contexts.get(facts.ref.context)?.status;
    const health = healthOf(entry, facts, { now, levels, jvm, source, findings: entry.findings, alarms });
    const server = { ...facts, health };
    this.#samples.keep(key, entry, server, now);
    const before = tables.server.rows.get(key);
    if (before !== undefined && isSameServer(before, server)) {
      // Time alone may have made its figures too old to count.
      if (entry.clusterKey !== undefined) clusters.noteSample(entry.clusterKey);
      return;
    }
    const wasListed = before !== undefined && isMiddleware(before);
    count(counts, facts.ref.context, Number(isMiddleware(server)) - Number(wasListed));
    entry.server = server;
    setRow(tables.server, key, server);
    entry.clusterKey = clusters.note(
      key,
      isCounted(server, this.#goneSince(entry.records)) ? server : undefined,
    );
  }

  /** A new sample of a server of which nothing else changed: the way nearly every datagram goes. */
  beat({ server: key, sender }: Beat, now: number): void {
    const { tables, contexts, clusters, levels, alarms } = this.#options;
    const entry = this.#entries.get(key);
    const before = entry?.server;
    if (entry?.input === undefined || before === undefined) {
      // Long silent and heard again.
      this.refresh(new Set([key]), now);
      return;
    }
    // Another sender speaks for this server.
    if (!isSameRecord(entry.records.sender?.ref, sender.ref)) return;
    if (before.state === 'unknown' || before.state === 'stopped' || entry.standingDueAt <= now) {
      this.refresh(new Set([key]), now);
      return;
    }
    const { instance, registration } = entry.records;
    entry.records = { ...entry.records, sender };
    const isAlone = instance === undefined && registration === undefined;
    const server = {
      ...before,
      jvm: jvmOf(entry.records, before.state, now),
      heartbeat: sender.heartbeat,
      counters: sender.counters,
      seenAt: isAlone ? sender.heartbeat.at : before.seenAt,
    };
    entry.facts = server;
    entry.dueAt = entry.standingDueAt;
    const jvm = freshSample(entry, server, now);
    if (jvm !== undefined) entry.history.observeJvm(jvm, now, levels);
    lookWhenSilent(entry, server.state, now);
    const drafts = assessFindings(entry, { ...entry.input, now, server, sender });
    if (drafts !== entry.standing || drafts.length !== entry.findings.length)
      entry.findings = this.#options.findings.set(server.ref, server.name, drafts, now);
    const source = contexts.get(server.ref.context)?.status;
    server.health = healthOf(entry, server, { now, levels, jvm, source, findings: entry.findings, alarms });
    this.#samples.keep(key, entry, server, now);
    entry.server = server;
    setRow(tables.server, key, server);
    if (server.health.level !== before.health.level) clusters.note(key, server);
    else if (entry.clusterKey !== undefined) clusters.noteSample(entry.clusterKey);
  }

  #inputOf(key: string, entry: ServerEntry, facts: ServerFacts, now: number): FindingInput {
    const { tables, join, services, contexts, dumps } = this.#options;
    const { instance, registration, sender } = entry.records;
    return {
      now,
      server: facts,
      instance,
      registration,
      sender,
      container: instance === undefined ? undefined : serverContainerOf(instance),
      dump: dumps.of(key),
      environment: readLenaEnvironment(facts.environment),
      reads: this.#reads.of(facts.ref.context),
      services: services.of(facts.ref.context),
      peers: entry.pairKey === undefined ? NO_PEERS : this.#peersOf(key, entry.pairKey),
      rivals: rivalsOf(key, tables, join),
      ambiguity: ambiguityOf(key, entry.records, join),
      goneSince: this.#goneSince(entry.records),
      receiver: sender === undefined ? undefined : contexts.get(sender.ref.context)?.status,
      lookAgainAt: entry.lookAgainAt,
    };
  }

  #peersOf(key: string, pairKey: string): readonly ServerFacts[] {
    const peers: ServerFacts[] = [];
    for (const peer of this.#groups.ofPair(pairKey)) {
      const facts = peer === key ? undefined : this.#entries.get(peer)?.facts;
      if (facts !== undefined) peers.push(facts);
    }
    return peers;
  }

  #readAlerts(entry: ServerEntry, now: number): void {
    if (entry.facts === undefined) return;
    entry.alerts = this.#options.events
      .of(recordsOf(entry.facts))
      .filter(({ level, at, isAlarm }) => ALERTS.has(level) && isAlarm !== true && now - at < ALERT_MS)
      .slice(0, 1);
  }

  /** What stood here alone was found to be another row's. */
  #isElsewhere(key: string, { instance, registration, sender }: ServerEntry['records']): boolean {
    if (instance !== undefined) return false;
    const { senders, registrations } = this.#options.join;
    return [
      registration && registrations.homeOf(refKey(registration.ref)),
      sender && senders.homeOf(refKey(sender.ref)),
    ].some((home) => home !== undefined && home !== key);
  }

  #remove(key: string, counts: Map<string, number>, now: number): void {
    const { tables, clusters, findings, alarms } = this.#options;
    const entry = this.#entries.get(key);
    const before = tables.server.rows.get(key);
    if (entry !== undefined) {
      this.#groups.leave(key, entry);
      this.#entries.delete(key);
    }
    this.#samples.drop(key, entry?.records);
    if (before === undefined) return;
    if (entry?.alarms !== undefined && !this.#isElsewhere(key, entry.records))
      alarms.leave({ ref: before.ref, name: before.name }, entry.alarms, now);
    findings.set(before.ref, before.name, NO_DRAFTS, now);
    clusters.note(key, undefined);
    if (isMiddleware(before)) count(counts, before.ref.context, -1);
    deleteRow(tables.server, key);
  }
}

/** A service cluster counts servers, not what is left of them. */
const isCounted = ({ state, records }: Server, goneSince: number | undefined): boolean =>
  goneSince === undefined &&
  (records.instance !== undefined || records.registration !== undefined || state !== 'unknown');

function count(counts: Map<string, number>, context: string, by: number): void {
  counts.set(context, (counts.get(context) ?? 0) + by);
}

const isSameRecord = (a: Ref | undefined, b: Ref | undefined): boolean => a === b || isSameRef(a, b);

function stateSinceOf(
  { state, stateReason, heartbeat }: ServerFacts,
  instance: Instance | undefined,
): number | undefined {
  if (stateReason === NO_LONGER_HEARD) return heartbeat?.at;
  if (state === 'ready') return instance?.readySince;
  if (state === 'starting') return instance?.startedAt ?? instance?.createdAt;
  return state === 'stopping' ? instance?.deletingSince : undefined;
}
