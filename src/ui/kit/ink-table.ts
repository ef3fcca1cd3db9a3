import { createRequire } from 'node:module';
import * as ink from 'ink';
import { type ComponentType, createElement } from 'react';
import { asciiCell } from '../../views/ascii-cell.ts';

/** A small table whose every cell is ASCII by construction. */
export interface AsciiTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type TableComponent = ComponentType<{
  readonly data: readonly Readonly<Record<string, string>>[];
  readonly columns?: readonly string[];
}>;

let loaded: TableComponent | undefined;

const isComponent = (value: unknown): value is TableComponent => typeof value === 'function';

/**
 * ink-table is CommonJS and requires Ink, which as an ESM graph with top-level await cannot be required. From
 * sources the module is put where require finds it; in the bundle the build has turned its requires into imports.
 */
export async function loadInkTable(): Promise<void> {
  if (loaded !== undefined) return;
  if (import.meta.url.endsWith('.ts')) {
    const require = createRequire(import.meta.url);
    const file = require.resolve('ink');
    require.cache[file] ??= Object.assign(Object.create(null), {
      id: file,
      filename: file,
      loaded: true,
      exports: ink,
    });
  }
  const module: unknown = await import('ink-table');
  loaded = findComponent(module);
}

/** The default export, however deep CommonJS and ESM nested it. */
function findComponent(module: unknown): TableComponent | undefined {
  for (let current = module, depth = 0; depth < 3; depth++) {
    if (isComponent(current)) return current;
    if (typeof current !== 'object' || current === null || !('default' in current)) return undefined;
    current = current.default;
  }
  return undefined;
}

/** Reconciling a table takes longer than a frame may: what was drawn last is kept. */
const DRAWN_LIMIT = 32;
const drawn = new Map<string, readonly string[]>();

/** Lines of the table, or nothing while the library is not loaded yet. The library counts characters, not cells. */
export function drawAsciiTable(table: AsciiTable, width: number): readonly string[] {
  if (loaded === undefined || table.rows.length === 0) return [];
  const key = JSON.stringify([width, table.columns, table.rows]);
  const known = drawn.get(key);
  if (known !== undefined) return known;
  if (drawn.size >= DRAWN_LIMIT) drawn.clear();
  const lines = drawTable(
    loaded,
    { columns: table.columns, rows: table.rows.map((row) => row.map(asciiCell)) },
    width,
  );
  drawn.set(key, lines);
  return lines;
}

function drawTable(
  component: TableComponent,
  { columns, rows }: AsciiTable,
  width: number,
): readonly string[] {
  const data = rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])),
  );
  return ink
    .renderToString(createElement(component, { data, columns }), { columns: width })
    .split('\n')
    .map((line) => line.trimEnd());
}
