import type { PauseTimes } from '../../../domain/jvm-sample.ts';
import type { JvmFigures, PerfCollector } from '../../../wire/hsperfdata/jvm-figures.ts';
import { PauseWindow } from '../pause-window.ts';

const WINDOW_MS = 600_000;
/** Collectors that work beside the application: their runs are no pauses. */
const CONCURRENT = /^(?:ZGC|Shenandoah)|Cycles$/;

/**
 * Pauses as far as reading shows them: the file holds the last run of each collector only. Where one ran more than
 * once between two readings some are missing, and percentiles of the rest would be wrong: then none are told until
 * that is out of the window.
 */
export class ReadPauses {
  readonly #window = new PauseWindow();
  #missedAt = Number.NEGATIVE_INFINITY;

  take(before: readonly PerfCollector[] | undefined, { collectors, upMs }: JvmFigures, at: number): void {
    if (before === undefined) return;
    for (const { name, count, lastStartMs, lastEndMs } of collectors) {
      const known = before.find((one) => one.name === name);
      if (known === undefined || CONCURRENT.test(name)) continue;
      const added = count - known.count;
      if (added === 0) continue;
      const isWhole = lastStartMs !== undefined && lastEndMs !== undefined && lastEndMs >= lastStartMs;
      if (added === 1 && isWhole)
        this.#window.add(at - Math.max(0, upMs - lastEndMs), lastEndMs - lastStartMs);
      else this.#missedAt = at;
    }
  }
  timesAt(now: number): PauseTimes | undefined {
    return now - this.#missedAt < WINDOW_MS ? undefined : this.#window.timesAt(now);
  }
}
