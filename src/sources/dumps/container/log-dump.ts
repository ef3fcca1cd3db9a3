import { appError } from '../../../domain/errors.ts';

/** With the name and version of the JVM, which nobody writes who only speaks of such a dump. */
const HEAD = /Full thread dump .*\(.*\):\s*$/;
const JNI = 'JNI global ref';
/** The time a JVM writes above its dump. */
const TIME_LINE = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s*$/;
/** Of the last lines a JVM writes below its dump: how its heap stands. */
const HEAP_END = /\bclass space\s+used\b/;

export type LogDumpState = 'before' | 'within' | 'threads' | 'whole';

/**
 * Cuts the dump of a SIGQUIT out of a log that goes on around it, whatever stands in front of each line. Other lines
 * that were written in between stay: whoever reads dumps leaves them out.
 */
export class LogDump {
  readonly #maxBytes: number;
  readonly #what: string;
  #lines: string[] = [];
  #bytes = 0;
  #before = '';
  state: LogDumpState = 'before';

  constructor(what: string, maxBytes: number) {
    this.#what = what;
    this.#maxBytes = maxBytes;
  }
  /** Throws DUMP_TOO_LARGE. */
  push(line: string): void {
    if (this.state === 'whole') return;
    if (this.state === 'before') {
      if (!HEAD.test(line)) {
        this.#before = line;
        return;
      }
      this.state = 'within';
      if (TIME_LINE.test(this.#before)) this.#keep(this.#before);
    }
    this.#keep(line);
    if (this.state === 'within' && line.includes(JNI)) this.state = 'threads';
    else if (this.state === 'threads' && HEAP_END.test(line)) this.state = 'whole';
  }
  /** What was kept since the last call. */
  drain(): Buffer {
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''));
    this.#lines = [];
    return bytes;
  }

  #keep(line: string): void {
    this.#bytes += Buffer.byteLength(line) + 1;
    if (this.#bytes > this.#maxBytes)
      throw appError('DUMP_TOO_LARGE', `${this.#what} is larger than ${this.#maxBytes} bytes`);
    this.#lines.push(line);
  }
}
