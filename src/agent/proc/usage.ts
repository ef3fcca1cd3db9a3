import { readdir, readFile, stat } from 'node:fs/promises';
import type { L9sCpu } from '../../wire/l9s/datagram.ts';
import { type ProcessStat, readMaxOpenFiles, TICKS_PER_SECOND } from '../../wire/proc/process-files.ts';
import { type MachineTimes, readMachine, readProcessorLimit } from './machine.ts';
import { readTimes } from './process-entry.ts';

/** What the kernel tells of a process beyond its JVM. */
export interface Usage {
  readonly cpu?: L9sCpu | undefined;
  readonly fds?: { readonly open?: number | undefined; readonly max?: number | undefined } | undefined;
}

interface Reading {
  readonly at: number;
  readonly times: ProcessStat;
  readonly machine: MachineTimes | undefined;
}

/** A limit or a quota may be passed for a moment; a share is a share. */
const share = (part: number, whole: number): number | undefined =>
  whole > 0 && part >= 0 ? Math.min(1, part / whole) : undefined;

/** Processor time and descriptors of one process, from one reading to the next. */
export class ProcessUsage {
  readonly #proc: string;
  readonly #pid: number;
  #last: Reading | undefined = undefined;
  /** Processors it may use; infinite without a limit. */
  #limit: number | undefined = undefined;

  constructor(proc: string, pid: number) {
    this.#proc = proc;
    this.#pid = pid;
  }
  /** Shares since the call before; the first has none. `now`: ms of a clock that only goes forward. */
  async read(now: number): Promise<Usage> {
    const times = readTimes(this.#proc, this.#pid);
    const [machine, fds] = await Promise.all([readMachine(this.#proc), this.#descriptors()]);
    if (times === undefined) return { fds };
    this.#limit ??= (await readProcessorLimit(this.#proc, this.#pid)) ?? Number.POSITIVE_INFINITY;
    const last = this.#last;
    this.#last = { at: now, times, machine };
    return { cpu: last && this.#cpuSince(last, { at: now, times, machine }), fds };
  }
  #cpuSince(last: Reading, { at, times, machine }: Reading): L9sCpu | undefined {
    const before = last.machine;
    const processors = Math.min(this.#limit ?? Number.POSITIVE_INFINITY, machine?.processors ?? 1);
    const usedSeconds = (times.cpuTicks - last.times.cpuTicks) / TICKS_PER_SECOND;
    return {
      process: share(usedSeconds, ((at - last.at) / 1_000) * processors),
      system:
        machine &&
        before &&
        share(machine.busyTicks - before.busyTicks, machine.totalTicks - before.totalTicks),
    };
  }
  async #descriptors(): Promise<Usage['fds']> {
    const folder = `${this.#proc}/${this.#pid}/fd`;
    // Since Linux 6.2 the folder's size is their number; before, and where it is denied, they are listed.
    const size = await stat(folder).then(
      (found) => found.size,
      () => 0,
    );
    const open = size > 0 ? size : (await readdir(folder).catch(() => undefined))?.length;
    const limits = await readFile(`${this.#proc}/${this.#pid}/limits`, 'utf8').catch(() => '');
    const max = readMaxOpenFiles(limits);
    return open === undefined && max === undefined ? undefined : { open, max };
  }
}
