import { stripVTControlCharacters } from 'node:util';
import { cleanLine } from '../../core/text.ts';
import type { ThreadDump } from '../../domain/thread-dump.ts';
import type { DeadlockReport } from './deadlock-report.ts';
import { DumpBuilder } from './dump-builder.ts';
import type { DumpLimits } from './dump-limits.ts';
import { readLockLine, readSynchronizer } from './lock-line.ts';
import { type LogPrefix, learnPrefix } from './log-prefix.ts';
import { StackPool } from './stack-pool.ts';
import { ownCopy, TextPool } from './text-pool.ts';
import { ThreadBuilder } from './thread-builder.ts';
import { readThreadHeader, type ThreadHeader, threadStateOf } from './thread-header.ts';

const START = 'Full thread dump';
const STATE = 'java.lang.Thread.State: ';
const TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?Z?\s*$/;
const RELEASE = /^\d[\w.+-]{0,60}\s*$/;
/** Lines of HotSpot about itself, among the threads. */
const OWN_WORDS = [
  'Threads class SMR info',
  '_',
  '0x',
  '}',
  'No compile task',
  'Compiling:',
  'JavaThread state:',
  'Thread:',
];
const THROWN = /^(?:Caused by: |Exception in thread |Suppressed: )?[\w.$]*(?:Exception|Error)(?:[: ]|$)/;
/** After so many lines in a row that are none of a dump it is over, though its end is missing. */
const MAX_UNREAD = 500;
/** Lines a name may be broken into. */
const MAX_NAME_LINES = 4;

/** Where a line stands: before and after dumps, among a dump's threads, in its report of deadlocks. */
type Place = 'outside' | 'threads' | 'deadlock';

/**
 * Reads thread dumps out of the lines of a file: HotSpot's of JDK 8 to 25, `Thread.dump_to_file`, and those of
 * ThreadInfo and LENA; several in one file, between lines of a log, cut at either end. Never throws; holds what was
 * read and one stack of each kind.
 */
export class ThreadDumpParser {
  readonly #limits: DumpLimits;
  readonly #texts: TextPool;
  readonly #stacks: StackPool;
  readonly #dumps: ThreadDump[] = [];
  #place: Place = 'outside';
  #prefix: LogPrefix | undefined = undefined;
  #dump: DumpBuilder | undefined = undefined;
  #thread: ThreadBuilder | undefined = undefined;
  /** Index of the carrier among the dump's threads, from its virtual thread's stack to the next thread. */
  #carrier: number | undefined = undefined;
  #deadlock: DeadlockReport | undefined = undefined;
  #brokenName: string[] = [];
  /** Numbers of the threads of a dump without a first line, so that the next dump is told by one that repeats. */
  readonly #seen = new Set<number>();
  /** The three lines before, which say when and by whom where a dump begins. */
  #before: readonly string[] = [];
  #line = 0;
  #unread = 0;
  #threads = 0;

