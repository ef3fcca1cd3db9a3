import type { JvmSample } from '../../../domain/jvm-sample.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import { amountOf, numberOf, numbersOf, textOf } from './lena-values.ts';

const MEBIBYTE = 1_048_576;
const bytesOf = (mebibytes: number | undefined): number | undefined =>
  mebibytes === undefined || mebibytes < 0 ? undefined : Math.round(mebibytes * MEBIBYTE);

/** Counters of the server itself that have a field of their own. */
export const WITH_FIELDS: ReadonlySet<string> = new Set([
  'HeapUsed',
  'HeapTotUsage',
  'GcCount',
  'GcTime',
  'GcMemory',
  'TPS',
  'ElapsedTime',
  'ErrorRate',
  'ActiveSpeed',
  'serverStartTime',
  'appStatus',
]);

/** The figures of one cycle, taken out of the pack so that the pack itself need not be kept. */
export interface LenaFigures {
  readonly usedBytes: number | undefined;
  readonly committedBytes: number | undefined;
  readonly maxBytes: number | undefined;
  readonly tps: number | undefined;
  readonly meanMs: number | undefined;
  readonly errorPercent: number | undefined;
  readonly active: JvmSample['active'];
  readonly appStatus: string | undefined;
}

export function figuresOf(counters: LenaMap): LenaFigures {
  const [committed, used, max] = numbersOf(counters.get('HeapTotUsage'));
  return {
    usedBytes: bytesOf(numberOf(counters.get('HeapUsed')) ?? used),
    committedBytes: bytesOf(committed),
    maxBytes: bytesOf(max),
    tps: amountOf(counters.get('TPS')),
    meanMs: amountOf(counters.get('ElapsedTime')),
    errorPercent: amountOf(counters.get('ErrorRate')),
    active: activeOf(counters),
    appStatus: textOf(counters.get('appStatus')),
  };
}

const atLeastNone = (value: number | undefined): number | undefined =>
  value === undefined || value < 0 ? undefined : value;

function activeOf(counters: LenaMap): JvmSample['active'] {
  const [under3s, under8s, over8s] = numbersOf(counters.get('ActiveSpeed')).map(atLeastNone);
  if (under3s === undefined || under8s === undefined || over8s === undefined) return undefined;
  return { under3s, under8s, over8s, total: under3s + under8s + over8s };
}
