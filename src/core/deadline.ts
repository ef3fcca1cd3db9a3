/** A signal that aborts with `parent` or after `timeoutMs`, whichever comes first. */
export function withDeadline(parent: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([parent, AbortSignal.timeout(timeoutMs)]);
}

/** True when `error` (or the signal's reason) means "took longer than its deadline". */
export function isTimeout(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    if (current.name === 'TimeoutError') return true;
    current = current.cause;
  }
  return false;
}
