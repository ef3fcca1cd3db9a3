import type { ActionKind, AnyAction } from '../../actions/action.ts';
import { createGlobMatcher } from '../../core/glob.ts';
import { suggest } from '../../core/suggest.ts';
import { appError } from '../../domain/errors.ts';
import type { Ref } from '../../domain/ref.ts';
import type { ViewContext } from '../../views/view.ts';

/** One row a verb may act on, as the command line names it. */
export interface Candidate {
  readonly action: AnyAction;
  readonly ref: Ref<ActionKind>;
  readonly name: string;
  readonly context: string;
  readonly namespace: string | undefined;
  /** What it may be called: `server`, `workload`, `deployment`, `pod` … */
  readonly kinds: readonly string[];
}

export interface FindOptions {
  /** Namespaces of `-n`. */
  readonly namespaces: readonly string[];
  /** Most rows the patterns may mean together; absent: patterns are not taken. */
  readonly allMatching: number | undefined;
}

export interface Found {
  readonly action: AnyAction;
  readonly targets: readonly Candidate[];
  /** True where a pattern chose them and not a name. */
  readonly isByPattern: boolean;
}

/** `[context:][namespace/][kind/]name`, every part but the name may be left out. */
export function findTargets(
  candidates: readonly Candidate[],
  written: readonly string[],
  options: FindOptions,
): Found {
  const inScope = candidates.filter(
    ({ namespace }) =>
      options.namespaces.length === 0 || (namespace !== undefined && options.namespaces.includes(namespace)),
  );
  const found = new Map<string, Candidate>();
  for (const one of written) {
    const isPattern = /[*?]/.test(one);
    if (isPattern && options.allMatching === undefined) {
      throw appError('USAGE', `"${one}" is a pattern, and a verb takes names`, {
        hint: 'Add --all-matching N, the most targets it may mean.',
      });
    }
    for (const candidate of isPattern ? matching(inScope, one) : [named(inScope, one)]) {
      found.set(`${candidate.ref.kind} ${addressOf(candidate)}`, candidate);
    }
  }
  const targets = [...found.values()];
  const [first] = targets;
  if (first === undefined) throw appError('USAGE', 'no target is given');
  const isByPattern = written.some((one) => /[*?]/.test(one));
  if (isByPattern && options.allMatching !== undefined && targets.length > options.allMatching) {
    const names = targets.slice(0, 10).map(addressOf);
    throw appError(
      'TARGET_AMBIGUOUS',
      `${written.join(' ')} means ${targets.length}, more than --all-matching ${options.allMatching}:\n  ${names.join('\n  ')}${targets.length > 10 ? `\n  and ${targets.length - 10} more` : ''}`,
      { hint: 'Narrow the pattern, or give a larger number.' },
    );
  }
  const other = targets.find(({ action }) => action !== first.action);
  if (other !== undefined) {
    throw appError(
      'USAGE',
      `${addressOf(first)} is a ${first.ref.kind}, ${addressOf(other)} a ${other.ref.kind}: they are not acted on together`,
      { hint: 'Give one command for each kind.' },
    );
  }
  return { action: first.action, targets, isByPattern };
}

/** As it can be given again: `context:namespace/kind/name`. */
export const addressOf = ({ context, namespace, kinds, name }: Candidate): string =>
  `${context}:${namespace === undefined ? '' : `${namespace}/`}${kinds[0] ?? ''}/${name}`;

interface Address {
  readonly context: string | undefined;
  readonly path: readonly string[];
}

function parse(written: string): Address {
  const colon = written.indexOf(':');
  return {
    context: colon > 0 ? written.slice(0, colon) : undefined,
    path: written.slice(colon + 1).split('/'),
  };
}

type Test = (value: string, pattern: string) => boolean;
const same: Test = (value, pattern) => value === pattern;
const globbed: Test = (value, pattern) => createGlobMatcher([pattern])(value);