  constructor(limits: DumpLimits) {
    this.#limits = limits;
    this.#texts = new TextPool(limits.maxText);
    this.#stacks = new StackPool(limits, this.#texts);
  }
  /** True once a dump began. */
  get hasDump(): boolean {
    return this.#dump !== undefined || this.#dumps.length > 0;
  }
  /** One line of the file; `isCut`: it was longer than the limit. */
  push(line: string, isCut: boolean, isEnded: boolean): void {
    this.#line++;
    if (isCut && this.#place !== 'outside') this.#problem('long-line', line);
    const plain = line.includes('\u001b') ? stripVTControlCharacters(line) : line;
    if (this.#prefix === undefined) this.#text(plain, isEnded);
    else this.#prefixed(plain, this.#prefix, isEnded);
  }
  /** Ends the file; the dumps in its order, without those that hold no thread. */
  end(): readonly ThreadDump[] {
    this.#endBrokenName();
    this.#endDump();
    return this.#dumps;
  }

  #prefixed(line: string, prefix: LogPrefix, isEnded: boolean): void {
    const texts = prefix.strip(line);
    if (texts !== undefined) for (const text of texts) this.#text(text, isEnded);
    else if (line.includes(START)) {
      this.#prefix = undefined;
      this.#text(line, isEnded);
    } else if (this.#place !== 'outside' && line.trim() !== '') this.#problem('other-line', line);
  }
  #text(line: string, isEnded: boolean): void {
    let at = 0;
    for (let code = line.charCodeAt(0); code === 0x20 || code === 0x09; code = line.charCodeAt(at)) at++;
    const text = at === 0 ? line : line.slice(at);
    if (this.#brokenName.length > 0 && this.#goOnWithName(text)) return;
    if (this.#place === 'outside') this.#outside(line, text, isEnded);
    else if (this.#place === 'deadlock') this.#inDeadlock(line, text, isEnded);
    else this.#inThreads(line, text, isEnded);
  }

  #outside(line: string, text: string, isEnded: boolean): void {
    const start = text.indexOf(START);
    if (start === 0) this.#startDump(text);
    else if (start > 0 && text.trimEnd().endsWith(':')) this.#learnAndStart(line, line.indexOf(START));
    else if (text.startsWith('Found ') && this.#dump !== undefined) this.#found(text);
    else if (this.#isFirstThread(line, text)) return;
    else this.#remember(line, isEnded);
  }
  #remember(line: string, isEnded: boolean): void {
    if (!isEnded || line.length > 64) this.#before = [];
    else if (line !== '') this.#before = [...this.#before.slice(-2), line];
  }
  /** A thread though no dump began: its beginning is missing, or its form has none. */
  #isFirstThread(line: string, text: string): boolean {
    if (text.startsWith('#') || text.startsWith('"')) {
      const header = readThreadHeader(text);
      if (header !== undefined) this.#startByThread(header);
      return header !== undefined;
    }
    const quote = line.includes('tid=') || line.includes(' Id=') ? line.indexOf('"') : -1;
    const at = line.startsWith('{') ? line.indexOf('"\\"') + 1 : quote;
    if (at <= 0) return false;
    const prefix = learnPrefix(line, at);
    const [first] = prefix?.strip(line) ?? [];
    const header = first === undefined ? undefined : readThreadHeader(first);
    if (header === undefined) return false;
    this.#prefix = prefix;
    this.#startByThread(header);
    return true;
  }
  #learnAndStart(line: string, at: number): void {
    const prefix = learnPrefix(line, at);
    const texts = prefix?.strip(line);
    if (prefix === undefined || texts === undefined) return;
    this.#before = this.#before.map((before) => prefix.strip(before)?.[0] ?? before);
    this.#prefix = prefix;
    for (const text of texts)
      if (text.startsWith(START)) this.#startDump(text);
      else this.#text(text, true);
  }
  #startDump(text: string): void {
    const title = ownCopy(cleanLine(text.trim().replace(/:$/, ''), 256));
    const saidAt = this.#before.map(instantOf).findLast((at) => at !== undefined);
    this.#begin(new DumpBuilder({ form: 'hotspot', title, saidAt }));
  }
  /** Where the form has no first line of its own; of HotSpot's own form that is missing. */
  #startByThread(header: ThreadHeader): void {
    const saidAt = this.#before.map(instantOf).findLast((at) => at !== undefined);
    const release = header.form === 'file' ? this.#before.at(-1) : undefined;
    const title =
      release !== undefined && RELEASE.test(release)
        ? ownCopy(`Thread.dump_to_file ${release.trim()}`)
        : undefined;
    const dump = new DumpBuilder({ form: header.form === 'bean' ? 'lena' : 'hotspot', title, saidAt });
    dump.isWhole = header.form !== 'jstack';
    this.#begin(dump);
    if (header.form === 'jstack') this.#problem('start-missing', header.name);
    this.#startThread(header);
  }
  #begin(dump: DumpBuilder): void {
    this.#endDump();
    this.#dump = dump;
    this.#place = 'threads';
    this.#before = [];
    this.#unread = 0;
    this.#seen.clear();
  }

  #inThreads(line: string, text: string, isEnded: boolean): void {
    if (text === '') this.#blank();
    else if (text.startsWith('at ')) this.#frame(text, isEnded);
    else if (text.startsWith('- ')) this.#lock(text, isEnded);
    else if (text.startsWith('"') || text.startsWith('#')) this.#header(text, isEnded);
    else if (text.startsWith(STATE)) this.#state(text);
    else this.#words(line, text, isEnded);
  }
  #blank(): void {
    if (this.#thread !== undefined) this.#thread.isInterrupted = false;
  }
  #frame(text: string, isEnded: boolean): void {
    const thread = this.#thread;
    if (thread === undefined || thread.isInterrupted) {
      this.#problem('other-line', text);
      return;
    }
    const result = isEnded || text.endsWith(')') ? thread.addFrame(text.trimEnd()) : 'cut';
    if (result === 'added') this.#unread = 0;
    else if (result === 'cut') this.#cut(text);
    else this.#problem(result === 'full' ? 'stack-cut' : 'unread-line', text);
  }
  #lock(text: string, isEnded: boolean): void {
    const thread = this.#thread;
    const said = text.slice(2).trimEnd();
    if (said === 'None') return;
    if (thread === undefined) {
      this.#carrierOwns(text, said);
      return;
    }
    if (!isEnded && !said.endsWith(')')) {
      this.#cut(text);
      return;
    }
    const line = readLockLine(said);
    if (line !== undefined) {
      thread.isInterrupted = false;
      if (thread.addLock(line) === 'full') this.#problem('stack-cut', text);
      if (line.rest !== undefined) this.#inThreads(line.rest, line.rest, isEnded);
      return;
    }
    const owned = thread.isInSynchronizers ? readSynchronizer(said, this.#texts) : undefined;
    if (owned === undefined) this.#problem('unread-line', text);
    else thread.addOwned(owned);
  }
  #carrierOwns(text: string, said: string): void {
    const owned = readSynchronizer(said, this.#texts);
    if (this.#carrier === undefined || owned === undefined) this.#problem('other-line', text);
    else this.#dump?.addOwned(this.#carrier, owned);
  }
  #state(text: string): void {
    const word = /^[A-Z_]{3,13}/.exec(text.slice(STATE.length, STATE.length + 20))?.[0] ?? '';
    const state = threadStateOf(word);
    if (this.#thread === undefined || state === undefined) this.#problem('unread-line', text);
    else {
      this.#thread.isInterrupted = false;
      this.#thread.setState(state);
    }
  }
  #header(text: string, isEnded: boolean): void {
    const header = readThreadHeader(text);
    if (header !== undefined) this.#startThread(header);
    else if (text.startsWith('#')) this.#unreadLine(text);
    else if (!isEnded) this.#cut(text);
    else this.#brokenName = [text];
  }
  /** True where the line belongs to a name with a line break in it. */
  #goOnWithName(text: string): boolean {
    const header = readThreadHeader([...this.#brokenName, text].join('\n'));
    if (header !== undefined) {
      this.#brokenName = [];
      this.#startThread(header);
      return true;
    }
    if (text !== '' && !text.startsWith('"') && this.#brokenName.length < MAX_NAME_LINES) {
      this.#brokenName.push(text);
      return true;
    }
    this.#endBrokenName();
    return false;
  }
  #endBrokenName(): void {
    const [first, ...rest] = this.#brokenName;
    this.#brokenName = [];
    if (first === undefined) return;
    this.#endThread();
    this.#problem('unread-header', first);
    for (const text of rest) this.#inThreads(text, text, true);
  }

  /** Any other line among the threads. */
  #words(line: string, text: string, isEnded: boolean): void {
    const thread = this.#thread;
    if (text.startsWith('Locked ownable synchronizers:') || text.startsWith('Number of locked synchronizers'))
      this.#synchronizers();
    else if (text.startsWith('JNI global')) this.#endThreads();
    else if (text.startsWith(START)) this.#startDump(text);
    else if (text.startsWith('Found ')) this.#found(text);
    else if (thread !== undefined && text.startsWith('Carrying virtual thread #'))
      thread.carries = cleanLine(text.slice(text.indexOf('#') + 1).trim(), 20);
    else if (thread !== undefined && text.startsWith('Mounted virtual thread #')) this.#mount(thread, text);
    else if (OWN_WORDS.some((words) => text.startsWith(words))) return;
    else if (thread?.header.form === 'file' && thread.addFrame(text.trimEnd()) === 'added') return;
    else if (this.#prefix === undefined && text.includes(START) && text.trimEnd().endsWith(':'))
      this.#learnAndStart(line, line.indexOf(START));
    else if (!isEnded) this.#cut(text);
    else if (instantOf(text) !== undefined || /^\d{1,10}:?\s*$/.test(text)) this.#remember(text, isEnded);
    else this.#unreadLine(text);
  }
  #unreadLine(text: string): void {
    if (this.#thread !== undefined && THROWN.test(text.slice(0, 300))) this.#thread.isInterrupted = true;
    this.#problem(text.startsWith('...') ? 'stack-cut' : 'unread-line', text);
    if (++this.#unread > MAX_UNREAD) this.#endThreads(false);
  }
  /** Below a virtual thread's stack stand the synchronizers of its carrier. */
  #synchronizers(): void {
    if (this.#carrier !== undefined) this.#closeThread();
    else if (this.#thread !== undefined) this.#thread.isInSynchronizers = true;
  }
  /** The stack that follows is the virtual thread's; the carrier's ends. */
  #mount(carrier: ThreadBuilder, text: string): void {
    const number = text.slice(text.indexOf('#') + 1).trim();
    this.#endThread();
    if (!/^\d{1,15}$/.test(number)) return;
    const { detail } = carrier.header;
    const header: ThreadHeader = {
      form: 'jstack',
      name: `virtual thread #${number}`,
      id: Number(number),
      isVirtual: true,
      state: stateByDetail(detail),
      detail,
    };
    const index = (this.#dump?.threadCount ?? 0) - 1;
    this.#startThread(header);
    this.#carrier = index;
  }
  #startThread(header: ThreadHeader): void {
    if (header.form !== 'jstack' && header.id !== undefined) {
      if (this.#seen.has(header.id)) {
        this.#startByThread(header);
        return;
      }
      this.#seen.add(header.id);
    }
    this.#endThread();
    this.#unread = 0;
    if (this.#threads >= this.#limits.maxThreads) {
      this.#problem('too-many-threads', header.name);
      return;
    }
    this.#threads++;
    this.#thread = new ThreadBuilder(header, this.#stacks, this.#texts);
  }
  #endThread(): void {
    this.#closeThread();
    this.#carrier = undefined;
  }
  #closeThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread !== undefined) this.#dump?.add(thread.finish());
  }
  #endThreads(isWhole = true): void {
    this.#endThread();
    if (this.#dump !== undefined && isWhole) this.#dump.isWhole = true;
    this.#place = 'outside';
    this.#before = [];
  }
  #endDump(): void {
    this.#endThread();
    const dump = this.#dump;
    this.#dump = undefined;
    this.#deadlock = undefined;
    this.#place = 'outside';
    if (dump === undefined || dump.threadCount === 0) return;
    if (this.#dumps.length < this.#limits.maxDumps) this.#dumps.push(dump.finish(this.#line));
  }

  #found(text: string): void {
    this.#endThread();
    if (!text.startsWith('Found one Java-level deadlock')) return;
    this.#place = 'deadlock';
    this.#deadlock = this.#dump?.addDeadlock();
  }
  #inDeadlock(line: string, text: string, isEnded: boolean): void {
    if (text.startsWith('Found ')) {
      this.#place = 'outside';
      this.#found(text);
    } else if (this.#deadlock?.push(text.trimEnd()) !== true) {
      this.#place = 'outside';
      this.#outside(line, text, isEnded);
    }
  }
  #cut(text: string): void {
    if (this.#dump !== undefined) this.#dump.isCut = true;
    this.#problem('thread-cut', text);
  }
  #problem(code: string, sample: string): void {
    this.#dump?.problems.add(code, this.#line, sample);
  }
}

/** Epoch ms of a line that is nothing but a time; its zone is not said. */
function instantOf(line: string): number | undefined {
  const [, ...parts] = TIME.exec(line.trim()) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return parts.length === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second);
}
/** HotSpot prints no state of a virtual thread; its carrier stands where it stands. */
function stateByDetail(detail: string | undefined): ThreadHeader['state'] {
  if (detail === undefined) return undefined;
  if (detail.startsWith('runnable')) return 'RUNNABLE';
  if (detail.startsWith('waiting for monitor entry')) return 'BLOCKED';
  return /^(waiting on condition|in Object\.wait|sleeping)/.test(detail) ? 'WAITING' : undefined;
}
