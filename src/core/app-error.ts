/** Any failure shown to a user: what failed, why, and what to do about it. */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  /** What the user can do, one sentence. */
  readonly hint: string;
  constructor(code: Code, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything thrown, without its stack; follows one level of `cause` when it says more. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause;
  if (cause instanceof Error && cause.message !== '' && !thrown.message.includes(cause.message)) {
    return thrown.message === '' ? cause.message : `${thrown.message}: ${cause.message}`;
  }
  return thrown.message === '' ? thrown.name : thrown.message;
}

/** The system error code (`ECONNREFUSED`, `CERT_HAS_EXPIRED` …) of a thrown value or of its causes, if any. */
export function systemCode(thrown: unknown): string | undefined {
  for (let current: unknown = thrown, depth = 0; current instanceof Error && depth < 5; depth++) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current instanceof AggregateError && current.errors.length > 0) {
      const inner = systemCode(current.errors[0]);
      if (inner !== undefined) return inner;
    }
    current = current.cause;
  }
  return undefined;
}
