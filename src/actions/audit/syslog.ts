import { spawn } from 'node:child_process';
import { describeThrown } from '../../core/app-error.ts';
import type { AuditEntry } from '../../domain/audit-entry.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { PolicySettings } from '../../domain/policy.ts';
import type { SourceFailure } from '../../domain/source-status.ts';

/** The second copy of the audit, which its author cannot take back: syslog, and through it journald. */
export interface Syslog {
  /** Without it no action is begun. */
  readonly isRequired: boolean;
  /** Never rejects; resolves with why it was not taken. */
  tell(what: 'begin' | 'end' | 'refused', entry: AuditEntry): Promise<SourceFailure | undefined>;
}

export const silentSyslog: Syslog = { isRequired: false, tell: async () => undefined };

/** Fixed places, so that no PATH of the operator's puts another program there. */
const LOGGER = '/usr/bin/logger';
const TIMEOUT_MS = 5_000;
/** util-linux cuts at 1 KiB unless told; journald and rsyslog take 8. */
const MAX_BYTES = 8_000;

export interface SyslogOptions {
  readonly mode: PolicySettings['syslog'];
  /** util-linux's `logger`. @default /usr/bin/logger */
  readonly logger?: string;
}

export function createSyslog({ mode, logger = LOGGER }: SyslogOptions): Syslog {
  if (mode === 'off') return silentSyslog;
  return {
    isRequired: mode === 'required',
    async tell(what, entry) {
      try {
        await runLogger(logger, messageOf(what, entry));
        return undefined;
      } catch (thrown) {
        return sourceFailure('AUDIT_UNWRITABLE', `syslog did not take the record: ${describeThrown(thrown)}`);
      }
    },
  };
}

/** One line of JSON; the targets and calls that do not fit are counted, the file has them all. */
function messageOf(what: string, entry: AuditEntry): string {
  const { ref, actor, mode, action, effect, title, reason, result, error } = entry;
  const head = { what, id: ref.id, actor, mode, action, effect, title, reason, result, error };
  const targets = entry.targets.map(({ context, namespace, kind, name, result: of }) => ({
    context,
    namespace,
    kind,
    name,
    result: of,
  }));
  const requests = entry.calls.map(({ request, outcome }) => ({ request, outcome }));
  const counts = { targetCount: targets.length, callCount: requests.length };
  const full = JSON.stringify({ ...head, ...counts, targets, calls: requests });
  if (Buffer.byteLength(full) <= MAX_BYTES) return full;
  const short = JSON.stringify({ ...head, ...counts, targets: targets.slice(0, 20) });
  return Buffer.from(short).subarray(0, MAX_BYTES).toString('utf8');
}

/** Text by stdin, argv fixed, no environment of ours. Rejects unless the logger ends with 0. */
function runLogger(program: string, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const argv = ['-t', 'l9s', '-p', 'auth.notice', '--size', '8192', '--socket-errors=on'];
    const child = spawn(program, argv, {
      env: { LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(0, 500);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(said.trim() === '' ? `${program} ended with ${code}` : said.trim()));
    });
    // A logger that ended early closes the pipe; its exit code says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${message}\n`);
  });
}
