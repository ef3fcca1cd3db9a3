import { HEALTH_LEVELS, healthRank } from '../domain/health.ts';
import type { Server } from '../domain/server.ts';
import { cellText } from './any-view.ts';
import { ageOf, formatAge, formatDataAge } from './format-age.ts';
import { bar } from './format-bar.ts';
import {
  formatCount,
  formatNumber,
  formatOf,
  formatPercent,
  formatTenths,
  NOT_KNOWN,
  percentOf,
} from './format-number.ts';
import { isOutdated, serverSeenAgeMs } from './freshness.ts';
import {
  afterGcPercent,
  connectorTotals,
  heapPercent,
  isOldSample,
  levelTone,
  poolTotals,
} from './jvm-reading.ts';
import type { Column, Tone, ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES } from './words.ts';

const STATE_TONES: Readonly<Record<Server['state'], Tone>> = {
  starting: 'accent',
  ready: 'normal',
  notReady: 'warn',
  stopping: 'muted',
  stopped: 'muted',
  failed: 'bad',
  unknown: 'muted',
};
const BAR_CELLS = 8;

/** A number the JVM sends: overdue, it stays readable behind a `~` but no longer looks alive. */
export const heard = (column: Column<Server>): Column<Server> => ({
  ...column,
  isHeard: true,
  text: (server, context) => {
    const words = cellText(column, server, context);
    const isMarked = words === NOT_KNOWN || words.includes('~') || !isOldSample(server, context.now);
    return isMarked ? words : `~${words}`;
  },
  tone: (server, context) =>
    isOldSample(server, context.now) ? 'muted' : (column.tone?.(server, context) ?? 'normal'),
});

/** The bar stands before the number, so its mark does too. */
const old = (server: Server, context: ViewContext): string => (isOldSample(server, context.now) ? '~' : '');

function shareText(percent: number | undefined, mark: string): string {
  if (percent === undefined) return NOT_KNOWN;
  return `${bar(percent, BAR_CELLS)} ${`${mark}${formatPercent(percent)}`.padStart(4)}`;
}

function revisionText({ revision }: Server): string {
  if (revision.running === undefined) return NOT_KNOWN;
  const isOther = revision.wanted !== undefined && revision.wanted !== revision.running;
  return isOther ? `${revision.running}≠${revision.wanted}` : revision.running;
}

const dotted = (revision: string | undefined): string | number | undefined =>
  revision !== undefined && /^\d+$/.test(revision) ? Number(revision) : revision;

