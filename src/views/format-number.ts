import { sizeText } from '../core/size-text.ts';

/** Shown wherever a value is not known. */
export const NOT_KNOWN = 'n/a';

/** Bytes in the largest unit that keeps a whole part: `512 MiB`, `1.5 GiB`. */
export const formatBytes = (bytes: number | undefined): string =>
  bytes === undefined || !Number.isFinite(bytes) ? NOT_KNOWN : sizeText(bytes);

/** A number 0–100: `87%`, and `0.4%` below ten where the fraction says something. */
export function formatPercent(percent: number | undefined, digits = 0): string {
  if (percent === undefined || !Number.isFinite(percent)) return NOT_KNOWN;
  return `${percent.toFixed(percent >= 100 ? 0 : digits)}%`;
}

/** Three significant digits without exponents: `41.2`, `7`, `1 204`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NOT_KNOWN;
  const size = Math.abs(value);
  if (size >= 1_000) return grouped(Math.round(value));
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(size >= 100 ? 0 : 1);
}

/** A share with always one decimal, so that a column of them lines up: `0.0`, `9.1`. */
export const formatTenths = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? NOT_KNOWN : value.toFixed(1);

/** How many of something that has no halves, however it was averaged: `12`. */
export const formatCount = (value: number | undefined): string =>
  value === undefined ? NOT_KNOWN : formatNumber(Math.round(value));

/** At most two decimals: what files and pipes get of a measured number. */
export const toHundredths = (value: number): number => Math.round(value * 100) / 100;

/** Digits in groups of three: `1 204`. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');

export const formatMs = (ms: number | undefined): string =>
  ms === undefined ? NOT_KNOWN : `${formatNumber(ms)} ms`;

/** `21/256`; a side that is not known is `?`. */
export const formatOf = (part: number | undefined, whole: number | undefined): string =>
  part === undefined && whole === undefined
    ? NOT_KNOWN
    : `${part === undefined ? '?' : Math.round(part)}/${whole === undefined ? '?' : Math.round(whole)}`;

/** Share of `whole`, 0–100; not known unless both are and the whole is positive. */
export const percentOf = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole <= 0 ? undefined : (100 * part) / whole;
