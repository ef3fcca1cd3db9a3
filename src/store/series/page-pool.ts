/** Consecutive steps kept together. */
export const PAGE_STEPS = 20;
/** 512 pages: a slab is large enough to be mapped by itself, so that memory is not torn by what grows beside it. */
const SLAB_BITS = 9;
const SLAB_PAGES = 1 << SLAB_BITS;

/**
 * Pages of 20 steps of `width` values, cut from few large arrays: ten thousand rings that each own an array cost half
 * as much again. A page that is given back serves the next ring; slabs stay until the end.
 */
export class PagePool {
  readonly width: number;
  readonly #pageLength: number;
  readonly #slabs: Float32Array[] = [];
  readonly #free: number[] = [];
  #made = 0;

  constructor(width: number) {
    this.width = width;
    this.#pageLength = width * PAGE_STEPS;
  }
  /** Pages that are out. */
  get inUse(): number {
    return this.#made - this.#free.length;
  }
  /** A page in which nothing is known. */
  take(): number {
    const page = this.#free.pop() ?? this.#make();
    const base = this.baseOf(page);
    this.slabOf(page).fill(Number.NaN, base, base + this.#pageLength);
    return page;
  }
  give(page: number): void {
    this.#free.push(page);
  }
  /** Where the page lies; its values begin at its base. */
  slabOf(page: number): Float32Array {
    return this.#slabs[page >>> SLAB_BITS] ?? NOTHING;
  }
  baseOf(page: number): number {
    return (page & (SLAB_PAGES - 1)) * this.#pageLength;
  }
  /** The values of a page as they lie; they change with it. */
  view(page: number): Float32Array {
    const base = this.baseOf(page);
    return this.slabOf(page).subarray(base, base + this.#pageLength);
  }

  #make(): number {
    const page = this.#made++;
    if ((page & (SLAB_PAGES - 1)) === 0) this.#slabs.push(new Float32Array(this.#pageLength * SLAB_PAGES));
    return page;
  }
}
const NOTHING = new Float32Array(0);
