import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../../core/clock.ts';
import { isDumpFileName } from '../../../domain/dump-name.ts';

/** Several changes at once are told as one. */
const SETTLE_MS = 200;
/** File systems that tell nothing (NFS) are looked at so often. */
const POLL_MS = 5_000;

export interface FolderWatch {
  /** Something of ours changed. */
  poke(): void;
  close(): void;
}

/**
 * Calls `look` soon after something in a directory changed, and every few seconds whatever the system
 * tells; `hasChanged` where it told of a dump's own file.
 */
export function watchFolder(
  directory: string,
  clock: Clock,
  look: (hasChanged: boolean) => void,
): FolderWatch {
  let watcher: FSWatcher | undefined;
  let cancelSoon: (() => void) | undefined;
  let isClosed = false;
  let hasChanged = false;
  const soon = () => {
    if (isClosed || cancelSoon !== undefined) return;
    cancelSoon = clock.after(SETTLE_MS, () => {
      cancelSoon = undefined;
      look(hasChanged);
      hasChanged = false;
    });
  };
  const stop = () => {
    watcher?.close();
    watcher = undefined;
  };
  const begin = () => {
    if (watcher !== undefined) return;
    try {
      watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name !== null && isDumpFileName(name)) hasChanged = true;
        soon();
      });
      watcher.on('error', stop);
    } catch {
      // Not there yet, or no watches are left: it is polled.
    }
  };
  let cancelPoll = clock.after(POLL_MS, poll);
  function poll(): void {
    begin();
    look(false);
    cancelPoll = clock.after(POLL_MS, poll);
  }
  begin();
  return {
    poke: soon,
    close() {
      isClosed = true;
      cancelPoll();
      cancelSoon?.();
      stop();
    },
  };
}
