import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { isServiceDumpHead, ServiceDumpReader } from '../../wire/service-dump/decode.ts';
import { ClassHistogramParser } from '../class-histogram/class-histogram-parser.ts';
import type { DumpContent } from './dump-content.ts';
import { DEFAULT_DUMP_LIMITS, type DumpLimits } from './dump-limits.ts';
import { whatItIs } from './foreign-file.ts';
import { TextLines } from './text-lines.ts';
import { ThreadDumpParser } from './thread-dump-parser.ts';

/** How a file is read. */
export interface ReadDumpOptions extends Partial<DumpLimits> {
  /** Names the file in an error. @default 'the file' */
  readonly name?: string | undefined;
}

/** Reads one file in pieces, for who has no stream of it. */
export class DumpReader {
  readonly #name: string;
  readonly #lines: TextLines;
  readonly #threads: ThreadDumpParser;
  readonly #histograms: ClassHistogramParser;
  #service: ServiceDumpReader | undefined = undefined;
  #begin = '';
  #isBegun: boolean = false;

  constructor(options: ReadDumpOptions = {}) {
    const { name, ...given } = options;
    const limits: DumpLimits = { ...DEFAULT_DUMP_LIMITS, ...given };
    this.#name = name ?? 'the file';
    this.#threads = new ThreadDumpParser(limits);
    this.#histograms = new ClassHistogramParser(limits.maxClasses);
    this.#lines = new TextLines(limits.maxLineLength, (line, isCut, isEnded) =>
      this.#take(line, isCut, isEnded),
    );
  }
  write(bytes: Uint8Array): void {
    this.#lines.write(bytes);
  }
  /** Threads before histograms where a file holds both. Throws `NOT_A_DUMP` where nothing was recognised. */
  end(): DumpContent {
    this.#lines.end();
    if (this.#service !== undefined) return { kind: 'service', ...this.#service.end() };
    const dumps = this.#threads.end();
    if (dumps.length > 0) return { kind: 'threads', dumps };
    const histograms = this.#histograms.end();
    if (histograms.some(({ classes }) => classes.length > 0)) return { kind: 'histogram', histograms };
    throw appError('NOT_A_DUMP', `${cleanLine(this.#name)} is no dump l9s reads: ${whatItIs(this.#begin)}`);
  }

  #take(line: string, isCut: boolean, isEnded: boolean): void {
    if (!this.#isBegun) this.#beginWith(line);
    if (this.#service !== undefined) {
      this.#service.push(line, isCut);
      return;
    }
    this.#threads.push(line, isCut, isEnded);
    if (!this.#threads.hasDump) this.#histograms.push(line, isCut);
  }
  #beginWith(line: string): void {
    if (this.#begin === '' && isServiceDumpHead(line)) this.#service = new ServiceDumpReader();
    this.#begin += this.#begin === '' ? line.slice(0, 1_000) : `\n${line.slice(0, 1_000)}`;
    this.#isBegun = this.#service !== undefined || this.#begin.length > 2_000;
  }
}

/**
 * Reads what a file holds, told by its content: thread dumps, class histograms or a service dump. Bounded memory, one
 * pass; the abort signal is looked at between chunks. Throws `NOT_A_DUMP`, what the chunks throw, or the signal's reason.
 */
export async function readDump(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadDumpOptions,
  signal: AbortSignal,
): Promise<DumpContent> {
  const reader = new DumpReader(options);
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    reader.write(chunk);
  }
  signal.throwIfAborted();
  return reader.end();
}
