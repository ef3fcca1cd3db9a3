import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AuditRead, readAudit } from '../../src/actions/audit/read-audit.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';

export function auditEntry(id: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ref: refOf('audit', 'dev', id),
    at: 1_700_000_000_000,
    actor: { user: 'ops', host: 'bastion', pid: 1, identities: {} },
    mode: 'normal',
    action: 'restart',
    effect: 'change',
    title: `Restart ${id}`,
    targets: [
      {
        ref: refOf('workload', 'dev', 'shop/Deployment/cart'),
        context: 'dev',
        namespace: 'shop',
        kind: 'Deployment',
        name: 'cart',
        before: { replicas: 2 },
      },
    ],
    calls: [{ context: 'dev', title: 'patch it', request: '{}' }],
    result: 'running',
    ...more,
  };
}

export const auditFiles = (directory: string): readonly string[] =>
  readdirSync(directory)
    .sort()
    .map((name) => path.join(directory, name));

export const auditText = (directory: string): string =>
  auditFiles(directory)
    .map((file) => readFileSync(file, 'utf8'))
    .join('');

export const readAll = (
  directory: string,
  more: Partial<Parameters<typeof readAudit>[0]> = {},
): Promise<AuditRead> =>
  readAudit({ directory, clock: systemClock, signal: new AbortController().signal, ...more });
