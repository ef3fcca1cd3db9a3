import { addressUnresolved } from './address-unresolved.ts';
import { ambiguous } from './ambiguous.ts';
import { dumpVerdict } from './dump-verdict.ts';
import { duplicateIdentity } from './duplicate-identity.ts';
import type { FindingRule } from './finding-input.ts';
import { gone } from './gone.ts';
import { heapOverLimit, heapSizeIgnored } from './heap-size.ts';
import { notRegistered } from './not-registered.ts';
import { revisionDrift } from './revision-drift.ts';
import { sessionPair } from './session-pair.ts';
import { silent } from './silent.ts';

/** Every finding about a server; `licence-ending` is about a Manager and stands beside them. */
export const FINDING_RULES: readonly FindingRule[] = [
  notRegistered,
  gone,
  silent,
  revisionDrift,
  sessionPair,
  heapOverLimit,
  heapSizeIgnored,
  addressUnresolved,
  duplicateIdentity,
  ambiguous,
  dumpVerdict,
];

/** Rules a datagram cannot change the answer of, and those it can. */
export const STANDING_RULES = FINDING_RULES.filter(({ readsDatagrams }) => readsDatagrams !== true);
export const DATAGRAM_RULES = FINDING_RULES.filter(({ readsDatagrams }) => readsDatagrams === true);
