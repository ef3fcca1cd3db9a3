import type { JvmSample } from '../domain/jvm-sample.ts';
import type { Sender } from '../domain/sender.ts';
import type { CounterValue } from './format-counter.ts';

const MEBIBYTE = 1_048_576;
const inMebibytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / MEBIBYTE;
/** A list only where every item is known. */
function listOf(values: readonly (number | undefined)[]): readonly number[] | undefined {
  const numbers = values.flatMap((value) => value ?? []);
  return numbers.length === values.length ? numbers : undefined;
}

function gcMemoryOf({ lastFullGc, startedAt, fullGcs }: JvmSample): string | readonly number[] | undefined {
  if (lastFullGc === undefined) return undefined;
  const startMs = startedAt === undefined ? undefined : lastFullGc.at - startedAt;
  return listOf([startMs, lastFullGc.beforeBytes, lastFullGc.afterBytes, lastFullGc.maxBytes, fullGcs]);
}

/**
 * What a LENA advertiser sent last under the names of the wire, for those counters that have a field of a sample:
 * whoever knows LENA looks for them by these names.
 */
export function lenaCounterValues({ jvm, appStatus }: Sender): ReadonlyMap<string, CounterValue> {
  const values: Readonly<Record<string, CounterValue | undefined>> = {
    HeapUsed: inMebibytes(jvm?.heap?.usedBytes),
    HeapTotUsage: listOf([
      inMebibytes(jvm?.heap?.committedBytes),
      inMebibytes(jvm?.heap?.usedBytes),
      inMebibytes(jvm?.heap?.maxBytes),
    ]),
    GcCount: jvm?.gcInterval?.count,
    GcTime: jvm?.gcInterval?.timeMs,
    GcMemory: jvm === undefined ? undefined : gcMemoryOf(jvm),
    TPS: jvm?.tps,
    ElapsedTime: jvm?.meanMs,
    ErrorRate: jvm?.errorPercent,
    ActiveSpeed: listOf([jvm?.active?.under3s, jvm?.active?.under8s, jvm?.active?.over8s]),
    serverStartTime: jvm?.startedAt,
    appStatus,
  };
  const known = new Map<string, CounterValue>();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) known.set(name, value);
  return known;
}

/** Counters of connectors and data sources: name on the wire → part → value. */
export function lenaPartValues({ jvm }: Sender): ReadonlyMap<string, readonly PartValue[]> {
  const connectors = jvm?.connectors ?? [];
  const dataSources = jvm?.dataSources ?? [];
  return new Map([
    ['maxThreads', partsOf(connectors, ({ max }) => max)],
    ['currentThreadsBusy', partsOf(connectors, ({ busy }) => busy)],
    ['ConnActive', partsOf(dataSources, ({ active }) => active)],
    ['ConnIdle', partsOf(dataSources, ({ idle }) => idle)],
    ['dbMaxActive', partsOf(dataSources, ({ max }) => max)],
  ]);
}

export interface PartValue {
  readonly part: string;
  readonly value: number;
}
function partsOf<Part extends { readonly name: string }>(
  parts: readonly Part[],
  read: (part: Part) => number | undefined,
): readonly PartValue[] {
  return parts.flatMap((part) => {
    const value = read(part);
    return value === undefined ? [] : [{ part: part.name, value }];
  });
}
