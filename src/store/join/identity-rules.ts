import { createGlobMatcher } from '../../core/glob.ts';
import type { IdentityRule } from '../state.ts';
import type { Identity } from './identity.ts';
import { ruleKey } from './join-keys.ts';

/** For a record the key of the server an explicit rule gives it, if any rule names the record. */
export function createRuleReader(rules: readonly IdentityRule[]): (identity: Identity) => string | undefined {
  const compiled = rules.map(({ from, context, server }) => ({
    matches: createGlobMatcher([from.toLowerCase()]),
    target: ruleKey(context, server),
  }));
  return ({ names, hosts }) =>
    compiled.find(({ matches }) => names.some(matches) || hosts.some(matches))?.target;
}
