import { cleanLine } from '../../core/text.ts';
import type { ClassCount, ClassHistogram } from '../../domain/thread-dump.ts';
import { ProblemCount } from '../../wire/problem-count.ts';
import { ownCopy } from '../thread-dump/text-pool.ts';
import { javaClassName } from './java-class-name.ts';

const HEAD = /^\s*num\s+#instances\s+#bytes\s+class name/;
const ROW = /^\s*\d{1,9}:\s+(\d{1,18})\s+(\d{1,18})\s+(\S.*?)(?:\s+\(([^()\s]*@[^()\s]*|[\w.]+)\))?\s*$/;
const TOTAL = /^Total\s+(\d{1,18})\s+(\d{1,18})\s*$/;
const RULE = /^-{5,}\s*$/;
const MAX_NAME = 512;
const MAX_HISTOGRAMS = 1_000;

/** One table while its lines come. */
interface OpenTable {
  readonly classes: ClassCount[];
  readonly problems: ProblemCount;
  total: readonly [instances: number, bytes: number] | undefined;
}

/**
 * Reads class histograms (`jcmd GC.class_histogram`, `jmap -histo`, `-XX:+PrintClassHistogram` in a log) out of the
 * lines of a file; several in one file. Names are Java's, modules are left out. Never throws.
 */
export class ClassHistogramParser {
  readonly #maxClasses: number;
  readonly #histograms: ClassHistogram[] = [];
  #open: OpenTable | undefined = undefined;
  #line = 0;
  #classes = 0;

  /** `maxClasses`: of the whole file. */
  constructor(maxClasses: number) {
    this.#maxClasses = maxClasses;
  }
  get hasHistogram(): boolean {
    return this.#open !== undefined || this.#histograms.length > 0;
  }
  push(line: string, isCut = false): void {
    this.#line++;
    if (HEAD.test(line.slice(0, 200))) {
      this.#close(true);
      this.#open = { classes: [], problems: new ProblemCount(), total: undefined };
    } else if (this.#open !== undefined) this.#inTable(this.#open, line, isCut);
  }
  /** Ends the file; the tables in its order. */
  end(): readonly ClassHistogram[] {
    this.#close(true);
    return this.#histograms;
  }

  #inTable(table: OpenTable, line: string, isCut: boolean): void {
    const total = TOTAL.exec(line);
    if (total !== null) {
      table.total = [Number(total[1]), Number(total[2])];
      this.#close(false);
      return;
    }
    const [, instances, bytes, name] = isCut ? [] : (ROW.exec(line) ?? []);
    if (instances !== undefined && bytes !== undefined && name !== undefined)
      this.#row(table, { className: name, instances: Number(instances), bytes: Number(bytes) }, line);
    else if (line.trim() !== '' && !RULE.test(line))
      table.problems.add('unread-line', this.#line, line.slice(0, 400));
  }
  #row(table: OpenTable, row: ClassCount, line: string): void {
    if (this.#classes >= this.#maxClasses) {
      table.problems.add('too-many-classes', this.#line, line.slice(0, 400));
      return;
    }
    this.#classes++;
    const name = ownCopy(row.className.slice(0, MAX_NAME + 1));
    table.classes.push({ ...row, className: cleanLine(javaClassName(name), MAX_NAME) });
  }
  #close(isCut: boolean): void {
    const table = this.#open;
    this.#open = undefined;
    if (table === undefined || this.#histograms.length >= MAX_HISTOGRAMS) return;
    if (isCut) table.problems.add('truncated', this.#line, table.classes.at(-1)?.className ?? '');
    this.#histograms.push({
      classes: table.classes,
      totalInstances: table.total?.[0],
      totalBytes: table.total?.[1],
      isTruncated: isCut,
      problems: table.problems.list(),
    });
  }
}
