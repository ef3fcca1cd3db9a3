import type { Clock } from '../../../core/clock.ts';
import { type ProcessStat, TICKS_PER_SECOND } from '../../../wire/proc/process-files.ts';

/** Share of the cores a process may use, from two of its readings. */
export class CpuShare {
  readonly #clock: Clock;
  #last: { readonly at: number; readonly ticks: number } | undefined = undefined;
  /** Cores it may use; a quota may be a part of one. */
  cores: number | undefined = undefined;
  /** 0–1; `undefined` until there are two readings and the cores are known. */
  share: number | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  take({ cpuTicks }: ProcessStat): void {
    const at = this.#clock.now();
    const last = this.#last;
    this.#last = { at, ticks: cpuTicks };
    this.share = undefined;
    const elapsedMs = last === undefined ? 0 : at - last.at;
    if (last === undefined || elapsedMs <= 0 || cpuTicks < last.ticks || this.cores === undefined) return;
    const usedMs = ((cpuTicks - last.ticks) * 1_000) / TICKS_PER_SECOND;
    this.share = Math.min(1, usedMs / elapsedMs / this.cores);
  }
}
