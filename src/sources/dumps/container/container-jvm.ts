import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import { readProcessStat } from '../../../wire/proc/process-files.ts';
import { jvmInMaps } from '../../../wire/proc/process-maps.ts';
import { type ProcessStatus, readProcessStatus } from '../../../wire/proc/process-status.ts';
import type { ContainerCommands, Said } from '../../container-commands.ts';
import { type Found, findJvm } from '../../find-jvm.ts';
import { decodePerfFile, MAX_PERF_FILE_BYTES, type PerfReading } from '../../perf-reading.ts';
import { saidFailure } from '../../said-failure.ts';
import { dumpError, OTHER_USER_HINT } from './container-failure.ts';

const MAX_PROC_BYTES = 16_384;
const MAX_MAPS_BYTES = 4_194_304;

/** A process of the container that was proven to be a JVM which takes SIGQUIT for a request. */
export interface ContainerJvm {
  readonly pid: number;
  /** Tells it from a later process of the same number. */
  readonly startTicks: number;
  /** e.g. `17.0.13+11`; absent where its counters cannot be read. */
  readonly version?: string | undefined;
  /** Committed heap; without its counters what it has in memory, which is more. */
  readonly heapBytes?: number | undefined;
  /** Of it, as its counters say. */
  readonly usedBytes?: number | undefined;
  /** Why it may not be the server's. */
  readonly doubt?: Text | undefined;
}
export interface Looking {
  readonly commands: ContainerCommands;
  /** The container, for messages. */
  readonly name: string;
  /** Bytes come as they are: then its counters are read. */
  readonly isExact: boolean;
}

/** The server's JVM, whatever PID 1 is. Rejects with an AppError, also where there is no proof that it is one. */
export async function findContainerJvm(looking: Looking, signal: AbortSignal): Promise<ContainerJvm> {
  const { commands, name } = looking;
  const found = await findJvm({ commands, name, signal });
  if (found.kind === 'failed') throw dumpError(found.failure);
  const { pid, startTicks, path, program } = placeOf(found);
  const [status, perf] = await Promise.all([
    commands.read(`/proc/${pid}/status`, MAX_PROC_BYTES, signal),
    path === undefined || !looking.isExact ? undefined : commands.read(path, MAX_PERF_FILE_BYTES, signal),
  ]);
  const decoded = perf?.kind === 'said' ? decodePerfFile(perf.bytes) : undefined;
  if (!(isOfJvm(decoded) && program === 'java')) await proveByLibraries(pid, looking, signal);
  const { residentBytes } = checkStatus(pid, status, name);
  const figures = decoded?.kind === 'figures' ? decoded.figures : undefined;
  return {
    pid,
    startTicks,
    version: figures?.version,
    heapBytes: figures?.heap.committed ?? residentBytes,
    usedBytes: figures?.heap.used,
    doubt: doubtOf(found),
  };
}

const isOfJvm = (decoded: PerfReading | undefined): boolean =>
  decoded?.kind === 'figures' || (decoded?.kind === 'reject' && decoded.isPassing);

interface Place {
  readonly pid: number;
  readonly startTicks: number;
  readonly path?: string;
  readonly program: string;
}
function placeOf(found: Exclude<Found, { readonly kind: 'failed' }>): Place {
  if (found.kind === 'noFile') return { ...found.process, program: 'java' };
  const { pid, path, stat } = found.jvm;
  return { pid, path, startTicks: stat.startTicks, program: stat.program };
}

/** Without counters nothing tells one Java process from another but its age. */
function doubtOf(found: Exclude<Found, { readonly kind: 'failed' }>): Text | undefined {
  if (found.kind === 'jvm' || found.otherCount === 0) return undefined;
  const { pid } = found.process;
  return text(
    `proof that it is the server’s: ${found.otherCount + 1} Java processes run there without hsperfdata, and pid ${pid} started last`,
    `서버의 것이라는 증거: hsperfdata 없는 Java 프로세스 ${found.otherCount + 1}개 중 가장 늦게 시작한 pid ${pid}`,
  );
}

const textOf = (said: Said | undefined): string =>
  said?.kind === 'said' ? Buffer.from(said.bytes).toString('utf8') : '';

async function proveByLibraries(
  pid: number,
  { commands, name }: Looking,
  signal: AbortSignal,
): Promise<void> {
  const path = `/proc/${pid}/maps`;
  const said = await commands.read(path, MAX_MAPS_BYTES, signal);
  if (said.kind === 'denied')
    throw appError(
      'PERMISSION_DENIED',
      `${name}: ${path} may not be read, so that pid ${pid} is not proven to be a JVM and is left alone: ${said.message}`,
      {
        hint: OTHER_USER_HINT,
      },
    );
  const failure = said.kind === 'absent' ? undefined : saidFailure(said, path, name);
  if (failure !== undefined) throw dumpError(failure);
  const jvm = jvmInMaps(textOf(said));
  if (jvm === 'openj9')
    throw appError('NO_JVM', `${name}: pid ${pid} runs OpenJ9, whose dumps are of another form`, {
      hint: 'Take a javacore with its own tools (`jcmd PID Dump.java`): l9s reads those of HotSpot.',
    });
  if (jvm === undefined)
    throw appError('NO_JVM', `${name}: nothing proves pid ${pid} to be a JVM, so that it is left alone`);
}

/** SIGQUIT is how the JDK’s own tools knock, too: a program that does not handle it would die of it. */
function checkStatus(pid: number, said: Said, name: string): ProcessStatus {
  const status = readProcessStatus(textOf(said));
  if (status === undefined)
    throw appError('NO_JVM', `${name}: /proc/${pid}/status cannot be read: pid ${pid} is left alone`);
  if (status.state === 'T' || status.state === 't') {
    const how = status.state === 'T' ? 'is stopped (SIGSTOP)' : 'is stopped by a debugger';
    throw appError('DUMP_FAILED', `${name}: pid ${pid} ${how} and answers nobody`, {
      hint: 'Let it run on (kill -CONT, or detach the debugger), then take the dump again.',
    });
  }
  if (!status.catchesQuit)
    throw appError(
      'DUMP_FAILED',
      `${name}: pid ${pid} does not handle SIGQUIT (-Xrs, or it is just starting)`,
      {
        hint: 'Wait until it has started; with -Xrs a dump from outside would end it: start it without.',
      },
    );
  return status;
}

/** Whether the process is still the one that was found; rejects with DUMP_FAILED where it is another or none. */
export async function assertSameJvm(
  { pid, startTicks }: ContainerJvm,
  { commands, name }: Looking,
  signal: AbortSignal,
): Promise<void> {
  const path = `/proc/${pid}/stat`;
  const said = await commands.read(path, MAX_PROC_BYTES, signal);
  const failure = said.kind === 'absent' ? undefined : saidFailure(said, path, name);
  if (failure !== undefined) throw dumpError(failure);
  const stat = readProcessStat(textOf(said));
  if (stat?.startTicks === startTicks && !stat.hasEnded) return;
  throw appError(
    'DUMP_FAILED',
    `${name}: its JVM (pid ${pid}) ended meanwhile, or the container was restarted`,
    {
      hint: 'Take the dump again: it will be of the JVM that runs now.',
    },
  );
}
