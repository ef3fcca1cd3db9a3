import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, sleep } from '../core/clock.ts';

export interface FollowOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Reads everything again; never rejects. */
  readonly reload: () => Promise<void>;
}

/**
 * Reads the audit again whenever a file in it came or grew, so that what other processes of this user do shows here.
 * Returns when the signal aborts.
 */
export async function followAudit(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { directory, clock, everyMs, reload } = options;
  let seen = await outline(directory);
  while (!signal.aborted) {
    await sleep(clock, everyMs, signal);
    if (signal.aborted) return;
    const now = await outline(directory);
    if (now === seen) continue;
    seen = now;
    await reload();
  }
}

/** Names and sizes: files only grow. */
async function outline(directory: string): Promise<string> {
  try {
    const names = (await readdir(directory)).sort();
    const sizes = await Promise.all(
      names.map(async (name) => {
        const found = await stat(path.join(directory, name)).catch(() => undefined);
        return `${name} ${found?.size ?? 0}`;
      }),
    );
    return sizes.join('\n');
  } catch {
    return '';
  }
}
