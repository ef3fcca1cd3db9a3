import type { JvmSample } from '../domain/jvm-sample.ts';
import type { SeriesId } from '../domain/series.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { chartSeries, pointsOf } from './chart-points.ts';
import type { JvmChartQuery } from './jvm-charts.ts';
import { sampleLines } from './jvm-figures.ts';
import type { DetailLine } from './view.ts';
import { line, say } from './words.ts';

/** What the series tell of the instant a window ends at; `undefined` where nothing was heard around it. */
function sampleThen({ server, window, context }: JvmChartQuery): JvmSample | undefined {
  const { jvm, ref } = server;
  const query = { server, window };
  let heardAt: number | undefined;
  const valueThen = (id: SeriesId): number | undefined => {
    const points = pointsOf(id, query, context);
    const point = points.findLast(({ at }) => at < window.toAt);
    const { silenceMs } = chartSeries('', points, { query, context });
    if (point === undefined || window.toAt - point.at > silenceMs) return undefined;
    heardAt = Math.max(heardAt ?? point.at, point.at);
    return point.value;
  };
  const cpu = valueThen('cpuPercent');
  const figures = {
    heap: {
      usedBytes: valueThen('heapUsed'),
      committedBytes: valueThen('heapCommitted'),
      maxBytes: valueThen('heapMax'),
      afterGcBytes: valueThen('afterGc'),
    },
    gcTimePercent: valueThen('gcTimePercent'),
    lastFullGc: context.related.fullGcs(ref).findLast(({ at }) => at < window.toAt),
    tps: valueThen('tps'),
    meanMs: valueThen('meanMs'),
    errorPercent: valueThen('errorPercent'),
    active: { total: valueThen('active'), over8s: valueThen('over8s') },
    connectors: jvm?.connectors?.map(({ name, max }) => ({
      name,
      max,
      busy: valueThen(`connector/${name}`),
    })),
    dataSources: jvm?.dataSources?.map(({ name, max }) => ({
      name,
      max,
      active: valueThen(`dataSource/${name}`),
    })),
    threads: { live: valueThen('threads') },
    cpu: { process: cpu === undefined ? undefined : cpu / 100 },
    fds: { open: valueThen('fds'), max: jvm?.fds?.max },
  };
  return heardAt === undefined || jvm === undefined
    ? undefined
    : { ...figures, source: jvm.source, at: heardAt };
}

/** The figures of the instant the charts end at, as far as series are kept of them. */
export function thenLines(query: JvmChartQuery): readonly DetailLine[] {
  const { server, window, context } = query;
  const jvm = sampleThen(query);
  const then = say(context, text('Then', '당시'));
  if (jvm === undefined) {
    const words = text('Nothing was heard where these charts end', '이 차트가 끝나는 시점에 수신 없음');
    return [line(then, say(context, words), 'warn')];
  }
  const words = text(
    'figures where these charts end; 0 follows the present',
    '이 차트가 끝나는 시점의 값; 0은 현재 따라가기',
  );
  const past: Server = { ...server, jvm };
  return [
    line(then, say(context, words), 'warn'),
    ...sampleLines(past, { ...context, now: window.toAt }, true),
  ];
}
