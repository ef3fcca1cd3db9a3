import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../core/clock.ts';
import { makeDirectory } from '../core/make-directory.ts';
import { cleanLine } from '../core/text.ts';
import { isSecretName, MASK, maskUrl } from '../domain/secret-name.ts';

export const LOG_LEVELS = ['error', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** JSON lines in a file of mode 0600; never on the screen. */
export interface Log {
  write(level: LogLevel, event: string, fields?: LogFields): void;
  close(): void;
}

export const silentLog: Log = { write() {}, close() {} };

const MAX_BYTES = 10 * 1024 * 1024;

export interface LogOptions {
  readonly file: string;
  readonly level: LogLevel;
  readonly clock: Clock;
}

/** Opens the log, setting one old generation aside at 10 MiB; a log that cannot be written is silently off. */
export function openLog({ file, level, clock }: LogOptions): Log {
  let descriptor: number;
  try {
    makeDirectory(path.dirname(file));
    rotate(file);
    descriptor = openSync(file, 'a', 0o600);
  } catch {
    return silentLog;
  }
  let writtenBytes = 0;
  const threshold = LOG_LEVELS.indexOf(level);
  return {
    write(lineLevel, event, fields = {}) {
      if (LOG_LEVELS.indexOf(lineLevel) > threshold || writtenBytes > MAX_BYTES) return;
      const safe = Object.entries(fields).map(([name, value]) => [name, safeField(name, value)]);
      const at = new Date(clock.now()).toISOString();
      const line = JSON.stringify({ at, level: lineLevel, event, ...Object.fromEntries(safe) });
      try {
        writtenBytes += writeSync(descriptor, `${line}\n`);
      } catch {
        // A full disk must not end the console; the screen shows what matters.
      }
    },
    close: () => closeSync(descriptor),
  };
}

function safeField(name: string, value: LogFields[string]): LogFields[string] {
  if (isSecretName(name) && name !== 'code') return MASK;
  return typeof value === 'string' ? maskUrl(cleanLine(value, 2_000)) : value;
}

function rotate(file: string): void {
  try {
    if (statSync(file).size > MAX_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // No log yet.
  }
}
