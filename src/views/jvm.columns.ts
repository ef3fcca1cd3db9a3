import type { Server } from '../domain/server.ts';
import { cellText } from './any-view.ts';
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
import {
  afterGcPercent,
  connectorTotals,
  heapPercent,
  isOldSample,
  levelTone,
  poolTotals,
} from './jvm-reading.ts';
import { reasonTone } from './reason-tone.ts';
import type { Column, ViewContext } from './view.ts';

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

interface CountColumn extends Pick<Column<Server>, 'id' | 'title' | 'sortKey' | 'wide' | 'tone'> {
  readonly dropOrder: number;
  /** @default what the heading needs */
  readonly width?: number;
  readonly read: (server: Server) => number | undefined;
}
/** A plain number the JVM sends. */
export const countColumn = ({ read, ...column }: CountColumn): Column<Server> =>
  heard({
    width: Math.max(5, column.title.length),
    align: 'right',
    unit: 'count',
    sortsDown: true,
    ...column,
    value: read,
    text: (server) => formatCount(read(server)),
  });

/** The bar stands before the number, so its mark does too. */
const old = (server: Server, context: ViewContext): string => (isOldSample(server, context.now) ? '~' : '');

function shareText(percent: number | undefined, mark: string): string {
  if (percent === undefined) return NOT_KNOWN;
  return `${bar(percent, BAR_CELLS)} ${`${mark}${formatPercent(percent)}`.padStart(4)}`;
}

export const heapColumn: Column<Server> = heard({
  id: 'heap',
  title: 'HEAP',
  // A bar, a blank, and `~100%` in full.
  width: BAR_CELLS + 6,
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
  tone: (server) => reasonTone(server, ['gc-overhead']) ?? 'normal',
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
    const reason = reasonTone(server, ['connectors-full']);
    if (reason !== undefined) return reason;
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
  tone: (server) =>
    reasonTone(server, ['error-rate']) ?? ((server.jvm?.errorPercent ?? 0) > 0 ? 'warn' : 'normal'),
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
  tone: (server) => reasonTone(server, ['pool-full']) ?? 'normal',
});
export const sessionsColumn: Column<Server> = countColumn({
  id: 'sessions',
  title: 'SESSIONS',
  dropOrder: 96,
  read: ({ jvm }) => jvm?.sessions,
});