export const nameColumn: Column<Server> = {
  id: 'name',
  title: 'NAME',
  width: 'grow',
  cut: 'middle',
  sortKey: 'N',
  value: (server) => server.name,
};
export const contextColumn: Column<Server> = {
  id: 'ctx',
  title: 'CONTEXT',
  width: 12,
  dropOrder: 30,
  min: 8,
  sortKey: 'P',
  value: (server) => server.ref.context,
};
export const heapColumn: Column<Server> = heard({
  id: 'heap',
  title: 'HEAP',
  width: BAR_CELLS + 5,
  dropOrder: 10,
  unit: 'percent',
  sortKey: 'H',
  sortsDown: true,
  value: heapPercent,
  bytes: (server) => server.jvm?.heap?.usedBytes,
  text: (server, context) => shareText(heapPercent(server), old(server, context)),
  tone: (server, context) => levelTone(heapPercent(server), context),
});
export const gcColumn: Column<Server> = heard({
  id: 'gc',
  title: 'GC%',
  width: 5,
  align: 'right',
  dropOrder: 50,
  unit: 'percent',
  sortsDown: true,
  value: (server) => server.jvm?.gcTimePercent,
  text: (server) => formatTenths(server.jvm?.gcTimePercent),
});
export const busyColumn: Column<Server> = heard({
  id: 'busy',
  title: 'BUSY',
  width: 9,
  align: 'right',
  dropOrder: 60,
  unit: 'count',
  sortsDown: true,
  value: (server) => connectorTotals(server).busy,
  text: (server) => {
    const { busy, max } = connectorTotals(server);
    return formatOf(busy, max);
  },
  tone: (server, context) => {
    const { busy, max } = connectorTotals(server);
    const tone = levelTone(percentOf(busy, max), context);
    return tone === 'good' ? 'normal' : tone;
  },
});
export const tpsColumn: Column<Server> = heard({
  id: 'tps',
  title: 'TPS',
  width: 6,
  align: 'right',
  dropOrder: 55,
  unit: 'count',
  sortKey: 'C',
  sortsDown: true,
  value: (server) => server.jvm?.tps,
  text: (server) => formatNumber(server.jvm?.tps),
});
export const meanMsColumn: Column<Server> = heard({
  id: 'meanms',
  title: 'MEAN MS',
  width: 7,
  align: 'right',
  dropOrder: 75,
  unit: 'count',
  sortsDown: true,
  value: (server) => server.jvm?.meanMs,
  text: (server) => formatNumber(server.jvm?.meanMs),
});
export const errorsColumn: Column<Server> = heard({
  id: 'err',
  title: 'ERR %',
  width: 5,
  align: 'right',
  dropOrder: 74,
  unit: 'percent',
  sortsDown: true,
  value: (server) => server.jvm?.errorPercent,
  text: (server) => formatTenths(server.jvm?.errorPercent),
  tone: (server) => ((server.jvm?.errorPercent ?? 0) > 0 ? 'warn' : 'normal'),
});
export const afterGcColumn: Column<Server> = heard({
  id: 'aftergc',
  title: 'AFTER-GC',
  width: 8,
  align: 'right',
  dropOrder: 72,
  unit: 'percent',
  sortsDown: true,
  value: afterGcPercent,
  text: (server) => formatPercent(afterGcPercent(server)),
  tone: (server, context) => levelTone(afterGcPercent(server), context),
});
export const poolsColumn: Column<Server> = heard({
  id: 'pools',
  title: 'POOLS',
  width: 7,
  align: 'right',
  dropOrder: 76,
  unit: 'count',
  sortsDown: true,
  value: (server) => poolTotals(server).active,
  text: (server) => {
    const { active, max } = poolTotals(server);
    return formatOf(active, max);
  },
});
export const ageColumn: Column<Server> = {
  id: 'age',
  title: 'AGE',
  width: 4,
  align: 'right',
  dropOrder: 45,
  unit: 'age',
  sortKey: 'A',
  value: (server, { now }) => ageOf(server.createdAt ?? server.startedAt, now),
  text: (server, { now }) => ageText(server.createdAt ?? server.startedAt, now),
};
export const seenColumn: Column<Server> = {
  id: 'seen',
  title: 'SEEN',
  width: 4,
  align: 'right',
  dropOrder: 20,
  unit: 'age',
  sortsDown: true,
  value: (server, context) => serverSeenAgeMs(server, context),
  text: (server, context) => formatDataAge(serverSeenAgeMs(server, context)),
  tone: (server, context) => (serverSeenAgeMs(server, context) < 30_000 ? 'muted' : 'warn'),
};

const ageText = (at: number | undefined, now: number): string => {
  const ageMs = ageOf(at, now);
  return ageMs === undefined ? NOT_KNOWN : formatAge(ageMs);
};

export const stateColumn: Column<Server> = {
  id: 'state',
  title: 'STATE',
  width: 9,
  dropOrder: 5,
  sortKey: 'S',
  value: (server) => server.state,
  text: (server, context) => `${server.state}${isOutdated(server.ref.context, context) ? '?' : ''}`,
  tone: (server) => STATE_TONES[server.state],
};
export const healthColumn: Column<Server> = {
  id: 'health',
  title: 'HEALTH',
  width: 9,
  dropOrder: 3,
  sortsDown: true,
  value: (server) => server.health.level,
  order: (server) => healthRank(server.health.level),
  levels: HEALTH_LEVELS,
  text: ({ health }) => `${HEALTH_SIGNS[health.level]} ${health.level}`,
  tone: ({ health }) => HEALTH_TONES[health.level],
};

