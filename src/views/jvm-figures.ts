import type { JvmSample, JvmSampleSource, PauseTimes } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import { formatAge, formatDataAge } from './format-age.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatOf,
  formatPercent,
  NOT_KNOWN,
} from './format-number.ts';
import { probeOf } from './jvm-absence.ts';
import { MOST_PARTS } from './jvm-charts.ts';
import {
  afterGcPercent,
  connectorTotals,
  heapPercent,
  isOldSample,
  levelTone,
  poolTotals,
} from './jvm-reading.ts';
import type { DetailLine, ViewContext } from './view.ts';
import { line, say } from './words.ts';

/** Words for what is known, joined; none where nothing is. */
const joined = (parts: readonly (string | undefined)[]): string | undefined => {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(' · ');
};
const ifKnown = (value: number | undefined, words: (value: number) => string): string | undefined =>
  value === undefined ? undefined : words(value);

/** A sender tells the last pause of each collector between two datagrams: of many, some were never sent. */
const sentPauses = ({ count }: PauseTimes): Text =>
  text(
    `of ${formatNumber(count)} ${count === 1 ? 'pause' : 'pauses'} sent`,
    `수신된 정지 ${formatNumber(count)}건:`,
  );

/** Sources that would tell what a full collection left. */
const TELLS_AFTER_GC: ReadonlySet<JvmSampleSource> = new Set(['lena', 'l9s', 'probe']);

/** Why it is not known what a collection left; `undefined` where it is, or nobody tells. */
export const whyNoAfterGc = ({ heap, source, fullGcs }: JvmSample): Text | undefined => {
  if (heap?.usedBytes === undefined || heap.afterGcBytes !== undefined || !TELLS_AFTER_GC.has(source))
    return undefined;
  return fullGcs === 0
    ? text('no Full GC yet', '아직 Full GC 없음')
    : text('no Full GC seen yet', '아직 확인된 Full GC 없음');
};

function heapWords(server: Server, context: ViewContext): string | undefined {
  const { heap } = server.jvm ?? {};
  const percent = heapPercent(server);
  const after = afterGcPercent(server);
  const why = server.jvm === undefined ? undefined : whyNoAfterGc(server.jvm);
  const [of, afterGc] = [say(context, text('of', '/')), say(context, text('after GC', 'GC 후'))];
  return joined([
    ifKnown(heap?.usedBytes, (used) =>
      percent === undefined
        ? formatBytes(used)
        : `${formatBytes(used)} ${of} ${formatBytes(heap?.maxBytes)} (${formatPercent(percent)})`,
    ),
    ifKnown(
      heap?.afterGcBytes,
      (bytes) => `${afterGc} ${formatBytes(bytes)}${after === undefined ? '' : ` (${formatPercent(after)})`}`,
    ),
    why === undefined ? undefined : `${afterGc} ${NOT_KNOWN} (${say(context, why)})`,
  ]);
}

function collectionWords(jvm: JvmSample, context: ViewContext, isThen: boolean): string | undefined {
  const { lastFullGc: full, pauses } = jvm;
  const [ago, before] = [isThen ? 'before' : 'ago', isThen ? '그 전' : '전'];
  return joined([
    ifKnown(jvm.gcTimePercent, (share) =>
      say(
        context,
        text(`${formatPercent(share, 1)} of the last minute`, `최근 1분의 ${formatPercent(share, 1)}`),
      ),
    ),
    ifKnown(jvm.gcPerMinute, (count) =>
      say(context, text(`${formatNumber(count)}/min`, `분당 ${formatNumber(count)}회`)),
    ),
    full === undefined
      ? undefined
      : say(
          context,
          text(
            `last Full GC ${formatAge(Math.max(0, context.now - full.at))} ${ago}`,
            `마지막 Full GC ${formatAge(Math.max(0, context.now - full.at))} ${before}`,
          ),
        ),
    pauses === undefined
      ? undefined
      : `${say(context, sentPauses(pauses))} p50 ${formatMs(pauses.p50Ms)}, p99 ${formatMs(pauses.p99Ms)}, max ${formatMs(pauses.maxMs)}`,
  ]);
}

function loadWords(server: Server, jvm: JvmSample, context: ViewContext): string | undefined {
  const { active } = jvm;
  const [busy, pools] = [connectorTotals(server), poolTotals(server)];
  const over = active?.over8s;
  const overWords =
    over === undefined
      ? ''
      : say(context, text(` (${formatCount(over)} over 8 s)`, ` (8초 초과 ${formatCount(over)})`));
  return joined([
    ifKnown(jvm.tps, (tps) => `${formatNumber(tps)}/s`),
    ifKnown(jvm.meanMs, (ms) => formatMs(ms)),
    ifKnown(
      jvm.errorPercent,
      (share) => `${say(context, text('errors', '오류'))} ${formatPercent(share, 1)}`,
    ),
    ifKnown(
      active?.total,
      (total) => `${say(context, text('active', '처리 중'))} ${formatCount(total)}${overWords}`,
    ),
    busy.busy === undefined
      ? undefined
      : `${say(context, text('busy', '사용 중'))} ${formatOf(busy.busy, busy.max)}`,
    pools.active === undefined
      ? undefined
      : `${say(context, text('pools', '풀'))} ${formatOf(pools.active, pools.max)}`,
  ]);
}

