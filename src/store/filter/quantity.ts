import { parseDuration } from '../../core/duration.ts';
import type { FilterUnit } from './filter.ts';

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1_024,
  m: 1_048_576,
  g: 1_073_741_824,
  t: 1_099_511_627_776,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  tb: 1_000_000_000_000,
};

const EXAMPLES: Readonly<Record<FilterUnit, string>> = {
  text: 'text',
  count: '3',
  percent: '80%',
  bytes: '512MiB',
  age: '2h',
};
export const exampleOf = (unit: FilterUnit): string => EXAMPLES[unit];

/** The number a comparison means on a column of this unit; `undefined` where it is none. */
export function parseQuantity(written: string, unit: FilterUnit): number | undefined {
  switch (unit) {
    case 'age':
      return parseDuration(written.toLowerCase());
    case 'percent':
      return parseNumber(written.replace(/%$/, ''));
    case 'bytes': {
      const [, amount, suffix = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(written) ?? [];
      const factor = BYTES[suffix.toLowerCase().replace(/^([kmgt])ib?$/, '$1')];
      return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
    }
    case 'count':
    case 'text':
      return parseNumber(written);
  }
}

const parseNumber = (written: string): number | undefined =>
  /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : undefined;
