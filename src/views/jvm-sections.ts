import type { JvmSample } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { formatAge, formatDataAge } from './format-age.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatPercent,
  NOT_KNOWN,
  percentOf,
} from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { afterGcPercent, heapPercent, isOldSample, levelTone } from './jvm-reading.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { instantWithAge, line, lineIfKnown, say } from './words.ts';

const known = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? NOT_KNOWN : format(value);

const withPercent = (bytes: number | undefined, percent: number | undefined): string =>
  percent === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatPercent(percent)})`;

function memoryLines(server: Server, jvm: JvmSample, context: ViewContext): DetailLine[] {
  const { heap, nonHeap } = jvm;
  return [
    line(
      'Heap used',
      withPercent(heap?.usedBytes, heapPercent(server)),
      levelTone(heapPercent(server), context),
    ),
    line('Heap committed', formatBytes(heap?.committedBytes)),
    line('Heap max', formatBytes(heap?.maxBytes)),
    line('Heap after GC', withPercent(heap?.afterGcBytes, afterGcPercent(server))),
    ...lineIfKnown(
      'Non-heap',
      nonHeap === undefined
        ? undefined
        : withPercent(nonHeap.usedBytes, percentOf(nonHeap.usedBytes, nonHeap.maxBytes)),
    ),
  ];
}

function collectionLines(jvm: JvmSample, context: ViewContext): DetailLine[] {
  const full = jvm.lastFullGc;
  const amount =
    full === undefined || (full.beforeBytes === undefined && full.afterBytes === undefined)
      ? ''
      : ` ${formatBytes(full.beforeBytes)} → ${formatBytes(full.afterBytes)}`;
  return [
    line('GC time', formatPercent(jvm.gcTimePercent, 1)),
    line('GC per minute', formatNumber(jvm.gcPerMinute)),
    line(
      'Last Full GC',
      full === undefined
        ? NOT_KNOWN
        : `${instantWithAge(full.at, context, formatInstant, formatAge) ?? NOT_KNOWN}${amount}`,
    ),
  ];
}

function requestLines(jvm: JvmSample): DetailLine[] {
  const { active, threads, cpu } = jvm;
  const threadWords = [
    `live ${known(threads?.live, formatNumber)}`,
    ...(threads?.peak === undefined ? [] : [`peak ${threads.peak}`]),
    ...(threads?.daemon === undefined ? [] : [`daemon ${threads.daemon}`]),
    ...(threads?.blocked === undefined ? [] : [`blocked ${threads.blocked}`]),
    ...(threads?.stuck === undefined ? [] : [`stuck ${threads.stuck}`]),
  ];
  return [
    line('TPS', formatNumber(jvm.tps)),
    line('Mean response', formatMs(jvm.meanMs)),
    ...lineIfKnown('95th percentile', jvm.p95Ms === undefined ? undefined : formatMs(jvm.p95Ms)),
    line('Errors', formatPercent(jvm.errorPercent, 1)),
    line(
      'Active now',
      active === undefined
        ? NOT_KNOWN
        : `${formatCount(active.total)} (under 3 s ${formatCount(active.under3s)}, under 8 s ${formatCount(active.under8s)}, over 8 s ${formatCount(active.over8s)})`,
      (active?.over8s ?? 0) > 0 ? 'warn' : 'normal',
    ),
    ...lineIfKnown('Threads', threads === undefined ? undefined : threadWords.join(', ')),
    ...lineIfKnown(
      'CPU',
      cpu === undefined
        ? undefined
        : `process ${known(cpu.process, (share) => formatPercent(share * 100))}, system ${known(cpu.system, (share) => formatPercent(share * 100))}`,
    ),
    ...lineIfKnown('Sessions', jvm.sessions === undefined ? undefined : formatNumber(jvm.sessions)),
  ];
}

/** A Manager's meters come with its polls. */
const METER_PAUSE_MS = 15_000;

/** Heap, collections and requests of one server, with the heap's live line. */
export function jvmSection(server: Server, context: ViewContext): DetailSection {
  const title = text('JVM', 'JVM');
  const { jvm } = server;
  if (jvm === undefined) {
    const why =
      server.state === 'stopped'
        ? text('none: the server is stopped', '없음: 서버가 정지됨')
        : text('no datagrams and no meters: see `l9s doctor`', '데이터그램과 계량값 없음: `l9s doctor` 참고');
    return { title, part: 'jvm', lines: [line('JVM', say(context, why), 'muted')] };
  }
  const { series } = context.related;
  const used = series(server.ref, 'heapUsed');
  return {
    title,
    part: 'jvm',
    lines: [
      line(
        'Source',
        `${jvm.source}, ${formatDataAge(Math.max(0, context.now - jvm.at))}${isOldSample(server, context.now) ? ' (overdue)' : ''}`,
        isOldSample(server, context.now) ? 'warn' : 'normal',
      ),
      ...memoryLines(server, jvm, context),
      ...collectionLines(jvm, context),
      ...requestLines(jvm),
      line('JVM started', instantWithAge(jvm.startedAt, context, formatInstant, formatAge) ?? NOT_KNOWN),
    ],
    ...(used.length > 1
      ? {
          chart: {
            unit: 'bytes' as const,
            series: [{ label: 'heap used', points: used }],
            max: jvm.heap?.maxBytes,
            intervalMs: server.heartbeat?.intervalMs ?? METER_PAUSE_MS,
            mark:
              jvm.heap?.afterGcBytes === undefined
                ? undefined
                : { label: 'after GC', value: jvm.heap.afterGcBytes },
          },
        }
      : {}),
  };
}

const ASCII_ONLY = /^[\x20-\x7e]*$/;
const ascii = (name: string): string => (ASCII_ONLY.test(name) ? name : name.replace(/[^\x20-\x7e]/gu, '?'));

/** Connectors and pools as small tables; names are spelled in ASCII. */
export function poolSections(server: Server): DetailSection[] {
  const sections: DetailSection[] = [];
  const connectors = server.jvm?.connectors ?? [];
  if (connectors.length > 0) {
    sections.push({
      title: text('Connectors', '커넥터'),
      part: 'jvm',
      lines: [],
      table: {
        columns: ['connector', 'busy', 'max'],
        rows: connectors.map(({ name, busy, max }) => [ascii(name), formatCount(busy), formatCount(max)]),
      },
    });
  }
  const pools = server.jvm?.dataSources ?? [];
  if (pools.length > 0) {
    sections.push({
      title: text('Data sources', '데이터 소스'),
      part: 'jvm',
      lines: [],
      table: {
        columns: ['pool', 'active', 'idle', 'max'],
        rows: pools.map(({ name, active, idle, max }) => [
          ascii(name),
          formatCount(active),
          formatCount(idle),
          formatCount(max),
        ]),
      },
    });
  }
  return sections;
}
