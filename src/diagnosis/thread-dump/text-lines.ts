import { isAscii } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** Takes one line; `isCut`: it went on beyond the limit. `isEnded`: false for a last line without a line break. */
export type TakeLine = (line: string, isCut: boolean, isEnded: boolean) => void;

const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = '\ufeff';
const HIGH = /[\u0080-\u00ff]/;

/** UTF-16 of either order, which Windows shells redirect to. */
class WideText {
  readonly #decoder = new StringDecoder('utf16le');
  readonly #isSwapped: boolean;
  #odd: Buffer = Buffer.alloc(0);

  constructor(isSwapped: boolean) {
    this.#isSwapped = isSwapped;
  }
  write(bytes: Buffer): string {
    if (!this.#isSwapped) return this.#decoder.write(bytes);
    const all = Buffer.concat([this.#odd, bytes]);
    const even = all.length - (all.length % 2);
    this.#odd = all.subarray(even);
    return this.#decoder.write(all.subarray(0, even).swap16());
  }
}

/**
 * Cuts a file into lines as its bytes come; of a line too long only the beginning is ever held. Bytes of UTF-8 go
 * through as they are and become letters in the few lines that hold others than ASCII.
 */
export class TextLines {
  readonly #maxLineLength: number;
  readonly #take: TakeLine;
  #wide: WideText | undefined = undefined;
  #first: Buffer | undefined = Buffer.alloc(0);
  #begun = '';
  /** The chunk holds bytes above ASCII. */
  #isHigh: boolean = false;
  /** The line begun in a chunk before may. */
  #isBegunHigh: boolean = false;
  #isSkipping: boolean = false;

  /** `maxLineLength`: in bytes, of UTF-16 in letters. */
  constructor(maxLineLength: number, take: TakeLine) {
    this.#maxLineLength = maxLineLength;
    this.#take = take;
  }
  write(bytes: Uint8Array): void {
    let buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#first !== undefined) {
      buffer = Buffer.concat([this.#first, buffer]);
      this.#first = buffer;
      if (buffer.length < 3) return;
      this.#begin(buffer);
      return;
    }
    this.#write(buffer);
  }
  end(): void {
    if (this.#first !== undefined) this.#begin(this.#first);
    if (this.#begun !== '' || this.#isSkipping) this.#give(this.#begun, this.#isSkipping, false);
  }

  /** The first bytes say how the text is written. */
  #begin(buffer: Buffer): void {
    this.#first = undefined;
    const mark = buffer.toString('latin1', 0, 3);
    if (mark.startsWith('\u00ff\u00fe')) this.#wide = new WideText(false);
    else if (mark.startsWith('\u00fe\u00ff')) this.#wide = new WideText(true);
    this.#write(mark === '\u00ef\u00bb\u00bf' ? buffer.subarray(3) : buffer);
  }
  #write(buffer: Buffer): void {
    if (this.#wide !== undefined) {
      const text = this.#wide.write(buffer);
      this.#cut(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
      return;
    }
    this.#isHigh = !isAscii(buffer);
    this.#cut(buffer.toString('latin1'));
  }
  #cut(text: string): void {
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      if (this.#isSkipping) this.#give(this.#begun, true, true);
      else if (this.#begun === '') this.#give(text.slice(from, to), false, true);
      else this.#give(this.#begun + text.slice(from, to), false, true);
      from = to + 1;
    }
    if (this.#isSkipping || from >= text.length) return;
    this.#isBegunHigh = this.#isBegunHigh || this.#isHigh;
    this.#begun += text.slice(from, from + this.#maxLineLength + 1);
    if (this.#begun.length > this.#maxLineLength) this.#isSkipping = true;
  }
  #give(line: string, isCut: boolean, isEnded: boolean): void {
    this.#begun = '';
    this.#isSkipping = false;
    let end = line.length;
    while (line.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    const isLong = end > this.#maxLineLength;
    if (isLong) end = this.#maxLineLength;
    const bytes = end === line.length ? line : line.slice(0, end);
    const mayBeHigh = this.#isHigh || this.#isBegunHigh;
    this.#isBegunHigh = false;
    const text = mayBeHigh && HIGH.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
    this.#take(text, isCut || isLong, isEnded);
  }
}
