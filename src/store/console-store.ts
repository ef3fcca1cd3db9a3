import { createStore } from 'zustand/vanilla';
import { licenceEnding } from '../diagnosis/findings/licence-ending.ts';
import { DEFAULT_HEALTH_LEVELS } from '../diagnosis/health/health-levels.ts';
import { createTypeReader } from '../diagnosis/server-type-rules.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import { AlarmLog } from './alarms.ts';
import { ChangeLog } from './change-log.ts';
import { ContextRows } from './context-rows.ts';
import { DumpVerdicts } from './dump-verdicts.ts';
import { EventLog } from './event-log.ts';
import { FindingTable } from './finding-table.ts';
import { Join } from './join/join.ts';
import { createTopology } from './join/topology.ts';
import { SeriesStore } from './series/series-store.ts';
import { ServerDesk } from './server-desk.ts';
import { recordsOf } from './server-row.ts';
import { ServiceClusterBook } from './service-clusters.ts';
import { ServiceNameBook } from './service-names.ts';
import type { ConsoleState, ConsoleStore, StoreOptions } from './state.ts';
import { applyChange, createTables, createTouched, snapshotTables, type Touched } from './tables.ts';
import { createTelemetryStock } from './telemetry-stock.ts';

/** The one store: what sources observed, joined into servers, service clusters, findings and context rows. */
export function createConsoleStore(options: StoreOptions): ConsoleStore {
  const { contexts: settings, rules, identity } = options;
  const tables = createTables();
  const topology = createTopology(settings);
  const join = new Join({ tables, topology, identity });
  const events = new EventLog(tables.event);
  const series = new SeriesStore();
  const findings = new FindingTable(tables.finding);
  const clusters = new ServiceClusterBook(tables, topology);
  const services = new ServiceNameBook();
  const recent = new ChangeLog(tables);
  const contexts = new ContextRows(tables.context, settings, options.now);
  const alarms = new AlarmLog({
    startedAt: options.now,
    isThere: (server) => tables.server.rows.has(refKey(server)),
  });
  const dumps = new DumpVerdicts();
  const desk = new ServerDesk({
    tables,
    topology,
    join,
    events,
    series,
    findings,
    clusters,
    contexts,
    services,
    typeOf: createTypeReader(rules),
    levels: options.health ?? DEFAULT_HEALTH_LEVELS,
    alarms,
    dumps,
  });
  let now = options.now;
  const state = createStore<ConsoleState>(() => ({ tables: snapshotTables(tables), now }));

  /** Alarms are no news to the servers they are about, so nothing is built anew for them. */
  const tellAlarms = () => {
    const changes = alarms.take(now);
    if (changes.length === 0) return;
    const touched = createTouched();
    for (const change of changes) applyChange(tables, touched, change);
    events.update(touched.event);
  };
  const publish = () => {
    tellAlarms();
    clusters.flush(now);
    const before = state.getState();
    const after = snapshotTables(tables, before.tables);
    if (after !== before.tables || now !== before.now) state.setState({ tables: after, now }, true);
  };

  /** Key of the server that shows a record. */
  const serverOf = (target: Ref): string | undefined => {
    const key = refKey(target);
    switch (target.kind) {
      case 'sender':
        return join.senders.homeOf(key);
      case 'registration':
        return join.registrations.homeOf(key);
      default:
        return key;
    }
  };

  const markRelated = (touched: Touched, dirty: Set<string>) => {
    const mark = (keys: Iterable<string>) => {
      for (const key of keys) dirty.add(key);
    };
    mark(touched.probe.keys());
    mark(dumps.update(touched.dump, tables.dump.rows));
    for (const key of touched.workload.keys()) mark(desk.ofWorkload(key));
    for (const key of touched.templateDefault.keys()) mark(clusters.noteDefault(key));
    const renamed = services.update(touched.serviceAddress, tables.serviceAddress.rows);
    if (renamed.size > 0) mark(desk.inContexts(renamed));
    if (touched.managerRead.size > 0) {
      desk.forgetReads();
      const served = new Set<string>();
      for (const [key, before] of touched.managerRead) {
        const manager = (tables.managerRead.rows.get(key) ?? before)?.ref.context;
        if (manager !== undefined) for (const context of topology.servedBy(manager)) served.add(context);
      }
      mark(desk.inContexts(served, ({ records }) => records.registration === undefined));
    }
    for (const target of events.update(touched.event)) {
      const key = serverOf(target);
      if (key === undefined) continue;
      desk.noteEvents(key, now);
      dirty.add(key);
    }
  };

  const checkLicences = (keys: Iterable<string>) => {
    for (const key of keys) {
      const read = tables.managerRead.rows.get(key);
      const context = read === undefined ? undefined : contexts.get(read.ref.context);
      if (read === undefined || context === undefined) continue;
      const draft = licenceEnding.check(read, now);
      const drafts = draft === undefined ? [] : [{ code: licenceEnding.code, ...draft }];
      findings.set(context.ref, context.name, drafts, now);
    }
  };

  return {
    state,
    apply(batch) {
      const touched = createTouched();
      for (const change of batch) applyChange(tables, touched, change);
      const { dirty, beats } = join.update(touched, now);
      markRelated(touched, dirty);
      checkLicences(touched.managerRead.keys());
      desk.refresh(dirty, now);
      for (const beat of beats) if (!dirty.has(beat.server)) desk.beat(beat, now);
      recent.update(touched, now);
      publish();
    },
    setStatus(context, status) {
      if (contexts.setStatus(context, status, now)) {
        const own = desk.inContexts(new Set([context]));
        desk.refresh(new Set([...own, ...desk.toldBy(context)]), now);
      }
      publish();
    },
    setFacts(context, facts) {
      contexts.setFacts(context, facts, now);
      publish();
    },
    tick(at) {
      now = at;
      desk.refresh(desk.due(now), now);
      checkLicences(tables.managerRead.rows.keys());
      series.expire(now);
      clusters.settle();
      findings.expire(now);
      recent.prune(now);
      publish();
    },
    setAcknowledgements(list) {
      findings.acknowledge(list, now);
      publish();
    },
    events(target) {
      const server = target.kind === 'server' ? tables.server.rows.get(refKey(target)) : undefined;
      return events.of(server === undefined ? [target] : recordsOf(server));
    },
    findings: (target) => findings.of(target),
    series: (server, id, resolution = 'fine') => series.points(refKey(server), id, resolution),
    fullGcs: (server) => series.fullGcs(refKey(server)),
    watch(servers) {
      const release = series.watch(servers.map(refKey));
      return () => release(now);
    },
    applyHistory(batch) {
      for (const history of batch) {
        const sender = refKey(history.sender);
        const home = join.senders.homeOf(sender);
        if (home !== undefined && tables.server.rows.has(home)) series.takeOver(home, history, now);
        else series.await(sender, history, now);
      }
    },
    stock: (context) =>
      createTelemetryStock({ tables, events, series, homeOf: (key) => join.senders.homeOf(key) }, context),
    serviceClustersOf: (names) => clusters.namesOf(names),
  };
}
