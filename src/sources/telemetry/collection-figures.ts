import type { FullGc, GcInterval, JvmSample } from '../../domain/jvm-sample.ts';

/** Collections of one JVM, however its form tells them. */
export interface Collections {
  readonly perMinute: number | undefined;
  readonly timePercent: number | undefined;
  readonly fullGcs: number | undefined;
  readonly lastFullGc: FullGc | undefined;
  intervalOf(sampledAt: number): GcInterval | undefined;
}

/** Their fields in the sample of `sampledAt`. */
export const collectionFigures = (
  collections: Collections,
  sampledAt: number,
): Pick<JvmSample, 'gcPerMinute' | 'gcTimePercent' | 'gcInterval' | 'fullGcs' | 'lastFullGc'> => ({
  gcPerMinute: collections.perMinute,
  gcTimePercent: collections.timePercent,
  gcInterval: collections.intervalOf(sampledAt),
  fullGcs: collections.fullGcs,
  lastFullGc: collections.lastFullGc,
});
