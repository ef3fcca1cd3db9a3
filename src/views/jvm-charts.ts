import type { SeriesId, SeriesPoint } from '../domain/series.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import type { Chart, ChartMark, ChartSeries, ChartUnit, TimeWindow } from './chart.ts';
import { chartSeries, pointsOf, sampledMs } from './chart-points.ts';
import type { ViewContext } from './view.ts';
import { say } from './words.ts';

/** Connectors and data sources with a chart of their own; those beyond stand in the tables below. */
export const MOST_PARTS = 6;
/** Lines a chart holds before they cannot be told apart. */
const MOST_LINES = 6;
/** As management names them: what does not belong to the Java heap. */
const NOT_HEAP = /metaspace|class|code|perm/i;

/** What the charts of one server are made from. */
export interface JvmChartQuery {
  readonly server: Server;
  readonly window: TimeWindow;
  readonly context: ViewContext;
}

interface Line {
  readonly label?: Text | string | undefined;
  readonly id: SeriesId;
}
type Read = (line: Line) => ChartSeries | undefined;

/** One series with points, or none. */
const readerOf =
  ({ server, window, context }: JvmChartQuery): Read =>
  ({ label = '', id }) => {
    const query = { server, window };
    const points = pointsOf(id, query, context);
    if (points.length === 0) return undefined;
    const words = typeof label === 'string' ? label : say(context, label);
    return chartSeries(words, points, { query, context });
  };

interface LinesSpec {
  readonly title: Text;
  readonly unit: ChartUnit;
  readonly lines: readonly Line[];
  readonly max?: number | undefined;
}

/** A chart of those lines that are known; none where none is. */
function lineChart(read: Read, { title, unit, lines, max }: LinesSpec): Chart[] {
  const series = lines.map(read).filter((one) => one !== undefined);
  return series.length === 0
    ? []
    : [{ title, unit, form: 'lines', series, ...(max === undefined ? {} : { max }) }];
}

/** When collections were: those counted while the series was kept, and the full ones. */
function collectionMarks({ server, window, context }: JvmChartQuery): readonly ChartMark[] {
  const query = { server, window };
  const counted: readonly SeriesPoint[] = pointsOf('gcCount', query, context);
  return [
    ...counted.flatMap(({ at, value }): ChartMark[] => (value > 0 ? [{ at, kind: 'collection' }] : [])),
    ...context.related.fullGcs(server.ref).map(({ at }): ChartMark => ({ at, kind: 'fullCollection' })),
  ];
}

/** Used as an area, what the last full collection left and what is committed as lines, collections under it. */
export function heapChart(query: JvmChartQuery): Chart[] {
  const read = readerOf(query);
  const used = read({ id: 'heapUsed', label: text('used', '사용') });
  if (used === undefined) return [];
  const level = read({ id: 'afterGc', label: text('after GC', 'GC 후') });
  const limit = read({ id: 'heapCommitted', label: text('committed', '커밋') });
  return [
    {
      title: text('Heap', '힙'),
      unit: 'bytes',
      form: 'area',
      series: [
        used,
        ...(level === undefined ? [] : [level]),
        ...(limit === undefined ? [] : [{ ...limit, isLimit: true as const }]),
      ],
      max: query.server.jvm?.heap?.maxBytes,
      marks: collectionMarks(query),
      hasLevels: true,
    },
  ];
}

