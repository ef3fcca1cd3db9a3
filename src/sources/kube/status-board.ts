import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import type { Capability, SourceFailure, SourceStatus } from '../../domain/source-status.ts';
import { type GateState, isDenial } from './reach-gate.ts';
import type { KubeRequestError } from './request-error.ts';

/** How one list stands. */
type PartState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'landed' }
  | { readonly kind: 'denied' | 'absent'; readonly why: string }
  | { readonly kind: 'failing'; readonly error: KubeRequestError; readonly retryAt: number };

const failureOf = ({ code, message, hint }: KubeRequestError): SourceFailure => ({ code, message, hint });

export interface StatusBoardOptions {
  readonly now: () => number;
  readonly changed: () => void;
  /** How long a silent watch still counts as fresh: until it would be taken for half-open. */
  readonly freshForMs: number;
}

/** Makes one status of the gate and of every resource's list. */
export class StatusBoard {
  readonly #freshForMs: number;
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #parts = new Map<string, PartState>();
  readonly #capabilities = new Map<string, Map<string, Capability>>();
  readonly #startedAt: number;
  /** Parts that complete rows but bring none: alone they make nothing live. */
  readonly #auxiliary = new Set<string>();
  /** Parts that have landed once, however they stand now. */
  readonly #landedOnce = new Set<string>();
  #last: SourceStatus;
  #gate: GateState = { isOpen: false };
  #lastGoodAt: number | undefined;

  constructor({ now, changed, freshForMs }: StatusBoardOptions) {
    this.#freshForMs = freshForMs;
    this.#now = now;
    this.#changed = changed;
    this.#startedAt = now();
    this.#last = { state: 'connecting', since: this.#startedAt };
  }

  /** Announces a part, e.g. `pods` everywhere or in one namespace. */
  expect(part: string, { isAuxiliary = false } = {}): void {
    if (isAuxiliary) this.#auxiliary.add(part);
    if (!this.#parts.has(part)) this.#set(part, { kind: 'pending' });
  }
  forget(part: string): void {
    this.#parts.delete(part);
    this.#changed();
  }
  landed(part: string): void {
    if (!this.#auxiliary.has(part)) this.good();
    this.#landedOnce.add(part);
    if (this.#parts.get(part)?.kind !== 'landed') this.#set(part, { kind: 'landed' });
  }
  denied(part: string, kind: 'denied' | 'absent', why: string): void {
    this.#set(part, { kind, why });
  }
  failing(part: string, error: KubeRequestError, retryAt: number): void {
    this.#set(part, { kind: 'failing', error, retryAt });
  }
  gate(state: GateState): void {
    this.#gate = state;
    this.#changed();
  }
  /** Good data came. */
  good(): void {
    this.#lastGoodAt = this.#now();
    this.#changed();
  }
  capability(name: string, scope: string, capability: Capability): void {
    const scopes = this.#capabilities.get(name) ?? new Map<string, Capability>();
    scopes.set(scope, capability);
    this.#capabilities.set(name, scopes);
    this.#changed();
  }
  /** True when none of these parts is still on its first way. */
  isSettled(parts: readonly string[]): boolean {
    return parts.every((name) => {
      const own = [...this.#parts].filter(([part]) => part === name || part.startsWith(`${name}@`));
      return own.length > 0 && own.every(([, { kind }]) => kind !== 'pending');
    });
  }

  capabilities(): Record<string, Capability> {
    const result: Record<string, Capability> = {};
    for (const [name, scopes] of this.#capabilities) {
      const known = [...scopes];
      const found = known.find(([, { state }]) => state === 'found');
      const missing = known.filter(([, { state }]) => state !== 'found');
      const [first] = missing;
      if (found === undefined) result[name] = first?.[1] ?? { state: 'unknown' };
      else if (first === undefined) result[name] = { state: 'found' };
      else result[name] = { state: 'found', detail: `not in ${missing.map(([scope]) => scope).join(', ')}` };
    }
    return result;
  }

  status(): SourceStatus {
    // While a probe finds out whether the whole target is gone, the word before stands.
    if (this.#gate.isOpen || this.#gate.error !== undefined) this.#last = this.#judge();
    else if (this.#last.state === 'connecting') this.#last = this.#hangingAtFirst() ?? this.#last;
    return this.#last;
  }

  /** Nothing ever came, and the first try waited out its time: the probe need not do so again before it is said. */
  #hangingAtFirst(): SourceStatus | undefined {
    for (const [, part] of this.#podParts()) {
      if (part.kind !== 'failing' || part.error.code !== 'TIMEOUT') continue;
      return { state: 'failed', error: failureOf(part.error), retryAt: part.retryAt };
    }
    return undefined;
  }

  #judge(): SourceStatus {
    const lastGoodAt = this.#lastGoodAt;
    if (!this.#gate.isOpen && this.#gate.error !== undefined) {
      const error = failureOf(this.#gate.error);
      if (isDenial(this.#gate.error)) return { state: 'denied', error, lastGoodAt };
      return { state: 'failed', error, retryAt: this.#gate.retryAt, lastGoodAt };
    }
    const parts = [...this.#parts.values()];
    if (parts.length === 0 || parts.some(({ kind }) => kind === 'pending')) {
      return { state: 'connecting', since: this.#startedAt };
    }
    const failing = parts.filter((part) => part.kind === 'failing');
    const landed = [...this.#parts].filter(
      ([part, { kind }]) => kind === 'landed' && !this.#auxiliary.has(part),
    ).length;
    const [worst] = failing;
    if (worst !== undefined) {
      const error = failureOf(worst.error);
      // Without the first pods there is nothing to be stale.
      const hasRows = this.#podParts().some(([part]) => this.#landedOnce.has(part));
      if (landed > 0 && hasRows && lastGoodAt !== undefined) return { state: 'stale', lastGoodAt, error };
      return {
        state: 'failed',
        error,
        retryAt: Math.min(...failing.map(({ retryAt }) => retryAt)),
        lastGoodAt,
      };
    }
    const pods = this.#podParts().map(([, part]) => part);
    const isBlind = pods.length > 0 && pods.every(({ kind }) => kind === 'denied' || kind === 'absent');
    if (isBlind || landed === 0 || lastGoodAt === undefined) {
      const refused = [...pods, ...parts].find((part) => part.kind === 'denied' || part.kind === 'absent');
      const code: ErrorCode = refused?.kind === 'absent' ? 'NOT_FOUND' : 'FORBIDDEN';
      const message = refused !== undefined && 'why' in refused ? refused.why : 'nothing may be listed';
      return { state: 'denied', error: { code, message, hint: ERRORS[code].hint }, lastGoodAt };
    }
    return { state: 'live', lastGoodAt, freshForMs: this.#freshForMs };
  }

  #podParts(): [string, PartState][] {
    return [...this.#parts].filter(([part]) => part === 'pods' || part.startsWith('pods@'));
  }

  #set(part: string, state: PartState): void {
    this.#parts.set(part, state);
    this.#changed();
  }
}
