import { shownLine } from '../../domain/secret-name.ts';
import type { DumpLock, DumpThread, LockWait, ThreadState } from '../../domain/thread-dump.ts';
import { javaClassName } from '../class-histogram/java-class-name.ts';
import type { LockLine } from './lock-line.ts';
import { keepLock, MAX_CLASS } from './lock-line.ts';
import type { StackPool } from './stack-pool.ts';
import type { TextPool } from './text-pool.ts';
import type { ThreadHeader } from './thread-header.ts';

const MAX_NAME = 512;
const MAX_WORD = 128;
const MAX_HOLDS = 1_000;

/** The waiting half of a thread, before its owner's name is looked up. */
export interface ReadThread {
  readonly thread: DumpThread;
  /** `owner #30`: the owner by its number. */
  readonly ownerId?: number | undefined;
}
type Waiting = LockLine & { readonly verb: 'enter' | 'wait' | 'relock' | 'park' | 'initializer' };

const isWaiting = (line: LockLine): line is Waiting => line.verb !== 'locked' && line.verb !== 'note';

/** One thread while its lines come. */
export class ThreadBuilder {
  readonly #header: ThreadHeader;
  readonly #stacks: StackPool;
  readonly #texts: TextPool;
  #state: ThreadState | undefined;
  #waiting: Waiting | undefined = undefined;
  /** In the order of the stack, topmost first. */
  readonly #locked: DumpLock[] = [];
  readonly #owned: DumpLock[] = [];
  readonly #lockIds: (string | undefined)[] = [];
  isInSynchronizers: boolean = false;
  /** An empty line came: no frame of its own follows. */
  isStackEnded: boolean = false;
  /** Lines that follow are another's, until the thread's own go on. */
  isInterrupted: boolean = false;
  /** Number of the virtual thread it carries. */
  carries: string | undefined = undefined;

  constructor(header: ThreadHeader, stacks: StackPool, texts: TextPool) {
    this.#header = header;
    this.#stacks = stacks;
    this.#texts = texts;
    this.#state = header.state;
  }
  get header(): ThreadHeader {
    return this.#header;
  }
  setState(state: ThreadState): void {
    this.#state = state;
  }
  addFrame(raw: string): 'added' | 'no-frame' | 'full' {
    return this.#stacks.addFrame(raw);
  }
  addLock(line: LockLine): 'added' | 'full' {
    const lock = keepLock(this.#texts, line.id, line.className);
    const className = lock?.className ?? this.#texts.keepWord(line.className, MAX_CLASS) ?? '';
    if (line.verb === 'locked') {
      if (lock !== undefined && this.#locked.length < MAX_HOLDS) this.#locked.push(lock);
    } else if (isWaiting(line) && (this.#waiting === undefined || this.#waiting.id === undefined)) {
      this.#waiting = { ...line, id: lock?.id, className, rest: undefined };
    }
    const added = this.#stacks.addLock(line.words, className);
    if (added === 'added') this.#lockIds.push(lock?.id);
    return added;
  }
  /** A lock it owns besides the monitors of its stack. */
  addOwned(lock: DumpLock): void {
    if (this.#owned.length < MAX_HOLDS) this.#owned.push(lock);
  }
  /** Ends the thread. */
  finish(): ReadThread {
    const header = this.#header;
    const top = this.#stacks.top;
    const waitsFor = this.#waitsFor(top);
    const released = waitsFor !== undefined && waitsFor.kind !== 'park' ? waitsFor.id : undefined;
    const thread: DumpThread = {
      name: this.#texts.keep(header.name, MAX_NAME) ?? shownLine(header.name, MAX_NAME),
      id: header.id,
      nid: header.nid === undefined ? undefined : this.#texts.keep(header.nid, MAX_WORD),
      isDaemon: header.isDaemon,
      isVirtual: header.isVirtual,
      priority: header.priority,
      state: this.#state,
      detail: this.#detail(),
      cpuMs: header.cpuMs,
      elapsedMs: header.elapsedMs,
      stack: this.#stacks.finish(),
      waitsFor,
      lockIds: this.#lockIds.length === 0 ? undefined : this.#lockIds,
      holds: this.#holds(released),
    };
    return { thread, ownerId: this.#waiting?.ownerId };
  }

  #detail(): string | undefined {
    const { detail } = this.#header;
    const words = [
      detail,
      this.carries === undefined ? undefined : `carrying virtual thread #${this.carries}`,
    ];
    const said = words.filter((word) => word !== undefined).join(', ');
    return said === '' ? undefined : this.#texts.keepWord(said, MAX_WORD);
  }
  #waitsFor(top: string | undefined): LockWait | undefined {
    const line = this.#waiting;
    const { lockId, ownerName } = this.#header;
    const owner = ownerName === undefined ? undefined : this.#texts.keep(ownerName, MAX_NAME);
    if (line === undefined) {
      if (lockId === undefined) return undefined;
      const at = lockId.lastIndexOf('@');
      const lock = keepLock(this.#texts, lockId, javaClassName(at > 0 ? lockId.slice(0, at) : ''));
      return lock === undefined ? undefined : { ...lock, kind: this.#kindOf('wait', top), ownerName: owner };
    }
    const kind = this.#kindOf(line.verb, top);
    if (line.id !== undefined) {
      const className = line.className === '' ? undefined : line.className;
      return { id: line.id, className, kind, ownerName: owner };
    }
    // Compiled frames do not tell the object of Object.wait; it is the monitor taken last, as wait() demands.
    const last = line.verb === 'wait' ? this.#locked[0] : undefined;
    return last === undefined ? undefined : { ...last, kind, ownerName: owner };
  }
  /** ThreadInfo says `waiting on` of parked threads too; a thread notified in wait() queues for its monitor again. */
  #kindOf(verb: Waiting['verb'], top: string | undefined): LockWait['kind'] {
    if (verb === 'park') return 'park';
    if (verb === 'enter' || verb === 'initializer' || this.#state === 'BLOCKED') return 'entry';
    const isParked = this.#header.form === 'bean' && (top?.includes('.Unsafe.park(') ?? false);
    return isParked ? 'park' : 'wait';
  }
  #holds(released: string | undefined): readonly DumpLock[] {
    if (this.#locked.length === 0 && this.#owned.length === 0) return NOTHING;
    const held = new Map<string, DumpLock>();
    for (const lock of this.#locked) if (lock.id !== released) held.set(lock.id, lock);
    for (const lock of this.#owned) held.set(lock.id, lock);
    return held.size === 0 ? NOTHING : [...held.values()];
  }
}
const NOTHING: readonly DumpLock[] = [];
