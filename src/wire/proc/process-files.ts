/** What `/proc/PID/stat` tells of a process. */
export interface ProcessStat {
  /** The program's own name, at most 15 characters, e.g. `java`. */
  readonly program: string;
  /** It has ended, and whoever started it has not asked how. */
  readonly hasEnded: boolean;
  /** User and system time so far, in ticks of a hundredth of a second. */
  readonly cpuTicks: number;
  /** When it started, in ticks since the machine did: with the pid it tells one process from the next. */
  readonly startTicks: number;
}

/** `/proc` counts in hundredths of a second, whatever the kernel itself ticks in. */
export const TICKS_PER_SECOND = 100;
const MAX_CORES = 4_096;

const amountOf = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;

/** `undefined` where it is no such file. The name stands in brackets and may hold any character, brackets too. */
export function readProcessStat(content: string): ProcessStat | undefined {
  const open = content.indexOf('(');
  const close = content.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = content
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  // Behind the name: state is field 3 of the file, utime 14, stime 15, starttime 22.
  const user = amountOf(fields[11]);
  const system = amountOf(fields[12]);
  const startTicks = amountOf(fields[19]);
  if (user === undefined || system === undefined || startTicks === undefined) return undefined;
  return {
    program: content.slice(open + 1, close).slice(0, 64),
    hasEnded: fields[0] === 'Z' || fields[0] === 'X',
    cpuTicks: user + system,
    startTicks,
  };
}

/** Cores a process may run on, by `Cpus_allowed_list` of `/proc/PID/status` (`0-3,8`). */
export function readAllowedCores(content: string): number | undefined {
  const list = /^Cpus_allowed_list:\s*([\d,-]{1,4096})\s*$/m.exec(content)?.[1];
  if (list === undefined) return undefined;
  let cores = 0;
  for (const part of list.split(',')) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (range === null) return undefined;
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (last < first) return undefined;
    cores += last - first + 1;
  }
  return cores <= MAX_CORES ? cores : undefined;
}

/** The soft limit of open files in `/proc/PID/limits`; `undefined` where there is none. */
export const readMaxOpenFiles = (content: string): number | undefined =>
  amountOf(/^Max open files\s+(\d{1,15}|unlimited)\s/m.exec(content)?.[1]);
