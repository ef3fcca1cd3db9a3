import { cleanLine } from '../../core/text.ts';
import type { DumpBuilder } from './dump-builder.ts';
import { readLockLine, readSynchronizer } from './lock-line.ts';
import type { StackPool } from './stack-pool.ts';
import type { TextPool } from './text-pool.ts';
import { ThreadBuilder } from './thread-builder.ts';
import { readThreadHeader, type ThreadHeader, threadStateOf } from './thread-header.ts';

const STATE = 'java.lang.Thread.State: ';
const CARRIES = 'Carrying virtual thread #';
const MOUNTED = 'Mounted virtual thread #';
const SYNCHRONIZERS = [
  'Locked ownable synchronizers:',
  'Locked synchronizers:',
  'Number of locked synchronizers',
];
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
/** Lines a name may be broken into. */
const MAX_NAME_LINES = 4;

/** What all dumps of a file share. */
export interface SharedPools {
  readonly texts: TextPool;
  readonly stacks: StackPool;
  /** Counts a thread; false beyond the limit. */
  readonly mayAdd: () => boolean;
}

/** The threads of one dump while their lines come. */
export class ThreadSection {
  readonly #dump: DumpBuilder;
  readonly #pools: SharedPools;
  #thread: ThreadBuilder | undefined = undefined;
  /** Index of the carrier among the dump's threads, from its virtual thread's stack to the next thread. */
  #carrier: number | undefined = undefined;
  #brokenName: string[] = [];
  /** Something put an empty line behind each line. */
  #isDoubleSpaced: boolean = false;
  /** Numbers of the threads of forms without a first line: one that repeats begins the next dump. */
  readonly #seen = new Set<number>();

