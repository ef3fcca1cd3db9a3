import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type DumpsToWrite, writeDumps } from './write-dumps.ts';

const READER = path.join(import.meta.dirname, 'read-dumps.ts');
const SIZE_BYTES = 200_000_000;
const FILES: Readonly<Record<string, DumpsToWrite>> = {
  /** A log of an hour: many dumps of a large server. */
  many: { sizeBytes: SIZE_BYTES, threadsPerDump: 3_000, deeper: 0 },
  /** The same, where hardly a thread is seen twice. */
  churning: { sizeBytes: SIZE_BYTES, threadsPerDump: 3_000, deeper: 0, isChurning: true },
  /** One dump of a server that never stopped starting threads. */
  one: { sizeBytes: SIZE_BYTES, threadsPerDump: 1_000_000, deeper: 35 },
};

interface Spent {
  readonly peakRssMiB: number;
  readonly cpuMs: number;
}
/** Peak of resident memory and processor time as the kernel counted them; nothing of a process that is gone. */
function spentBy(pid: number): Spent | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    if (kilobytes === undefined) return undefined;
    // In ticks of a hundredth of a second.
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * 10;
    return { peakRssMiB: Math.round(Number(kilobytes) / 1_024), cpuMs };
  } catch {
    return undefined;
  }
}
/** `l9s analyze FILE` as a user runs it. */
async function analyse(built: BuiltProgram, file: string): Promise<object> {
  const started = performance.now();
  const child = spawn(process.execPath, [built.program, 'analyze', file], {
    env: built.environment,
    stdio: 'ignore',
  });
  let code: number | undefined;
  child.once('close', (status) => {
    code = status ?? -1;
  });
  let spent: Spent | undefined;
  while (code === undefined) {
    spent = spentBy(child.pid ?? 0) ?? spent;
    await pause(10);
  }
  return { code, wholeMs: Math.round(performance.now() - started), ...spent };
}
async function readIn(file: string): Promise<object> {
  const options = ['--expose-gc', '--import', 'tsx', READER, file];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  const figures: unknown = JSON.parse(stdout);
  return typeof figures === 'object' && figures !== null ? figures : {};
}

/**
 * Files of 200 MB: reading and analysis apart, in a process that runs the sources, and `l9s analyze` of the built
 * program; milliseconds, and MiB of resident memory at their peak.
 */
export async function run(): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-dumps-'));
  const built = await buildProgram();
  try {
    const figures: Record<string, object> = {};
    for (const [name, of] of Object.entries(FILES)) {
      const file = path.join(folder, `${name}.txt`);
      await writeDumps(file, of);
      figures[name] = { sources: await readIn(file), program: await analyse(built, file) };
      rmSync(file);
    }
    return { ...figures, targets: { wholeMs: 10_000, peakRssMiB: 500 } };
  } finally {
    built.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
