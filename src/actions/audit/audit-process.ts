import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { cleanLine } from '../../core/text.ts';
import type { Actor } from '../../domain/audit-entry.ts';

/** Tells one process from a later one that was given the same pid. */
export interface ProcessMark {
  readonly host: string;
  readonly pid: number;
  /** Of this start of the machine, where the system tells it (Linux). */
  readonly bootId?: string | undefined;
  /** Of the process, in clock ticks since the machine started, where the system tells it (Linux). */
  readonly startTicks?: string | undefined;
}

export function markOfProcess(pid: number): ProcessMark {
  return { host: hostname(), pid, bootId: readBootId(), startTicks: readStartTicks(pid) };
}

/** Whether the process of a mark still runs; `undefined` where that cannot be told from here (another host). */
export function isRunning(mark: ProcessMark): boolean | undefined {
  if (mark.host !== hostname()) return undefined;
  if (mark.bootId !== undefined && mark.bootId !== readBootId()) return false;
  try {
    process.kill(mark.pid, 0);
  } catch (thrown) {
    // Not ours to signal, but there.
    const isForeign = thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
    if (!isForeign) return false;
  }
  const ticks = readStartTicks(mark.pid);
  return mark.startTicks === undefined || ticks === undefined || ticks === mark.startTicks;
}

/** Who we are on this machine; `sshConnection` is the variable SSH_CONNECTION. */
export function localActor(sshConnection: string | undefined): Omit<Actor, 'identities'> {
  const sshFrom = sshConnection?.trim().split(/\s+/)[0];
  return {
    user: userName(),
    host: hostname(),
    pid: process.pid,
    ...(sshFrom === undefined || sshFrom === '' ? {} : { sshFrom: cleanLine(sshFrom, 100) }),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid without an entry in the user database, as containers have.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function readBootId(): string | undefined {
  return readSystemFile('/proc/sys/kernel/random/boot_id')?.trim();
}

/** Field 22 of `stat`; the name before it may hold spaces and brackets. */
function readStartTicks(pid: number): string | undefined {
  const stat = readSystemFile(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readSystemFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