  constructor(dump: DumpBuilder, pools: SharedPools) {
    this.#dump = dump;
    this.#pools = pools;
  }
  /**
   * A line without the blanks before it: `other` where it is none of a thread, the header where it begins the next
   * dump.
   */
  push(text: string, isEnded: boolean): 'taken' | 'other' | ThreadHeader {
    if (this.#brokenName.length > 0) {
      const result = this.#goOnWithName(text);
      if (result !== undefined) return result;
    }
    if (text === '') {
      this.#blank();
    } else if (text.startsWith('at ')) this.#frame(text, isEnded);
    else if (text.startsWith('- ')) this.#lock(text, isEnded);
    else if (text.startsWith('"') || text.startsWith('#')) return this.#header(text, isEnded);
    else if (text.startsWith(STATE)) this.#state(text);
    else return this.#words(text);
    return 'taken';
  }
  /** Begins a thread; false where it is the next dump's. */
  start(header: ThreadHeader): boolean {
    if (header.form !== 'jstack' && header.id !== undefined) {
      if (this.#seen.has(header.id)) return false;
      this.#seen.add(header.id);
    }
    this.#endThread();
    if (header.form === 'bean' && this.#dump.form === 'hotspot') this.#dump.isWhole = true;
    if (this.#pools.mayAdd()) this.#thread = new ThreadBuilder(header, this.#pools.stacks, this.#pools.texts);
    else this.#dump.problem('too-many-threads', header.name);
    return true;
  }
  /** The line is another's: an exception's frames may follow, which are not the thread's. */
  interrupt(text: string): void {
    if (this.#thread !== undefined && THROWN.test(text.slice(0, 300))) this.#thread.isInterrupted = true;
  }
  /** The file or the dump ended within this line. */
  cut(text: string): void {
    this.#dump.isCut = true;
    this.#dump.problem('thread-cut', text);
  }
  end(): void {
    this.#endBrokenName();
    this.#endThread();
  }

  #blank(): void {
    if (this.#thread === undefined) return;
    this.#thread.isInterrupted = false;
    this.#thread.isStackEnded = !this.#isDoubleSpaced;
  }
  #frame(text: string, isEnded: boolean): void {
    const thread = this.#thread;
    if (thread === undefined || thread.isInterrupted || thread.isStackEnded)
      this.#dump.problem('other-line', text);
    else if (!isEnded && !text.endsWith(')')) this.cut(text);
    else {
      const result = thread.addFrame(text.trimEnd());
      if (result !== 'added') this.#dump.problem(result === 'full' ? 'stack-cut' : 'unread-line', text);
    }
  }
  #lock(text: string, isEnded: boolean): void {
    const thread = this.#thread;
    const said = text.slice(2).trimEnd();
    if (said === 'None') return;
    if (!isEnded && !/[)>\w]$/.test(said)) {
      this.cut(text);
      return;
    }
    const line = thread === undefined ? undefined : readLockLine(said);
    if (line === undefined || thread === undefined) {
      this.#owned(text, said);
      return;
    }
    thread.isInterrupted = false;
    if (thread.addLock(line) === 'full') this.#dump.problem('stack-cut', text);
    if (line.rest !== undefined) this.push(line.rest, isEnded);
  }
  /** A line below `Locked ownable synchronizers:`, the thread's or the carrier's. */
  #owned(text: string, said: string): void {
    const owned = readSynchronizer(said, this.#pools.texts);
    if (owned === undefined) this.#dump.problem('unread-line', text);
    else if (this.#thread?.isInSynchronizers === true) this.#thread.addOwned(owned);
    else if (this.#thread === undefined && this.#carrier !== undefined)
      this.#dump.addOwned(this.#carrier, owned);
    else this.#dump.problem('other-line', text);
  }
  #state(text: string): void {
    const [word = ''] = /^[A-Z_]{3,13}/.exec(text.slice(STATE.length, STATE.length + 20)) ?? [];
    const state = threadStateOf(word);
    if (this.#thread === undefined || state === undefined) {
      this.#dump.problem('unread-line', text);
      return;
    }
    if (this.#thread.isStackEnded) this.#isDoubleSpaced = true;
    this.#thread.isStackEnded = false;
    this.#thread.isInterrupted = false;
    this.#thread.setState(state);
  }
  #header(text: string, isEnded: boolean): 'taken' | 'other' | ThreadHeader {
    const header = readThreadHeader(text);
    if (header !== undefined) return this.start(header) ? 'taken' : header;
    if (text.startsWith('#')) return 'other';
    if (isEnded) this.#brokenName = [text];
    else this.cut(text);
    return 'taken';
  }
  /** Goes on with a name that has a line break in it; `undefined` where the line is no part of one. */
  #goOnWithName(text: string): 'taken' | ThreadHeader | undefined {
    const header = readThreadHeader([...this.#brokenName, text].join('\n'));
    if (header !== undefined) {
      this.#brokenName = [];
      return this.start(header) ? 'taken' : header;
    }
    if (text !== '' && !text.startsWith('"') && this.#brokenName.length < MAX_NAME_LINES) {
      this.#brokenName.push(text);
      return 'taken';
    }
    this.#endBrokenName();
    return undefined;
  }
  #endBrokenName(): void {
    const [first, ...rest] = this.#brokenName;
    this.#brokenName = [];
    if (first === undefined) return;
    this.#endThread();
    this.#dump.problem('unread-header', first);
    for (const text of rest) if (this.push(text, true) !== 'taken') this.#dump.problem('unread-line', text);
  }

  #words(text: string): 'taken' | 'other' {
    const thread = this.#thread;
    if (SYNCHRONIZERS.some((words) => text.startsWith(words))) {
      // Below a virtual thread's stack stand the synchronizers of its carrier.
      if (this.#carrier !== undefined) this.#closeThread();
      else if (thread !== undefined) thread.isInSynchronizers = true;
    } else if (thread !== undefined && text.startsWith(CARRIES))
      thread.carries = cleanLine(text.slice(CARRIES.length).trim(), 20);
    else if (thread !== undefined && text.startsWith(MOUNTED)) this.#mount(thread, text);
    else if (thread?.header.form === 'file' && thread.addFrame(text.trimEnd()) === 'added') return 'taken';
    else if (text.startsWith('...') && thread?.header.form === 'bean') this.#dump.problem('stack-cut', text);
    else return OWN_WORDS.some((words) => text.startsWith(words)) ? 'taken' : 'other';
    return 'taken';
  }
  /** The stack that follows is the virtual thread's; the carrier's ends. HotSpot tells no state of it. */
  #mount(carrier: ThreadBuilder, text: string): void {
    const number = text.slice(MOUNTED.length).trim();
    this.#endThread();
    if (!/^\d{1,15}$/.test(number)) return;
    const { detail } = carrier.header;
    const index = this.#dump.threadCount - 1;
    this.start({
      form: 'jstack',
      name: `virtual thread #${number}`,
      id: Number(number),
      isVirtual: true,
      state: stateByDetail(detail),
      detail,
    });
    this.#carrier = index;
  }
  #endThread(): void {
    this.#closeThread();
    this.#carrier = undefined;
  }
  #closeThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread !== undefined) this.#dump.add(thread.finish());
  }
}

/** A mounted virtual thread stands where its carrier stands. */
function stateByDetail(detail: string | undefined): ThreadHeader['state'] {
  if (detail === undefined) return undefined;
  if (detail.startsWith('runnable')) return 'RUNNABLE';
  if (detail.startsWith('waiting for monitor entry')) return 'BLOCKED';
  return /^(?:waiting on condition|in Object\.wait|sleeping)/.test(detail) ? 'WAITING' : undefined;
}
