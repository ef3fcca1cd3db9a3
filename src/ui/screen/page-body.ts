import type { Ref } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import type { Page } from '../../store/shell/page.ts';
import type { LooseView } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { chartsOn } from '../chart-pages.ts';
import type { RowSet } from '../rows.ts';
import { type ChartMemory, createChartMemory } from './chart-memory.ts';
import { type ChartPageShown, type ChartStage, chartBody, chartPage } from './chart-page.ts';
import { placeFact, scrollWindow } from './detail-lines.ts';
import { type DetailStage, detailBody } from './detail-page.ts';
import { helpLines } from './help-lines.ts';
import { reportLines } from './report-lines.ts';
import type { ScrolledBody } from './scrolled-body.ts';
import { createTableMemory, type TableFrame, type TableMemory, tableFrame } from './table-frame.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

const PAGES_REMEMBERED = 80;
/** The points of a page of charts take far more room than a row. */
const CHART_PAGES_REMEMBERED = 4;

/** Keeps the newest entries of a map of pages. */
export function remember<T>(map: Map<number, T>, id: number, value: T, most = PAGES_REMEMBERED): T {
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
  return value;
}

/** What the body of a page is drawn from, as it is at that moment. */
export interface BodyStage extends DetailStage {
  view(): LooseView | undefined;
  rowSet(): RowSet;
  /** Lines the body has, its title among them. */
  height(): number;
}

/** Draws the body of the current page, by its kind, and remembers what the next frame of it needs. */
export function createPageBody(stage: BodyStage) {
  const memories = new Map<number, TableMemory>();
  const chartMemories = new Map<number, ChartMemory>();
  let cache: { readonly key: readonly unknown[]; readonly lines: readonly string[] } | undefined;
  let shownColumns: readonly string[] = [];
  let shownRefs: readonly Ref[] = [];
  let lineCount = 0;
  let scrollTop = 0;

  const scrolledLines = (world: World, { key, lines }: ScrolledBody): readonly string[] => {
    const whole = [world.page.id, world.columns, ...key];
    if (
      cache === undefined ||
      cache.key.length !== whole.length ||
      cache.key.some((part, index) => part !== whole[index])
    ) {
      cache = { key: whole, lines: lines() };
    }
    return cache.lines;
  };
  const scrolled = (world: World, body: ScrolledBody): readonly string[] => {
    const all = scrolledLines(world, body);
    const view = scrollWindow(all, { top: world.page.top, height: stage.height() - 1 });
    lineCount = all.length;
    scrollTop = view.top;
    const facts = [...(body.facts ?? []), ...placeFact(view.place)];
    return [titleLine(world.theme, { title: body.title, facts, columns: world.columns }), ...view.lines];
  };
  const tableBody = (world: World, view: LooseView): TableFrame => {
    const { id } = world.page;
    const memory = memories.get(id) ?? remember(memories, id, createTableMemory());
    const table = tableFrame(world, { view, rowSet: stage.rowSet(), memory, height: stage.height() });
    shownColumns = table.shown;
    shownRefs = table.refs;
    return table;
  };
  const chartStage = (): ChartStage | undefined => {
    const world = stage.world();
    const view = stage.view();
    const { id, content } = world.page;
    const charts = view === undefined ? undefined : chartsOn(view, content);
    if (view === undefined || charts === undefined) return undefined;
    const memory =
      chartMemories.get(id) ?? remember(chartMemories, id, createChartMemory(), CHART_PAGES_REMEMBERED);
    return { world, view, charts, memory };
  };
  return {
    draw({ content }: Page): { readonly lines: readonly string[]; readonly table?: TableFrame | undefined } {
      const world = stage.world();
      const view = stage.view();
      shownRefs = [];
      switch (content.kind) {
        case 'help': {
          const title = say(world.settings, text('Help', '도움말'));
          return {
            lines: scrolled(world, { title, key: [], lines: () => helpLines(world, content.view) }),
          };
        }
        case 'report': {
          const title = say(world.settings, content.report.title);
          return {
            lines: scrolled(world, { title, key: [], lines: () => reportLines(world, content.report) }),
          };
        }
        case 'table': {
          if (view === undefined) return { lines: [] };
          const table = tableBody(world, view);
          return { lines: table.lines, table };
        }
        case 'detail':
        case 'compare': {
          if (view === undefined) return { lines: [] };
          const charts = chartStage();
          if (charts !== undefined) return { lines: scrolled(world, chartBody(charts, stage.dataVersion())) };
          if (content.kind === 'compare') return { lines: [] };
          return { lines: scrolled(world, detailBody(stage, { world, view, content })) };
        }
      }
    },
    /** What the page of charts shows, where the current page is one. */
    charts(): ChartPageShown | undefined {
      const charts = chartStage();
      return charts === undefined ? undefined : chartPage(charts);
    },
    /** Of the rows on the screen, where it is a table. */
    shownRefs: () => shownRefs,
    /** Makes the lines anew, for what no store tells. */
    invalidate(): void {
      cache = undefined;
    },
    /** Columns may be narrow again. */
    forgetWidths(): void {
      for (const memory of memories.values()) memory.widest.clear();
    },
    shownColumns: (): readonly string[] => shownColumns,
    lineCount: (): number => lineCount,
    scrollTop: (): number => scrollTop,
  };
}
