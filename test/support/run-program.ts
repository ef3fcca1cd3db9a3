import { spawn } from 'node:child_process';
import type { BuiltProgram } from './built.ts';

export interface Finished {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Runs the built program to its end without a terminal; killed after `timeoutMs`. */
export function runProgram(
  built: BuiltProgram,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  timeoutMs = 30_000,
): Promise<Finished> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [built.program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...built.environment, ...environment },
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? undefined, stdout, stderr, elapsedMs: performance.now() - startedAt });
    });
  });
}
