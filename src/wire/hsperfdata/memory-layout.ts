/** How a collector lays out the heap in hsperfdata, and what management calls the parts. */
export interface HeapLayout {
  /** Pools of the young generation: eden, and its survivors as one. */
  readonly eden?: string | undefined;
  readonly survivor?: string | undefined;
  /** The young generation where it is one space. */
  readonly young?: string | undefined;
  readonly old: string;
  /** Each generation may grow to the whole heap, so its limit is the heap's and no share of it. */
  readonly sharesHeap: boolean;
  /** Capacities carry a few bytes more than the regions have, so that the tools never divide by zero. */
  readonly isPadded?: true;
}
export interface CollectorName {
  /** As management names it. */
  readonly name: string;
  readonly isFull: boolean;
}

const SERIAL: HeapLayout = {
  eden: 'Eden Space',
  survivor: 'Survivor Space',
  old: 'Tenured Gen',
  sharesHeap: false,
};
const PARALLEL: HeapLayout = {
  eden: 'PS Eden Space',
  survivor: 'PS Survivor Space',
  old: 'PS Old Gen',
  sharesHeap: false,
};
const CMS: HeapLayout = {
  eden: 'Par Eden Space',
  survivor: 'Par Survivor Space',
  old: 'CMS Old Gen',
  sharesHeap: false,
};
const G1: HeapLayout = {
  eden: 'G1 Eden Space',
  survivor: 'G1 Survivor Space',
  old: 'G1 Old Gen',
  sharesHeap: true,
  isPadded: true,
};
const Z: HeapLayout = { old: 'ZHeap', sharesHeap: true };
const Z_GENERATIONAL: HeapLayout = {
  young: 'ZGC Young Generation',
  old: 'ZGC Old Generation',
  sharesHeap: true,
};
const SHENANDOAH: HeapLayout = { old: 'Shenandoah', sharesHeap: true };
const EPSILON: HeapLayout = { old: 'Epsilon Heap', sharesHeap: true };

const CMS_PHASES = 'CMS stop-the-world phases';

interface Known extends CollectorName {
  readonly layout: HeapLayout;
}
const young = (name: string, layout: HeapLayout): Known => ({ name, isFull: false, layout });
const full = (name: string, layout: HeapLayout): Known => ({ name, isFull: true, layout });

/**
 * Names in hsperfdata (JDK 8, then those that came later) to the names of management. Where the file counts the pauses
 * of a concurrent collector, which management calls cycles, the name says pauses.
 */
const COLLECTORS: Readonly<Record<string, Known>> = {
  Copy: young('Copy', SERIAL),
  'Serial young collection pauses': young('Copy', SERIAL),
  MSC: full('MarkSweepCompact', SERIAL),
  'Serial full collection pauses': full('MarkSweepCompact', SERIAL),
  PSScavenge: young('PS Scavenge', PARALLEL),
  'Parallel young collection pauses': young('PS Scavenge', PARALLEL),
  PSMarkSweep: full('PS MarkSweep', PARALLEL),
  PSParallelCompact: full('PS MarkSweep', PARALLEL),
  'Parallel full collection pauses': full('PS MarkSweep', PARALLEL),
  PCopy: young('ParNew', CMS),
  CMS: young('ConcurrentMarkSweep Pauses', CMS),
  [CMS_PHASES]: young('ConcurrentMarkSweep Pauses', CMS),
  'G1 incremental collections': young('G1 Young Generation', G1),
  'G1 young collection pauses': young('G1 Young Generation', G1),
  'G1 stop-the-world full collections': full('G1 Old Generation', G1),
  'G1 full collection pauses': full('G1 Old Generation', G1),
  'G1 stop-the-world phases': young('G1 Concurrent GC', G1),
  'G1 concurrent cycle pauses': young('G1 Concurrent GC', G1),
  'Z concurrent cycle pauses': young('ZGC Pauses', Z),
  'ZGC minor collection pauses': young('ZGC Minor Pauses', Z_GENERATIONAL),
  'ZGC major collection pauses': young('ZGC Major Pauses', Z_GENERATIONAL),
};
/** One counter for pauses and concurrent phases together: neither a number of collections nor a time of pauses. */
const isMixed = (name: string): boolean => name.startsWith('Shenandoah');

/**
 * What the collector of this name in hsperfdata is; `undefined` where its counter means nothing an operator asks.
 * `all`: names of every collector of that JVM.
 */
export function collectorNamed(
  name: string,
  ordinal: number,
  all: readonly string[],
): CollectorName | undefined {
  if (isMixed(name)) return undefined;
  // Since the phases are counted apart, what is left are the full collections CMS falls back to.
  if (name === 'CMS' && all.includes(CMS_PHASES)) return { name: 'ConcurrentMarkSweep', isFull: true };
  const known = Object.hasOwn(COLLECTORS, name) ? COLLECTORS[name] : undefined;
  return known ?? { name, isFull: ordinal === 1 };
}

/**
 * The layout behind a set of collectors, the young one's first: each generation is called by its own collector. With
 * none the only generation's name tells.
 */
export function layoutOf(collectors: readonly string[], oldGeneration: string | undefined): HeapLayout {
  if (collectors.some(isMixed)) return SHENANDOAH;
  const known = collectors.flatMap((name) =>
    Object.hasOwn(COLLECTORS, name) ? (COLLECTORS[name] ?? []) : [],
  );
  const [young, old] = known;
  if (young !== undefined) return { ...young.layout, old: (old ?? young).layout.old };
  if (collectors.length === 0 && oldGeneration === 'Heap') return EPSILON;
  return {
    eden: 'eden',
    survivor: 'survivor',
    young: 'young',
    old: oldGeneration ?? 'old',
    sharesHeap: false,
  };
}
