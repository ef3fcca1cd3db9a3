import { stripVTControlCharacters } from 'node:util';
import type { ThreadDump } from '../../domain/thread-dump.ts';
import { ProblemCount } from '../../wire/problem-count.ts';
import type { DeadlockReport } from './deadlock-report.ts';
import type { DumpBuilder } from './dump-builder.ts';
import { DumpHeads, HOTSPOT_HEAD, instantOf, LENA_END } from './dump-heads.ts';
import type { DumpLimits } from './dump-limits.ts';
import { type LogPrefix, learnPrefix } from './log-prefix.ts';
import { StackPool } from './stack-pool.ts';
import { TextPool } from './text-pool.ts';
import { readThreadHeader, type ThreadHeader } from './thread-header.ts';
import { type SharedPools, ThreadSection } from './thread-section.ts';

/** After so many lines in a row that are none of a dump it is over, though its end is missing. */
const MAX_UNREAD = 500;
/** `26462:`, which jcmd writes before what it was asked for. */
const PROCESS = /^\d{1,10}:?$/;
/** HotSpot's first line of a dump at the end of a log's. */
const HEAD_IN_LOG = /Full thread dump [^"]*\):\s*(?:\\[nr]|"|$)/;

/** Where a line stands: before and after dumps, among a dump's threads, in its report of deadlocks. */
type Place = 'outside' | 'threads' | 'deadlock';

/**
 * Reads thread dumps out of the lines of a file: HotSpot's of JDK 8 to 25, `Thread.dump_to_file`, and those of
 * ThreadInfo and LENA; several in one file, between lines of a log, cut at either end. Never throws; holds what was
 * read and one stack of each kind.
 */
export class ThreadDumpParser {
  readonly #pools: SharedPools;
  readonly #limits: DumpLimits;
  /** The newest that the limits leave room for: what a server does now stands at the end of its log. */
  readonly #dumps: ThreadDump[] = [];
  /** Of the dumps kept and of the one being read. */
  #threads = 0;
  /** Dumps that were let go for newer ones; the last one kept tells of them. */
  readonly #tooMany = new ProblemCount();
  readonly #heads = new DumpHeads();
  #place: Place = 'outside';
  #prefix: LogPrefix | undefined = undefined;
  #dump: DumpBuilder | undefined = undefined;
  #section: ThreadSection | undefined = undefined;
  #deadlock: DeadlockReport | undefined = undefined;
  #line = 0;
  #unread = 0;

