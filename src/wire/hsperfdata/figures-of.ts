import { sumOf } from '../../core/sum.ts';
import type { JvmFigures, PerfCollector, PerfMemory, PerfPool } from './jvm-figures.ts';
import { collectorNamed, type HeapLayout, layoutOf } from './memory-layout.ts';
import { isMemoryKnown, memoryTogether } from './perf-memory.ts';
import type { PerfData } from './read-perf-data.ts';

const COLLECTOR_ORDINALS = [0, 1, 2, 3] as const;
const DEFAULT_TICKS_PER_SECOND = 1_000_000_000;
/** Regions and pages are whole multiples of this; what is beyond is the padding of G1's counters. */
const GRAIN_BYTES = 4_096;
const NO_CAUSES: readonly (string | undefined)[] = [undefined, '', 'No GC', 'unknown GCCause'];
const METASPACE_LIMIT = /(?:^|\s)-XX:MaxMetaspaceSize=(\d{1,15})([kKmMgGtT]?)(?=\s|$)/g;
const SIZES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A counter that cannot be negative; one that is, is not known. */
const amountOf = ({ numbers }: PerfData, name: string): number | undefined => {
  const value = numbers.get(name);
  return value === undefined || value < 0 ? undefined : value;
};
const causeOf = ({ texts }: PerfData, name: string): string | undefined => {
  const cause = texts.get(name);
  return NO_CAUSES.includes(cause) ? undefined : cause;
};

interface Heap {
  readonly data: PerfData;
  readonly layout: HeapLayout;
}
function capacityOf({ data, layout }: Heap, name: string): number | undefined {
  const value = amountOf(data, name);
  return value === undefined || layout.isPadded === undefined ? value : value - (value % GRAIN_BYTES);
}
function spaceOf(heap: Heap, prefix: string): PerfMemory {
  return {
    used: amountOf(heap.data, `${prefix}.used`),
    committed: capacityOf(heap, `${prefix}.capacity`),
    max: capacityOf(heap, `${prefix}.maxCapacity`),
  };
}

/** Parts of the heap in the order of allocation. */
function heapPools(heap: Heap): readonly PerfPool[] {
  const { layout } = heap;
  const pools: PerfPool[] = [];
  const add = (name: string | undefined, memory: PerfMemory, isShare: boolean) => {
    if (name === undefined || !isMemoryKnown(memory)) return;
    const { used, committed } = memory;
    pools.push({ name, isHeap: true, used, committed, max: isShare ? undefined : memory.max });
  };
  const first = spaceOf(heap, 'sun.gc.generation.0.space.0');
  const survivors = ['1', '2'].map((space) => spaceOf(heap, `sun.gc.generation.0.space.${space}`));
  if (survivors.some(isMemoryKnown)) {
    // Of a heap without fixed shares, eden and survivors have no limit of their own.
    add(layout.eden, first, layout.sharesHeap);
    add(layout.survivor, memoryTogether(survivors), layout.sharesHeap);
  } else {
    add(layout.young, first, false);
  }
  add(layout.old, spaceOf(heap, 'sun.gc.generation.1.space.0'), false);
  return pools;
}

function heapMax({ data, layout }: Heap): number | undefined {
  const limits = ['0', '1'].map((generation) =>
    capacityOf({ data, layout }, `sun.gc.generation.${generation}.maxCapacity`),
  );
  if (!layout.sharesHeap) return limits.includes(undefined) ? undefined : sumOf(limits);
  const [young = 0, old = 0] = limits;
  return Math.max(young, old) || undefined;
}

/** The limit that was set; the counter's own is what is reserved of the address space. */
function metaspaceLimit({ texts }: PerfData): number | undefined {
  let limit: number | undefined;
  for (const [, digits = '', unit = ''] of (texts.get('java.rt.vmArgs') ?? '').matchAll(METASPACE_LIMIT))
    limit = Number(digits) * (SIZES[unit.toLowerCase()] ?? 1);
  return limit;
}
function classPools(data: PerfData): readonly PerfPool[] {
  const pools: PerfPool[] = [];
  const add = (name: string, prefix: string, max: number | undefined) => {
    const used = amountOf(data, `${prefix}.used`);
    const committed = amountOf(data, `${prefix}.capacity`);
    if (used !== undefined || committed !== undefined)
      pools.push({ name, isHeap: false, used, committed, max });
  };
  add('Metaspace', 'sun.gc.metaspace', metaspaceLimit(data));
  const classSpace = 'sun.gc.compressedclassspace';
  // Without compressed class pointers the JVM writes zeros.
  const classMax = amountOf(data, `${classSpace}.maxCapacity`);
  if (classMax !== undefined && classMax > 0) add('Compressed Class Space', classSpace, classMax);
  return pools;
}

