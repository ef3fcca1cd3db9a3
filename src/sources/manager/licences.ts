import type { ManagerRead } from '../../domain/registration.ts';
import { licenceRecordSchema, readList } from './manager-records.ts';

/** Licences together: how many are used of how many, and when the first of them ends. */
export function readLicences(body: unknown): ManagerRead['licence'] {
  const list = readList(licenceRecordSchema, body);
  if (list === undefined || list.records.length === 0) return undefined;
  const ends = list.records.flatMap(({ endDate }) => endOf(endDate) ?? []);
  const used = sumOf(list.records.map((record) => record.used));
  const total = sumOf(list.records.map((record) => record.total));
  return {
    ...(used === undefined ? {} : { used }),
    ...(total === undefined ? {} : { total }),
    ...(ends.length === 0 ? {} : { endsAt: Math.min(...ends) }),
  };
}

/** A sum over records of which one lacks its number would be too small. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

/** End of the day of `yyyyMMdd` or `yyyy-MM-dd`, or an instant in epoch ms. */
function endOf(date: string | undefined): number | undefined {
  const day = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(date ?? '');
  if (day !== null) return new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]), 23, 59, 59).getTime();
  const at = /^\d{12,14}$/.test(date ?? '') ? Number(date) : Date.parse(date ?? '');
  return Number.isNaN(at) ? undefined : at;
}
