import type { Clock } from '../../../core/clock.ts';
import { appError } from '../../../domain/errors.ts';
import { dumpTemplateOf } from '../../../domain/exec-template.ts';
import { isNoTool } from '../../container-commands.ts';
import { cutError, saidLine, thrownError } from './container-failure.ts';
import type { DumpText } from './dump-text.ts';
import type { ContainerRunner } from './runner.ts';

/** A JDK’s own tools give up after 10.5 s where a JVM does not open its door. */
const BEGIN_MS = 20_000;
const KILLED: readonly (number | undefined)[] = [137, 143];

/** How a tool did: the whole dump, or why there is nothing of it. */
export type ToolEnd =
  | { readonly kind: 'whole' }
  | {
      readonly kind: 'nothing';
      /** `silent`: it did not begin in time; `killed`: somebody ended it, as a lack of memory does. */
      readonly reason: 'noTool' | 'said' | 'silent' | 'killed';
      readonly why: string;
    };

export interface ToolRunOptions {
  readonly runner: ContainerRunner;
  readonly clock: Clock;
  /** Until its dump begins. @default 20000 */
  readonly beginMs?: number | undefined;
}

/**
 * Runs one tool that writes a dump. Rejects with an AppError where the way to the container fails, where what began
 * does not come to its end, or where it cannot be kept; with the signal's reason when that aborts.
 */
export async function runDumpTool(
  argv: readonly string[],
  dump: DumpText,
  { runner, clock, beginMs = BEGIN_MS }: ToolRunOptions,
  signal: AbortSignal,
): Promise<ToolEnd> {
  assertDumpCommand(argv);
  const how = argv.join(' ');
  const silent = new AbortController();
  const cancel = Number.isFinite(beginMs)
    ? clock.after(beginMs, () => {
        if (!dump.hasBegun) silent.abort(new Error('silent'));
      })
    : () => undefined;
  try {
    const end = await runner.stream(
      argv,
      (bytes) => dump.take(bytes),
      AbortSignal.any([signal, silent.signal]),
    );
    if (dump.hasBegun) {
      if (end.exitCode === 0 && dump.isWhole) return { kind: 'whole' };
      const line = saidLine(firstLine(end.stderr));
      const why = line === '' ? 'it ended in the middle' : `it ended in the middle: ${line}`;
      throw cutError(how, runner.name, end.exitCode === 0 ? 'its end is missing' : why);
    }
    return nothingOf(end, dump, runner.name, how);
  } catch (thrown) {
    signal.throwIfAborted();
    if (silent.signal.aborted)
      return { kind: 'nothing', reason: 'silent', why: `no answer within ${beginMs / 1_000} s` };
    throw thrownError(thrown, runner.name);
  } finally {
    cancel();
  }
}

function nothingOf(
  end: Awaited<ReturnType<ContainerRunner['stream']>>,
  dump: DumpText,
  name: string,
  how: string,
): ToolEnd {
  const { exitCode, notStarted, stderr } = end;
  if (isNoTool(end)) return { kind: 'nothing', reason: 'noTool', why: 'not in the container' };
  if (notStarted !== undefined) return { kind: 'nothing', reason: 'said', why: saidLine(notStarted) };
  if (KILLED.includes(exitCode))
    return { kind: 'nothing', reason: 'killed', why: `it was killed (exit ${exitCode})` };
  if (exitCode === undefined) throw cutError(how, name, 'the container or the connection to it went');
  const said = saidLine(firstLine(stderr)) || saidLine(firstLine(dump.said.replace(/^\d+:\s*\n/, '')));
  const code = exitCode === 0 ? 'no dump' : `exit ${exitCode}`;
  return { kind: 'nothing', reason: 'said', why: said === '' ? `it said nothing (${code})` : said };
}

/** Frames of a stack, and what a JVM says before it tries. */
const NO_REASON = /^(?:at |Dumping heap to |$)/;
const firstLine = (said: string): string =>
  said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .find((line) => !NO_REASON.test(line)) ?? '';

/** In every mode, not only where the lock of the client holds it: what is told in a plan is what is run. */
export function assertDumpCommand(argv: readonly string[]): void {
  if (dumpTemplateOf(argv) === undefined)
    throw appError('INTERNAL', `a dump does not run ${saidLine(argv.join(' '))}`);
}
