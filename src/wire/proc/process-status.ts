/** What `/proc/PID/status` tells of a process beside its times. */
export interface ProcessStatus {
  /** R, S, D, T (stopped), t (traced), Z … */
  readonly state: string;
  /** It handles SIGQUIT itself; any other program would be killed by it. */
  readonly catchesQuit: boolean;
  /** In memory now. */
  readonly residentBytes?: number | undefined;
}

const QUIT_BIT = 1n << 2n;

/** `undefined` where it is no such file. */
export function readProcessStatus(content: string): ProcessStatus | undefined {
  const state = /^State:\s*([A-Za-z])/m.exec(content)?.[1];
  const caught = /^SigCgt:\s*([0-9a-f]{1,16})\s*$/m.exec(content)?.[1];
  if (state === undefined || caught === undefined) return undefined;
  const resident = /^VmRSS:\s*(\d{1,12}) kB$/m.exec(content)?.[1];
  return {
    state,
    catchesQuit: (BigInt(`0x${caught}`) & QUIT_BIT) !== 0n,
    residentBytes: resident === undefined ? undefined : Number(resident) * 1_024,
  };
}
