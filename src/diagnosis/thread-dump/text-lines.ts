import { StringDecoder } from 'node:string_decoder';

/** Takes one line; `isCut`: it went on beyond the limit. `isEnded`: false for a last line without a line break. */
export type TakeLine = (line: string, isCut: boolean, isEnded: boolean) => void;

/** Bytes of a file to text; Windows shells redirect to UTF-16. */
class ByteText {
  #decoder: StringDecoder | undefined = undefined;
  #isSwapped = false;
  #odd: Uint8Array = new Uint8Array();

  write(bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#decoder !== undefined)
      return this.#decoder.write(this.#isSwapped ? this.#swapped(buffer) : buffer);
    if (buffer.length === 0) return '';
    const isLittle = buffer[0] === 0xff && buffer[1] === 0xfe;
    this.#isSwapped = buffer[0] === 0xfe && buffer[1] === 0xff;
    this.#decoder = new StringDecoder(isLittle || this.#isSwapped ? 'utf16le' : 'utf8');
    const text = this.write(buffer);
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
  end(): string {
    return this.#decoder?.end() ?? '';
  }
  #swapped(buffer: Buffer): Buffer {
    const all = Buffer.concat([this.#odd, buffer]);
    const even = all.length - (all.length % 2);
    this.#odd = all.subarray(even);
    return all.subarray(0, even).swap16();
  }
}

/** Cuts a file into lines as its bytes come; of a line too long only the beginning is ever held. */
export class TextLines {
  readonly #text = new ByteText();
  readonly #maxLineLength: number;
  readonly #take: TakeLine;
  #begun = '';
  #isSkipping = false;

  constructor(maxLineLength: number, take: TakeLine) {
    this.#maxLineLength = maxLineLength;
    this.#take = take;
  }
  write(bytes: Uint8Array): void {
    this.#cut(this.#text.write(bytes));
  }
  end(): void {
    this.#cut(this.#text.end());
    if (this.#begun !== '' || this.#isSkipping) this.#give(this.#begun, this.#isSkipping, false);
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
    this.#begun += text.slice(from, from + this.#maxLineLength + 1);
    if (this.#begun.length > this.#maxLineLength) this.#isSkipping = true;
  }
  #give(line: string, isCut: boolean, isEnded: boolean): void {
    this.#begun = '';
    this.#isSkipping = false;
    const end = line.endsWith('\r') ? line.length - 1 : line.length;
    const isLong = end > this.#maxLineLength;
    this.#take(
      isLong ? line.slice(0, this.#maxLineLength) : end === line.length ? line : line.slice(0, end),
      isCut || isLong,
      isEnded,
    );
  }
}