interface Collectors {
  readonly data: PerfData;
  readonly names: ReadonlyMap<number, string>;
  readonly ticksPerMs: number;
}
function collectorsOf({ data, names, ticksPerMs }: Collectors): readonly PerfCollector[] {
  const found: PerfCollector[] = [];
  const all = [...names.values()];
  for (const [ordinal, raw] of names) {
    const prefix = `sun.gc.collector.${ordinal}`;
    const named = collectorNamed(raw, ordinal, all);
    const count = amountOf(data, `${prefix}.invocations`);
    const ticks = amountOf(data, `${prefix}.time`);
    if (named === undefined || count === undefined || ticks === undefined) continue;
    const msOf = (name: string): number | undefined => {
      const value = amountOf(data, `${prefix}.${name}`);
      return value === undefined || value === 0 ? undefined : value / ticksPerMs;
    };
    const lastStartMs = msOf('lastEntryTime');
    const lastEndMs = msOf('lastExitTime');
    const isRunning = count > 0 && lastStartMs !== undefined && lastStartMs > (lastEndMs ?? 0);
    found.push({
      name: named.name,
      isFull: named.isFull,
      count: isRunning ? count - 1 : count,
      timeMs: ticks / ticksPerMs,
      lastStartMs,
      lastEndMs,
      isRunning,
    });
  }
  return found;
}

/** `17.0.13+11`; before JDK 9 that counter is the version of HotSpot, which nobody knows. */
function versionOf({ texts }: PerfData): string | undefined {
  const java = texts.get('java.property.java.version');
  const machine = texts.get('java.property.java.vm.version');
  return java?.startsWith('1.') === true ? java : (machine ?? java);
}

function classesOf(data: PerfData): number | undefined {
  const loaded = amountOf(data, 'java.cls.loadedClasses');
  if (loaded === undefined) return undefined;
  const shared = amountOf(data, 'java.cls.sharedLoadedClasses') ?? 0;
  const unloaded = amountOf(data, 'java.cls.unloadedClasses') ?? 0;
  const sharedUnloaded = amountOf(data, 'java.cls.sharedUnloadedClasses') ?? 0;
  return Math.max(0, loaded + shared - unloaded - sharedUnloaded);
}
function threadsOf(data: PerfData): JvmFigures['threads'] {
  const live = amountOf(data, 'java.threads.live');
  const peak = amountOf(data, 'java.threads.livePeak');
  const daemon = amountOf(data, 'java.threads.daemon');
  return live === undefined && peak === undefined && daemon === undefined
    ? undefined
    : { live, peak, daemon };
}

/** Puts the counters of JDK 8 to 25 into the terms of management. What a JVM does not write stays absent. */
export function jvmFiguresOf(data: PerfData): JvmFigures {
  const names = new Map<number, string>();
  for (const ordinal of COLLECTOR_ORDINALS) {
    const name = data.texts.get(`sun.gc.collector.${ordinal}.name`);
    if (name !== undefined && name !== '') names.set(ordinal, name);
  }
  const layout = layoutOf([...names.values()], data.texts.get('sun.gc.generation.1.name'));
  const heap: Heap = { data, layout };
  const pools = heapPools(heap);
  const ticksPerMs = (amountOf(data, 'sun.os.hrt.frequency') || DEFAULT_TICKS_PER_SECOND) / 1_000;
  const collectors = collectorsOf({ data, names, ticksPerMs });
  // From JDK 25 on the file has no running clock; then the newest instant in it has to do.
  const clock = (amountOf(data, 'sun.os.hrt.ticks') ?? Math.max(0, data.modifiedTicks)) / ticksPerMs;
  const ends = collectors.flatMap(({ lastStartMs = 0, lastEndMs = 0 }) => [lastStartMs, lastEndMs]);
  return {
    version: versionOf(data),
    policy: data.texts.get('sun.gc.policy.name'),
    command: data.texts.get('sun.rt.javaCommand'),
    upMs: Math.max(clock, ...ends),
    startedAt: amountOf(data, 'sun.rt.createVmBeginTime'),
    heap: {
      used: sumOf(pools.map(({ used }) => used)),
      committed: sumOf(pools.map(({ committed }) => committed)),
      max: heapMax(heap),
    },
    nonHeap: {},
    pools: [...pools, ...classPools(data)],
    collectors,
    lastCause: causeOf(data, 'sun.gc.lastCause'),
    runningCause: causeOf(data, 'sun.gc.cause'),
    threads: threadsOf(data),
    classes: classesOf(data),
  };
}
