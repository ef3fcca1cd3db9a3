import type { BoundRow, BoundView } from '../views/bound-view.ts';
import { createTableRenderer, type Format, nameOf, renderCsv, renderCsvLine, renderNames } from './render.ts';

/** How a watch prints: a first block, then a line for each row that changed or went. */
export interface WatchForm {
  readonly first: (rows: readonly BoundRow[]) => string;
  readonly changed: (row: BoundRow) => string;
  readonly gone: (row: BoundRow) => string;
  /** What of a row is news when it differs: an age that moves on is none. */
  readonly facts: (row: BoundRow) => string;
}

export function watchForm(view: BoundView, format: Format): WatchForm {
  switch (format) {
    case 'table':
    case 'wide': {
      const isWide = format === 'wide';
      const table = createTableRenderer(view, isWide);
      const isFact = (at: number) =>
        view.columns[at]?.isAge === false && (isWide || !view.columns[at].isWide);
      return {
        first: table.whole,
        changed: table.line,
        gone: (row) => `gone: ${nameOf(row)}`,
        facts: (row) => JSON.stringify(row.texts().filter((_text, at) => isFact(at))),
      };
    }
    case 'csv':
      return {
        first: (rows) => renderCsv(view, rows),
        changed: renderCsvLine,
        // A row that went has no values; who reads CSV sees it by its absence from the next read.
        gone: () => '',
        facts: (row) =>
          JSON.stringify(row.values().filter((_value, at) => view.columns[at]?.isAge === false)),
      };
    case 'name':
      return { first: renderNames, changed: nameOf, gone: () => '', facts: nameOf };
    case 'json':
    case 'yaml': {
      // Every line is a document of its own, the first rows too, so that one reader reads them all.
      const put = (row: BoundRow) => JSON.stringify({ type: 'put', row: row.json() });
      return {
        first: (rows) => rows.map(put).join('\n'),
        changed: put,
        gone: ({ ref }) => JSON.stringify({ type: 'drop', context: ref.context, id: ref.id }),
        facts: put,
      };
    }
  }
}
