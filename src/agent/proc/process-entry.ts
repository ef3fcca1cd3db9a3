import { readFileSync } from 'node:fs';
import { type ProcessStat, readProcessStat } from '../../wire/proc/process-files.ts';

/** Where the kernel shows its processes; another folder in tests. */
export const PROC = '/proc';

/** One process as the kernel shows it to us. */
export interface ProcessEntry {
  /** In our own namespace. */
  readonly pid: number;
  /** As the process sees itself: what its files are named by. */
  readonly innerPid: number;
  /** Effective user. */
  readonly uid: number;
  /** Name of the program, at most 15 characters. */
  readonly program: string;
}

/**
 * Read at once, not in turn: the kernel has it in memory, and for all the machine's processes the way through another
 * thread would cost six times as much.
 */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of a process that is gone, or a zombie, nothing. */
export function readTimes(proc: string, pid: number): ProcessStat | undefined {
  const stat = readProcessStat(textOf(`${proc}/${pid}/stat`) ?? '');
  return stat?.hasEnded === true ? undefined : stat;
}

export function readEntry(proc: string, pid: number): ProcessEntry | undefined {
  const status = textOf(`${proc}/${pid}/status`);
  if (status === undefined) return undefined;
  const program = /^Name:\t(.*)$/m.exec(status)?.[1] ?? '';
  const uid = Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]);
  // Kernels before 4.1, and those without namespaces, have no such line.
  const inner = Number(/^NSpid:(?:\t\d+)*\t(\d+)$/m.exec(status)?.[1] ?? pid);
  return Number.isInteger(uid) && Number.isInteger(inner)
    ? { pid, innerPid: inner, uid, program }
    : undefined;
}

const MAX_COMMAND_LINE = 65_536;

/** Its arguments as given: foreign, and they may hold secrets, so they are compared and never shown. */
export function readArguments(proc: string, pid: number): readonly string[] {
  const line = textOf(`${proc}/${pid}/cmdline`);
  return line === undefined ? [] : line.slice(0, MAX_COMMAND_LINE).split('\0').slice(0, -1);
}
