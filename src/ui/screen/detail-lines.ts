import type { DetailLine, DetailSection } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { lineSign } from '../kit/chart-lines.ts';
import { drawAsciiTable } from '../kit/ink-table.ts';
import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import { displayWidth, fit, truncateMiddle, wrap } from '../kit/width.ts';
import { type ChartView, chartLines, recentView } from './chart-grid.ts';
import { roleOfLine } from './chart-inks.ts';
import { gridLines } from './grid-lines.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

const LABEL_MAX = 30;
const INDENT = 2;

/** The sections of a page as painted lines; long values go on under themselves. */
export function detailLines(
  world: World,
  sections: readonly DetailSection[],
  view?: ChartView | undefined,
): string[] {
  const lines: string[] = [];
  for (const section of sections) {
    if (section.isHead !== true) {
      if (lines.length > 0) lines.push(' ');
      lines.push(sectionTitle(world, section));
    }
    const longest = Math.max(0, ...section.lines.map(({ label }) => displayWidth(label)));
    for (const line of section.lines) lines.push(...labelled(world, line, Math.min(LABEL_MAX, longest)));
    const { charts = [], lineNames = [] } = section;
    if (charts.length > 0) lines.push(...nameLines(world, lineNames));
    if (charts.length > 0) lines.push(...chartLines(world, charts, view ?? recentView(world, charts)));
    if (section.text !== undefined) lines.push(...textLines(world, section.text));
    if (section.grid !== undefined) lines.push(...gridLines(world, section.grid));
    if (section.table !== undefined) {
      lines.push(...drawAsciiTable(section.table, world.columns - 2 * INDENT).map((line) => `  ${line}`));
    }
  }
  return lines;
}

/** What goes on is set further in, so that a frame is told from the next one. */
function textLines({ columns }: World, text: readonly string[]): string[] {
  return text.flatMap((line) => {
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    const [first = '', ...others] = wrap(line.trim(), Math.max(8, columns - 2 * INDENT - indent - 4));
    const lead = ' '.repeat(INDENT + indent);
    return [`${lead}${first}`, ...others.map((piece) => `${lead}    ${piece}`)];
  });
}

/** Letters with their names in full, as many a line as fit. */
function nameLines({ theme, columns }: World, names: readonly string[]): string[] {
  const room = columns - 2 * INDENT;
  const rows: Part[][] = [];
  names.forEach((name, index) => {
    const entry = [part(lineSign(index), roleOfLine(index)), part(` ${truncateMiddle(name, room - 2)}`)];
    const last = rows.at(-1);
    if (last === undefined || partsWidth(last) + 2 + partsWidth(entry) > room) rows.push(entry);
    else last.push(part('  '), ...entry);
  });
  return rows.map((parts) => ' '.repeat(INDENT) + paintParts(theme, parts, room));
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

/** Sections as plain text, to paste into a ticket. */
export function summaryText(world: World, sections: readonly DetailSection[]): string {
  return sections
    .filter(
      ({ lines, table, grid, text }) =>
        lines.length > 0 || table !== undefined || grid !== undefined || text !== undefined,
    )
    .flatMap((section) => [
      `## ${say(world.settings, section.title)}`,
      ...section.lines.map(({ label, value }) => (value === '' ? label.trim() : `${label.trim()}: ${value}`)),
      ...(section.text ?? []),
      ...(section.table === undefined
        ? []
        : [section.table.columns.join('\t'), ...section.table.rows.map((row) => row.join('\t'))]),
      ...(section.grid === undefined
        ? []
        : [
            section.grid.columns.map(({ title }) => title).join('\t'),
            ...section.grid.rows.map(({ cells }) => cells.join('\t')),
          ]),
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
