import { cleanLine } from '../../../core/text.ts';
import type { FullGc, GcInterval, PauseTimes } from '../../../domain/jvm-sample.ts';
import { ownText } from '../../../wire/own-text.ts';
import type { StatsdMetric, StatsdTags } from '../../../wire/statsd/datagram.ts';
import { tagOf } from '../../../wire/statsd/tags.ts';
import { isFullCollector } from '../full-collector.ts';
import { GcWindow } from '../gc-window.ts';
import { PauseWindow } from '../pause-window.ts';
import type { ValueBudget } from '../value-budget.ts';

const LONGEST_CAUSE = 80;
/** Collections are summed over at least so long before they are an interval. */
const CYCLE_MS = 2_000;

/** Telegraf's and the hierarchical names have no spaces. */
const spaced = (text: string): string => text.replaceAll('_', ' ');

/** `end of major GC`, or the collector where newer versions name it. */
function isFull(tags: StatsdTags): boolean {
  const collector = tagOf(tags, 'gc');
  if (collector !== undefined) return isFullCollector(spaced(collector));
  return /\bmajor GC\b/i.test(spaced(tagOf(tags, 'action') ?? ''));
}

/** Garbage collection of one JVM, from single pauses. Counts begin when it was first heard, not with the JVM. */
export class StatsdGc {
  readonly #window = new GcWindow();
  readonly #pauses: PauseWindow;
  #cycleAt: number | undefined = undefined;
  #count = 0;
  #timeMs = 0;
  #heapUsedBytes: number | undefined = undefined;
  /** Known, if only as none, once it tells of collections at all. */
  fullGcs: number | undefined = undefined;
  afterGcBytes: number | undefined = undefined;
  lastFullGc: FullGc | undefined = undefined;

  constructor(budget: ValueBudget) {
    this.#pauses = new PauseWindow(budget);
  }
  get perMinute(): number | undefined {
    return this.#window.perMinute;
  }
  get timePercent(): number | undefined {
    return this.#window.timePercent;
  }
  intervalOf(sampledAt: number): GcInterval | undefined {
    return this.#window.intervalOf(sampledAt);
  }
  pausesAt(now: number): PauseTimes | undefined {
    return this.#pauses.timesAt(now);
  }
  clear(): void {
    this.#window.clear();
    this.#pauses.clear();
    this.#cycleAt = undefined;
    this.#count = 0;
    this.#timeMs = 0;
    this.#heapUsedBytes = undefined;
    this.fullGcs = undefined;
    this.afterGcBytes = undefined;
    this.lastFullGc = undefined;
  }
  releasePauses(): void {
    this.#pauses.clear();
  }
  /** `isPause`: the application stood still for it; a concurrent phase is a collection without a pause. */
  takeCollections(
    { values, sampleRate }: StatsdMetric,
    tags: StatsdTags,
    { isPause, now }: { readonly isPause: boolean; readonly now: number },
  ): void {
    this.takeTold();
    const weight = 1 / sampleRate;
    for (const durationMs of values) {
      if (durationMs < 0) continue;
      if (isPause) {
        this.#pauses.add(now, durationMs);
        this.#count += weight;
        this.#timeMs += durationMs * weight;
      }
      if (isFull(tags)) this.#takeFull(now, tagOf(tags, 'cause'));
    }
  }
  /** Something that only a sender of collections sends: from here on no collection means none, not unknown. */
  takeTold(): void {
    this.fullGcs ??= 0;
  }
  /** What the old generation held after its last collection; 0 before the first. */
  takeLiveData(bytes: number): void {
    this.takeTold();
    if (bytes <= 0) return;
    this.afterGcBytes = bytes;
    if (this.lastFullGc !== undefined && this.lastFullGc.afterBytes === undefined)
      this.lastFullGc = { ...this.lastFullGc, afterBytes: bytes };
  }
  /** At the end of each datagram. */
  endDatagram(heapUsedBytes: number | undefined, now: number): void {
    this.#heapUsedBytes = heapUsedBytes;
    this.#cycleAt ??= now;
    const coveredMs = now - this.#cycleAt;
    if (coveredMs < CYCLE_MS) return;
    if (this.fullGcs !== undefined)
      this.#window.add({ at: now, coveredMs, count: this.#count, timeMs: this.#timeMs });
    this.#cycleAt = now;
    this.#count = 0;
    this.#timeMs = 0;
  }
  #takeFull(now: number, cause: string | undefined): void {
    this.fullGcs = (this.fullGcs ?? 0) + 1;
    this.lastFullGc = {
      at: now,
      beforeBytes: this.#heapUsedBytes,
      afterBytes: undefined,
      cause: cause && ownText(cleanLine(spaced(cause), LONGEST_CAUSE)),
    };
  }
}
