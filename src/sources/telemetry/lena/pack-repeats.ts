import type { LenaMap, LenaValue } from '../../../wire/lena/pack.ts';

const REMEMBERED = 4;
const scratch = new DataView(new ArrayBuffer(8));

const mix = (hash: number, word: number): number => Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);

function mixNumber(hash: number, value: number): number {
  scratch.setFloat64(0, value);
  return mix(mix(hash, scratch.getInt32(0)), scratch.getInt32(4));
}
function mixText(start: number, text: string): number {
  let hash = mix(start, text.length);
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return hash;
}
function mixValue(start: number, value: LenaValue): number {
  let hash = start;
  switch (value.type) {
    case 'decimal':
    case 'float':
    case 'double':
      return mixNumber(hash, value.value);
    case 'text':
      return mixText(hash, value.value);
    case 'ints':
    case 'floats':
    case 'longs':
      for (const item of value.value) hash = mixNumber(hash, item);
      return hash;
    case 'list':
      for (const item of value.value) hash = mixValue(hash, item);
      return hash;
    default:
      return mixText(hash, value.type);
  }
}
/** The same bytes give the same number; repeats are the same bytes, so the order of entries may count. */
function fingerprint(counters: LenaMap): number {
  let hash = counters.size;
  for (const value of counters.values()) hash = mixValue(hash, value);
  return hash;
}

/** Tells a pack that comes again within a cycle from the next cycle's. */
export class PackRepeats {
  readonly #withinMs: number;
  readonly #prints: number[] = [];
  #at = Number.NEGATIVE_INFINITY;

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }
  isRepeat(counters: LenaMap, now: number): boolean {
    const print = fingerprint(counters);
    if (now - this.#at >= this.#withinMs) this.#prints.length = 0;
    else if (this.#prints.includes(print)) return true;
    if (this.#prints.length >= REMEMBERED) this.#prints.shift();
    this.#prints.push(print);
    this.#at = now;
    return false;
  }
  clear(): void {
    this.#prints.length = 0;
  }
}
