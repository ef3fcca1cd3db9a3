import { NOT_KNOWN } from './format-number.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-21 06:30:00`, in UTC (then with a `Z`) or local time. */
export function formatInstant(at: number | undefined, isUtc: boolean): string {
  if (at === undefined || !Number.isFinite(at)) return NOT_KNOWN;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return NOT_KNOWN;
  if (isUtc) return `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03` and its zone, for the header; minutes only, so that an idle screen paints nothing. */
export function formatClock(now: number, isUtc: boolean): string {
  const date = new Date(now);
  if (isUtc) return `${date.toISOString().slice(11, 16)} UTC`;
  return `${two(date.getHours())}:${two(date.getMinutes())} ${zoneName(date)}`;
}

function zoneName(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset();
  const known = ZONES.get(offsetMinutes);
  if (known !== undefined) return known;
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
/** Names only where an offset means one zone to the people who use this; elsewhere the offset itself. */
const ZONES: ReadonlyMap<number, string> = new Map([
  [0, 'UTC'],
  [540, 'KST'],
]);

/** ISO 8601 UTC for exports; absent where not known. */
export function isoTime(at: number | undefined): string | undefined {
  if (at === undefined || !Number.isFinite(at) || Math.abs(at) > 8.64e15) return undefined;
  return new Date(at).toISOString();
}
