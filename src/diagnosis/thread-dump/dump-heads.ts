import { cleanLine } from '../../core/text.ts';
import { DumpBuilder } from './dump-builder.ts';
import { ownCopy } from './text-pool.ts';
import type { ThreadHeader } from './thread-header.ts';

/** HotSpot's first line of a dump. */
export const HOTSPOT_HEAD = 'Full thread dump';
/** First line of a dump as l9s writes down what a LENA advertiser answered. */
const LENA_HEAD = '# LENA thread dump of ';
/** Last line of one. */
export const LENA_END = '# end';
const LENA_TIME = / at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z?$/;
const RELEASE = /^\d[\w.+-]{0,60}$/;
const MAX_TITLE = 256;
/** A time is shorter, whatever a log puts around it. */
const MAX_BEFORE = 512;

/** Epoch ms of a line that is nothing but a time; its zone is not said. */
export function instantOf(line: string): number | undefined {
  const [, ...parts] = TIME.exec(line.trim()) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return parts.length === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Begins dumps: knows their first lines, and what stood in the lines before. */
export class DumpHeads {
  /** The last three that were not empty, oldest first; what is longer than any of interest as an empty line. */
  #before: readonly string[] = [];

  remember(line: string): void {
    if (line !== '') this.#before = [...this.#before.slice(-2), line.length > MAX_BEFORE ? '' : line];
  }
  /** Where a prefix was learned after they came. */
  restate(as: (line: string) => string): void {
    this.#before = this.#before.map(as);
  }
  /** The dump that begins with this line, if one does. */
  begin(text: string): DumpBuilder | undefined {
    if (text.startsWith(HOTSPOT_HEAD))
      return this.#build('hotspot', text.trimEnd().replace(/:$/, ''), this.#time());
    if (!text.startsWith(LENA_HEAD)) return undefined;
    const [, time] = LENA_TIME.exec(text.trimEnd()) ?? [];
    return this.#build('lena', text.slice(2), time === undefined ? undefined : Date.parse(time));
  }
  /** A dump whose first line is missing, or whose form has none. */
  beginBy(header: ThreadHeader): DumpBuilder {
    const release = header.form === 'file' ? this.#before.at(-1)?.trim() : undefined;
    const title =
      release !== undefined && RELEASE.test(release) ? `Thread.dump_to_file ${release}` : undefined;
    const dump = this.#build(header.form === 'bean' ? 'lena' : 'hotspot', title, this.#time());
    dump.isWhole = header.form !== 'jstack';
    return dump;
  }

  #time(): number | undefined {
    return this.#before.map(instantOf).findLast((at) => at !== undefined);
  }
  #build(form: DumpBuilder['form'], title: string | undefined, saidAt: number | undefined): DumpBuilder {
    this.#before = [];
    const said = title === undefined ? undefined : ownCopy(cleanLine(title.trim(), MAX_TITLE));
    return new DumpBuilder({ form, title: said, saidAt });
  }
}
