import type { DumpLock } from '../../domain/thread-dump.ts';
import { javaClassName } from '../class-histogram/java-class-name.ts';
import type { TextPool } from './text-pool.ts';

/** Longest name of a class or a lock that is kept. */
export const MAX_CLASS = 512;

/** What a line `- …` below a frame says. */
export interface LockLine {
  readonly verb: LockVerb;
  /** How the dump writes the verb, for the kept line. */
  readonly words: string;
  /** Absent for `<no object reference available>` and the like. */
  readonly id?: string | undefined;
  /** As Java writes it; empty where it is not said. */
  readonly className: string;
  /** `owner #30` of JDK 25. */
  readonly ownerId?: number | undefined;
  /** What follows on the same line: older JVMs forget a line break. */
  readonly rest?: string | undefined;
}
/** `note`: says nothing about who holds what. */
export type LockVerb = 'locked' | 'enter' | 'wait' | 'relock' | 'park' | 'initializer' | 'note';

const VERBS: readonly (readonly [words: string, verb: LockVerb])[] = [
  ['locked', 'locked'],
  ['waiting to lock', 'enter'],
  ['waiting to re-lock in wait()', 'relock'],
  ['waiting on the Class initialization monitor for', 'initializer'],
  ['waiting on', 'wait'],
  ['parking to wait for', 'park'],
  ['blocked on', 'enter'],
  ['eliminated', 'note'],
  ['lock is eliminated', 'note'],
];
const INITIALIZER = 'initializer of ';
const HASH = /^[0-9a-f]{1,16}$/;
const CLASS_FOR = 'java.lang.Class for ';

/** `text` begins behind `- `, or is that of LENA with two blanks. `undefined` for a line that is none of a lock. */
export function readLockLine(text: string): LockLine | undefined {
  const said = text.trimStart();
  for (const [words, verb] of VERBS) {
    if (!said.startsWith(words)) continue;
    const object = said.slice(words.length).trimStart();
    if (verb === 'initializer')
      return { verb, words, id: initializerId(object.trimEnd()), className: object.trimEnd() };
    if (object === '') return { verb, words, className: '' };
    const read = readObject(object);
    return read === undefined ? undefined : { verb, words, ...read };
  }
  return undefined;
}

/** Stands for the lock of a class being initialized, which has no address. */
export const initializerId = (className: string): string => `${INITIALIZER}${className}`;
export const isInitializer = (id: string): boolean => id.startsWith(INITIALIZER);

/** A line below `Locked ownable synchronizers:` or `Number of locked synchronizers`, behind `- `. */
export function readSynchronizer(text: string, texts: TextPool): DumpLock | undefined {
  const read = readObject(text.trim());
  return read === undefined ? undefined : keepLock(texts, read.id, read.className);
}

/** A lock whose texts are the pool's; `undefined` without an id. */
export function keepLock(texts: TextPool, id: string | undefined, className: string): DumpLock | undefined {
  const kept = id === undefined ? undefined : texts.keep(id, MAX_CLASS);
  if (kept === undefined) return undefined;
  return { id: kept, className: className === '' ? undefined : texts.keepWord(className, MAX_CLASS) };
}

type LockObject = Omit<LockLine, 'verb' | 'words'>;

/** `<0x…> (a java.lang.Object)`, `<java.lang.Object@1b>, owner #3` or `java.lang.Object@1b`. */
function readObject(text: string): LockObject | undefined {
  if (!text.startsWith('<')) {
    const end = text.search(/\s/);
    return namedObject(end < 0 ? text : text.slice(0, end));
  }
  const close = text.indexOf('>');
  if (close < 0) return undefined;
  const inside = text.slice(1, close);
  const behind = text.slice(close + 1);
  const open = behind.indexOf('(a ');
  const end = open < 0 ? -1 : behind.indexOf(')', open);
  if (open >= 0 && end < 0) return undefined;
  const className = open < 0 ? '' : classOf(behind.slice(open + 3, end));
  const rest = behind.slice(end + 1).trim();
  const more = { ownerId: ownerOf(rest), rest: /^(?:at|-) /.test(rest) ? rest : undefined };
  if (inside.startsWith('0x')) return { id: inside, className, ...more };
  // VisualVM tells a hash, which two objects may share.
  if (HASH.test(inside))
    return { id: className === '' ? inside : `${className}@${inside}`, className, ...more };
  return { className, ...namedObject(inside), ...more };
}
function namedObject(text: string): LockObject | undefined {
  const at = text.lastIndexOf('@');
  if (at <= 0 || !HASH.test(text.slice(at + 1))) return undefined;
  return { id: text, className: javaClassName(text.slice(0, at)) };
}
/** `, owner #30` of JDK 25, `owned by "name" t@30` of VisualVM. */
function ownerOf(text: string): number | undefined {
  const [, id] = /^,? ?(?:owner #|owned by ".*" t@)(\d{1,15})/.exec(text) ?? [];
  return id === undefined ? undefined : Number(id);
}
function classOf(name: string): string {
  return name.startsWith(CLASS_FOR)
    ? `${CLASS_FOR}${javaClassName(name.slice(CLASS_FOR.length))}`
    : javaClassName(name);
}
