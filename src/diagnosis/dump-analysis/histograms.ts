import { sizeText } from '../../core/size-text.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ClassCount, ClassHistogram } from '../../domain/thread-dump.ts';
import type { EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import { isLibraryCode } from './library-packages.ts';
import { percent, signed } from './words.ts';

/** A class grows suspiciously above all three. */
const GROWN_BYTES = 1_048_576;
const GROWN_INSTANCES = 1_000;
const GROWN_SHARE = 0.2;
/** The whole heap. */
const HEAP_SHARE = 0.2;
const HEAP_BYTES = 10 * 1_048_576;
const MAX_NAMED = 3;

/** A class in the last histogram and what it was in the first. */
export interface ClassChange {
  readonly now: ClassCount;
  readonly before: ClassCount | undefined;
}

export interface CountedHeap {
  readonly histogram: ClassHistogram;
  /** Only what is reachable; `undefined` where nobody said. */
  readonly isLive: boolean | undefined;
}

export interface HistogramReading {
  readonly isLive: boolean | undefined;
  /** Those that counted otherwise than the last one. */
  readonly otherwise: number;
  readonly last: ClassHistogram;
  readonly first: ClassHistogram | undefined;
  readonly totalBytes: number;
  readonly totalInstances: number;
  readonly firstBytes: number | undefined;
  /** Largest first. */
  readonly classes: readonly ClassChange[];
}

export function readHistograms(heaps: readonly CountedHeap[]): HistogramReading | undefined {
  const newest = heaps.at(-1);
  if (newest === undefined) return undefined;
  const { histogram: last, isLive } = newest;
  // Garbage that is counted once and once not would read as shrinkage or as a leak.
  const alike = heaps.filter(
    (heap) => heap.isLive === undefined || isLive === undefined || heap.isLive === isLive,
  );
  const first = alike.length > 1 ? alike[0]?.histogram : undefined;
  const before = merged(first);
  const now = merged(last);
  const gone = [...before].flatMap(([name, was]): readonly ClassChange[] =>
    now.has(name) ? [] : [{ now: { className: name, instances: 0, bytes: 0 }, before: was }],
  );
  const classes = [...now.values()].map((count) => ({ now: count, before: before.get(count.className) }));
  return {
    isLive,
    otherwise: heaps.length - alike.length,
    last,
    first,
    totalBytes: last.totalBytes ?? sum(last, ({ bytes }) => bytes),
    totalInstances: last.totalInstances ?? sum(last, ({ instances }) => instances),
    firstBytes: first === undefined ? undefined : (first.totalBytes ?? sum(first, ({ bytes }) => bytes)),
    classes: [...classes, ...gone].sort((a, b) => b.now.bytes - a.now.bytes),
  };
}

/** A class of several loaders stands several times. */
function merged(histogram: ClassHistogram | undefined): ReadonlyMap<string, ClassCount> {
  const counts = new Map<string, ClassCount>();
  for (const count of histogram?.classes ?? []) {
    const same = counts.get(count.className);
    counts.set(
      count.className,
      same === undefined
        ? count
        : { ...same, instances: same.instances + count.instances, bytes: same.bytes + count.bytes },
    );
  }
  return counts;
}
const sum = ({ classes }: ClassHistogram, of: (count: ClassCount) => number): number =>
  classes.reduce((total, count) => total + of(count), 0);

const bytesMore = ({ now, before }: ClassChange): number => now.bytes - (before?.bytes ?? 0);
const instancesMore = ({ now, before }: ClassChange): number => now.instances - (before?.instances ?? 0);

/** Most bytes more first. */
export const grownMost = (reading: HistogramReading): readonly ClassChange[] =>
  reading.first === undefined
    ? []
    : reading.classes.filter((change) => bytesMore(change) > 0).sort((a, b) => bytesMore(b) - bytesMore(a));

export function judgeHistograms(reading: HistogramReading): readonly Finding[] {
  const { totalBytes, totalInstances, firstBytes } = reading;
  const grown = grownMost(reading);
  const suspects = grown.filter(
    (change) =>
      bytesMore(change) >= GROWN_BYTES &&
      instancesMore(change) >= GROWN_INSTANCES &&
      instancesMore(change) >= GROWN_SHARE * Math.max(change.before?.instances ?? 0, 1) &&
      isApplicationClass(change.now.className),
  );
  const hint = reading.isLive === true ? REACHABLE_HINT : LIVE_HINT;
  const findings: Finding[] = [
    ...otherwise(reading),
    ...suspects.slice(0, MAX_NAMED).map((change) => grownClass(change, hint)),
  ];
  const more = firstBytes === undefined ? undefined : totalBytes - firstBytes;
  const [largest] = reading.classes;
  const top = reading.classes
    .slice(0, MAX_NAMED)
    .map(({ now }) => `${now.className} ${sizeText(now.bytes)}`)
    .join(', ');
  if (more !== undefined && firstBytes !== undefined) {
    const isGrown = more >= HEAP_BYTES && more >= HEAP_SHARE * firstBytes;
    const classes = grown
      .slice(0, MAX_NAMED)
      .map((change) => `${change.now.className} +${sizeText(bytesMore(change))}`)
      .join(', ');
    findings.push({
      code: isGrown ? 'heap-growth' : 'heap-compared',
      subject: 'heap',
      level: isGrown ? 'warn' : 'ok',
      text: text(
        `objects take ${sizeText(totalBytes)}, ${more >= 0 ? '+' : ''}${sizeText(more)}${classes === '' ? '' : `; most grown: ${classes}`}`,
        `객체 ${sizeText(totalBytes)}, ${more >= 0 ? '+' : ''}${sizeText(more)}${classes === '' ? '' : `; 가장 많이 증가: ${classes}`}`,
      ),
      next: isGrown ? hint : undefined,
      weight: Math.round(totalBytes / 1_048_576),
      count: totalInstances,
      blocks: () => [],
    });
  } else if (largest !== undefined)
    findings.push({
      code: 'largest-classes',
      subject: 'heap',
      level: 'ok',
      text: text(
        `${totalInstances} objects take ${sizeText(totalBytes)}; largest: ${top}`,
        `객체 ${totalInstances}개, ${sizeText(totalBytes)}; 최다: ${top}`,
      ),
      next: text(
        'Compare with a second histogram: what grows matters more than what is large',
        '두 번째 히스토그램과 비교하십시오. 큰 것보다 증가하는 것이 중요합니다',
      ),
      weight: 0,
      blocks: () => [],
    });
  return findings;
}

const LIVE_HINT: Text = text(
  'A histogram without a collection counts garbage too: compare two taken after a collection to tell a leak',
  'GC 없는 히스토그램은 쓰레기도 셉니다. 누수는 GC 후의 두 히스토그램으로 판단하십시오',
);

const REACHABLE_HINT: Text = text(
  'All of it is reachable: look at who holds it (a heap dump tells)',
  '모두 참조 중인 객체입니다. 누가 참조하는지 힙 덤프로 확인하십시오',
);

function otherwise({ otherwise: count, isLive }: HistogramReading): readonly Finding[] {
  if (count === 0) return [];
  const [last, before] = isLive === true ? [REACHABLE, ALL] : [ALL, REACHABLE];
  return [
    {
      code: 'histograms-not-alike',
      subject: 'heap',
      level: 'warn',
      text: text(
        `not compared: the last histogram counts ${last.en}, ${count} before it ${before.en}`,
        `비교하지 않음: 마지막 히스토그램은 ${last.ko}, 이전 ${count}개는 ${before.ko} 집계`,
      ),
      next: text('Compare two of one kind', '같은 종류끼리 비교하십시오'),
      weight: 0,
      blocks: () => [],
    },
  ];
}
const REACHABLE = text('only what is reachable', '참조 중인 객체만');
const ALL = text('garbage too', '쓰레기도');

/** Not the JDK's, a library's, or an array of theirs. */
function isApplicationClass(className: string): boolean {
  const element = className.replace(/(\[\])+$/, '');
  return element.includes('.') && !isLibraryCode(element);
}

function grownClass(change: ClassChange, hint: Text): Finding {
  const { now, before } = change;
  const more = instancesMore(change);
  const share =
    before === undefined || before.instances === 0 ? '' : ` (+${percent(more / before.instances)})`;
  return {
    code: 'class-growth',
    subject: now.className,
    level: 'warn',
    text: text(
      `${now.className} grew by ${more} instances${share} to ${now.instances}, +${sizeText(bytesMore(change))}`,
      `${now.className} 인스턴스 ${more}개 증가${share}, 현재 ${now.instances}, +${sizeText(bytesMore(change))}`,
    ),
    next: hint,
    weight: Math.round(bytesMore(change) / 1_048_576),
    count: now.instances,
    blocks: () => [],
  };
}

/** Those that grew most first, then those that shrank most, then what stayed. */
const byChange = (a: ClassChange, b: ClassChange): number =>
  Math.sign(Math.max(bytesMore(b), 0)) - Math.sign(Math.max(bytesMore(a), 0)) ||
  Math.abs(bytesMore(b)) - Math.abs(bytesMore(a));

/** By size; in a comparison by their change. */
export function addClasses(rows: EvidenceRows, reading: HistogramReading): void {
  const { totalBytes, first } = reading;
  const ordered = first === undefined ? reading.classes : [...reading.classes].sort(byChange);
  for (const [place, change] of ordered.entries()) {
    if (!rows.hasRoom('class')) {
      rows.leave('class', ordered.length - place);
      return;
    }
    const { now } = change;
    const share = totalBytes > 0 ? `${((100 * now.bytes) / totalBytes).toFixed(1)} %` : '';
    const more = bytesMore(change);
    const bytes = `${more > 0 ? '+' : ''}${sizeText(more)}`;
    rows.add({
      part: 'class',
      subject: now.className,
      text:
        first === undefined
          ? text(`${share} of all`, `전체의 ${share}`)
          : text(
              `${bytes}, ${signed(instancesMore(change))} instances; ${share} of all`,
              `${bytes}, 인스턴스 ${signed(instancesMore(change))}; 전체의 ${share}`,
            ),
      count: now.instances,
      bytes: now.bytes,
      change: first === undefined ? undefined : instancesMore(change),
    });
  }
}
