import { cleanLine } from '../../../core/text.ts';
import type { LenaThreadDump } from '../../../wire/lena/tcp/results.ts';

/** What the head of a file says of it. */
export interface TakenFrom {
  readonly server: string;
  readonly context: string;
  /** `LENA advertiser 10.0.0.3` */
  readonly through: string;
  readonly by: string;
  readonly at: number;
}
const MAX_LINE = 65_536;

/** A line as it was sent: its indent stays, what a terminal would act on becomes visible. */
function safeLine(line: string): string {
  const indent = /^[\t ]{0,16}/.exec(line)?.[0] ?? '';
  return `${indent}${cleanLine(line.slice(indent.length), MAX_LINE)}`;
}
const linesOf = (text: string): readonly string[] => text.replace(/\s+$/, '').split(/\r?\n/).map(safeLine);

/**
 * A thread dump in the advertiser's own form: a head of comments, its threads with an empty line behind each, and what
 * it says of the machine at the end.
 */
export function* lenaThreadDumpText(dump: LenaThreadDump, from: TakenFrom): Generator<string> {
  yield `# LENA thread dump of ${safeLine(from.server)} in ${safeLine(from.context)} at ${new Date(from.at).toISOString()}\n`;
  yield `# taken by ${safeLine(from.by)} through ${from.through} (OBJECT_THREAD_DUMP), which is not authenticated\n\n`;
  for (const thread of dump.threads) {
    const lines = linesOf(thread);
    if (lines.length > 1 || lines[0] !== '') yield `${lines.join('\n')}\n\n`;
  }
  if (dump.status !== undefined) {
    yield '# status, as the advertiser tells it\n';
    for (const line of linesOf(dump.status)) yield `# ${line}\n`;
  }
  yield '# end\n';
}
