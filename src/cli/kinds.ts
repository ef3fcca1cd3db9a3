import { suggest } from '../core/suggest.ts';
import { appError } from '../domain/errors.ts';
import { type BoundRow, type BoundView, bindViews } from '../views/bound-view.ts';
import { VIEWS } from '../views/index.ts';

const plain = (name: string): string => name.toLowerCase().replaceAll('-', '');

/** `service-clusters` → `serviceClusters`: the key of the list in JSON output. */
export const jsonKeyOf = ({ id }: BoundView): string =>
  id.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());

/** The view of a KIND given on the command line: its id or an alias, with or without dashes. */
export function viewOfKind(written: string): BoundView {
  const views = bindViews(VIEWS);
  const wanted = plain(written);
  const view = views.find(({ id, aliases }) => [id, ...aliases].some((name) => plain(name) === wanted));
  if (view !== undefined) return view;
  const names = views.map(({ id }) => id);
  const near = suggest(written, [...names, ...views.flatMap(({ aliases }) => aliases)]);
  throw appError('USAGE', `no kind "${written}"${near === undefined ? '' : `; did you mean "${near}"?`}`, {
    hint: `Kinds: ${names.join(', ')}.`,
  });
}

/** The rows meant by `[context:][namespace/][kind/]name`; a name may hold slashes itself (`vm/tomcat1`). */
export function findRows(rows: readonly BoundRow[], written: string): readonly BoundRow[] {
  const verbatim = rows.filter((row) => row.name === written || row.ref.id === written);
  if (verbatim.length > 0) return verbatim;
  const colon = written.indexOf(':');
  const context = colon > 0 ? written.slice(0, colon) : undefined;
  const rest = written.slice(colon + 1);
  const inContext = context === undefined ? rows : rows.filter((row) => row.context === context);
  const whole = inContext.filter((row) => row.name === rest || row.ref.id === rest);
  if (whole.length > 0) return whole;
  const parts = rest.split('/');
  const namespace = parts.length > 1 ? parts[0] : undefined;
  return inContext.filter(
    (row) => row.name === parts.at(-1) && (namespace === undefined || row.namespace === namespace),
  );
}

/** The one row meant; none or several are errors that name what is near. */
export function findOneRow(view: BoundView, rows: readonly BoundRow[], written: string): BoundRow {
  const found = findRows(rows, written);
  const [first, second] = found;
  if (first === undefined) throw unknownName(view, rows, written);
  if (second === undefined) return first;
  const candidates = found.slice(0, 10).map((row) => `  ${row.context}:${row.ref.id}`);
  const more = found.length > 10 ? `\n  and ${found.length - 10} more` : '';
  throw appError('TARGET_AMBIGUOUS', `"${written}" names ${found.length}:\n${candidates.join('\n')}${more}`);
}

/** Says which names come near: those that hold what was written, or the most alike. */
export function unknownName(view: BoundView, rows: readonly BoundRow[], written: string) {
  const wanted = written.slice(written.indexOf(':') + 1).toLowerCase();
  const names = rows.map(({ name }) => name);
  const holding = names.filter((name) => name.toLowerCase().includes(wanted)).slice(0, 5);
  const alike = suggest(written, names);
  const near = holding.length > 0 ? holding : alike === undefined ? [] : [alike];
  const help = near.length === 0 ? '' : `; near: ${near.join(', ')}`;
  return appError('TARGET_UNKNOWN', `nothing in ${view.id} is named "${written}"${help}`);
}
