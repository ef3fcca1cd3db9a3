import {
  type HistoryBlock,
  SERIES_STEPS,
  type SeriesPoint,
  type SeriesResolution,
} from '../../domain/series.ts';
import { PAGE_STEPS, type PagePool } from './page-pool.ts';

/** How a value joins the one its step has; `isLate`: a newer step was written before. */
export type Fold = (known: number, value: number, isLate: boolean) => number;
export const newest: Fold = (known, value, isLate) => (isLate ? known : value);
export const highest: Fold = (known, value) => (value > known ? value : known);
export const total: Fold = (known, value) => known + value;

/** No level, rate or share is negative, and a number that float32 does not hold is none. */
const MAX_VALUE = 3.4e38;
export const isKnown = (value: number | undefined): value is number =>
  value !== undefined && value >= 0 && value <= MAX_VALUE;

const NO_PAGE = -1;
const NO_STEP = -1;

/**
 * The newest steps of some series, the values of a step side by side. Steps have no time stamp: their place is their
 * time. Pages are taken as steps come and given back as they grow old, so silence and youth cost nothing.
 */
export class SeriesRing {
  readonly resolution: SeriesResolution;
  readonly #pool: PagePool;
  /** One page more than the span needs, since the newest is seldom full. */
  readonly #pages: number[];
  #last = NO_STEP;

  constructor(resolution: SeriesResolution, pool: PagePool) {
    const { spanMs, stepMs } = SERIES_STEPS[resolution];
    this.resolution = resolution;
    this.#pool = pool;
    this.#pages = new Array<number>(Math.ceil(spanMs / stepMs / PAGE_STEPS) + 1).fill(NO_PAGE);
  }

  /** -1 while nothing was written. */
  get lastStep(): number {
    return this.#last;
  }
  stepOf(at: number): number {
    return Math.floor(at / SERIES_STEPS[this.resolution].stepMs);
  }

