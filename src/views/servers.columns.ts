import { HEALTH_LEVELS, healthRank } from '../domain/health.ts';
import type { Server } from '../domain/server.ts';
import { ageOf, formatAge, formatDataAge } from './format-age.ts';
import { formatCount, NOT_KNOWN } from './format-number.ts';
import { isOutdated, serverSeenAgeMs } from './freshness.ts';
import {
  afterGcColumn,
  busyColumn,
  errorsColumn,
  gcColumn,
  heapColumn,
  heard,
  meanMsColumn,
  poolsColumn,
  sessionsColumn,
  tpsColumn,
} from './jvm.columns.ts';
import type { Column, Tone } from './view.ts';
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

export const typeColumn: Column<Server> = {
  id: 'type',
  title: 'TYPE',
  width: 10,
  dropOrder: 35,
  value: (server) => server.type,
  tone: (server) => (server.type === 'unknown' ? 'muted' : 'normal'),
};
export const placeColumn: Column<Server> = {
  id: 'ns',
  title: 'NAMESPACE',
  width: 12,
  dropOrder: 90,
  value: (server) => server.place?.name,
};
export const serviceClusterColumn: Column<Server> = {
  id: 'sc',
  title: 'SERVICE CLUSTER',
  width: 12,
  dropOrder: 70,
  value: (server) => server.serviceCluster,
};
export const managerColumn: Column<Server> = {
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
};

const narrow: readonly Column<Server>[] = [
  nameColumn,
  typeColumn,
  contextColumn,
  placeColumn,
  serviceClusterColumn,
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
  managerColumn,
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
  sessionsColumn,
];

/** The columns in the order operators read them: who, where, how it stands, how its JVM does, how old. */
export const serverColumns: readonly Column<Server>[] = [
  ...narrow,
  ...wide.map((column): Column<Server> => ({ ...column, wide: true })),
];
