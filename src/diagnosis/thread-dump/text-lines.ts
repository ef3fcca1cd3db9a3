import { isAscii } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** Takes one line; `isCut`: it went on beyond the limit. `isEnded`: false for a last line without a line break. */
export type TakeLine = (line: string, isCut: boolean, isEnded: boolean) => void;

const CARRIAGE_RETURN = 0x0d;

/** Bytes of a file to text; Windows shells redirect to UTF-16. */
class ByteText {
  #decoder: StringDecoder | undefined = undefined;
  #isWide: boolean = false;
  #isSwapped: boolean = false;
  #odd: Uint8Array = new Uint8Array();

  write(bytes: Uint8Array): string {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#decoder !== undefined) return this.#decode(view, this.#decoder);
    const buffer = this.#odd.length === 0 ? view : Buffer.concat([this.#odd, view]);
    this.#odd = new Uint8Array();
    if (buffer.length < 2) {
      this.#odd = Uint8Array.from(buffer);
      return '';
    }
    const isLittle = buffer[0] === 0xff && buffer[1] === 0xfe;
    this.#isSwapped = buffer[0] === 0xfe && buffer[1] === 0xff;
    this.#isWide = isLittle || this.#isSwapped;
    this.#decoder = new StringDecoder(this.#isWide ? 'utf16le' : 'utf8');
    const text = this.write(buffer);
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
  end(): string {
    return this.#decoder?.end() ?? Buffer.from(this.#odd).toString('utf8');
  }
  #decode(buffer: Buffer, decoder: StringDecoder): string {
    if (this.#isSwapped) return decoder.write(this.#swapped(buffer));
    // Most chunks hold nothing else; a character begun in the chunk before stays broken then.
    if (!this.#isWide && isAscii(buffer)) return decoder.end() + buffer.toString('latin1');
    return decoder.write(buffer);
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
  #isSkipping: boolean = false;

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
    let end = line.length;
    while (line.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    const isLong = end > this.#maxLineLength;
    this.#take(
      isLong ? line.slice(0, this.#maxLineLength) : end === line.length ? line : line.slice(0, end),
      isCut || isLong,
      isEnded,
    );
  }
}
