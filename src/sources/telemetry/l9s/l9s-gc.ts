import type { FullGc } from '../../../domain/jvm-sample.ts';
import type { L9sCollector, L9sJvm, L9sPause } from '../../../wire/l9s/datagram.ts';
import { GcWindow } from '../gc-window.ts';

/** Collectors whose work is a collection of the old generation, by the names JVMs give them. */
const OLD_COLLECTOR = /old|marksweep|major|full|global/i;
const MAX_COLLECTORS = 32;

/** Garbage collection of one JVM, from counts that grow until it restarts. */
export class L9sGc {
  readonly #window = new GcWindow();
  readonly #known = new Map<string, L9sCollector>();
  #upMs: number | undefined = undefined;
  lastFullGc: FullGc | undefined = undefined;

  get perMinute(): number | undefined {
    return this.#window.perMinute;
  }
  get timePercent(): number | undefined {
    return this.#window.timePercent;
  }
  restart(): void {
    this.#window.clear();
    this.#known.clear();
    this.#upMs = undefined;
    this.lastFullGc = undefined;
  }
  /** `skewMs`: sender's clock minus ours. */
  sample(datagram: L9sJvm, now: number, skewMs: number): void {
    if (datagram.gc !== undefined) this.#sampleCollectors(datagram.gc, datagram.upMs, now);
    for (const pause of datagram.pauses ?? []) this.#samplePause(pause, now, skewMs);
  }
  #sampleCollectors(collectors: readonly L9sCollector[], upMs: number, now: number): void {
    let count = 0;
    let timeMs = 0;
    for (const collector of collectors.slice(0, MAX_COLLECTORS)) {
      const known = this.#known.get(collector.name);
      this.#known.set(collector.name, collector);
      if (known === undefined) continue;
      // A count that shrank began anew.
      const added = growth(known.count, collector.count);
      count += added;
      timeMs += growth(known.timeMs, collector.timeMs);
      if (added > 0 && OLD_COLLECTOR.test(collector.name)) this.lastFullGc = { at: now };
    }
    const coveredMs = this.#upMs === undefined ? 0 : upMs - this.#upMs;
    this.#upMs = upMs;
    if (coveredMs > 0) this.#window.add({ at: now, coveredMs, count, timeMs });
    if (this.#known.size > MAX_COLLECTORS * 2) this.#known.clear();
  }
  #samplePause(pause: L9sPause, now: number, skewMs: number): void {
    if (!OLD_COLLECTOR.test(pause.name)) return;
    this.lastFullGc = { at: pause.at === undefined ? now : Math.min(now, pause.at - skewMs) };
  }
}

const growth = (before: number | undefined, after: number | undefined): number =>
  before === undefined || after === undefined ? 0 : after >= before ? after - before : after;