  /** Writes what is known of one step; a step older than the span is let go. */
  put(step: number, values: ArrayLike<number>, folds: readonly Fold[]): void {
    const { width } = this.#pool;
    if (!hasKnown(values, 0, width)) return;
    const isLate = step < this.#last;
    const page = this.#open(step);
    if (page === NO_PAGE) return;
    const slab = this.#pool.slabOf(page);
    const base = this.#baseOf(page, step);
    for (let column = 0; column < width; column++) {
      const value = values[column];
      if (!isKnown(value)) continue;
      const known = slab[base + column] ?? Number.NaN;
      const fold = folds[column] ?? newest;
      slab[base + column] = Number.isNaN(known) ? value : fold(known, value, isLate);
    }
  }
  /** Writes a step of which nothing is known yet; `from` is where its values begin. */
  fill(step: number, values: ArrayLike<number>, from: number): void {
    const { width } = this.#pool;
    if (!hasKnown(values, from, width)) return;
    const page = this.#open(step);
    if (page === NO_PAGE || this.#isKnownStep(step)) return;
    const slab = this.#pool.slabOf(page);
    const base = this.#baseOf(page, step);
    for (let column = 0; column < width; column++) {
      const value = values[from + column];
      if (isKnown(value)) slab[base + column] = value;
    }
  }
  /** NaN where nothing is known. */
  valueAt(step: number, column: number): number {
    const page = this.#pageAt(Math.floor(step / PAGE_STEPS));
    if (page === NO_PAGE) return Number.NaN;
    return this.#pool.slabOf(page)[this.#baseOf(page, step) + column] ?? Number.NaN;
  }

  points(column: number): SeriesPoint[] {
    const points: SeriesPoint[] = [];
    const { stepMs } = SERIES_STEPS[this.resolution];
    const { width } = this.#pool;
    for (const [number, page] of this.#known()) {
      const values = this.#pool.view(page);
      for (let index = 0; index < PAGE_STEPS; index++) {
        const value = values[index * width + column];
        if (value !== undefined && !Number.isNaN(value))
          points.push({ at: (number * PAGE_STEPS + index) * stepMs, value });
      }
    }
    return points;
  }
  /** All that is known, from the first step to the last. */
  block(): HistoryBlock | undefined {
    const { width } = this.#pool;
    const known = this.#known();
    let first = (known[0]?.[0] ?? 0) * PAGE_STEPS;
    while (first < this.#last && !this.#isKnownStep(first)) first++;
    if (known.length === 0 || !this.#isKnownStep(first)) return undefined;
    const values = new Float32Array((this.#last - first + 1) * width).fill(Number.NaN);
    for (const [number, page] of known) {
      const from = Math.max(0, first - number * PAGE_STEPS);
      const to = Math.min(PAGE_STEPS, this.#last + 1 - number * PAGE_STEPS);
      const part = this.#pool.view(page).subarray(from * width, to * width);
      values.set(part, (number * PAGE_STEPS + from - first) * width);
    }
    return { resolution: this.resolution, fromAt: first * SERIES_STEPS[this.resolution].stepMs, values };
  }

  /** Forgets what lies after a step: the clock it was written by went back. */
  truncate(step: number): void {
    if (this.#last <= step) return;
    const known = this.#known();
    for (const [number] of known) if (number * PAGE_STEPS > step) this.#give(number);
    const cut = Math.floor(step / PAGE_STEPS);
    const page = this.#pageAt(cut);
    if (page !== NO_PAGE)
      this.#pool.view(page).fill(Number.NaN, (step + 1 - cut * PAGE_STEPS) * this.#pool.width);
    const oldest = (known[0]?.[0] ?? 0) * PAGE_STEPS;
    let last = step;
    while (last >= oldest && !this.#isKnownStep(last)) last--;
    if (last < oldest) this.clear();
    else this.#last = last;
  }
  /** Gives all pages back; the ring is as new. */
  clear(): void {
    for (const page of this.#pages) if (page !== NO_PAGE) this.#pool.give(page);
    this.#pages.fill(NO_PAGE);
    this.#last = NO_STEP;
  }

  /** The page of a step, taken where there is none yet; none where the step is too old. */
  #open(step: number): number {
    const number = Math.floor(step / PAGE_STEPS);
    if (step > this.#last) {
      this.#advance(number);
      this.#last = step;
    } else if (number <= this.#lastPage - this.#pages.length) return NO_PAGE;
    const index = number % this.#pages.length;
    let page = this.#pages[index] ?? NO_PAGE;
    if (page === NO_PAGE) {
      page = this.#pool.take();
      this.#pages[index] = page;
    }
    return page;
  }
  #baseOf(page: number, step: number): number {
    return this.#pool.baseOf(page) + (step % PAGE_STEPS) * this.#pool.width;
  }
  /** Gives back the pages that grow too old once the newest is this one. */
  #advance(number: number): void {
    const first = Math.max(this.#lastPage + 1, number - this.#pages.length + 1);
    for (let passed = first; passed <= number; passed++) this.#give(passed);
  }
  #give(number: number): void {
    const index = number % this.#pages.length;
    const page = this.#pages[index] ?? NO_PAGE;
    if (page === NO_PAGE) return;
    this.#pool.give(page);
    this.#pages[index] = NO_PAGE;
  }

  get #lastPage(): number {
    return Math.floor(this.#last / PAGE_STEPS);
  }
  #pageAt(number: number): number {
    if (number > this.#lastPage || number <= this.#lastPage - this.#pages.length) return NO_PAGE;
    return this.#pages[number % this.#pages.length] ?? NO_PAGE;
  }
  /** Number and place of the pages that are there, oldest first. */
  #known(): (readonly [number, number])[] {
    const known: (readonly [number, number])[] = [];
    const newestPage = this.#lastPage;
    for (let number = Math.max(0, newestPage - this.#pages.length + 1); number <= newestPage; number++) {
      const page = this.#pageAt(number);
      if (page !== NO_PAGE) known.push([number, page]);
    }
    return known;
  }
  #isKnownStep(step: number): boolean {
    const page = this.#pageAt(Math.floor(step / PAGE_STEPS));
    if (page === NO_PAGE) return false;
    const slab = this.#pool.slabOf(page);
    const base = this.#baseOf(page, step);
    for (let column = 0; column < this.#pool.width; column++)
      if (!Number.isNaN(slab[base + column])) return true;
    return false;
  }
}

function hasKnown(values: ArrayLike<number>, from: number, width: number): boolean {
  for (let column = 0; column < width; column++) if (isKnown(values[from + column])) return true;
  return false;
}
