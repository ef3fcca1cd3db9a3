/** What `/proc/PID/status` tells of a process beside its times; ids as the reader's namespace has them. */
export interface ProcessStatus {
  /** R, S, D, T (stopped), t (traced), Z … */
  readonly state: string;
  /** It handles SIGQUIT itself; any other program would be killed by it. */
  readonly catchesQuit: boolean;
  /** Effective. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** In memory now. */
  readonly residentBytes?: number | undefined;
}

const QUIT_BIT = 1n << 2n;

/** `undefined` where it is no such file. */
export function readProcessStatus(content: string): ProcessStatus | undefined {
  const state = /^State:\s*([A-Za-z])/m.exec(content)?.[1];
  const caught = /^SigCgt:\s*([0-9a-f]{1,16})\s*$/m.exec(content)?.[1];
  if (state === undefined || caught === undefined) return undefined;
  const numberIn = (line: RegExp): number | undefined => {
    const written = line.exec(content)?.[1];
    return written === undefined ? undefined : Number(written);
  };
  const residentKib = numberIn(/^VmRSS:\s*(\d{1,12}) kB$/m);
  return {
    state,
    catchesQuit: (BigInt(`0x${caught}`) & QUIT_BIT) !== 0n,
    uid: numberIn(/^Uid:\t\d+\t(\d{1,10})/m),
    gid: numberIn(/^Gid:\t\d+\t(\d{1,10})/m),
    residentBytes: residentKib === undefined ? undefined : residentKib * 1_024,
  };
}
