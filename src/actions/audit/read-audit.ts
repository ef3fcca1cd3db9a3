import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuditEntry } from '../../domain/audit-entry.ts';
import { readLines } from './audit-lines.ts';
import { isRunning, type ProcessMark } from './audit-process.ts';
import { type AuditRecord, type EntryRecord, withCall, withEnd, withOutcome } from './audit-records.ts';
import { auditRecord } from './audit-schema.ts';

/** A line, or a whole file, that tells nothing. */
export interface AuditProblem {
  readonly file: string;
  /** From 1; absent where the file itself cannot be read. */
  readonly line?: number | undefined;
  readonly message: string;
}
export interface AuditRead {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** The first hundred; `problemCount` counts all. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}
export interface ReadAuditOptions {
  /** `<state>/audit`; one that is not there holds nothing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Newest entries kept. @default 1000 */
  readonly limit?: number;
  /** Whether a process still runs; `undefined` where that cannot be told. @default asks the system */
  readonly isAlive?: (mark: ProcessMark) => boolean | undefined;
}

const MAX_PROBLEMS = 100;
/** Of lines behind the entries kept, whatever their number. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** An action of another machine, whose process we cannot see, is believed to run for so long. */
const BELIEVED_MS = 24 * 3_600_000;

interface Kept {
  readonly entry: AuditEntry;
  readonly mark: ProcessMark | undefined;
  readonly bytes: number;
}

/** What all processes wrote, merged; nothing in a file can make it fail. */
export async function readAudit(options: ReadAuditOptions): Promise<AuditRead> {
  const { directory, clock, signal, limit = 1_000, isAlive = isRunning } = options;
  const shelf = createShelf(limit);
  const problems: AuditProblem[] = [];
  let problemCount = 0;
  const report = (problem: AuditProblem) => {
    problemCount++;
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };

  async function readFile(name: string): Promise<void> {
    const file = path.join(directory, name);
    if (!(await lstat(file)).isFile()) throw new Error('it is no regular file');
    let mark: ProcessMark | undefined;
    for await (const { number, text, isWhole } of readLines(file, signal)) {
      if (text?.trim() === '') continue;
      const parsed = text === undefined ? undefined : parseLine(text);
      if (parsed === undefined) {
        // The process may be writing it this moment.
        if (!isWhole && mark !== undefined && isAlive(mark) === true) continue;
        report({ file, line: number, message: isWhole ? 'not a record of l9s' : 'torn: its end is missing' });
        continue;
      }
      if (parsed.type === 'process') mark = parsed;
      else shelf.add(parsed, { mark, bytes: text?.length ?? 0 });
    }
  }

  for (const name of await listFiles(directory, report)) {
    signal.throwIfAborted();
    await readFile(name).catch((thrown: unknown) => {
      if (signal.aborted) throw thrown;
      report({ file: path.join(directory, name), message: describeThrown(thrown) });
    });
  }
  const settle = ({ entry, mark }: Kept): AuditEntry => {
    if (entry.result !== 'running') return entry;
    const { host, pid } = entry.actor;
    const alive = isAlive(mark ?? { host, pid });
    const isBelieved = alive ?? clock.now() - entry.at < BELIEVED_MS;
    return isBelieved ? entry : unfinished(entry);
  };
  return { entries: shelf.newest().map(settle), problems, problemCount };
}

async function listFiles(directory: string, report: (problem: AuditProblem) => void): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort();
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') report({ file: directory, message: describeThrown(thrown) });
    return [];
  }
}

function parseLine(text: string): AuditRecord | undefined {
  try {
    return auditRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Begun, and its process ended without a word: what was about to leave may have been carried out. */
const unfinished = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  result: 'unfinished',
  calls: entry.calls.map((call) =>
    call.at !== undefined && call.outcome === undefined ? { ...call, outcome: 'unknown' } : call,
  ),
});

/** The newest entries, put together from their records. */
function createShelf(limit: number) {
  const kept = new Map<string, Kept>();
  /** Records whose begin is in a file read later: a process goes on in a second file when its first is taken away. */
  const early: EntryRecord[] = [];

  function apply(record: EntryRecord, bytes: number): boolean {
    const known = kept.get(record.id);
    if (known === undefined) return false;
    kept.set(record.id, {
      ...known,
      entry: changed(known.entry, record),
      bytes: known.bytes + bytes,
    });
    return true;
  }

  function newestFirst(): readonly (readonly [string, Kept])[] {
    return [...kept].sort(([, a], [, b]) => b.entry.at - a.entry.at);
  }
  let keptBytes = 0;
  function prune(): void {
    if (kept.size <= limit * 2 && keptBytes <= MAX_KEPT_BYTES) return;
    keptBytes = 0;
    for (const [at, [id, { bytes }]] of newestFirst().entries()) {
      if (at >= limit || (at > 0 && keptBytes + bytes > MAX_KEPT_BYTES / 2)) kept.delete(id);
      else keptBytes += bytes;
    }
  }

  return {
    add(
      record: EntryRecord,
      { mark, bytes }: { readonly mark: ProcessMark | undefined; readonly bytes: number },
    ): void {
      keptBytes += bytes;
      if (record.type === 'begin' || record.type === 'whole') {
        kept.set(record.id, { entry: record.entry, mark, bytes });
      } else if (!apply(record, bytes) && early.length < limit) {
        early.push(record);
      }
      prune();
    },
    newest(): readonly Kept[] {
      for (const record of early) apply(record, 0);
      return newestFirst()
        .slice(0, limit)
        .map(([, each]) => each);
    },
  };
}

function changed(entry: AuditEntry, record: EntryRecord): AuditEntry {
  switch (record.type) {
    case 'begin':
    case 'whole':
      return record.entry;
    case 'sending': {
      const { context, title, request, at } = record;
      // Places follow each other; one far beyond was never written by us.
      return record.call > entry.calls.length
        ? entry
        : withCall(entry, record.call, { context, title, request, at });
    }
    case 'sent':
      return withOutcome(entry, record.call, record.outcome);
    case 'end':
      return withEnd(entry, record);
  }
}
