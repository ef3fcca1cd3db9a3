import type { Text } from './text.ts';

/** From good to bad, `unknown` apart. */
export type HealthLevel = 'ok' | 'warn' | 'error' | 'unknown';

export interface HealthReason {
  /** Stable kebab-case name, e.g. `crash-loop`. */
  readonly code: string;
  readonly level: HealthLevel;
  readonly text: Text;
  /** What to look at or do next. */
  readonly next: Text;
  /** Since when it holds, epoch ms. */
  readonly since?: number | undefined;
  /** It no longer holds, and goes at this instant unless it comes back; epoch ms. */
  readonly endsAt?: number | undefined;
}

/** `ok` has no reasons; the level is the worst of its reasons. */
export interface Health {
  readonly level: HealthLevel;
  readonly reasons: readonly HealthReason[];
}

/** In the order in which health is sorted and compared. */
export const HEALTH_LEVELS: readonly HealthLevel[] = ['ok', 'unknown', 'warn', 'error'];
const RANK: Record<HealthLevel, number> = { ok: 0, unknown: 1, warn: 2, error: 3 };

export const worseOf = (a: HealthLevel, b: HealthLevel): HealthLevel => (RANK[b] > RANK[a] ? b : a);
/** For sorting: ok 0, unknown 1, warn 2, error 3. */
export const healthRank = (level: HealthLevel): number => RANK[level];
