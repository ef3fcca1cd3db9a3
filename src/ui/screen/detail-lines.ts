import { text } from '../../domain/text.ts';
import { formatBytes, formatNumber, formatPercent } from '../../views/format-number.ts';
import type { ColumnUnit, DetailLine, DetailSection } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { chartRowOf, chartWindow, drawChart, timeAxis } from '../kit/chart.ts';
import { drawAsciiTable } from '../kit/ink-table.ts';
import { part } from '../kit/styled-line.ts';
import { displayWidth, fit, wrap } from '../kit/width.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

const LABEL_MAX = 30;
const INDENT = 2;
const CHART_ROWS = 5;
const CHART_MAX_COLUMNS = 100;

const UNIT_TEXT: Readonly<Record<ColumnUnit, (value: number) => string>> = {
  text: String,
  count: formatNumber,
  percent: formatPercent,
  bytes: formatBytes,
  age: formatNumber,
};

/** The sections of a page as painted lines; long values go on under themselves. */
export function detailLines(world: World, sections: readonly DetailSection[]): string[] {
  const lines: string[] = [];
  for (const section of sections) {
    if (lines.length > 0) lines.push(' ');
    lines.push(sectionTitle(world, section));
    const longest = Math.max(0, ...section.lines.map(({ label }) => displayWidth(label)));
    for (const line of section.lines) lines.push(...labelled(world, line, Math.min(LABEL_MAX, longest)));
    if (section.chart !== undefined) lines.push(...chartLines(world, section.chart));
    if (section.table !== undefined) {
      lines.push(...drawAsciiTable(section.table, world.columns - 2 * INDENT).map((line) => `  ${line}`));
    }
  }
  return lines;
}

const sectionTitle = ({ theme, settings, columns }: World, { title }: DetailSection): string =>
  titleLine(theme, { title: say(settings, title), facts: [], columns });

function labelled(
  { theme, columns }: World,
  { label, value, tone }: DetailLine,
  labelWidth: number,
): string[] {
  const room = Math.max(8, columns - INDENT - labelWidth - 3);
  const blank = ' '.repeat(INDENT + labelWidth + 2);
  return wrap(value, room).map((piece, index) => {
    const words = tone === undefined ? piece : theme.paint(tone, piece);
    return index === 0 ? `  ${theme.paint('muted', fit(label, labelWidth))}  ${words}` : blank + words;
  });
}

const NOW = text('now', '지금');
const SCALE_CELLS = 10;

/** The newest value, the area over the last minutes with its scale, and the time axis under it. */
function chartLines(world: World, chart: NonNullable<DetailSection['chart']>): string[] {
  const { theme, columns, settings, context } = world;
  const format = UNIT_TEXT[chart.unit];
  const width = Math.min(CHART_MAX_COLUMNS, columns - INDENT - SCALE_CELLS - 3);
  if (width < 10) return [];
  const isUnicode = settings.isUnicode !== false;
  const { mark, intervalMs } = chart;
  const markWords = mark === undefined ? '' : ` · ${mark.label} ${format(mark.value)}`;
  return chart.series.flatMap(({ label, points }) => {
    const newest = points.at(-1);
    if (newest === undefined) return [];
    const window = chartWindow({ points, now: context.now, columns: width, intervalMs });
    const drawn = drawChart({ points, window, columns: width, rows: CHART_ROWS, max: chart.max, isUnicode });
    const isOld = context.now - newest.at > window.gapMs;
    const heading = `${label} ${isOld ? '~' : ''}${format(newest.value)}${markWords}`;
    if (drawn.length === 0) {
      const silent = text('nothing heard in the last 10 minutes', '최근 10분간 수신 없음');
      return [`  ${theme.paint('muted', heading)} · ${theme.paint('warn', say(settings, silent))}`];
    }
    const top = Math.max(chart.max ?? 0, ...points.map(({ value }) => value));
    const markRow = mark === undefined ? -1 : chartRowOf(mark.value, top, CHART_ROWS);
    const scaleOf = (row: number): string => {
      if (row === 0) return format(top);
      if (row === markRow && mark !== undefined) return format(mark.value);
      return row === Math.floor(CHART_ROWS / 2) && markRow <= 0 ? format(top / 2) : '';
    };
    const scale = (words: string, sign: string) =>
      `  ${theme.paint('muted', `${fit(words, SCALE_CELLS, { align: 'right' })}${sign}`)}`;
    const markSign = isUnicode ? '◂' : '<';
    const now = say(settings, NOW);
    return [
      `  ${theme.paint(isOld ? 'warn' : 'muted', heading)}`,
      ...drawn.map(
        (line, row) =>
          `${scale(scaleOf(row), row === markRow ? markSign : ' ')}${theme.paint(isOld ? 'muted' : 'good', line)}`,
      ),
      `${scale(format(0), ' ')}${theme.paint(
        'muted',
        timeAxis(window, {
          columns: width,
          nowLabel: now,
          nowWidth: displayWidth(now),
          rule: isUnicode ? '─' : '-',
        }),
      )}`,
    ];
  });
}

/** Sections as plain text, to paste into a ticket. */
export function summaryText(world: World, sections: readonly DetailSection[]): string {
  return sections
    .flatMap((section) => [
      `## ${say(world.settings, section.title)}`,
      ...section.lines.map(({ label, value }) => (value === '' ? label.trim() : `${label.trim()}: ${value}`)),
      ...(section.table === undefined
        ? []
        : [section.table.columns.join('\t'), ...section.table.rows.map((row) => row.join('\t'))]),
      '',
    ])
    .join('\n');
}

/** A window into lines with where it stands, e.g. `1–20 of 95`. */
export function scrollWindow(
  lines: readonly string[],
  { top, height }: { readonly top: number; readonly height: number },
): { readonly top: number; readonly lines: readonly string[]; readonly place: string } {
  const held = Math.max(0, Math.min(top, lines.length - height));
  const end = Math.min(lines.length, held + height);
  const place = lines.length <= height ? '' : `${held + 1}–${end} / ${lines.length}`;
  return { top: held, lines: lines.slice(held, end), place };
}

export const placeFact = (place: string) => (place === '' ? [] : [part(place, 'muted')]);
