import stringWidth from 'string-width';
import { stringify as stringifyYaml } from 'yaml';
import type { Language } from '../domain/text.ts';
import type { BoundRow, BoundView } from '../views/bound-view.ts';
import { csvOf } from '../views/csv.ts';
import type { DetailSection } from '../views/view.ts';
import { jsonKeyOf } from './kinds.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'name'] as const;
export type Format = (typeof FORMATS)[number];

const pad = (text: string, width: number, isRight: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return isRight ? `${space}${text}` : `${text}${space}`;
};

const widthsOf = (lines: readonly (readonly string[])[]): readonly number[] =>
  (lines[0] ?? []).map((_cell, column) =>
    Math.max(...lines.map((cells) => stringWidth(cells[column] ?? ''))),
  );

interface Alignment {
  readonly widths: readonly number[];
  readonly isRight: (column: number) => boolean;
}

const alignLine = (cells: readonly string[], { widths, isRight }: Alignment): string =>
  cells
    .map((cell, column) => pad(cell, widths[column] ?? 0, isRight(column)))
    .join('   ')
    .trimEnd();

/** Columns as wide as their widest cell, three spaces apart, nothing cut. */
export function alignColumns(head: readonly string[], body: readonly (readonly string[])[]): string {
  const alignment = { widths: widthsOf([head, ...body]), isRight: () => false };
  return [head, ...body].map((cells) => alignLine(cells, alignment)).join('\n');
}

export interface TableRenderer {
  /** Headings and these rows; their widths hold for what follows. */
  whole(rows: readonly BoundRow[]): string;
  /** One more row under them. */
  line(row: BoundRow): string;
}

export function createTableRenderer(view: BoundView, isWide: boolean): TableRenderer {
  const shown = view.columns.flatMap((column, index) =>
    isWide || !column.isWide ? [{ column, index }] : [],
  );
  const isRight = (position: number) => shown[position]?.column.isRight ?? false;
  const head = shown.map(({ column }) => column.title);
  const cellsOf = (row: BoundRow) => {
    const texts = row.texts();
    return shown.map(({ index }) => texts[index] ?? '');
  };
  let widths = widthsOf([head]);
  return {
    whole(rows) {
      const lines = [head, ...rows.map(cellsOf)];
      widths = widthsOf(lines);
      return lines.map((cells) => alignLine(cells, { widths, isRight })).join('\n');
    },
    line: (row) => alignLine(cellsOf(row), { widths, isRight }),
  };
}

/** Raw values of every column, wide ones too. */
export const renderCsv = (view: BoundView, rows: readonly BoundRow[]): string =>
  csvOf(
    view.columns.map(({ id }) => id),
    rows.map((row) => row.values()),
  ).trimEnd();

/** One row as CSV, without headings. */
export const renderCsvLine = (row: BoundRow): string => csvOf(row.values(), []).trimEnd();

export const nameOf = (row: BoundRow): string => `${row.context}:${row.ref.id}`;
export const renderNames = (rows: readonly BoundRow[]): string => rows.map(nameOf).join('\n');

export function renderData(format: 'json' | 'yaml', data: unknown): string {
  const json = JSON.stringify(data, undefined, 2);
  return format === 'json' ? json : stringifyYaml(JSON.parse(json)).trimEnd();
}

/** A detail page as text. */
export function renderSections(sections: readonly DetailSection[], language: Language): string {
  return sections
    .filter(({ lines, table, text }) => lines.length > 0 || table !== undefined || text !== undefined)
    .map(({ title, lines, table, text = [] }) => {
      const width = Math.max(0, ...lines.map(({ label }) => stringWidth(label)));
      const body = lines.map(({ label, value }) => `  ${pad(label, width, false)}  ${value}`.trimEnd());
      const inner = table === undefined ? [] : alignColumns(table.columns, table.rows).split('\n');
      return [title[language], ...body, ...[...inner, ...text].map((line) => `  ${line}`)].join('\n');
    })
    .join('\n\n');
}

/** Rows of a view in any format; `beside` is what JSON and YAML hold beside them. */
export function renderRows(
  view: BoundView,
  rows: readonly BoundRow[],
  { format, beside = () => ({}) }: { readonly format: Format; readonly beside?: () => object },
): string {
  switch (format) {
    case 'table':
    case 'wide':
      return createTableRenderer(view, format === 'wide').whole(rows);
    case 'csv':
      return renderCsv(view, rows);
    case 'name':
      return renderNames(rows);
    case 'json':
    case 'yaml':
      return renderData(format, { [jsonKeyOf(view)]: rows.map((row) => row.json()), ...beside() });
  }
}
