import { cleanLine } from '../../core/text.ts';
import { isSecretName, MASK, maskUrl } from '../../domain/secret-name.ts';
import { ownText } from '../../wire/own-text.ts';

export type CounterValue = string | number | boolean | readonly number[];

const MAX_COUNTERS = 160;
export const MAX_COUNTER_NAME = 96;
export const MAX_COUNTER_TEXT = 256;
export const MAX_COUNTER_NUMBERS = 32;

/** A text short enough to keep; a cut one is a copy, for a slice would hold the whole text it is of. */
export const keepable = (text: string, longest: number): string =>
  text.length <= longest ? text : ownText(`${text.slice(0, longest - 1)}…`);

/** Collects what has no field of its own: names and texts cleaned, secrets masked, number and size bounded. */
export class CounterBag {
  readonly #counters: [string, CounterValue][] = [];

  add(name: string, value: CounterValue | undefined): void {
    if (value === undefined || this.#counters.length >= MAX_COUNTERS) return;
    this.#counters.push([cleanLine(name, MAX_COUNTER_NAME), this.#cleaned(name, value)]);
  }
  #cleaned(name: string, value: CounterValue): CounterValue {
    if (typeof value === 'string') {
      return isSecretName(name) ? MASK : maskUrl(cleanLine(value, MAX_COUNTER_TEXT));
    }
    return typeof value === 'object' ? value.slice(0, MAX_COUNTER_NUMBERS) : value;
  }
  toRecord(): Readonly<Record<string, CounterValue>> {
    return Object.fromEntries(this.#counters);
  }
}
