import { cellValue, rowFor } from '../views/any-view.ts';
import type { LooseView } from '../views/view.ts';
import type { RowSet } from './rows.ts';
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

/** What `^s` and `:save` write of the page shown; `undefined` where there is nothing to write. */
export async function fileOfPage(screen: Screen, format: 'csv' | 'json'): Promise<SavedFile | undefined> {
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
