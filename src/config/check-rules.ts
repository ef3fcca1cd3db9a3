import { createGlobMatcher } from '../core/glob.ts';
import { suggest } from '../core/suggest.ts';
import { appError } from '../domain/errors.ts';
import type { PolicyRule } from '../domain/policy.ts';

/** Words a rule may use. */
export interface RuleWords {
  readonly actions: readonly string[];
  /** Compared without regard to case. */
  readonly kinds: readonly string[];
}

/** A rule that names what does not exist forbids nothing, which nobody would notice: it is an error instead. */
export function checkRules(rules: readonly PolicyRule[], words: RuleWords): void {
  for (const { origin, actions = [], kinds = [] } of rules) {
    for (const action of actions) refuseUnknown(action, { origin, what: 'action', known: words.actions });
    for (const kind of kinds) refuseUnknown(kind, { origin, what: 'kind', known: words.kinds });
  }
}

interface Word {
  readonly origin: string;
  readonly what: string;
  readonly known: readonly string[];
}

function refuseUnknown(written: string, { origin, what, known }: Word): void {
  const matches = createGlobMatcher([written.toLowerCase()]);
  if (known.some((name) => matches(name.toLowerCase()))) return;
  const near = suggest(written, known);
  const help = near === undefined ? '' : `; did you mean "${near}"?`;
  throw appError(
    'CONFIG_INVALID',
    `${origin}: a policy rule names the ${what} "${written}", which is none${help}`,
    {
      hint: `Known: ${[...new Set(known)].join(', ')}.`,
    },
  );
}
