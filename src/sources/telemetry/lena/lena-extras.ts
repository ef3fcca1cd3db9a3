import type { LenaMap, LenaValue } from '../../../wire/lena/pack.ts';
import { type CounterBag, type CounterValue, keepable, MAX_COUNTER_NAME } from '../counters.ts';
import type { Holding } from '../value-budget.ts';
import { counterOf } from './lena-values.ts';

const MAX_EXTRAS = 160;
const isSameList = (a: CounterValue | undefined, b: CounterValue | undefined): boolean =>
  typeof a === 'object' &&
  typeof b === 'object' &&
  a.length === b.length &&
  a.every((item, i) => item === b[i]);

const isSameNumber = (before: CounterValue, value: LenaValue): boolean =>
  (value.type === 'decimal' || value.type === 'float' || value.type === 'double') && before === value.value;

/**
 * Counters without a field of their own. Kept in one long-lived map that only changes where a value does: most stay
 * the same from cycle to cycle, and what is not replaced costs no collection of garbage.
 */
export class LenaExtras {
  readonly #values = new Map<string, CounterValue>();
  readonly #withFields: ReadonlySet<string>;
  readonly #holding: Holding;
  #size = 0;
  #isChanged = false;

  constructor(withFields: ReadonlySet<string>, holding: Holding) {
    this.#withFields = withFields;
    this.#holding = holding;
  }
  take(counters: LenaMap): void {
    if (counters.size !== this.#size) this.clear();
    this.#size = counters.size;
    for (const [name, value] of counters) {
      const before = this.#values.get(name);
      if (before === undefined ? this.#withFields.has(name) : isSameNumber(before, value)) continue;
      this.#set(name, value);
    }
  }
  clear(): void {
    this.#holding.give(this.#values.size);
    this.#values.clear();
    this.#size = 0;
    this.#isChanged = true;
  }
  /** True once after something changed. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }
  addTo(bag: CounterBag, suffix: string): void {
    for (const [name, value] of this.#values) bag.add(`${name}${suffix}`, value);
  }
  #set(name: string, value: LenaValue): void {
    const counter = counterOf(value);
    const key = keepable(name, MAX_COUNTER_NAME);
    const before = this.#values.get(key);
    if (before === counter || counter === undefined || isSameList(before, counter)) return;
    if (before === undefined && (this.#values.size >= MAX_EXTRAS || !this.#holding.add())) return;
    this.#values.set(key, counter);
    this.#isChanged = true;
  }
}
