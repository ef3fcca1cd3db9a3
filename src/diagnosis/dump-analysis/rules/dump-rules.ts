import type { DumpRule } from '../finding.ts';
import { busySinceStart } from './busy-since-start.ts';
import { deadlock } from './deadlock.ts';
import { finalizer } from './finalizer.ts';
import { ownerUnknown } from './owner-unknown.ts';
import { poolExhausted } from './pool-exhausted.ts';
import { resourceWaits } from './resource-waits.ts';
import { rootBlocker } from './root-blocker.ts';
import { threadLeak } from './thread-leak.ts';

/** What one dump is judged by; among findings of one level the earlier rule is the worse. */
export const DUMP_RULES: readonly DumpRule[] = [
  deadlock,
  poolExhausted,
  resourceWaits,
  rootBlocker,
  ownerUnknown,
  busySinceStart,
  finalizer,
  threadLeak,
];
