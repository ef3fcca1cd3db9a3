export interface SeriesPoint {
  /** Epoch ms. */
  readonly at: number;
  readonly value: number;
}
/** The six series kept for every server; bytes, percent of time, requests a second, requests running now. */
export const SERIES_NAMES = ['heapUsed', 'heapMax', 'afterGc', 'gcTimePercent', 'tps', 'active'] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];
