import path from 'node:path';

/** A file as a process sees it, container or not: below the root directory the kernel shows of it. */
export const insideProcess = (proc: string, pid: number, file: string): string =>
  path.join(proc, String(pid), 'root', file);
