import type { CounterMeaning } from '../diagnosis/counter-meaning.ts';
import type { Sender } from '../domain/sender.ts';
import { formatAge } from './format-age.ts';
import { formatBytes, formatNumber, grouped, toHundredths } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import type { ViewContext } from './view.ts';
import { instantWithAge } from './words.ts';

/** What one counter may hold. */
export type CounterValue = Sender['counters'][string];

const numberText = (value: number): string => {
  if (Number.isInteger(value)) return grouped(value);
  return Math.abs(value) >= 1_000 ? formatNumber(value) : String(toHundredths(value));
};

function oneText(value: number, unit: string | undefined, context: ViewContext): string {
  switch (unit) {
    case undefined:
      return numberText(value);
    case 'bytes':
      return formatBytes(value);
    case 'epoch ms':
      return instantWithAge(value, context, formatInstant, formatAge) ?? numberText(value);
    default:
      return `${numberText(value)} ${unit}`;
  }
}

/** A counter's value with its unit: `11 requests`, `committed 44 MiB, used 29.8 MiB, max 256 MiB`. */
export function formatCounter(
  value: CounterValue,
  meaning: CounterMeaning | undefined,
  context: ViewContext,
): string {
  if (typeof value === 'number') return oneText(value, meaning?.unit, context);
  if (typeof value !== 'object') return String(value);
  const items = meaning?.items;
  if (items === undefined || items.length < value.length)
    return value.map((one) => oneText(one, meaning?.unit, context)).join(' ');
  return value
    .map((one, index) => `${items[index]?.name} ${oneText(one, items[index]?.unit, context)}`)
    .join(', ');
}
