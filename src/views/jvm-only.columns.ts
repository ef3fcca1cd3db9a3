import type { Heartbeat, JvmSample } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { ageOf, formatAge } from './format-age.ts';
import { formatBytes, formatCount, formatOf, formatPercent, NOT_KNOWN } from './format-number.ts';
import { countColumn, heapColumn, heard } from './jvm.columns.ts';
import { whyNoJvm } from './jvm-absence.ts';
import { reasonTone } from './reason-tone.ts';
import type { Column } from './view.ts';
import { say } from './words.ts';

/** The heap's bar; where nothing is known of the JVM, why. */
export const heapOrWhyColumn: Column<Server> = {
  ...heapColumn,
  text(server, context) {
    const absence = whyNoJvm(server, context);
    return absence === undefined
      ? (heapColumn.text?.(server, context) ?? NOT_KNOWN)
      : say(context, absence.brief);
  },
};
/** How long ago the last full collection was. */
export const fullGcColumn: Column<Server> = heard({
  id: 'fullgc',
  title: 'FULL GC',
  width: 7,
  align: 'right',
  dropOrder: 30,
  unit: 'age',
  value: (server, { now }) => ageOf(server.jvm?.lastFullGc?.at, now),
  text: (server, { now }) => {
    const ageMs = ageOf(server.jvm?.lastFullGc?.at, now);
    return ageMs === undefined ? NOT_KNOWN : formatAge(ageMs);
  },
  tone: (server, { now }) =>
    reasonTone(server, ['full-gcs']) ??
    ((ageOf(server.jvm?.lastFullGc?.at, now) ?? 60_000) < 60_000 ? 'warn' : 'normal'),
});
export const fullGcsColumn: Column<Server> = countColumn({
  id: 'fullgcs',
  title: 'FULLS',
  dropOrder: 74,
  read: ({ jvm }) => jvm?.fullGcs,
});
export const maxColumn: Column<Server> = heard({
  id: 'max',
  title: 'MAX',
  width: 8,
  align: 'right',
  dropOrder: 76,
  unit: 'bytes',
  sortsDown: true,
  value: (server) => server.jvm?.heap?.maxBytes,
  text: (server) => formatBytes(server.jvm?.heap?.maxBytes),
});

/** By age where the sender tells it, else all together. */
function activeText({ total, under3s, under8s, over8s }: NonNullable<JvmSample['active']>): string {
  const byAge = [under3s, under8s, over8s];
  if (byAge.every((count) => count === undefined)) return formatCount(total);
  return byAge.map((count) => (count === undefined ? '?' : formatCount(count))).join('/');
}
export const activeByAgeColumn: Column<Server> = heard({
  id: 'active',
  title: '<3S/<8S/8S+',
  width: 11,
  align: 'right',
  dropOrder: 44,
  unit: 'count',
  sortsDown: true,
  value: (server) => server.jvm?.active?.total,
  text: ({ jvm }) => (jvm?.active === undefined ? NOT_KNOWN : activeText(jvm.active)),
  tone: (server) =>
    reasonTone(server, ['slow-requests', 'stuck-threads']) ??
    ((server.jvm?.active?.over8s ?? 0) > 0 ? 'warn' : 'normal'),
});
export const sourceColumn: Column<Server> = {
  id: 'source',
  title: 'SOURCE',
  width: 8,
  dropOrder: 72,
  value: (server) => server.jvm?.source,
  tone: (server) => (server.jvm === undefined ? 'muted' : 'normal'),
};

/** Something its datagrams should have none of. */
const heartbeatColumn = (id: string, read: (heartbeat: Heartbeat) => number | undefined): Column<Server> => ({
  id,
  title: id.toUpperCase(),
  width: Math.max(5, id.length),
  align: 'right',
  dropOrder: 97,
  unit: 'count',
  sortsDown: true,
  value: ({ heartbeat }) => heartbeat && read(heartbeat),
  tone: ({ heartbeat }) => (heartbeat && (read(heartbeat) ?? 0) > 0 ? 'warn' : 'normal'),
});

const cpuPercent = ({ jvm }: Server): number | undefined =>
  jvm?.cpu?.process === undefined ? undefined : jvm.cpu.process * 100;

/** Share of the machine's (or the container's) processors the process uses. */
export const cpuColumn: Column<Server> = heard({
  id: 'cpu',
  title: 'CPU%',
  width: 5,
  align: 'right',
  dropOrder: 90,
  unit: 'percent',
  sortsDown: true,
  value: cpuPercent,
  text: (server) => formatPercent(cpuPercent(server)),
});

/** Seen in wide mode, in CSV and by filters. */
export const wideJvmColumns: readonly Column<Server>[] = [
  countColumn({ id: 'under3s', title: '<3S', dropOrder: 91, read: ({ jvm }) => jvm?.active?.under3s }),
  countColumn({ id: 'under8s', title: '<8S', dropOrder: 91, read: ({ jvm }) => jvm?.active?.under8s }),
  countColumn({ id: 'over8s', title: '8S+', dropOrder: 91, read: ({ jvm }) => jvm?.active?.over8s }),
  countColumn({ id: 'p95ms', title: 'P95 MS', dropOrder: 92, read: ({ jvm }) => jvm?.p95Ms }),
  countColumn({ id: 'gcmin', title: 'GC/MIN', dropOrder: 92, read: ({ jvm }) => jvm?.gcPerMinute }),
  countColumn({ id: 'pausep99', title: 'PAUSE P99', dropOrder: 92, read: ({ jvm }) => jvm?.pauses?.p99Ms }),
  countColumn({ id: 'pausemax', title: 'PAUSE MAX', dropOrder: 92, read: ({ jvm }) => jvm?.pauses?.maxMs }),
  cpuColumn,
  countColumn({ id: 'threads', title: 'THREADS', dropOrder: 93, read: ({ jvm }) => jvm?.threads?.live }),
  countColumn({ id: 'stuck', title: 'STUCK', dropOrder: 93, read: ({ jvm }) => jvm?.threads?.stuck }),
  heard({
    id: 'nonheap',
    title: 'NON-HEAP',
    width: 8,
    align: 'right',
    dropOrder: 94,
    unit: 'bytes',
    sortsDown: true,
    value: (server) => server.jvm?.nonHeap?.usedBytes,
    text: (server) => formatBytes(server.jvm?.nonHeap?.usedBytes),
  }),
  countColumn({ id: 'classes', title: 'CLASSES', dropOrder: 95, read: ({ jvm }) => jvm?.classes }),
  heard({
    id: 'fds',
    title: 'FDS',
    width: 11,
    align: 'right',
    dropOrder: 95,
    unit: 'count',
    sortsDown: true,
    value: (server) => server.jvm?.fds?.open,
    text: (server) => formatOf(server.jvm?.fds?.open, server.jvm?.fds?.max),
  }),
  heartbeatColumn('rejected', ({ rejected }) => rejected),
  heartbeatColumn('lost', ({ lost }) => lost),
].map((column) => ({ ...column, wide: true }));
