import { cleanLine } from '../../core/text.ts';
import { isSecretName, MASK, maskUrl } from '../../domain/secret-name.ts';

export type CounterValue = string | number | boolean | readonly number[];

const MAX_COUNTERS = 160;
const MAX_NAME = 96;
const MAX_TEXT = 256;
const MAX_NUMBERS = 32;

/** Collects what has no field of its own: names and texts cleaned, secrets masked, number and size bounded. */
export class CounterBag {
  readonly #counters: [string, CounterValue][] = [];

  add(name: string, value: CounterValue | undefined): void {
    if (value === undefined || this.#counters.length >= MAX_COUNTERS) return;
    this.#counters.push([cleanLine(name, MAX_NAME), this.#cleaned(name, value)]);
  }
  #cleaned(name: string, value: CounterValue): CounterValue {
    if (typeof value === 'string') {
      return isSecretName(name) ? MASK : maskUrl(cleanLine(value, MAX_TEXT));
    }
    return typeof value === 'object' ? value.slice(0, MAX_NUMBERS) : value;
  }
  toRecord(): Readonly<Record<string, CounterValue>> {
    return Object.fromEntries(this.#counters);
  }
}
