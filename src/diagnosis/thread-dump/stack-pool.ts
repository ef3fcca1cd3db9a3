import { shownLine } from '../../domain/secret-name.ts';
import type { DumpStack } from '../../domain/thread-dump.ts';
import type { DumpLimits } from './dump-limits.ts';
import { frameText } from './frame-text.ts';
import { ownCopy, type TextPool } from './text-pool.ts';

/** One line of a stack that was seen: its text, and its frame unless it is a lock line. */
interface StackLine {
  readonly text: string;
  readonly frame: string | undefined;
  readonly number: number;
}
const MAX_LINE = 1_024;
const NO_STACK: DumpStack = { frames: [], lines: [] };

const mixed = (hash: number, number: number): number => {
  const next = Math.imul(hash ^ number, 0x9e3779b1);
  return (next ^ (next >>> 15)) | 0;
};
const sameTexts = (one: readonly string[], other: readonly StackLine[]): boolean => {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]?.text) return false;
  return true;
};
const sameFrames = (one: readonly string[], other: readonly StackLine[]): boolean => {
  let at = 0;
  for (const { frame } of other) if (frame !== undefined && one[at++] !== frame) return false;
  return at === one.length;
};

/**
 * Builds one stack after the other and keeps each different one once: a server's threads stand in few places, and five
 * dumps of a series hold mostly the same stacks.
 */
export class StackPool {
  readonly #limits: DumpLimits;
  readonly #texts: TextPool;
  readonly #frames = new Map<string, StackLine>();
  readonly #locks = new Map<string, Map<string, StackLine>>();
  readonly #stacks = new Map<number, DumpStack[]>();
  readonly #frameLists = new Map<number, (readonly string[])[]>();
  #open: StackLine[] = [];
  #lineHash = 0;
  #frameHash = 0;
  #numbers = 0;
  #kept = 0;

  constructor(limits: DumpLimits, texts: TextPool) {
    this.#limits = limits;
    this.#texts = texts;
  }
  /** Topmost frame of the stack being built. */
  get top(): string | undefined {
    return this.#open.find(({ frame }) => frame !== undefined)?.frame;
  }
  /** Adds a frame as the dump writes it, trimmed: `no-frame` for what is none, `full` beyond a limit. */
  addFrame(raw: string): 'added' | 'no-frame' | 'full' {
    const known = this.#frames.get(raw);
    if (known !== undefined) return this.#add(known);
    const frame = frameText(raw);
    if (frame === undefined) return 'no-frame';
    if (this.#texts.isFull) return 'full';
    const key = ownCopy(raw);
    const text = shownLine(key, MAX_LINE);
    const line: StackLine = {
      text: text.startsWith('at ') ? text : `at ${text}`,
      frame: shownLine(ownCopy(frame), MAX_LINE),
      number: ++this.#numbers,
    };
    if (key.length <= MAX_LINE) this.#frames.set(key, line);
    this.#texts.count(key.length * 2);
    return this.#add(line);
  }
  /** Adds a line about a lock without the address, which is another one in every run: `- locked (a java.lang.Object)`. */
  addLock(words: string, className: string): 'added' | 'full' {
    let ofWords = this.#locks.get(words);
    if (ofWords === undefined) {
      ofWords = new Map();
      this.#locks.set(words, ofWords);
    }
    let line = ofWords.get(className);
    if (line === undefined) {
      if (this.#texts.isFull) return 'full';
      const text = className === '' ? `- ${words}` : `- ${words} (a ${className})`;
      line = { text, frame: undefined, number: ++this.#numbers };
      ofWords.set(className, line);
      this.#texts.count(text.length);
    }
    return this.#add(line);
  }
  /** The stack that was built, the same object as an equal one before; begins a new one. */
  finish(): DumpStack {
    if (this.#open.length === 0) return NO_STACK;
    const stack = this.#find() ?? this.#keep();
    this.#open = [];
    this.#lineHash = 0;
    this.#frameHash = 0;
    return stack;
  }

  #add(line: StackLine): 'added' | 'full' {
    if (this.#open.length >= this.#limits.maxFrames || this.#kept >= this.#limits.maxStackLines)
      return 'full';
    this.#open.push(line);
    this.#lineHash = mixed(this.#lineHash, line.number);
    if (line.frame !== undefined) this.#frameHash = mixed(this.#frameHash, line.number);
    return 'added';
  }
  #find(): DumpStack | undefined {
    return this.#stacks.get(this.#lineHash)?.find(({ lines }) => sameTexts(lines, this.#open));
  }
  #keep(): DumpStack {
    const stack: DumpStack = { frames: this.#framesOfOpen(), lines: this.#open.map(({ text }) => text) };
    this.#kept += this.#open.length;
    const same = this.#stacks.get(this.#lineHash);
    if (same === undefined) this.#stacks.set(this.#lineHash, [stack]);
    else same.push(stack);
    return stack;
  }
  #framesOfOpen(): readonly string[] {
    const same = this.#frameLists.get(this.#frameHash);
    const known = same?.find((list) => sameFrames(list, this.#open));
    if (known !== undefined) return known;
    const frames = this.#open.flatMap(({ frame }) => (frame === undefined ? [] : [frame]));
    if (same === undefined) this.#frameLists.set(this.#frameHash, [frames]);
    else same.push(frames);
    return frames;
  }
}
