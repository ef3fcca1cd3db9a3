import { shownLine } from '../../domain/secret-name.ts';

/** The same text in memory of its own: a slice would hold the whole chunk it was cut from. */
export const ownCopy = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

/** Cleaned texts of a file, each kept once. */
export class TextPool {
  readonly #texts = new Map<string, string>();
  /** Those that come again and again, apart from the many: a small table is a fast one. */
  readonly #words = new Map<string, string>();
  readonly #maxText: number;
  #kept = 0;

  constructor(maxText: number) {
    this.#maxText = maxText;
  }
  /** True once so much was kept that nothing new is. */
  get isFull(): boolean {
    return this.#kept >= this.#maxText;
  }
  /** The text cleaned, cut and without secrets; `undefined` where it is new and there is no room left. */
  keep(text: string, maxLength: number): string | undefined {
    return this.#keepIn(this.#texts, text, maxLength);
  }
  /** The same of what there are few of: names of classes, words of first lines. */
  keepWord(text: string, maxLength: number): string | undefined {
    return this.#keepIn(this.#words, text, maxLength);
  }
  /** Counts text that is kept elsewhere. */
  count(characters: number): void {
    this.#kept += characters;
  }

  #keepIn(texts: Map<string, string>, text: string, maxLength: number): string | undefined {
    const raw = text.length > maxLength + 1 ? text.slice(0, maxLength + 1) : text;
    const known = texts.get(raw);
    if (known !== undefined) return known;
    if (this.isFull) return undefined;
    const key = ownCopy(raw);
    const clean = shownLine(key, maxLength);
    texts.set(key, clean);
    this.#kept += key.length + (clean === key ? 0 : clean.length);
    return clean;
  }
}
