import { cleanLine } from '../core/text.ts';
import type { DumpProblem } from '../domain/thread-dump.ts';
import { ownText } from './own-text.ts';

const MAX_SAMPLE = 200;
/** Kinds of problems kept apart. */
const MAX_KINDS = 50;

/** Counts what could not be read by its kind, with the first of each. */
export class ProblemCount {
  readonly #kinds = new Map<string, { count: number; readonly line: number; readonly sample: string }>();

  /** `line` from 1. */
  add(code: string, line: number, sample: string): void {
    const known = this.#kinds.get(code);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size < MAX_KINDS)
      this.#kinds.set(code, { count: 1, line, sample: ownText(cleanLine(sample.trim(), MAX_SAMPLE)) });
  }
  list(): readonly DumpProblem[] {
    return [...this.#kinds].map(([code, { count, line, sample }]) => ({ code, count, line, sample }));
  }
}
