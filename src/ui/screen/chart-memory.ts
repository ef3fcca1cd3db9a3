import type { FullGc } from '../../domain/jvm-sample.ts';
import { type Ref, refKey } from '../../domain/ref.ts';
import type { SeriesId, SeriesPoint, SeriesResolution } from '../../domain/series.ts';
import type { AnyRow } from '../../views/any-view.ts';
import type { DetailSection, Related } from '../../views/view.ts';

/** Series and servers one page remembers. */
const MOST_KEPT = 256;

/** What a page of charts showed last, for rows that are gone by now. */
export interface ChartMemory {
  readonly rows: Map<string, AnyRow>;
  readonly points: Map<string, readonly SeriesPoint[]>;
  readonly fullGcs: Map<string, readonly FullGc[]>;
  /** What the window that stands still showed, by the titles of its sections. */
  still: { readonly window: string; readonly sections: ReadonlyMap<string, DetailSection> } | undefined;
}
export const createChartMemory = (): ChartMemory => ({
  rows: new Map(),
  points: new Map(),
  fullGcs: new Map(),
  still: undefined,
});

/** Looks up what there is, and of rows that are gone what was there last. */
export function rememberingRelated(related: Related, memory: ChartMemory): Related {
  const isThere = (ref: Ref): boolean => related.get(ref) !== undefined;
  const lookedUp = <T>(kept: Map<string, T>, key: string, found: T | undefined, none: T): T => {
    if (found === undefined) return kept.get(key) ?? none;
    // The newest last, so that names a sender makes up push out each other.
    kept.delete(key);
    kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return found;
  };
  return {
    ...related,
    series(server, id: SeriesId, resolution: SeriesResolution = 'fine') {
      const found = isThere(server) ? related.series(server, id, resolution) : undefined;
      return lookedUp(memory.points, `${refKey(server)}\n${id}\n${resolution}`, found, []);
    },
    fullGcs(server) {
      const found = isThere(server) ? related.fullGcs(server) : undefined;
      return lookedUp(memory.fullGcs, refKey(server), found, []);
    },
  };
}

/** The row of a ref, or the last one known. */
export function rememberedRow(related: Related, memory: ChartMemory, ref: Ref): AnyRow | undefined {
  const row: AnyRow | undefined = related.get(ref);
  if (row === undefined) return memory.rows.get(refKey(ref));
  memory.rows.set(refKey(ref), row);
  return row;
}

/**
 * The sections with the charts a window had when it was made to stand still, and the figures of its end: what they
 * show stays while every sample of it grows old enough to be forgotten.
 */
export function heldStill(
  memory: ChartMemory,
  window: string,
  sections: readonly DetailSection[],
): readonly DetailSection[] {
  if (memory.still?.window !== window) {
    memory.still = { window, sections: new Map(sections.map((section) => [section.title.en, section])) };
  }
  const { sections: kept } = memory.still;
  return sections.map((section) => {
    const held = kept.get(section.title.en);
    const lines = section.isHeld === true ? held?.lines : undefined;
    return { ...section, lines: lines ?? section.lines, charts: held?.charts ?? [] };
  });
}
