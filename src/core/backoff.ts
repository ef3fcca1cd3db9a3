export interface BackoffOptions {
  /** @default 500 */
  readonly firstMs?: number;
  /** @default 30000 */
  readonly maxMs?: number;
  /** A number in [0, 1); @default Math.random */
  readonly random?: () => number;
}

/** Growing, jittered pauses between attempts: `next()` for the pause after a failure, `reset()` after a success. */
export function createBackoff({ firstMs = 500, maxMs = 30_000, random = Math.random }: BackoffOptions = {}) {
  let attempt = 0;
  return {
    next(): number {
      const ceilingMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));
      attempt++;
      return Math.round(ceilingMs / 2 + (ceilingMs / 2) * random());
    },
    reset(): void {
      attempt = 0;
    },
  };
}
