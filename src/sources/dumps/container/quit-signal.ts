import { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { isNoTool } from '../../container-commands.ts';
import { cutError, messageOf, saidLine, thrownError } from './container-failure.ts';
import { assertSameJvm, type ContainerJvm, type Looking } from './container-jvm.ts';
import { LogDump } from './log-dump.ts';
import type { ContainerLog, ContainerRunner, LogMark } from './runner.ts';
import { assertDumpCommand, type ToolEnd } from './tool-run.ts';

const KILL = { timeoutMs: 10_000, maxBytes: 4_096 };
/** Until its first line is in the log: a JVM stops all threads first, and logs are passed on. */
const BEGIN_MS = 10_000;
/** A log that says nothing more for so long within a dump is cut. */
const STILL_MS = 5_000;
/** Behind the threads only deadlocks and the heap are still to come. */
const REST_QUIET_MS = 1_000;
const REST_MS = 2_500;

export interface QuitOptions {
  readonly runner: ContainerRunner;
  readonly log: ContainerLog;
  readonly looking: Looking;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}
export interface QuitEnd {
  readonly how: string;
  readonly end: ToolEnd;
}

/**
 * Asks a JVM for its dump by SIGQUIT and reads it out of the container's log. The signal goes out once, and only where
 * the log can be read and the process is still the one that was proven. Rejects as a dump tool does.
 */
export async function takeByQuit(
  jvm: ContainerJvm,
  options: QuitOptions,
  signal: AbortSignal,
): Promise<QuitEnd> {
  const { log, looking } = options;
  const how = `kill -3 ${jvm.pid}`;
  let mark: LogMark;
  try {
    mark = await log.mark(signal);
  } catch (thrown) {
    signal.throwIfAborted();
    // No attempt is left to whoever is gone.
    if (thrown instanceof AppError && thrown.code === 'NOT_FOUND') throw thrownError(thrown, looking.name);
    return { how, end: said(`the container’s log cannot be read: ${messageOf(thrown)}`) };
  }
  await assertSameJvm(jvm, looking, signal);
  const refused = await sendQuit(jvm.pid, options, signal);
  if (refused !== undefined) return { how, end: refused };
  return { how: `${how} and the container’s log`, end: await readDump(how, mark, options, signal) };
}

const said = (why: string): ToolEnd => ({ kind: 'nothing', reason: 'said', why });

/** `undefined` where it was sent. */
async function sendQuit(
  pid: number,
  { runner }: QuitOptions,
  signal: AbortSignal,
): Promise<ToolEnd | undefined> {
  const words = ['kill', '-3', `${pid}`];
  for (const argv of [words, ['busybox', ...words]]) {
    assertDumpCommand(argv);
    const result = await runner.run(argv, KILL, signal).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw thrownError(thrown, runner.name);
    });
    if (isNoTool(result)) continue;
    const { exitCode, notStarted, stderr } = result;
    if (exitCode === 0) return undefined;
    if (notStarted !== undefined) return said(saidLine(notStarted));
    if (exitCode === undefined) throw cutError(argv.join(' '), runner.name, 'no answer came');
    return said(saidLine(stderr.trim().split('\n')[0] ?? '') || `exit ${exitCode}`);
  }
  return { kind: 'nothing', reason: 'noTool', why: 'not in the container, nor busybox' };
}

async function readDump(
  how: string,
  mark: LogMark,
  { log, runner, clock, maxBytes, write }: QuitOptions,
  signal: AbortSignal,
): Promise<ToolEnd> {
  const dump = new LogDump(`${how} in ${runner.name}`, maxBytes);
  const over = new AbortController();
  let failure: unknown;
  let unread: unknown;
  const fail = (thrown: unknown) => {
    failure ??= thrown;
    over.abort();
  };
  let writing: Promise<void> = Promise.resolve();
  let cancelQuiet = clock.after(BEGIN_MS, () => over.abort());
  let cancelRest: (() => void) | undefined;
  const onLine = (line: string) => {
    if (over.signal.aborted) return;
    try {
      dump.push(line);
    } catch (thrown) {
      fail(thrown);
      return;
    }
    if (dump.state === 'before') return;
    const bytes = dump.drain();
    writing = writing.then(() => (failure === undefined ? write(bytes) : undefined)).catch(fail);
    cancelQuiet();
    if (dump.state === 'whole') over.abort();
    const isRest = dump.state === 'threads';
    cancelQuiet = clock.after(isRest ? REST_QUIET_MS : STILL_MS, () => over.abort());
    if (isRest) cancelRest ??= clock.after(REST_MS, () => over.abort());
  };
  try {
    await log.follow(mark, onLine, AbortSignal.any([signal, over.signal]));
  } catch (thrown) {
    unread = over.signal.aborted ? undefined : thrown;
  } finally {
    cancelQuiet();
    cancelRest?.();
    await writing;
  }
  signal.throwIfAborted();
  if (failure !== undefined) throw thrownError(failure, runner.name);
  if (unread !== undefined && dump.state === 'before')
    return said(`it was sent, and the container’s log cannot be followed: ${messageOf(unread)}`);
  switch (dump.state) {
    case 'threads':
    case 'whole':
      return { kind: 'whole' };
    case 'within':
      throw cutError(how, runner.name, 'its end did not come into the container’s log');
    case 'before':
      return {
        kind: 'nothing',
        reason: 'silent',
        why: `it was sent, and no dump came into the container’s log within ${BEGIN_MS / 1_000} s (the JVM’s output goes elsewhere, or it does not answer)`,
      };
  }
}
