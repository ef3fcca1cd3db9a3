import type { JvmSample } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { ageOf, formatAge } from './format-age.ts';
import { formatBytes, formatCount, NOT_KNOWN } from './format-number.ts';
import { isOutdated } from './freshness.ts';
import {
  afterGcColumn,
  busyColumn,
  errorsColumn,
  gcColumn,
  heapColumn,
  heard,
  meanMsColumn,
  poolsColumn,
  tpsColumn,
} from './jvm.columns.ts';
import { hasJvm } from './jvm-reading.ts';
import { isServerIn, serverLinks, serverNote } from './server-links.ts';
import { ageColumn, contextColumn, nameColumn, seenColumn } from './servers.columns.ts';
import { serverDetail } from './servers.detail.ts';
import { serverJson } from './servers.json.ts';
import { type Column, defineView } from './view.ts';

const maxColumn: Column<Server> = {
  id: 'max',
  title: 'MAX',
  width: 8,
  align: 'right',
  dropOrder: 66,
  unit: 'bytes',
  sortsDown: true,
  value: (server) => server.jvm?.heap?.maxBytes,
  text: (server) => formatBytes(server.jvm?.heap?.maxBytes),
};
const fullGcColumn: Column<Server> = {
  id: 'fullgc',
  title: 'FULL GC',
  width: 7,
  align: 'right',
  dropOrder: 58,
  unit: 'age',
  value: (server, { now }) => ageOf(server.jvm?.lastFullGc?.at, now),
  text: (server, { now }) => {
    const ageMs = ageOf(server.jvm?.lastFullGc?.at, now);
    return ageMs === undefined ? NOT_KNOWN : formatAge(ageMs);
  },
  tone: (server, { now }) =>
    (ageOf(server.jvm?.lastFullGc?.at, now) ?? 60_000) < 60_000 ? 'warn' : 'normal',
};
/** By age where the sender tells it, else all together. */
function activeText({ total, under3s, under8s, over8s }: NonNullable<JvmSample['active']>): string {
  const byAge = [under3s, under8s, over8s];
  if (byAge.every((count) => count === undefined)) return formatCount(total);
  return byAge.map((count) => (count === undefined ? '?' : formatCount(count))).join('/');
}
const activeByAgeColumn: Column<Server> = heard({
  id: 'active',
  title: '<3S/<8S/8S+',
  width: 11,
  align: 'right',
  dropOrder: 62,
  unit: 'count',
  sortsDown: true,
  value: (server) => server.jvm?.active?.total,
  text: ({ jvm }) => (jvm?.active === undefined ? NOT_KNOWN : activeText(jvm.active)),
  tone: (server) => ((server.jvm?.active?.over8s ?? 0) > 0 ? 'warn' : 'normal'),
});
const sourceColumn: Column<Server> = {
  id: 'source',
  title: 'SOURCE',
  width: 8,
  dropOrder: 80,
  value: (server) => server.jvm?.source,
  text: (server) => server.jvm?.source ?? 'no datagrams',
  tone: (server) => (server.jvm === undefined ? 'muted' : 'normal'),
};

export const jvmView = defineView({
  id: 'jvm',
  kind: 'server',
  title: text('JVM', 'JVM'),
  aliases: ['heap', 'gc'],
  help: text('Heap and collections of every JVM', '모든 JVM의 힙과 GC'),
  columns: [
    nameColumn,
    contextColumn,
    heapColumn,
    maxColumn,
    { ...afterGcColumn, dropOrder: 30 },
    gcColumn,
    fullGcColumn,
    busyColumn,
    activeByAgeColumn,
    tpsColumn,
    meanMsColumn,
    errorsColumn,
    poolsColumn,
    sourceColumn,
    ageColumn,
    seenColumn,
  ],
  isOutdated: ({ ref }, context) => isOutdated(ref.context, context),
  sort: { column: 'heap', descending: true },
  only: hasJvm,
  tally: { levelOf: ({ health }) => health.level, levels: ['error', 'warn'] },
  isFault: ({ health }) => health.level === 'warn' || health.level === 'error',
  isIn: isServerIn,
  enter: (server) => ({ detail: server.ref, part: 'jvm' }),
  enterTitle: text('JVM page', 'JVM 페이지'),
  links: serverLinks,
  note: serverNote,
  favourites: ['heap>80%', 'gc>10', 'aftergc>75%', 'err>0'],
  detail: serverDetail,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ place }) => place?.name,
  labelsOf: ({ labels }) => labels,
  nameOf: ({ name }) => name,
  json: serverJson,
});
