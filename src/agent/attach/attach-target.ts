import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { appError } from '../../domain/errors.ts';
import { jvmInMaps } from '../../wire/proc/process-maps.ts';
import { type ProcessStatus, readProcessStatus } from '../../wire/proc/process-status.ts';
import { readTimes } from '../proc/process-entry.ts';

/** A process that was found to be a JVM. */
export interface AttachTarget {
  /** Where the kernel shows its processes. */
  readonly proc: string;
  /** In our own namespace. */
  readonly pid: number;
  /** As the process sees itself: what its files are named by. */
  readonly innerPid: number;
  /** When it started, in ticks: tells it from a later process of the same number. */
  readonly startTicks: number;
  /** Its command line says `-XX:+DisableAttachMechanism`. */
  readonly refusesAttach: boolean;
}

/** What the kernel says of it at this very moment. */
export interface AttachStatus {
  /** Effective, in our own namespace. */
  readonly uid: number;
  readonly gid: number;
  /** It handles SIGQUIT; another program, and a JVM that is just starting, would be killed by it. */
  readonly catchesQuit: boolean;
}

/** Stopped, traced, or ended: it answers nobody. */
const STANDSTILL: Readonly<Record<string, string>> = {
  T: 'is stopped (SIGSTOP)',
  t: 'is stopped by a debugger',
  Z: 'has ended',
  X: 'has ended',
};

/** That very process, and no zombie. */
export const isStillThere = ({ proc, pid, startTicks }: AttachTarget): boolean =>
  readTimes(proc, pid)?.startTicks === startTicks;

/**
 * Looks at the process anew. Throws NO_JVM where it is gone, or DUMP_FAILED where it stands still, both with words of
 * what it is.
 */
export function readAttachStatus(target: AttachTarget): AttachStatus {
  const { pid } = target;
  const status = statusOf(target.proc, pid);
  if (status === undefined || !isStillThere(target)) throw appError('NO_JVM', `process ${pid} has ended`);
  const standstill = STANDSTILL[status.state];
  if (standstill !== undefined)
    throw appError('DUMP_FAILED', `process ${pid} ${standstill} and answers nobody`, {
      hint: 'Let it run on (kill -CONT, or detach the debugger), then take the dump again.',
    });
  const { uid, gid, catchesQuit } = status;
  if (uid === undefined || gid === undefined)
    throw appError('NO_JVM', `the kernel does not tell whose process ${pid} is`);
  return { uid, gid, catchesQuit };
}

/**
 * Sends SIGQUIT, which wakes a JVM's attach listener and kills most other programs: only to a process that has HotSpot
 * mapped, handles the signal and is still the one that was found. Throws an AppError where any of it is not so.
 */
export async function wakeBySignal(target: AttachTarget, kill: typeof process.kill): Promise<void> {
  const { proc, pid } = target;
  const maps = await readFile(`${proc}/${pid}/maps`, 'utf8').catch(() => '');
  if (jvmInMaps(maps) !== 'hotspot')
    throw appError('NO_JVM', `process ${pid} cannot be proven to be a HotSpot JVM, so it gets no signal`, {
      hint: 'Run the agent as the user of the JVM, or as root with CAP_SYS_PTRACE; other JVMs than HotSpot have no such dump.',
    });
  // Read last, right before the signal: nothing is waited for in between.
  if (!readAttachStatus(target).catchesQuit)
    throw appError(
      'DUMP_FAILED',
      `process ${pid} does not handle SIGQUIT (it is just starting, or runs with -Xrs)`,
      {
        hint: 'Wait until it has started. With -Xrs a JVM listens from its start, but its socket in /tmp is gone: only a restart helps.',
      },
    );
  kill(pid, 'SIGQUIT');
}

function statusOf(proc: string, pid: number): ProcessStatus | undefined {
  try {
    return readProcessStatus(readFileSync(`${proc}/${pid}/status`, 'utf8'));
  } catch {
    return undefined;
  }
}
