import { sumOf } from '../../../core/sum.ts';
import { cleanLine } from '../../../core/text.ts';
import type { MemoryPoolUse, MemoryUse } from '../../../domain/jvm-sample.ts';
import { ownText } from '../../../wire/own-text.ts';
import type { StatsdTags } from '../../../wire/statsd/datagram.ts';
import { tagOf } from '../../../wire/statsd/tags.ts';
import type { Holding } from '../value-budget.ts';

export type MemoryField = 'usedBytes' | 'committedBytes' | 'maxBytes';
interface Pool {
  readonly name: string;
  readonly isHeap: boolean;
  usedBytes: number | undefined;
  committedBytes: number | undefined;
  maxBytes: number | undefined;
}
const MAX_POOLS = 64;
const FIELDS = ['usedBytes', 'committedBytes', 'maxBytes'] as const;

/** Memory of one JVM from gauges of its pools; an area told as a whole is one pool without a name. */
export class StatsdMemory {
  readonly #holding: Holding;
  readonly #pools = new Map<string, Pool>();

  constructor(holding: Holding) {
    this.#holding = holding;
  }
  /** Below zero is Java's word for no limit, and not known. */
  take(field: MemoryField, value: number, tags: StatsdTags): void {
    const area = tagOf(tags, 'area') ?? 'heap';
    const id = tagOf(tags, 'id') ?? '';
    const isHeap = !/non/i.test(area);
    const name = cleanLine(id, 96).replaceAll('_', ' ');
    const pool = this.#poolOf(`${isHeap ? 'heap' : 'nonheap'} ${name}`, name, isHeap);
    if (pool !== undefined) pool[field] = value < 0 ? undefined : value;
  }
  clear(): void {
    this.#holding.give(this.#pools.size);
    this.#pools.clear();
  }
  heap(): MemoryUse | undefined {
    return this.#area(true);
  }
  nonHeap(): MemoryUse | undefined {
    return this.#area(false);
  }
  pools(): readonly MemoryPoolUse[] | undefined {
    const named = [...this.#pools.values()].filter(({ name }) => name !== '');
    if (named.length === 0) return undefined;
    return named.map(({ name, usedBytes, committedBytes, maxBytes }) => ({
      name,
      usedBytes,
      committedBytes,
      maxBytes,
    }));
  }
  #area(isHeap: boolean): MemoryUse | undefined {
    const pools = [...this.#pools.values()].filter((pool) => pool.isHeap === isHeap);
    const whole = pools.find(({ name }) => name === '');
    const parts = pools.filter(({ name }) => name !== '');
    const [usedBytes, committedBytes, maxBytes] = FIELDS.map(
      (field) => whole?.[field] ?? sumOf(parts.map((part) => part[field])),
    );
    return pools.length === 0 ? undefined : { usedBytes, committedBytes, maxBytes };
  }
  #poolOf(key: string, name: string, isHeap: boolean): Pool | undefined {
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    if (this.#pools.size >= MAX_POOLS || !this.#holding.add()) return undefined;
    const created: Pool = {
      name: ownText(name),
      isHeap,
      usedBytes: undefined,
      committedBytes: undefined,
      maxBytes: undefined,
    };
    this.#pools.set(ownText(key), created);
    return created;
  }
}
