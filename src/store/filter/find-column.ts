import type { AppError } from '../../core/app-error.ts';
import { suggest } from '../../core/suggest.ts';
import { appError } from '../../domain/errors.ts';
import type { FilterColumn } from './filter.ts';

/** Other words people type for a column. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ctx: ['context'],
  context: ['ctx'],
  ns: ['namespace'],
  namespace: ['ns'],
  sc: ['servicecluster'],
  servicecluster: ['sc'],
  rev: ['revision'],
  revision: ['rev'],
};

/** `Rollout-Rev` and `ROLLOUT REV` are one name. */
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The column of that name: an id first, then another word for one, then a heading, then what only one of them begins with.
 */
export function findColumn<Row, Context>(
  name: string,
  columns: readonly FilterColumn<Row, Context>[],
): FilterColumn<Row, Context> | AppError {
  const wanted = bare(name);
  const byId = (id: string) => columns.find((column) => bare(column.id) === id);
  const byHeading = columns.filter(({ title }) => title !== undefined && bare(title) === wanted);
  const found =
    columns.find(({ id }) => id === name.toLowerCase()) ??
    byId(wanted) ??
    ALIASES[wanted]?.map(byId).find((column) => column !== undefined) ??
    byHeading[0];
  if (found !== undefined) return found;
  const begun = (names: (column: FilterColumn<Row, Context>) => string | undefined) =>
    columns.filter((column) => bare(names(column) ?? '').startsWith(wanted));
  for (const candidates of [begun(({ id }) => id), begun(({ title }) => title)]) {
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1) return only;
  }
  const near = suggest(
    wanted,
    columns.flatMap(({ id, title }) => (title === undefined ? [id] : [id, bare(title)])),
  );
  return appError(
    'FILTER_INVALID',
    `No column ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    {
      hint:
        near === undefined
          ? `Columns: ${columns.map(({ id }) => id).join(', ')}. A label is -l ${name}=…`
          : `A label is -l ${name}=…`,
    },
  );
}
