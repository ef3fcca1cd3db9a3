import { stringify } from 'csv-stringify/sync';

export type CsvCell = string | number | undefined;

/** Comma-separated text; what is not known is empty, and a cell that a spreadsheet would run as a formula is escaped. */
export const csvOf = (head: readonly CsvCell[], body: readonly (readonly CsvCell[])[]): string =>
  stringify(
    [head, ...body].map((cells) => cells.map((cell) => cell ?? '')),
    { escape_formulas: true },
  );