const narrow: readonly Column<Server>[] = [
  nameColumn,
  {
    id: 'type',
    title: 'TYPE',
    width: 10,
    dropOrder: 35,
    value: (server) => server.type,
    tone: (server) => (server.type === 'unknown' ? 'muted' : 'normal'),
  },
  contextColumn,
  {
    id: 'ns',
    title: 'NAMESPACE',
    width: 12,
    dropOrder: 90,
    value: (server) => server.place?.name,
  },
  {
    id: 'sc',
    title: 'SERVICE CLUSTER',
    width: 12,
    dropOrder: 70,
    value: (server) => server.serviceCluster,
  },
  {
    id: 'rev',
    title: 'REV',
    width: 7,
    dropOrder: 40,
    value: (server) => server.revision.running,
    order: (server) => dotted(server.revision.running),
    text: revisionText,
    tone: (server) => (revisionText(server).includes('≠') ? 'warn' : 'normal'),
  },
  stateColumn,
  healthColumn,
  heapColumn,
  gcColumn,
  busyColumn,
  heard({
    id: 'active',
    title: 'ACTIVE',
    width: 6,
    align: 'right',
    dropOrder: 80,
    unit: 'count',
    sortsDown: true,
    value: (server) => server.jvm?.active?.total,
    text: (server) => formatCount(server.jvm?.active?.total),
    tone: (server) => ((server.jvm?.active?.over8s ?? 0) > 0 ? 'warn' : 'normal'),
  }),
  tpsColumn,
  {
    id: 'restarts',
    title: 'RESTARTS',
    width: 8,
    align: 'right',
    dropOrder: 85,
    unit: 'count',
    sortsDown: true,
    value: (server) => server.restarts,
    tone: (server) => ((server.restarts ?? 0) > 0 ? 'warn' : 'normal'),
  },
  ageColumn,
  seenColumn,
];

const wide: readonly Column<Server>[] = [
  afterGcColumn,
  meanMsColumn,
  errorsColumn,
  poolsColumn,
  { id: 'node', title: 'NODE', width: 18, dropOrder: 91, value: (server) => server.node },
  { id: 'ip', title: 'IP', width: 15, dropOrder: 92, value: (server) => server.address },
  {
    id: 'port',
    title: 'PORT',
    width: 5,
    align: 'right',
    dropOrder: 93,
    unit: 'count',
    value: (server) => server.port,
  },
  { id: 'image', title: 'IMAGE', width: 30, dropOrder: 97, value: (server) => server.image },
  {
    id: 'manager',
    title: 'MANAGER',
    width: 16,
    dropOrder: 94,
    value: ({ manager }) =>
      manager === undefined ? undefined : manager.registered ? manager.context : 'absent',
    text: ({ manager }) =>
      manager === undefined
        ? NOT_KNOWN
        : manager.registered
          ? `${manager.context} ${manager.status ?? 'registered'}`
          : 'not registered',
    tone: ({ manager }) => (manager?.registered === false ? 'warn' : 'normal'),
  },
  {
    id: 'uptime',
    title: 'UPTIME',
    width: 6,
    align: 'right',
    dropOrder: 95,
    unit: 'age',
    value: (server, { now }) => ageOf(server.jvm?.startedAt ?? server.startedAt, now),
    text: (server, { now }) => ageText(server.jvm?.startedAt ?? server.startedAt, now),
  },
  heard({
    id: 'sessions',
    title: 'SESSIONS',
    width: 8,
    align: 'right',
    dropOrder: 96,
    unit: 'count',
    sortsDown: true,
    value: (server) => server.jvm?.sessions,
    text: (server) => formatCount(server.jvm?.sessions),
  }),
];

/** The columns in the order operators read them: who, where, how it stands, how its JVM does, how old. */
export const serverColumns: readonly Column<Server>[] = [
  ...narrow,
  ...wide.map((column): Column<Server> => ({ ...column, wide: true })),
];
