import { MAX_LINE_BYTES } from './frames.ts';

const LINE_FEED = 0x0a;

/** Cuts a byte stream into lines, holding at most one line's worth. */
export class RelayLines {
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Within a line that is too long: it is thrown away to its end. */
  #isSkipping: boolean = false;
  /** Lines that were too long. */
  tooLong = 0;

  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.#keep(bytes.subarray(from, end));
      const text = this.#take();
      if (text !== undefined && text !== '') lines.push(text);
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }
  #keep(part: Uint8Array): void {
    if (this.#isSkipping || part.length === 0) return;
    this.#restBytes += part.length;
    if (this.#restBytes > MAX_LINE_BYTES) {
      this.#rest = [];
      this.#isSkipping = true;
      this.tooLong++;
      return;
    }
    // A copy: the stream may use its memory again.
    this.#rest.push(Buffer.from(part));
  }
  #take(): string | undefined {
    const text = this.#isSkipping ? undefined : Buffer.concat(this.#rest).toString('utf8').trimEnd();
    this.#rest = [];
    this.#restBytes = 0;
    this.#isSkipping = false;
    return text;
  }
}
