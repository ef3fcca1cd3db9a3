/**
 * Collectors of HotSpot whose every run takes the old generation or the whole heap, by the names of management.
 * `ZGC` is the one bean of JDK 11 to 16.
 */
const FULL: ReadonlySet<string> = new Set([
  'G1 Old Generation',
  'PS MarkSweep',
  'MarkSweepCompact',
  'ConcurrentMarkSweep',
  'ZGC',
  'ZGC Cycles',
  'ZGC Major Cycles',
  'Shenandoah Cycles',
]);
const NOT_FULL: ReadonlySet<string> = new Set([
  'G1 Young Generation',
  'G1 Concurrent GC',
  'PS Scavenge',
  'ParNew',
  'Copy',
  'ZGC Pauses',
  'ZGC Minor Cycles',
  'ZGC Minor Pauses',
  'ZGC Major Pauses',
  'Shenandoah Pauses',
]);
/** Words in the names of other makers: OpenJ9 `global`, JRockit `… Old Collector`. */
const FULL_WORD = /\b(?:old|full|global|major|tenured)\b|marksweep/i;
const PART_WORD = /\b(?:pauses|minor|young|concurrent)\b/i;

/** True where a collection by this collector is a full one: what it leaves is the heap after GC. */
export function isFullCollector(name: string): boolean {
  if (FULL.has(name)) return true;
  return !NOT_FULL.has(name) && FULL_WORD.test(name) && !PART_WORD.test(name);
}

/**
 * Concurrent collectors have two beans, cycles and their pauses. A cycle is the collection; the pauses, where they are
 * told, are the time it took from the application.
 */
const HALF = /^(?:ZGC|ZGC Minor|ZGC Major|Shenandoah) (Cycles|Pauses)$/;

/** What a collector's count and time stand for, among all the collectors of one JVM. */
export function collectorShare(
  name: string,
  isKnown: (name: string) => boolean,
): { readonly isCounted: boolean; readonly isTimed: boolean } {
  const half = HALF.exec(name)?.[1];
  if (half === undefined) return { isCounted: true, isTimed: true };
  const other = name.replace(half, half === 'Cycles' ? 'Pauses' : 'Cycles');
  const hasOther = isKnown(other);
  return half === 'Cycles'
    ? { isCounted: true, isTimed: !hasOther }
    : { isCounted: !hasOther, isTimed: true };
}
