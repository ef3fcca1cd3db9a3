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
  /** One dump of a server that never stopped starting threads. */
  one: { sizeBytes: SIZE_BYTES, threadsPerDump: 1_000_000, deeper: 35 },
};

/** Peak of resident memory as the kernel counted it; of a process that is gone, what was seen last. */
function peakMiBOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0;
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
  let peakRssMiB = 0;
  while (code === undefined) {
    peakRssMiB = Math.max(peakRssMiB, peakMiBOf(child.pid ?? 0));
    await pause(10);
  }
  return { code, wholeMs: Math.round(performance.now() - started), peakRssMiB };
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
