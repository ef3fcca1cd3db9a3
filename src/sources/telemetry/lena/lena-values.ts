import { LARGEST_AMOUNT } from '../../../wire/largest-amount.ts';
import type { LenaValue } from '../../../wire/lena/pack.ts';
import { type CounterValue, keepable, MAX_COUNTER_NUMBERS, MAX_COUNTER_TEXT } from '../counters.ts';

/** Any number, whatever type it travelled as; NaN and what no JVM counts to are not known. */
export function numberOf(value: LenaValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.type !== 'decimal' && value.type !== 'float' && value.type !== 'double') return undefined;
  return Math.abs(value.value) <= LARGEST_AMOUNT ? value.value : undefined;
}
/** The advertiser sends −2 for what it cannot read yet. */
export function amountOf(value: LenaValue | undefined): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 ? number : undefined;
}
export const textOf = (value: LenaValue | undefined): string | undefined =>
  value?.type === 'text' && value.value !== '' ? value.value : undefined;

/** The items of a list or array that are numbers; an item that is none is undefined in its place. */
export function numbersOf(value: LenaValue | undefined): readonly (number | undefined)[] {
  if (value === undefined) return [];
  switch (value.type) {
    case 'list':
      return value.value.map(numberOf);
    case 'ints':
    case 'floats':
    case 'longs':
      return value.value.map((item) => (Number.isFinite(item) ? item : undefined));
    default:
      return [];
  }
}

/** A value as it came, where it has no field of its own. */
export function counterOf(value: LenaValue): CounterValue | undefined {
  switch (value.type) {
    case 'null':
      return undefined;
    case 'boolean':
    case 'ipv4':
      return value.value;
    case 'text':
      return keepable(value.value, MAX_COUNTER_TEXT);
    case 'decimal':
    case 'float':
    case 'double':
      return numberOf(value);
    case 'ints':
    case 'floats':
    case 'longs':
      return value.value.filter(Number.isFinite).slice(0, MAX_COUNTER_NUMBERS);
    case 'list': {
      const numbers = value.value.flatMap((item) => numberOf(item) ?? []);
      return numbers.length === value.value.length
        ? numbers.slice(0, MAX_COUNTER_NUMBERS)
        : `list of ${value.value.length}`;
    }
    case 'texts':
      return keepable(value.value.slice(0, MAX_COUNTER_NUMBERS).join(', '), MAX_COUNTER_TEXT);
    case 'blob':
      return `${value.value.length} bytes`;
    case 'map':
      return `map of ${value.value.size}`;
  }
}
