import type { JvmFigures, PerfMemory } from '../../../wire/hsperfdata/jvm-figures.ts';
import { isMemoryKnown, memoryTogether } from '../../../wire/hsperfdata/perf-memory.ts';

const KIB = 1_024;
const MAX_LINE = 4_096;

/** Columns of one line by the names of the header; what the JVM does not have is absent. */
type Row = ReadonlyMap<string, number>;

/**
 * What `jstat -gc PID INTERVAL` prints, as it comes in pieces: which columns there are differs by collector and
 * release, so they are read by their names. Sizes are KiB, times seconds, `-` is not known.
 */
export class JstatTable {
  #rest = '';
  #columns: readonly string[] | undefined = undefined;
  /** Lines that were neither header nor figures. */
  rejected = 0;

  /** The figures of every line that is complete. `upMs` is the clock they are told by: it has none of its own. */
  take(bytes: Uint8Array, upMs: number): readonly JvmFigures[] {
    const lines = `${this.#rest}${Buffer.from(bytes).toString('utf8')}`.split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MAX_LINE);
    return lines.flatMap((line) => this.#line(line, upMs) ?? []);
  }

  #line(line: string, upMs: number): JvmFigures | undefined {
    const words = line.trim().split(/\s+/);
    if (line.length > MAX_LINE || words[0] === '') return undefined;
    if (words.every((word) => /^[A-Z][A-Z0-9]{1,6}$/.test(word))) {
      this.#columns = words;
      return undefined;
    }
    const row = this.#columns === undefined ? undefined : rowOf(this.#columns, words);
    if (row === undefined) this.rejected++;
    return row === undefined ? undefined : figuresOf(row, upMs);
  }
}

function rowOf(columns: readonly string[], words: readonly string[]): Row | undefined {
  if (words.length !== columns.length) return undefined;
  const row = new Map<string, number>();
  for (const [index, name] of columns.entries()) {
    const word = words[index] ?? '';
    if (word === '-') continue;
    // The JVM writes numbers as its locale does.
    if (!/^\d{1,15}(?:[.,]\d{1,6})?$/.test(word)) return undefined;
    row.set(name, Number(word.replace(',', '.')));
  }
  return row;
}

function figuresOf(row: Row, upMs: number): JvmFigures {
  const bytes = (name: string): number | undefined => {
    const kib = row.get(name);
    return kib === undefined ? undefined : Math.round(kib * KIB);
  };
  const space = (used: string, committed: string): PerfMemory => ({
    used: bytes(used),
    committed: bytes(committed),
  });
  const heap = [
    { name: 'Eden Space', isHeap: true, ...space('EU', 'EC') },
    { name: 'Survivor Space', isHeap: true, ...memoryTogether([space('S0U', 'S0C'), space('S1U', 'S1C')]) },
    { name: 'Old Gen', isHeap: true, ...space('OU', 'OC') },
  ].filter(isMemoryKnown);
  const classes = [
    { name: 'Metaspace', isHeap: false, ...space('MU', 'MC') },
    { name: 'Compressed Class Space', isHeap: false, ...space('CCSU', 'CCSC') },
  ].filter(isMemoryKnown);
  const collector = (name: string, prefix: string, isFull: boolean) => {
    const count = row.get(prefix);
    const seconds = row.get(`${prefix}T`);
    return count === undefined || seconds === undefined
      ? []
      : [{ name, isFull, count, timeMs: seconds * 1_000 }];
  };
  return {
    upMs,
    heap: memoryTogether(heap),
    nonHeap: {},
    pools: [...heap, ...classes],
    collectors: [
      ...collector('Young Collections', 'YGC', false),
      ...collector('Full Collections', 'FGC', true),
      ...collector('Concurrent Pauses', 'CGC', false),
    ],
  };
}
