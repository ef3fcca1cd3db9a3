import { shownLine } from '../../domain/secret-name.ts';
import { ownCopy } from './text-pool.ts';

const MAX_NAMES = 10_000;
const MAX_NAME = 512;
const WAITS = ['waiting to lock', 'waiting for ownable synchronizer', 'in JNI', '==='];
const STACKS = 'Java stack information for the threads listed above';

/** A block `Found one Java-level deadlock:` while its lines come. */
export class DeadlockReport {
  readonly #names = new Set<string>();
  #isInStacks: boolean = false;

  /** Names in the order of the report; an owner that is not listed itself comes last. */
  get names(): readonly string[] {
    return [...this.#names];
  }
  /** Takes a line without the blanks before it; false where it is not of the report. */
  push(text: string): boolean {
    if (text === '') return true;
    if (text.startsWith(STACKS)) this.#isInStacks = true;
    else if (text.startsWith('"')) return this.#pushName(text);
    else if (this.#isInStacks) return text.startsWith('at ') || text.startsWith('- ') || text.startsWith('=');
    else if (text.startsWith('which is held by')) this.#add(text.slice(text.indexOf('"')));
    else return WAITS.some((words) => text.startsWith(words));
    return true;
  }

  #pushName(text: string): boolean {
    const colon = text.lastIndexOf('":');
    if (colon <= 0 || text.slice(colon + 2).trim() !== '') return false;
    if (!this.#isInStacks) this.#add(text);
    return true;
  }
  /** `"name"` and whatever stands behind the last quote. */
  #add(quoted: string): void {
    const close = quoted.lastIndexOf('"');
    if (close > 0 && this.#names.size < MAX_NAMES)
      this.#names.add(ownCopy(shownLine(quoted.slice(1, close), MAX_NAME)));
  }
}
