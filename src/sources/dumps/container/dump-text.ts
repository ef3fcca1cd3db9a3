import { appError } from '../../../domain/errors.ts';

/** Longest words of a tool before its dump begins. */
const MAX_HELD_BYTES = 65_536;
const LONGEST_MARK = 64;

/** How a dump of a kind begins and ends, as the JVM writes it. */
export interface DumpMarks {
  readonly begin: string;
  readonly end: RegExp;
}
export const THREAD_MARKS: DumpMarks = { begin: 'Full thread dump ', end: /\nJNI global ref/ };
export const HISTOGRAM_MARKS: DumpMarks = { begin: '#instances', end: /\nTotal +\d+/ };

export interface DumpTextOptions {
  readonly marks: DumpMarks;
  /** For messages. */
  readonly what: string;
  readonly maxBytes: number;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/**
 * What a tool says, on its way into a file: nothing is written until the dump itself begins, so that what it says
 * instead of one is a message and not a file. Throws DUMP_TOO_LARGE, and what `write` rejects with.
 */
export class DumpText {
  readonly #options: DumpTextOptions;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #tail = '';
  #bytes = 0;
  hasBegun: boolean = false;
  /** It was seen to its end. */
  isWhole: boolean = false;

  constructor(options: DumpTextOptions) {
    this.#options = options;
  }
  /** Written so far. */
  get bytes(): number {
    return this.#bytes;
  }
  /** What came instead of a dump. */
  get said(): string {
    return this.hasBegun ? '' : Buffer.concat(this.#held).toString('utf8');
  }

  take(bytes: Uint8Array): Promise<void> | undefined {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.hasBegun) return this.#write(chunk);
    if (this.#heldBytes >= MAX_HELD_BYTES) return undefined;
    // Copied: what is held outlives the message it came in.
    this.#held.push(Buffer.from(chunk));
    this.#heldBytes += chunk.length;
    const held = Buffer.concat(this.#held);
    if (!held.includes(this.#options.marks.begin)) return undefined;
    this.hasBegun = true;
    this.#held = [];
    return this.#write(held);
  }

  #write(chunk: Buffer): Promise<void> {
    const { maxBytes, what, write, marks } = this.#options;
    this.#bytes += chunk.length;
    if (this.#bytes > maxBytes)
      return Promise.reject(appError('DUMP_TOO_LARGE', `${what} is larger than ${maxBytes} bytes`));
    if (!this.isWhole) {
      const seen = this.#tail + chunk.toString('latin1');
      this.isWhole = marks.end.test(seen);
      this.#tail = seen.slice(-LONGEST_MARK);
    }
    return write(chunk);
  }
}