function processWords(jvm: JvmSample, context: ViewContext): string | undefined {
  const { cpu, threads, fds } = jvm;
  return joined([
    ifKnown(cpu?.process, (share) => `CPU ${formatPercent(share * 100, 1)}`),
    ifKnown(threads?.live, (live) => `${say(context, text('threads', '스레드'))} ${formatCount(live)}`),
    ifKnown(jvm.classes, (count) => `${say(context, text('classes', '클래스'))} ${formatCount(count)}`),
    fds?.open === undefined
      ? undefined
      : `${say(context, text('descriptors', '디스크립터'))} ${formatOf(fds.open, fds.max)}`,
  ]);
}

/** Where the figures come from and how old they are, e.g. `lena, live`. */
export function figuresAge(server: Server, context: ViewContext): string {
  const { jvm } = server;
  if (jvm === undefined) return '';
  const age = formatDataAge(Math.max(0, context.now - jvm.at));
  const words = `${jvm.source}, ${age}`;
  return isOldSample(server, context.now) ? `${words} ${say(context, text('(overdue)', '(지연)'))}` : words;
}

/** The figures of a sample in a few lines; `isThen` where `context.now` is not the present. */
export function sampleLines(server: Server, context: ViewContext, isThen = false): readonly DetailLine[] {
  const { jvm } = server;
  if (jvm === undefined) return [];
  const isOld = isOldSample(server, context.now);
  const over8s = (jvm.active?.over8s ?? 0) > 0;
  const lines = [
    [text('Heap', '힙'), heapWords(server, context), levelTone(heapPercent(server), context)],
    ['GC', collectionWords(jvm, context, isThen), 'normal'],
    [text('Requests', '요청'), loadWords(server, jvm, context), over8s ? 'warn' : 'normal'],
    [text('Process', '프로세스'), processWords(jvm, context), 'normal'],
  ] as const;
  return lines.flatMap(([label, words, tone]) =>
    words === undefined
      ? []
      : [line(typeof label === 'string' ? label : say(context, label), words, isOld ? 'muted' : tone)],
  );
}

/** The figures of now with their age; those overdue are dim. */
export function figureLines(server: Server, context: ViewContext): readonly DetailLine[] {
  if (server.jvm === undefined) return [];
  const tone = isOldSample(server, context.now) ? 'warn' : 'normal';
  return [
    line(say(context, text('Heard', '수신')), figuresAge(server, context), tone),
    ...sampleLines(server, context),
  ];
}

/** What is not known and why, a line each; why there is no figure at all stands in the section of figures. */
export function gapLines(server: Server, context: ViewContext): readonly DetailLine[] {
  const { jvm, records, heartbeat } = server;
  const note = say(context, text('Note', '참고'));
  const reading = probeOf(server, context);
  if (jvm === undefined) {
    // A page that is looked at has the JVM read where no datagrams come; the reading says what becomes of it.
    const isAsked =
      reading?.failure === undefined &&
      heartbeat === undefined &&
      server.state !== 'stopped' &&
      server.contextKind === 'kube' &&
      records.instance !== undefined;
    const words = text('Reading it through pod exec…', 'pod exec으로 읽는 중…');
    return isAsked ? [line(note, say(context, words), 'muted')] : [];
  }
  const lines: DetailLine[] = [];
  if (reading?.failure !== undefined) {
    const { code, message, hint } = reading.failure;
    lines.push(line(note, `${code}: ${message} → ${hint}`, 'warn'));
  }
  if (reading?.others !== undefined && reading.others.length > 0) {
    const others = reading.others.join(', ');
    lines.push(line(note, say(context, text(`Not read: ${others}`, `읽지 않은 JVM: ${others}`)), 'muted'));
  }
  return lines;
}

/** What stands below the charts: parts that have none of their own, and what a sender never sends. */
export function belowLines({ jvm }: Server, context: ViewContext): readonly DetailLine[] {
  const note = say(context, text('Note', '참고'));
  const more = Math.max(0, (jvm?.connectors?.length ?? 0) - MOST_PARTS);
  const morePools = Math.max(0, (jvm?.dataSources?.length ?? 0) - MOST_PARTS);
  const lines: DetailLine[] = [];
  if (more + morePools > 0) {
    const words = text(
      `${more + morePools} more connectors and data sources stand in the tables below`,
      `커넥터와 데이터 소스 ${more + morePools}개는 아래 표에 있음`,
    );
    lines.push(line(note, say(context, words), 'muted'));
  }
  if (jvm !== undefined && whyNoAfterGc(jvm) !== undefined) {
    const words = text(
      'After GC is what a Full GC leaves. What young collections leave holds garbage of the old generation too and is not told as alive; jcmd PID GC.run makes one (it stops the JVM for a moment)',
      'GC 후 힙은 Full GC가 남긴 양입니다. 영 GC 뒤에는 올드 영역의 쓰레기가 남아 있어 살아있는 양으로 보이지 않습니다. jcmd PID GC.run으로 한 번 실행 가능 (JVM이 잠시 멈춤)',
    );
    lines.push(line(note, say(context, words), 'muted'));
  }
  if (jvm?.source === 'lena' && jvm.threads === undefined && jvm.memoryPools === undefined) {
    const words = text(
      'A LENA advertiser sends no thread counts, memory pools or CPU; l9s advertise beside it does',
      'LENA advertiser는 스레드 수, 메모리 풀, CPU를 보내지 않음; 옆에서 l9s advertise를 실행하면 보냄',
    );
    lines.push(line(note, say(context, words), 'muted'));
  }
  return lines;
}
