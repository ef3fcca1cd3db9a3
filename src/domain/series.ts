import type { FullGc } from './jvm-sample.ts';
import type { Ref } from './ref.ts';

export interface SeriesPoint {
  /** Epoch ms. */
  readonly at: number;
  readonly value: number;
}
/** The six series kept for every server; bytes, percent of time, requests a second, requests running now. */
export const SERIES_NAMES = ['heapUsed', 'heapMax', 'afterGc', 'gcTimePercent', 'tps', 'active'] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];

/**
 * Further series, kept only while somebody watches a server or its health is not well: single ones by name, one of
 * several as `kind/name`, e.g. `pool/G1 Old Gen` (bytes used), `connector/http-nio-8180` (threads busy).
 */
export const DETAIL_SERIES = [
  'heapCommitted',
  'nonHeapUsed',
  'gcTimeMs',
  'gcCount',
  'meanMs',
  'errorPercent',
  'over8s',
  'threads',
  'cpuPercent',
  'fds',
  'sessions',
] as const;
export type DetailSeriesName = (typeof DETAIL_SERIES)[number];
export type PartSeriesId = `${'pool' | 'collector' | 'connector' | 'dataSource'}/${string}`;
export type SeriesId = SeriesName | DetailSeriesName | PartSeriesId;

/** Ten minutes in steps of a sample, two hours in steps of half a minute (each the highest value in it). */
export type SeriesResolution = 'fine' | 'coarse';
export const SERIES_STEPS: Readonly<
  Record<SeriesResolution, { readonly stepMs: number; readonly spanMs: number }>
> = {
  fine: { stepMs: 2_000, spanMs: 600_000 },
  coarse: { stepMs: 30_000, spanMs: 7_200_000 },
};

/** Consecutive steps of the six series: the values of one step side by side, NaN where nothing was heard. */
export interface HistoryBlock {
  readonly resolution: SeriesResolution;
  /** Start of the first step, epoch ms, a multiple of the step. */
  readonly fromAt: number;
  readonly values: Float32Array;
}
/** What is remembered of one sender, to hand it to another process. */
export interface SenderHistory {
  readonly sender: Ref<'sender'>;
  readonly blocks: readonly HistoryBlock[];
  /** Oldest first. */
  readonly fullGcs: readonly FullGc[];
}
