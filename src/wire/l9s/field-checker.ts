import { LARGEST_AMOUNT } from '../largest-amount.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Takes typed fields out of parsed JSON without a schema library: datagrams come by the ten thousand a second. The
 * first field of a wrong type sets `failure`; absent and null both mean not known. The wording names only fields of
 * the format, never what was sent.
 */
export class FieldChecker {
  failure: string | undefined = undefined;

  #fail(name: string, expected: string): undefined {
    this.failure ??= `${name}: not ${expected}`;
    return undefined;
  }
  fields(value: unknown, name: string): Fields | undefined {
    if (value === undefined || value === null) return undefined;
    return isFields(value) ? value : this.#fail(name, 'an object');
  }
  /** Negative means not known, as Java's beans have it. */
  amount(value: unknown, name: string): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !(value <= LARGEST_AMOUNT)) return this.#fail(name, 'a number');
    return value < 0 ? undefined : value;
  }
  flag(value: unknown, name: string): boolean | undefined {
    if (value === undefined || value === null) return undefined;
    return typeof value === 'boolean' ? value : this.#fail(name, 'a boolean');
  }
  text(value: unknown, name: string, longest: number): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') return this.#fail(name, 'a string');
    return value.length <= longest ? value : this.#fail(name, `a string of at most ${longest}`);
  }
  requiredText(value: unknown, name: string, longest: number): string {
    const text = this.text(value, name, longest);
    if (text === undefined || text === '') this.#fail(name, 'a string with content');
    return text ?? '';
  }
  requiredInteger(value: unknown, name: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    this.#fail(name, 'a whole number');
    return 0;
  }
  list<T>(
    value: unknown,
    { name, longest }: { readonly name: string; readonly longest: number },
    read: (fields: Fields) => T,
  ): readonly T[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) return this.#fail(name, 'a list');
    if (value.length > longest) return this.#fail(name, `a list of at most ${longest}`);
    const items: T[] = [];
    for (const item of value) {
      if (isFields(item)) items.push(read(item));
      else this.#fail(name, 'a list of objects');
    }
    return items;
  }
}
export type { Fields };
