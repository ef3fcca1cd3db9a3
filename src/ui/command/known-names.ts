import { createGlobMatcher } from '../../core/glob.ts';
import { suggest } from '../../core/suggest.ts';
import { type Text, text } from '../../domain/text.ts';
import { parseFilter } from '../../store/filter/parse-filter.ts';
import { isError } from '../../store/filter/text-test.ts';

/** Names there are to narrow to: for completion, and to tell a mistyped one from an empty table. */
export interface KnownNames {
  readonly contexts: readonly string[];
  /** Namespaces, ECS clusters and hosts seen so far. */
  readonly namespaces: readonly string[];
}
export const NOTHING_KNOWN: KnownNames = { contexts: [], namespaces: [] };

const LISTED = 8;
const listOf = (names: readonly string[]): string =>
  names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` +${names.length - LISTED}` : '');

function unmatched(globs: readonly string[], names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return globs.find((glob) => !names.some(createGlobMatcher([glob])));
}

/** Why the contexts cannot be meant: they are configured, so one that is not there never comes. */
export function unknownContext(globs: readonly string[], { contexts }: KnownNames): Text | undefined {
  const glob = unmatched(globs, contexts);
  if (glob === undefined) return undefined;
  const near = suggest(glob, contexts);
  return text(
    `No context ${glob}${near === undefined ? '.' : `; did you mean ${near}?`} Contexts: ${listOf(contexts)}`,
    `${glob} 컨텍스트 없음${near === undefined ? '.' : `; ${near} 인가요?`} 컨텍스트: ${listOf(contexts)}`,
  );
}

/** Namespaces come and go, so one that nobody saw is worth a word but may come. */
export function unknownNamespace(globs: readonly string[], { namespaces }: KnownNames): Text | undefined {
  const glob = unmatched(globs, namespaces);
  if (glob === undefined) return undefined;
  const near = suggest(glob, namespaces);
  return text(
    `No namespace ${glob} is known${near === undefined ? '.' : `; did you mean ${near}?`} Known: ${listOf(namespaces)}`,
    `${glob} 네임스페이스를 알 수 없음${near === undefined ? '.' : `; ${near} 인가요?`} 알려진 것: ${listOf(namespaces)}`,
  );
}

/** The same of the contexts and namespaces a filter names (`@prod-* -n shop`); most name none, so `known` waits. */
export function unknownInFilter(
  filter: string,
  known: () => KnownNames,
): { readonly context: Text | undefined; readonly namespace: Text | undefined } {
  const parsed = parseFilter(filter);
  const terms = isError(parsed) ? [] : parsed.terms;
  const globsOf = (kind: 'context' | 'namespace') =>
    terms.flatMap((term) => (term.kind === kind ? term.globs : []));
  const contexts = globsOf('context');
  const namespaces = globsOf('namespace');
  return {
    context: contexts.length === 0 ? undefined : unknownContext(contexts, known()),
    namespace: namespaces.length === 0 ? undefined : unknownNamespace(namespaces, known()),
  };
}
