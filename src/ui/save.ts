import { cellValue, rowFor } from '../views/any-view.ts';
import type { Chart, ChartMark, ChartUnit, TimeWindow } from '../views/chart.ts';
import { formatInstant, isoTime } from '../views/format-time.ts';
import type { LooseView } from '../views/view.ts';
import { say } from '../views/words.ts';
import type { RowSet } from './rows.ts';
import type { ChartPageShown } from './screen/chart-page.ts';
import { summaryText } from './screen/detail-lines.ts';
import { jsonOf, sectionsOf } from './screen/detail-page.ts';
import { reportText } from './screen/report-lines.ts';
import type { Screen } from './screen/screen.ts';
import type { World } from './screen/world.ts';

/** A file to write: its name and what stands in it. */
export interface SavedFile {
  readonly name: string;
  readonly text: string;
}

const stamp = (now: number): string =>
  new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
const safeName = (name: string): string => name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80);

/** What `^s` and `:save` write of the page shown; none where there is nothing to write. */
export async function filesOfPage(screen: Screen, format: 'csv' | 'json'): Promise<readonly SavedFile[]> {
  const charts = screen.charts();
  if (charts !== undefined && charts.subjects.length > 0) return await chartFiles(screen, charts, format);
  const file = await fileOfPage(screen, format);
  return file === undefined ? [] : [file];
}

async function fileOfPage(screen: Screen, format: 'csv' | 'json'): Promise<SavedFile | undefined> {
  const world = screen.world();
  const view = screen.view();
  const { content } = world.page;
  const time = stamp(world.context.now);
  if (content.kind === 'report') {
    const { report } = content;
    const name = `${safeName(report.name)}-${time}`;
    return format === 'json'
      ? { name: `${name}.json`, text: `${JSON.stringify(report, undefined, 2)}\n` }
      : { name: `${name}.txt`, text: reportText(world, report) };
  }
  if (view === undefined) return undefined;
  if (content.kind === 'table') {
    const text =
      format === 'json'
        ? tableJson(world, view, screen.rowSet())
        : await tableCsv(world, view, screen.rowSet());
    return { name: `${view.id}-${time}.${format}`, text };
  }
  const row = screen.detailRow();
  if (content.kind !== 'detail' || row === undefined) return undefined;
  const name = `${view.id}-${safeName(content.name)}-${time}`;
  return format === 'json' || content.form === 'json'
    ? { name: `${name}.json`, text: `${jsonOf(world, view, row)}\n` }
    : { name: `${name}.txt`, text: summaryText(world, sectionsOf(world, { view, row, content })) };
}

/** Of a page of charts: what it says, and the points of its charts. */
async function chartFiles(
  screen: Screen,
  { subjects, part, sections, view: { window } }: ChartPageShown,
  format: 'csv' | 'json',
): Promise<readonly SavedFile[]> {
  const world = screen.world();
  const view = screen.view();
  if (view === undefined) return [];
  const names = subjects.length > 3 ? [`${subjects.length}-compared`] : subjects.map(({ name }) => name);
  const name = `${part}-${safeName(names.join('-'))}-${stamp(world.context.now)}`;
  if (format === 'json') {
    const rows = subjects.map(({ row }) => view.json(row, world.context));
    return [{ name: `${name}.json`, text: `${JSON.stringify({ [view.id]: rows }, undefined, 2)}\n` }];
  }
  const shown = sections();
  const { isUtc } = world.context;
  const when = `${formatInstant(window.fromAt, isUtc)} – ${formatInstant(window.toAt, isUtc)}`;
  const head = `# ${subjects.map((subject) => subject.name).join(', ')}\n${when}`;
  const { csvOf } = await import('../views/csv.ts');
  const points = shown.flatMap(({ charts = [] }) =>
    charts.flatMap((chart) => chartRows(world, chart, window)),
  );
  return [
    { name: `${name}.txt`, text: `${head}\n\n${summaryText(world, shown)}` },
    { name: `${name}.csv`, text: csvOf(['time', 'chart', 'series', 'unit', 'value'], points) },
  ];
}

/** Every point of the window as it was recorded, not as it was drawn, and what its axis marks. */
function chartRows(
  { settings }: World,
  { title, unit, series, marks = [] }: Chart,
  { fromAt, toAt }: TimeWindow,
): readonly (readonly (string | number | undefined)[])[] {
  const isIn = ({ at }: { readonly at: number }): boolean => at >= fromAt && at < toAt;
  const chart = say(settings, title);
  return [
    ...series.flatMap(({ label, points }) =>
      points.filter(isIn).map(({ at, value }) => [isoTime(at), chart, label, CHART_UNITS[unit], value]),
    ),
    ...marks.filter(isIn).map(({ at, kind }) => [isoTime(at), chart, MARK_NAMES[kind], 'event', 1]),
  ];
}
const MARK_NAMES: Readonly<Record<ChartMark['kind'], string>> = {
  collection: 'GC',
  fullCollection: 'Full GC',
};
const CHART_UNITS: Readonly<Record<ChartUnit, string>> = {
  bytes: 'bytes',
  percent: '%',
  count: 'count',
  rate: '1/s',
  ms: 'ms',
};

function tableJson({ context }: World, view: LooseView, { rows }: RowSet): string {
  return `${JSON.stringify({ [view.id]: rows.map((row) => view.json(rowFor(view, row), context)) }, undefined, 2)}\n`;
}

/** Raw values of every column. The library is loaded when it is used: the first frame does without. */
async function tableCsv({ context }: World, view: LooseView, { rows }: RowSet): Promise<string> {
  const { csvOf } = await import('../views/csv.ts');
  const body = rows.map((any) => {
    const row = rowFor(view, any);
    return view.columns.map((column) => cellValue(column, row, context));
  });
  return csvOf(
    view.columns.map(({ id }) => id),
    body,
  );
}
