import { randomBytes } from 'node:crypto';
import { describeThrown } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuditCall, AuditEntry } from '../../domain/audit-entry.ts';
import { appError, sourceFailure } from '../../domain/errors.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import { type AppendHandle, type OpenAppend, openAppend } from './audit-file.ts';
import { auditStamp } from './audit-id.ts';
import { markOfProcess } from './audit-process.ts';
import {
  type AuditEnd,
  type AuditOutcome,
  type AuditRecord,
  auditLine,
  withCall,
  withEnd,
  withOutcome,
} from './audit-records.ts';
import { type Syslog, silentSyslog } from './syslog.ts';

/** An action whose begin is on the disk. */
export interface OpenEntry {
  /** As it stands. */
  entry(): AuditEntry;
  /** The place of a call in the entry's calls; one in reserve (`undefined`) gets the next. */
  place(planned: number | undefined): number;
  /** Resolves when the disk holds that it is about to leave. Rejects with AUDIT_UNWRITABLE: then it must not. */
  sending(place: number, call: AuditCall): Promise<void>;
  /** Never rejects: what cannot be written is kept and tried again with the next record. */
  sent(place: number, outcome: AuditOutcome): Promise<void>;
  /** Never rejects, as `sent`. */
  end(end: AuditEnd): Promise<void>;
}

export interface AuditLog {
  /** Rejects with AUDIT_UNWRITABLE: then the action must not be begun. */
  begin(entry: AuditEntry): Promise<OpenEntry>;
  /** Never rejects: nothing is done on it. */
  refused(entry: AuditEntry): Promise<void>;
  /** Why records wait in memory, while they do. */
  problem(): SourceFailure | undefined;
  /** Of every entry, at each change. */
  onEntry(listener: (entry: AuditEntry) => void): () => void;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  /** `<state>/audit`. */
  readonly directory: string;
  readonly clock: Clock;
  /** @default none */
  readonly syslog?: Syslog;
  /** @default the file system */
  readonly open?: OpenAppend;
  /** Of the file's name. @default random */
  readonly suffix?: string;
}

/** Kept while the disk takes nothing; a process that outlives more has lost the oldest. */
const MAX_PENDING = 1_000;
const WRITE_TIMEOUT_MS = 10_000;

