import type { RejectReason } from '../../domain/jvm-sample.ts';

/** What a reason beyond the bound is counted as. */
const OTHERS = 'other reasons';
/** Where in a datagram it broke tells datagrams apart, not reasons. */
const POSITION = / at byte \d+$/;

/** A reason by which datagrams are counted together. */
export const kindOfReason = (reason: string): string => reason.replace(POSITION, '');

/** Counts refused datagrams by reason; so many reasons at most, all further ones together. */
export class RejectReasons {
  readonly #counts = new Map<string, number>();
  readonly #maxReasons: number;

  constructor(maxReasons: number) {
    this.#maxReasons = maxReasons;
  }
  add(reason: string, count = 1): void {
    const kind = kindOfReason(reason);
    const key = this.#counts.has(kind) || this.#counts.size < this.#maxReasons ? kind : OTHERS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }
  addAll(others: RejectReasons): void {
    for (const [reason, count] of others.#counts) this.add(reason, count);
  }
  /** Most frequent first; undefined where nothing was refused. */
  toList(): readonly RejectReason[] | undefined {
    if (this.#counts.size === 0) return undefined;
    return [...this.#counts]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}
