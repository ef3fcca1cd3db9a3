import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { KubeLimits } from './kube-limits.ts';
import { type KubeRequestError, transportError } from './request-error.ts';

export interface ReachGateOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: KubeLimits;
  /** One cheap try: resolves when the target answers and accepts us. */
  readonly probe: (isFirst: boolean) => Promise<void>;
  readonly changed: (state: GateState) => void;
}
export type GateState =
  | { readonly isOpen: true }
  | {
      readonly isOpen: false;
      readonly error?: KubeRequestError | undefined;
      readonly retryAt?: number | undefined;
    };

/** True for failures that may concern the whole target; the others concern one request. */
export const mayConcernAll = ({ code }: KubeRequestError): boolean =>
  ERRORS[code].stage !== 'use' && code !== 'FORBIDDEN';

/** True where only a person can help, so that quick retries would only lock an account. */
export const isDenial = ({ code }: KubeRequestError): boolean =>
  ERRORS[code].stage === 'authenticate' && code !== 'EXEC_PLUGIN_FAILED';

/**
 * One retry loop for the whole context: when the target cannot be reached or refuses us, nine resource loops wait
 * here for a single probe instead of each knocking by itself.
 */
export class ReachGate {
  readonly #options: ReachGateOptions;
  #isOpen: boolean;
  #doubt: (() => void) | undefined;
  #waiters: (() => void)[] = [];
  #nudge = new AbortController();

  constructor(options: ReachGateOptions) {
    this.#options = options;
    this.#isOpen = false;
  }

  /** Resolves when requests make sense, or at the abort. */
  pass(signal: AbortSignal): Promise<void> {
    if (this.#isOpen || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        this.#waiters = this.#waiters.filter((waiter) => waiter !== go);
        resolve();
      };
      this.#waiters.push(go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  /** A request failed for a reason that may concern the whole target: a probe finds out. */
  suspect(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.changed({ isOpen: false });
    this.#doubt?.();
  }

  /** Tries again now. */
  nudge(): void {
    this.#nudge.abort();
  }

  /** Runs until the abort. */
  async run(signal: AbortSignal): Promise<void> {
    const { random, limits, probe, changed } = this.#options;
    const backoff = createBackoff({ firstMs: limits.backoffFirstMs, maxMs: limits.backoffMaxMs, random });
    for (let isFirst = true; !signal.aborted; ) {
      try {
        await probe(isFirst);
        isFirst = false;
      } catch (thrown) {
        if (signal.aborted) return;
        await this.#pause(transportError('connect', thrown), backoff.next(), signal);
        continue;
      }
      backoff.reset();
      this.#isOpen = true;
      changed({ isOpen: true });
      for (const go of this.#waiters) go();
      await this.#untilDoubt(signal);
    }
  }

  async #pause(error: KubeRequestError, backoffMs: number, signal: AbortSignal): Promise<void> {
    const { clock, limits, random, changed } = this.#options;
    const slowMs = limits.deniedMs * (1 + random() / 5);
    const isSlow = isDenial(error) || ERRORS[error.code].stage === 'configure';
    const waitMs = Math.max(isSlow ? slowMs : backoffMs, error.retryAfterMs ?? 0);
    this.#nudge = new AbortController();
    changed({ isOpen: false, error, retryAt: clock.now() + waitMs });
    await sleep(clock, waitMs, AbortSignal.any([signal, this.#nudge.signal]));
  }

  #untilDoubt(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || !this.#isOpen) {
        resolve();
        return;
      }
      const finish = () => {
        this.#doubt = undefined;
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.#doubt = finish;
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}