function partCharts(read: Read, server: Server): Chart[] {
  const connectors = (server.jvm?.connectors ?? []).filter(({ busy }) => busy !== undefined);
  const pools = (server.jvm?.dataSources ?? []).filter(({ active }) => active !== undefined);
  return [
    ...connectors.slice(0, MOST_PARTS).flatMap(({ name, max }) =>
      lineChart(read, {
        title: text(`Busy ${name}`, `사용 스레드 ${name}`),
        unit: 'count',
        lines: [{ id: `connector/${name}`, ...ofMost(max) }],
        max,
      }),
    ),
    ...pools.slice(0, MOST_PARTS).flatMap(({ name, max }) =>
      lineChart(read, {
        title: text(`Connections ${name}`, `커넥션 ${name}`),
        unit: 'count',
        lines: [{ id: `dataSource/${name}`, ...ofMost(max) }],
        max,
      }),
    ),
  ];
}
const ofMost = (max: number | undefined): { readonly label?: Text } =>
  max === undefined ? {} : { label: text(`of ${max}:`, `최대 ${max} 중`) };

function memoryCharts(read: Read, server: Server): Chart[] {
  const names = (server.jvm?.memoryPools ?? []).map(({ name }) => name);
  const linesOf = (isHeap: boolean): Line[] =>
    names
      .filter((name) => NOT_HEAP.test(name) !== isHeap)
      .slice(0, MOST_LINES)
      .map((name) => ({ id: `pool/${name}`, label: name }));
  const beside = lineChart(read, {
    title: text('Memory beside the heap', '힙 외 메모리'),
    unit: 'bytes',
    lines: linesOf(false),
  });
  return [
    ...lineChart(read, { title: text('Heap pools', '힙 풀'), unit: 'bytes', lines: linesOf(true) }),
    ...(beside.length > 0
      ? beside
      : lineChart(read, {
          title: text('Memory beside the heap', '힙 외 메모리'),
          unit: 'bytes',
          lines: [{ id: 'nonHeapUsed' }],
        })),
  ];
}

function collectionCharts(read: Read, { server, context }: JvmChartQuery): Chart[] {
  const collectors = (server.jvm?.collectors ?? [])
    .slice(0, MOST_LINES)
    .map(({ name }): Line => ({ id: `collector/${name}`, label: name }));
  const seconds = Math.round(sampledMs(server, context) / 1_000);
  const title = text(`GC time per ${seconds} s`, `${seconds}초당 GC 시간`);
  const each = lineChart(read, { title, unit: 'ms', lines: collectors });
  return [
    ...lineChart(read, {
      title: text('GC share of the last minute', '최근 1분 GC 시간 비율'),
      unit: 'percent',
      lines: [{ id: 'gcTimePercent' }],
    }),
    ...((each[0]?.series.length ?? 0) > 1
      ? each
      : lineChart(read, { title, unit: 'ms', lines: [{ id: 'gcTimeMs' }] })),
  ];
}

/** Every chart of one server, the most telling first; a series nobody keeps or sends has none. */
export function jvmCharts(query: JvmChartQuery): readonly Chart[] {
  const { server } = query;
  const read = readerOf(query);
  const one = (title: Text, unit: ChartUnit, id: SeriesId, max?: number): Chart[] =>
    lineChart(read, { title, unit, lines: [{ id }], max });
  return [
    ...heapChart(query),
    ...one(text('Heap after GC', 'GC 후 힙'), 'bytes', 'afterGc'),
    ...collectionCharts(read, query),
    ...one(text('Requests', '요청'), 'rate', 'tps'),
    ...one(text('Mean response', '평균 응답'), 'ms', 'meanMs'),
    ...one(text('Errors', '오류'), 'percent', 'errorPercent'),
    ...lineChart(read, {
      title: text('Active requests', '처리 중 요청'),
      unit: 'count',
      lines: [
        { id: 'active', label: text('all', '전체') },
        { id: 'over8s', label: text('over 8 s', '8초 초과') },
      ],
    }),
    ...partCharts(read, server),
    ...memoryCharts(read, server),
    ...one(text('CPU of the process', '프로세스 CPU'), 'percent', 'cpuPercent', 100),
    ...one(text('Threads', '스레드'), 'count', 'threads'),
    ...one(text('Open descriptors', '열린 디스크립터'), 'count', 'fds'),
    ...one(text('Sessions', '세션'), 'count', 'sessions'),
  ];
}
