import { stringify } from 'csv-stringify/sync';
import { toHundredths } from './format-number.ts';

export type CsvCell = string | number | undefined;

const cellOf = (cell: CsvCell): string | number =>
  typeof cell === 'number' ? toHundredths(cell) : (cell ?? '');

/** Comma-separated text; what is not known is empty, and a cell that a spreadsheet would run as a formula is escaped. */
export const csvOf = (head: readonly CsvCell[], body: readonly (readonly CsvCell[])[]): string =>
  stringify(
    [head, ...body].map((cells) => cells.map(cellOf)),
    { escape_formulas: true },
  );
