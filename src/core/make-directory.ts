import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from './app-error.ts';

/**
 * A directory and what is missing above it, level by level: Node's own `recursive` never returns below a file system
 * that refuses new entries with ENOENT, as /proc does. Throws the system's error.
 */
export function makeDirectory(directory: string, mode = 0o700): void {
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory || isDirectory(parent)) throw error;
    makeDirectory(parent, mode);
    mkdirSync(directory, { mode });
  }
}

function isDirectory(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}
