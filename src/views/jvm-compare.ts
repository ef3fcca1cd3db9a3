import type { SeriesId, SeriesPoint } from '../domain/series.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import type { Chart, ChartSubject, ChartUnit, TimeWindow } from './chart.ts';
import { chartSeries, type PointQuery, percentPoints, pointsOf } from './chart-points.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatOf,
  formatPercent,
  NOT_KNOWN,
} from './format-number.ts';
import { whyNoJvm } from './jvm-absence.ts';
import { figuresAge } from './jvm-figures.ts';
import { afterGcPercent, connectorTotals, heapPercent, isOldSample, poolTotals } from './jvm-reading.ts';
import type { DetailGrid, DetailSection, ViewContext } from './view.ts';
import { gapText, line, say } from './words.ts';

type Subjects = readonly ChartSubject<Server>[];

interface Figure {
  readonly title: Text;
  readonly unit: ChartUnit;
  readonly max?: number;
  readonly points: (query: PointQuery, context: ViewContext) => readonly SeriesPoint[];
}
const plain =
  (id: SeriesId): Figure['points'] =>
  (query, context) =>
    pointsOf(id, query, context);
const ofHeap =
  (id: SeriesId): Figure['points'] =>
  (query, context) =>
    percentPoints(pointsOf(id, query, context), pointsOf('heapMax', query, context));

/** What servers are compared by, a chart each. */
const FIGURES: readonly Figure[] = [
  { title: text('Heap', '힙'), unit: 'percent', max: 100, points: ofHeap('heapUsed') },
  { title: text('Heap after GC', 'GC 후 힙'), unit: 'percent', max: 100, points: ofHeap('afterGc') },
  {
    title: text('GC share of the last minute', '최근 1분 GC 시간 비율'),
    unit: 'percent',
    points: plain('gcTimePercent'),
  },
  { title: text('Requests', '요청'), unit: 'rate', points: plain('tps') },
  { title: text('Mean response', '평균 응답'), unit: 'ms', points: plain('meanMs') },
  { title: text('Active requests', '처리 중 요청'), unit: 'count', points: plain('active') },
];

const goneWord = text('gone', '사라짐');

/** One chart; every server keeps its place in it, so that its letter and colour are the same in all. */
function compareChart(
  { title, unit, max, points }: Figure,
  subjects: Subjects,
  { window, context }: { readonly window: TimeWindow; readonly context: ViewContext },
): Chart[] {
  const series = subjects.map(({ name, row: server, isGone }) => {
    const query = { server, window };
    return { ...chartSeries(name, points(query, context), { query, context }), isGone };
  });
  if (series.every((one) => one.points.length === 0)) return [];
  return [{ title, unit, form: 'lines', series, isNamedAbove: true, ...(max === undefined ? {} : { max }) }];
}

function presentGrid(subjects: Subjects, context: ViewContext): DetailGrid {
  const right = { align: 'right' } as const;
  const tenth = (value: number | undefined): string => formatPercent(value, 1);
  return {
    columns: [
      { title: say(context, text('SERVER', '서버')) },
      { title: say(context, text('CONTEXT', '컨텍스트')) },
      { title: say(context, text('HEARD', '수신')) },
      { title: 'HEAP', ...right },
      { title: 'MAX', ...right },
      { title: 'AFTER GC', ...right },
      { title: 'GC', ...right },
      { title: 'TPS', ...right },
      { title: 'MEAN', ...right },
      { title: 'ERR', ...right },
      { title: 'ACTIVE', ...right },
      { title: 'BUSY', ...right },
      { title: 'POOLS', ...right },
    ],
    rows: subjects.map(({ name, row: server, isGone }, index) => {
      const { jvm, ref } = server;
      const [busy, pools] = [connectorTotals(server), poolTotals(server)];
      const isOld = isGone || isOldSample(server, context.now);
      const figure = (words: string): string => (isOld && words !== NOT_KNOWN ? `~${words}` : words);
      return {
        line: index,
        ...(isOld ? { tone: 'muted' as const } : {}),
        cells: [
          name,
          ref.context,
          isGone ? say(context, goneWord) : jvm === undefined ? NOT_KNOWN : figuresAge(server, context),
          ...[
            formatPercent(heapPercent(server)),
            formatBytes(jvm?.heap?.maxBytes),
            formatPercent(afterGcPercent(server)),
            tenth(jvm?.gcTimePercent),
            formatNumber(jvm?.tps),
            formatMs(jvm?.meanMs),
            tenth(jvm?.errorPercent),
            formatCount(jvm?.active?.total),
            formatOf(busy.busy, busy.max),
            formatOf(pools.active, pools.max),
          ].map(figure),
        ],
      };
    }),
  };
}

/** One chart a figure with a line for each server, and the figures of now under them. */
export function compareSections(
  subjects: Subjects,
  context: ViewContext,
  window: TimeWindow,
): readonly DetailSection[] {
  const silent = subjects.flatMap(({ name, row }) => {
    const absence = whyNoJvm(row, context);
    return absence === undefined ? [] : [line(name, gapText(absence, context), 'warn')];
  });
  return [
    {
      title: text('Charts', '차트'),
      part: 'jvm',
      isHead: true,
      lines: silent,
      lineNames: subjects.map(({ name, isGone }) => (isGone ? `${name} (${say(context, goneWord)})` : name)),
      charts: FIGURES.flatMap((figure) => compareChart(figure, subjects, { window, context })),
    },
    { title: text('Now', '현재'), part: 'jvm', lines: [], grid: presentGrid(subjects, context) },
  ];
}
