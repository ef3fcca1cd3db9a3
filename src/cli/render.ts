import stringWidth from 'string-width';
import { stringify as stringifyYaml } from 'yaml';
import type { Language } from '../domain/text.ts';
import type { BoundRow, BoundView } from '../views/bound-view.ts';
import { csvOf } from '../views/csv.ts';
import type { DetailSection } from '../views/view.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'name'] as const;
export type Format = (typeof FORMATS)[number];

const pad = (text: string, width: number, isRight: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return isRight ? `${space}${text}` : `${text}${space}`;
};

/** Columns as wide as their widest cell, three spaces apart, nothing cut. */
export function alignColumns(
  head: readonly string[],
  body: readonly (readonly string[])[],
  isRight: (column: number) => boolean = () => false,
): string {
  const widths = head.map((title, column) =>
    Math.max(stringWidth(title), ...body.map((cells) => stringWidth(cells[column] ?? ''))),
  );
  return [head, ...body]
    .map((cells) =>
      cells
        .map((cell, column) => pad(cell, widths[column] ?? 0, isRight(column)))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

export function renderTable(view: BoundView, rows: readonly BoundRow[], isWide: boolean): string {
  const shown = view.columns.flatMap((column, index) =>
    isWide || !column.isWide ? [{ column, index }] : [],
  );
  const body = rows.map((row) => {
    const texts = row.texts();
    return shown.map(({ index }) => texts[index] ?? '');
  });
  return alignColumns(
    shown.map(({ column }) => column.title),
    body,
    (position) => shown[position]?.column.isRight ?? false,
  );
}

/** Raw values of every column, wide ones too. */
export const renderCsv = (view: BoundView, rows: readonly BoundRow[]): string =>
  csvOf(
    view.columns.map(({ id }) => id),
    rows.map((row) => row.values()),
  ).trimEnd();

export const renderNames = (rows: readonly BoundRow[]): string =>
  rows.map((row) => `${row.context}:${row.ref.id}`).join('\n');

export function renderData(format: 'json' | 'yaml', data: unknown): string {
  const json = JSON.stringify(data, undefined, 2);
  return format === 'json' ? json : stringifyYaml(JSON.parse(json)).trimEnd();
}

/** A detail page as text. */
export function renderSections(sections: readonly DetailSection[], language: Language): string {
  return sections
    .filter(({ lines, table }) => lines.length > 0 || table !== undefined)
    .map(({ title, lines, table }) => {
      const width = Math.max(0, ...lines.map(({ label }) => stringWidth(label)));
      const body = lines.map(({ label, value }) => `  ${pad(label, width, false)}  ${value}`.trimEnd());
      const inner = table === undefined ? [] : alignColumns(table.columns, table.rows).split('\n');
      return [title[language], ...body, ...inner.map((line) => `  ${line}`)].join('\n');
    })
    .join('\n\n');
}
