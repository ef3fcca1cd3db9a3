import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const SIZES = [2_000, 10_000];
const WORKER = path.join(import.meta.dirname, 'memory-of-store.ts');

/**
 * Memory of the store alone, with the history of 1, 10 and 120 minutes, and microseconds to take one sample in; each
 * size in a process of its own. The targets are the whole program's: `all-joined` measures that.
 */
export async function run(): Promise<object> {
  const figures: unknown[] = [];
  for (const servers of SIZES) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--import',
      'tsx',
      WORKER,
      String(servers),
    ]);
    figures.push(JSON.parse(stdout));
  }
  return { figures, targets: { largeMiB: 180, hugeMiB: 400 } };
}
