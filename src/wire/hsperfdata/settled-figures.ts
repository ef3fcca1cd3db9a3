import type { JvmFigures } from './jvm-figures.ts';

/** Serial, Parallel and CMS, whose use of the heap is sampled by a thread beside the collection. */
const SAMPLED = /^(?:Copy|ParScav|ParNew)/;

/**
 * The figures with the heap of the reading before while such a collector runs: JDK 17 to 20 then write the use of one
 * space under the names of all of them.
 */
export function settledFigures(figures: JvmFigures, before: JvmFigures | undefined): JvmFigures {
  const isUnsettled =
    figures.collectors.some(({ isRunning }) => isRunning === true) && SAMPLED.test(figures.policy ?? '');
  return isUnsettled && before !== undefined
    ? { ...figures, heap: before.heap, pools: before.pools }
    : figures;
}