/** Every reading of the path: the name may hold slashes itself (`vm/tomcat1`). */
function means(candidate: Candidate, { context, path }: Address, test: Test): boolean {
  if (context !== undefined && !test(candidate.context, context)) return false;
  const parts = candidate.name.split('/').length;
  const name = path.slice(-parts).join('/');
  if (!test(candidate.name, name)) return false;
  const lead = path.slice(0, -parts);
  const isKind = (word: string) => candidate.kinds.includes(word.toLowerCase());
  const isNamespace = (word: string) => candidate.namespace !== undefined && test(candidate.namespace, word);
  const [one, two, ...rest] = lead;
  if (rest.length > 0) return false;
  if (one === undefined) return true;
  if (two === undefined) return isKind(one) || isNamespace(one);
  return isNamespace(one) && isKind(two);
}

const matching = (candidates: readonly Candidate[], pattern: string): readonly Candidate[] => {
  const found = candidates.filter((candidate) => means(candidate, parse(pattern), globbed));
  if (found.length === 0) throw appError('TARGET_UNKNOWN', `nothing matches "${pattern}"`);
  return found;
};

function named(candidates: readonly Candidate[], written: string): Candidate {
  // A context's name holds no colon, so a name that does is tried whole first; `get -o name` prints the last of these.
  const whole = candidates.filter(
    ({ name, ref, context }) => name === written || ref.id === written || `${context}:${ref.id}` === written,
  );
  const found = whole.length > 0 ? whole : candidates.filter((one) => means(one, parse(written), same));
  const [first, second] = found;
  if (first === undefined) throw unknown(candidates, written);
  if (second === undefined) return first;
  const sorted = found.map(addressOf).sort();
  const addresses = sorted.slice(0, 10).map((address) => `  ${address}`);
  const more = found.length > 10 ? `\n  and ${found.length - 10} more` : '';
  throw appError('TARGET_AMBIGUOUS', `"${written}" names ${found.length}:\n${addresses.join('\n')}${more}`, {
    hint: 'Name one of them as context:namespace/kind/name.',
  });
}

function unknown(candidates: readonly Candidate[], written: string) {
  const wanted = (written.split(/[:/]/).at(-1) ?? '').toLowerCase();
  const holding = candidates.filter(({ name }) => wanted !== '' && name.toLowerCase().includes(wanted));
  const alike = suggest(
    wanted,
    candidates.map(({ name }) => name),
  );
  const near = holding.length > 0 ? holding : candidates.filter(({ name }) => name === alike);
  const help = near.length === 0 ? '' : `; near: ${near.slice(0, 5).map(addressOf).join(', ')}`;
  return appError('TARGET_UNKNOWN', `no target is named "${written}"${help}`);
}

type RowsOf = (context: ViewContext) => readonly Omit<Candidate, 'action' | 'context'>[];

/** The rows of each kind and the words that may name it. */
const ROWS: Readonly<Record<ActionKind, RowsOf>> = {
  server: ({ related }) =>
    Array.from(related.all('server'), ({ ref, name, place }) => ({
      ref,
      name,
      namespace: place?.name,
      kinds: ['server', 'pod', 'task'],
    })),
  workload: ({ related }) =>
    Array.from(related.all('workload'), ({ ref, name, place, kind }) => ({
      ref,
      name,
      namespace: place.name,
      kinds: [kind.toLowerCase(), 'workload'],
    })),
  serviceCluster: ({ related }) =>
    Array.from(related.all('serviceCluster'), ({ ref, name }) => ({
      ref,
      name,
      namespace: undefined,
      kinds: ['servicecluster', 'service-cluster'],
    })),
};

/** All rows the actions of one verb could act on. */
export const candidatesOf = (actions: readonly AnyAction[], context: ViewContext): readonly Candidate[] =>
  actions.flatMap((action) =>
    ROWS[action.kind](context).map((row) => ({ ...row, action, context: row.ref.context })),
  );