  constructor(limits: DumpLimits) {
    const texts = new TextPool(limits.maxText);
    this.#limits = limits;
    this.#pools = {
      texts,
      stacks: new StackPool(limits, texts),
      mayAdd: () => this.#mayAdd(),
    };
  }
  /** True once a dump began. */
  get hasDump(): boolean {
    return this.#dump !== undefined || this.#dumps.length > 0;
  }
  /** One line of the file; `isCut`: it was longer than the limit; `isEnded`: false for a last one without a break. */
  push(line: string, isCut: boolean, isEnded: boolean): void {
    this.#line++;
    if (this.#dump !== undefined) this.#dump.line = this.#line;
    if (isCut && this.#place !== 'outside') this.#dump?.problem('long-line', line);
    const plain = line.includes('\u001b') ? stripVTControlCharacters(line) : line;
    if (this.#prefix === undefined) this.#text(plain, isEnded);
    else this.#prefixed(plain, this.#prefix, isEnded);
  }
  /** Ends the file; the dumps in its order, without those that hold no thread. */
  end(): readonly ThreadDump[] {
    this.#endDump();
    const last = this.#dumps.pop();
    if (last !== undefined)
      this.#dumps.push({ ...last, problems: [...last.problems, ...this.#tooMany.list()] });
    return this.#dumps;
  }

  #prefixed(line: string, prefix: LogPrefix, isEnded: boolean): void {
    const texts = prefix.strip(line);
    if (texts !== undefined) for (const text of texts) this.#text(text, isEnded);
    else if (line.includes(HOTSPOT_HEAD)) {
      this.#prefix = undefined;
      this.#outside(line, line, isEnded);
    } else if (this.#place !== 'outside' && line.trim() !== '') this.#dump?.problem('other-line', line);
  }
  #text(line: string, isEnded: boolean): void {
    let at = 0;
    for (let code = line.charCodeAt(0); code === 0x20 || code === 0x09; code = line.charCodeAt(at)) at++;
    const text = at === 0 ? line : line.slice(at);
    if (this.#place === 'threads' && this.#section !== undefined)
      this.#inThreads(line, text, this.#section, isEnded);
    else if (this.#place === 'deadlock') this.#inDeadlock(line, text, isEnded);
    else this.#outside(line, text, isEnded);
  }

  #inThreads(line: string, text: string, section: ThreadSection, isEnded: boolean): void {
    const result = section.push(text, isEnded);
    if (result === 'taken') this.#unread = 0;
    else if (result !== 'other') this.#startByThread(result);
    else if (text.startsWith('JNI global') || text.startsWith(LENA_END)) this.#endThreads(true);
    else if (text.startsWith('# ')) return;
    else if (this.#begins(line, text)) return;
    else if (text.startsWith('Found ')) this.#found(text);
    else if (instantOf(text) !== undefined || PROCESS.test(text.trimEnd())) this.#heads.remember(line);
    else if (!isEnded) section.cut(text);
    else {
      section.interrupt(text);
      this.#dump?.problem('unread-line', text);
      if (++this.#unread > MAX_UNREAD) this.#endThreads(false);
    }
  }
  #inDeadlock(line: string, text: string, isEnded: boolean): void {
    if (!text.startsWith('Found ') && this.#deadlock?.push(text.trimEnd()) === true) return;
    this.#place = 'outside';
    this.#outside(line, text, isEnded);
  }
  #outside(line: string, text: string, isEnded: boolean): void {
    if (this.#begins(line, text)) return;
    if (text.startsWith('Found ') && this.#dump !== undefined) this.#found(text);
    else if (!this.#beginsByThread(line, text) && isEnded) this.#heads.remember(line);
  }

  /** True where a dump begins with the line, at its start or behind what a log puts before. */
  #begins(line: string, text: string): boolean {
    const dump = this.#heads.begin(text);
    if (dump !== undefined) {
      this.#begin(dump);
      return true;
    }
    if (this.#prefix !== undefined || !text.includes(HOTSPOT_HEAD) || !HEAD_IN_LOG.test(text)) return false;
    const prefix = learnPrefix(line, line.indexOf(HOTSPOT_HEAD));
    const texts = prefix?.strip(line);
    if (prefix === undefined || texts?.some((inside) => inside.startsWith(HOTSPOT_HEAD)) !== true)
      return false;
    this.#heads.restate((before) => prefix.strip(before)?.[0] ?? before);
    this.#place = 'outside';
    this.#prefix = prefix;
    for (const inside of texts) this.#text(inside, true);
    return true;
  }
  /** A thread though no dump began: its beginning is missing, or its form has none. */
  #beginsByThread(line: string, text: string): boolean {
    const first = text.charCodeAt(0);
    if (first === QUOTE || first === HASH) {
      const header = readThreadHeader(text);
      if (header !== undefined) this.#startByThread(header);
      return header !== undefined;
    }
    if (this.#prefix !== undefined || !(line.includes('tid=') || line.includes(' Id='))) return false;
    const at = line.startsWith('{') ? line.indexOf('"\\"') + 1 : line.indexOf('"');
    const prefix = learnPrefix(line, at);
    const header = readThreadHeader(prefix?.strip(line)?.[0] ?? '');
    if (header === undefined) return false;
    this.#prefix = prefix;
    this.#startByThread(header);
    return true;
  }
  #startByThread(header: ThreadHeader): void {
    this.#begin(this.#heads.beginBy(header));
    if (header.form === 'jstack') this.#dump?.problem('start-missing', header.name);
    this.#section?.start(header);
  }
  #begin(dump: DumpBuilder): void {
    this.#endDump();
    dump.line = this.#line;
    this.#dump = dump;
    this.#section = new ThreadSection(dump, this.#pools);
    this.#place = 'threads';
    this.#unread = 0;
  }
  #endThreads(isWhole: boolean): void {
    this.#section?.end();
    this.#section = undefined;
    if (this.#dump !== undefined && isWhole) this.#dump.isWhole = true;
    this.#place = 'outside';
  }
  #endDump(): void {
    this.#endThreads(false);
    const dump = this.#dump;
    this.#dump = undefined;
    this.#deadlock = undefined;
    if (dump === undefined || dump.threadCount === 0) return;
    if (this.#dumps.length >= this.#limits.maxDumps) this.#letGo();
    this.#dumps.push(dump.finish());
  }
  #mayAdd(): boolean {
    while (this.#threads >= this.#limits.maxThreads && this.#dumps.length > 0) this.#letGo();
    if (this.#threads >= this.#limits.maxThreads) return false;
    this.#threads++;
    return true;
  }
  #letGo(): void {
    const oldest = this.#dumps.shift();
    this.#threads -= oldest?.threads.length ?? 0;
    this.#tooMany.add('too-many-dumps', 1, oldest?.title ?? '');
  }
  /** `Found one Java-level deadlock:`, `Found 2 deadlocks.` */
  #found(text: string): void {
    this.#endThreads(false);
    if (!text.startsWith('Found one Java-level deadlock')) return;
    this.#deadlock = this.#dump?.addDeadlock();
    if (this.#deadlock !== undefined) this.#place = 'deadlock';
  }
}
const QUOTE = 0x22;
const HASH = 0x23;