/** The audit of this process: one file, opened with the first record, every record synced before anything follows. */
export function createAuditLog({
  directory,
  clock,
  syslog = silentSyslog,
  open = openAppend,
  suffix,
}: AuditLogOptions): AuditLog {
  const listeners = new Set<(entry: AuditEntry) => void>();
  const tell = (entry: AuditEntry) => {
    for (const listener of listeners) listener(entry);
  };
  const mark = markOfProcess(process.pid);
  let handle: AppendHandle | undefined;
  let hasHeader = false;
  /** Part of a line went to the disk: the next one starts on a line of its own. */
  let isTorn = false;
  let pending: AuditRecord[] = [];
  let problem: SourceFailure | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = queue.then(task);
    queue = mine.catch(() => undefined);
    return mine;
  };

  async function append(file: AppendHandle, record: AuditRecord): Promise<void> {
    const bytes = Buffer.from(`${isTorn ? '\n' : ''}${auditLine(record)}`);
    isTorn = true;
    const takenBytes = await file.write(bytes);
    if (takenBytes < bytes.length) throw new Error(`only ${takenBytes} of ${bytes.length} bytes were taken`);
    isTorn = false;
    await file.sync();
  }

  function openFile(at: number): Promise<AppendHandle> {
    return open(directory, fileName(at, { ...mark, suffix: suffix ?? randomHex(4) })).then((opened) => {
      handle = opened;
      hasHeader = false;
      isTorn = false;
      return opened;
    });
  }

  /** A file that was taken away or replaced is given up: the next record begins one of its own. */
  async function checkPlace(file: AppendHandle): Promise<void> {
    try {
      await file.assertInPlace();
    } catch (thrown) {
      handle = undefined;
      await file.close().catch(() => undefined);
      throw thrown;
    }
  }

  async function write(record: AuditRecord): Promise<void> {
    try {
      const at = clock.now();
      const file = handle ?? (await openFile(at));
      await checkPlace(file);
      if (!hasHeader) await append(file, { type: 'process', at, ...mark });
      hasHeader = true;
      for (let next = pending[0]; next !== undefined; next = pending[0]) {
        await append(file, next);
        pending = pending.slice(1);
      }
      await append(file, record);
      problem = undefined;
    } catch (thrown) {
      problem = sourceFailure(
        'AUDIT_UNWRITABLE',
        `the audit in ${directory} cannot be written: ${describeThrown(thrown)}`,
      );
      throw appError('AUDIT_UNWRITABLE', problem.message, { cause: thrown });
    }
  }

  /** A disk that does not answer is no better than a full one. */
  function must(record: AuditRecord): Promise<void> {
    const late = Promise.withResolvers<never>();
    const cancelTimer = clock.after(WRITE_TIMEOUT_MS, () => {
      const seconds = WRITE_TIMEOUT_MS / 1_000;
      late.reject(appError('AUDIT_UNWRITABLE', `the audit in ${directory} took no record for ${seconds} s`));
    });
    return Promise.race([inTurn(() => write(record)), late.promise]).finally(cancelTimer);
  }
  const keep = (record: AuditRecord) => {
    pending = [...pending, record].slice(-MAX_PENDING);
  };
  const should = (record: AuditRecord): Promise<void> =>
    inTurn(() => write(record).catch(() => keep(record)));

  async function begin(given: AuditEntry): Promise<OpenEntry> {
    const { id } = given.ref;
    let entry = given;
    let reserved = given.calls.length;
    const change = (next: AuditEntry) => {
      entry = next;
      tell(entry);
    };
    await must({ type: 'begin', id, entry }).catch((thrown: unknown) => {
      // The line may be there all the same (a sync that failed): its end follows when the disk takes it.
      const end = refusal(clock.now(), entry, describeThrown(thrown));
      keep(endRecord(entry, end));
      change(withEnd(entry, end));
      throw thrown;
    });
    const told = await syslog.tell('begin', entry);
    if (told !== undefined && syslog.isRequired) {
      const end = refusal(clock.now(), entry, told.message);
      await should(endRecord(entry, end));
      change(withEnd(entry, end));
      throw appError('AUDIT_UNWRITABLE', told.message);
    }
    tell(entry);
    return {
      entry: () => entry,
      place: (planned) => planned ?? reserved++,
      async sending(place, { context, title, request }) {
        const at = clock.now();
        change(withCall(entry, place, { context, title, request, at }));
        await must({ type: 'sending', id, at, call: place, context, title, request });
      },
      async sent(place, outcome) {
        change(withOutcome(entry, place, outcome.outcome));
        await should({ type: 'sent', id, at: clock.now(), call: place, ...outcome });
      },
      async end(end) {
        entry = withEnd(entry, end);
        await should(endRecord(entry, end));
        tell(entry);
        await syslog.tell('end', entry);
      },
    };
  }

  return {
    begin,
    async refused(entry) {
      await should({ type: 'whole', id: entry.ref.id, entry });
      tell(entry);
      await syslog.tell('refused', entry);
    },
    problem: () => problem,
    onEntry(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () =>
      inTurn(async () => {
        const last = pending.at(-1);
        pending = pending.slice(0, -1);
        if (last !== undefined) await write(last).catch(() => undefined);
        await handle?.close().catch(() => undefined);
        handle = undefined;
      }),
  };
}

const endRecord = (entry: AuditEntry, end: AuditEnd): AuditRecord => ({
  type: 'end',
  id: entry.ref.id,
  durationMs: end.at - entry.at,
  ...end,
});

const refusal = (at: number, { targets }: AuditEntry, error: string): AuditEnd => ({
  at,
  result: 'refused',
  error,
  targets: targets.map(() => ({ result: 'notStarted' })),
});

const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

function fileName(at: number, mark: { host: string; pid: number; suffix: string }): string {
  const host = mark.host.replace(/[^\w.-]/g, '_').slice(0, 64);
  return `${auditStamp(at)}-${host}-${mark.pid}-${mark.suffix}.jsonl`;
}
