import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { NewDump } from '../../src/domain/dump-folder.ts';
import { refOf } from '../../src/domain/ref.ts';

export function dumpDirectory(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-dumps-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, 'dumps');
}

export const DUMP_AT = Date.UTC(2026, 2, 1, 12, 30, 5);

export function newDump(more: Partial<NewDump['facts']> = {}, rest: Partial<NewDump> = {}): NewDump {
  return {
    facts: {
      kind: 'thread',
      server: refOf('server', 'dev', 'shop/was-1'),
      serverName: 'was-1',
      namespace: 'shop',
      takenAt: DUMP_AT,
      way: 'pod-exec',
      isAuthenticated: true,
      by: 'ops@bastion',
      figures: { threads: 41 },
      ...more,
    },
    host: 'was-1',
    serverName: 'was-1',
    maxBytes: 1_048_576,
    ...rest,
  };
}

export const bytesOf = (written: string): Uint8Array => new TextEncoder().encode(written);
