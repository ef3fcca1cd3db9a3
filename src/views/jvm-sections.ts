import type { JvmSample } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import type { Chart } from './chart.ts';
import { formatAge } from './format-age.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatOf,
  formatPercent,
  NOT_KNOWN,
  percentOf,
} from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { whyNoJvm } from './jvm-absence.ts';
import { heapChart } from './jvm-charts.ts';
import { figuresAge, whyNoAfterGc } from './jvm-figures.ts';
import { afterGcPercent, heapPercent, isOldSample, levelTone } from './jvm-reading.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { gapText, instantWithAge, line, lineIfKnown, say } from './words.ts';

const known = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? NOT_KNOWN : format(value);

const withPercent = (bytes: number | undefined, percent: number | undefined): string =>
  percent === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatPercent(percent)})`;

type Say = (en: string, ko: string) => string;
const sayIn =
  (context: ViewContext): Say =>
  (en, ko) =>
    say(context, text(en, ko));

function memoryLines(server: Server, jvm: JvmSample, context: ViewContext): DetailLine[] {
  const { heap, nonHeap } = jvm;
  const word = sayIn(context);
  const why = whyNoAfterGc(jvm);
  return [
    line(
      word('Heap used', '힙 사용'),
      withPercent(heap?.usedBytes, heapPercent(server)),
      levelTone(heapPercent(server), context),
    ),
    line(word('Heap committed', '힙 커밋'), formatBytes(heap?.committedBytes)),
    line(word('Heap max', '힙 최대'), formatBytes(heap?.maxBytes)),
    line(
      word('Heap after GC', 'GC 후 힙'),
      why === undefined
        ? withPercent(heap?.afterGcBytes, afterGcPercent(server))
        : `${NOT_KNOWN} (${say(context, why)})`,
    ),
    ...lineIfKnown(
      word('Non-heap', '힙 외'),
      nonHeap === undefined
        ? undefined
        : withPercent(nonHeap.usedBytes, percentOf(nonHeap.usedBytes, nonHeap.maxBytes)),
    ),
  ];
}

function collectionLines(jvm: JvmSample, context: ViewContext): DetailLine[] {
  const { lastFullGc: full, pauses, fullGcs } = jvm;
  const word = sayIn(context);
  const amount =
    full === undefined || (full.beforeBytes === undefined && full.afterBytes === undefined)
      ? ''
      : ` ${formatBytes(full.beforeBytes)} → ${formatBytes(full.afterBytes)}`;
  const cause = full?.cause === undefined ? '' : `, ${full.cause}`;
  return [
    line(
      word('GC time', 'GC 시간'),
      known(jvm.gcTimePercent, (share) =>
        word(`${formatPercent(share, 1)} of the last minute`, `최근 1분의 ${formatPercent(share, 1)}`),
      ),
    ),
    line(word('GC per minute', '분당 GC'), formatNumber(jvm.gcPerMinute)),
    ...lineIfKnown(
      word('Full GCs', 'Full GC 횟수'),
      fullGcs === undefined ? undefined : formatNumber(fullGcs),
    ),
    line(
      word('Last Full GC', '마지막 Full GC'),
      full === undefined
        ? NOT_KNOWN
        : `${instantWithAge(full.at, context, formatInstant, formatAge) ?? NOT_KNOWN}${amount}${cause}`,
    ),
    ...lineIfKnown(
      word('Pauses in 10 min', '10분간 정지'),
      pauses === undefined
        ? undefined
        : `${word('of', '수신된')} ${formatNumber(pauses.count)}${word(' that were sent', '건 중')}: p50 ${formatMs(pauses.p50Ms)}, p95 ${formatMs(pauses.p95Ms)}, p99 ${formatMs(pauses.p99Ms)}, max ${formatMs(pauses.maxMs)}`,
    ),
  ];
}

function threadWords({ threads }: JvmSample): string | undefined {
  if (threads === undefined) return undefined;
  const counts = (['live', 'peak', 'daemon', 'blocked', 'stuck'] as const).flatMap((name) => {
    const count = threads[name];
    return count === undefined && name !== 'live' ? [] : [`${name} ${known(count, formatNumber)}`];
  });
  return counts.join(', ');
}

function requestLines(jvm: JvmSample, context: ViewContext): DetailLine[] {
  const { active, cpu, fds } = jvm;
  const word = sayIn(context);
  const share = (value: number | undefined): string => known(value, (one) => formatPercent(one * 100, 1));
  return [
    line('TPS', formatNumber(jvm.tps)),
    line(word('Mean response', '평균 응답'), formatMs(jvm.meanMs)),
    ...lineIfKnown(
      word('95th percentile', '95 백분위'),
      jvm.p95Ms === undefined ? undefined : formatMs(jvm.p95Ms),
    ),
    line(word('Errors', '오류'), formatPercent(jvm.errorPercent, 1)),
    line(
      word('Active now', '처리 중'),
      active === undefined
        ? NOT_KNOWN
        : word(
            `${formatCount(active.total)} (under 3 s ${formatCount(active.under3s)}, under 8 s ${formatCount(active.under8s)}, over 8 s ${formatCount(active.over8s)})`,
            `${formatCount(active.total)} (3초 미만 ${formatCount(active.under3s)}, 8초 미만 ${formatCount(active.under8s)}, 8초 초과 ${formatCount(active.over8s)})`,
          ),
      (active?.over8s ?? 0) > 0 ? 'warn' : 'normal',
    ),
    ...lineIfKnown(word('Threads', '스레드'), threadWords(jvm)),
    ...lineIfKnown(
      'CPU',
      cpu === undefined
        ? undefined
        : word(
            `process ${share(cpu.process)}, system ${share(cpu.system)}`,
            `프로세스 ${share(cpu.process)}, 시스템 ${share(cpu.system)}`,
          ),
    ),
    ...lineIfKnown(
      word('Classes', '클래스'),
      jvm.classes === undefined ? undefined : formatNumber(jvm.classes),
    ),
    ...lineIfKnown(
      word('Descriptors', '디스크립터'),
      fds === undefined ? undefined : formatOf(fds.open, fds.max),
    ),
    ...lineIfKnown(
      word('Sessions', '세션'),
      jvm.sessions === undefined ? undefined : formatNumber(jvm.sessions),
    ),
  ];
}

/** The stretch the chart beside the figures shows. */
const CHART_MS = 600_000;

/** One sample is no course yet. */
const hasCourse = ({ series: [used] }: Chart): boolean => (used?.points.length ?? 0) > 1;

/** Heap, collections and requests of one server, with the heap's live line. */
export function jvmSection(server: Server, context: ViewContext): DetailSection {
  const title = text('JVM', 'JVM');
  const { jvm } = server;
  const word = sayIn(context);
  if (jvm === undefined) {
    const absence = whyNoJvm(server, context);
    const why = absence === undefined ? NOT_KNOWN : gapText(absence, context);
    return { title, part: 'jvm', lines: [line('JVM', why, 'warn')] };
  }
  const isOld = isOldSample(server, context.now);
  const window = { fromAt: context.now - CHART_MS, toAt: context.now };
  return {
    title,
    part: 'jvm',
    lines: [
      line(word('Source', '출처'), figuresAge(server, context), isOld ? 'warn' : 'normal'),
      ...memoryLines(server, jvm, context),
      ...collectionLines(jvm, context),
      ...requestLines(jvm, context),
      line(
        word('JVM started', 'JVM 시작'),
        instantWithAge(jvm.startedAt, context, formatInstant, formatAge) ?? NOT_KNOWN,
      ),
    ],
    charts: heapChart({ server, window, context }).filter(hasCourse),
  };
}

/** A small table; none where there is nothing in it. */
const tableSection = (
  title: Text,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): readonly DetailSection[] =>
  rows.length === 0 ? [] : [{ title, part: 'jvm', lines: [], table: { columns, rows } }];

/** Connectors, pools and collectors as small tables. */
export function poolSections({ jvm }: Server): readonly DetailSection[] {
  if (jvm === undefined) return [];
  const { connectors = [], dataSources = [], memoryPools = [], collectors = [] } = jvm;
  return [
    ...tableSection(
      text('Connectors', '커넥터'),
      ['connector', 'busy', 'max'],
      connectors.map(({ name, busy, max }) => [name, formatCount(busy), formatCount(max)]),
    ),
    ...tableSection(
      text('Data sources', '데이터 소스'),
      ['pool', 'active', 'idle', 'max'],
      dataSources.map(({ name, active, idle, max }) => [
        name,
        formatCount(active),
        formatCount(idle),
        formatCount(max),
      ]),
    ),
    ...tableSection(
      text('Memory pools', '메모리 풀'),
      ['pool', 'used', 'committed', 'max'],
      memoryPools.map(({ name, usedBytes, committedBytes, maxBytes }) => [
        name,
        formatBytes(usedBytes),
        formatBytes(committedBytes),
        formatBytes(maxBytes),
      ]),
    ),
    ...tableSection(
      text('Collectors since the start', '시작 이후 수집기'),
      ['collector', 'count', 'time'],
      collectors.map(({ name, count, timeMs }) => [name, formatCount(count), formatMs(timeMs)]),
    ),
  ];
}
