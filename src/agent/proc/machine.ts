import { readFile } from 'node:fs/promises';
import { TICKS_PER_SECOND } from '../../wire/proc/process-files.ts';
import { insideProcess } from './process-root.ts';

/** The whole machine's processor time since boot, in ticks of all processors together. */
export interface MachineTimes {
  readonly busyTicks: number;
  readonly totalTicks: number;
  readonly processors: number;
  /** Epoch ms. */
  readonly bootedAt: number;
}

const FIRST_CPU = /^cpu +(.+)$/m;

/** `undefined` where the kernel does not tell. */
export async function readMachine(proc: string): Promise<MachineTimes | undefined> {
  const content = await readFile(`${proc}/stat`, 'utf8').catch(() => '');
  // user, nice, system, idle, iowait, irq, softirq, steal; guest time is within user time already.
  const ticks = FIRST_CPU.exec(content)?.[1]?.trim().split(/ +/).slice(0, 8).map(Number) ?? [];
  const bootedAt = Number(/^btime (\d+)$/m.exec(content)?.[1]) * 1_000;
  if (ticks.length < 4 || ticks.some((value) => !Number.isFinite(value)) || !Number.isFinite(bootedAt))
    return undefined;
  const totalTicks = ticks.reduce((sum, value) => sum + value, 0);
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const processors = Math.max(1, content.match(/^cpu\d+ /gm)?.length ?? 1);
  return { busyTicks: totalTicks - idleTicks, totalTicks, processors, bootedAt };
}

/** When a process started, epoch ms; a clock that was set since moves it. */
export const startOf = ({ bootedAt }: MachineTimes, startTicks: number): number =>
  bootedAt + (startTicks * 1_000) / TICKS_PER_SECOND;

const firstNumbers = async (file: string): Promise<readonly (number | undefined)[]> => {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content
    .trim()
    .split(/\s+/)
    .map((word) => (/^\d+$/.test(word) ? Number(word) : undefined));
};

/** Processors a control group may use: `cpu.max` of version 2, else quota and period of version 1. */
async function limitIn(folder: string): Promise<number | undefined> {
  const [quota, period] = await firstNumbers(`${folder}/cpu.max`);
  if (quota !== undefined && period) return quota / period;
  const [oldQuota] = await firstNumbers(`${folder}/cpu/cpu.cfs_quota_us`);
  const [oldPeriod] = await firstNumbers(`${folder}/cpu/cpu.cfs_period_us`);
  return oldQuota !== undefined && oldPeriod ? oldQuota / oldPeriod : undefined;
}

/**
 * Processors a process may use by the limit of its container or service; `undefined` without one. A container sees its
 * own group as the root of the tree, a service on the machine lies below it.
 */
export async function readProcessorLimit(proc: string, pid: number): Promise<number | undefined> {
  const root = insideProcess(proc, pid, '/sys/fs/cgroup');
  const own = await limitIn(root);
  if (own !== undefined) return own;
  const groups = await readFile(`${proc}/${pid}/cgroup`, 'utf8').catch(() => '');
  const group = /^0::(\/[^\n]*)$/m.exec(groups)?.[1];
  if (group === undefined || group.includes('..')) return undefined;
  for (let path = group; path.length > 1; path = path.slice(0, path.lastIndexOf('/'))) {
    const limit = await limitIn(`${root}${path}`);
    if (limit !== undefined) return limit;
  }
  return undefined;
}
