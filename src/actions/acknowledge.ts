import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { describeThrown, systemCode } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import type { Actor } from '../domain/audit-entry.ts';
import { appError } from '../domain/errors.ts';
import type { Acknowledgement } from '../domain/finding.ts';
import type { Mode } from '../domain/policy.ts';
import { refKey, refOf } from '../domain/ref.ts';
import { makeDirectory } from './audit/audit-file.ts';
import { createAuditId } from './audit/audit-id.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { failureOf, safeLine } from './executor/failure.ts';

export interface Acknowledgements {
  /** Those that count now. */
  list(): readonly Acknowledgement[];
  /** Read from the file again; what other processes of this user acknowledged is found so. Never rejects. */
  load(): Promise<void>;
  /** Kept and audited when it resolves; rejects with an AppError. `by` and `at` are filled in here. */
  acknowledge(order: Pick<Acknowledgement, 'finding' | 'reason' | 'until'>): Promise<void>;
  /** At every change of the list, the end of an acknowledgement included. */
  onChange(listener: (list: readonly Acknowledgement[]) => void): () => void;
  /** Ends the timers. */
  close(): void;
}

export interface AcknowledgementsOptions {
  /** `<state>/acknowledged.json`. */
  readonly file: string;
  readonly audit: AuditLog;
  readonly actor: Omit<Actor, 'identities'>;
  readonly mode: Mode;
  readonly clock: Clock;
}

const MAX_KEPT = 5_000;
const MAX_REASON = 500;
const MAX_FOR_MS = 31 * 24 * 3_600_000;

const line = z.string().transform((written) => cleanLine(written));
const stored = z.object({
  v: z.literal(1),
  acknowledged: z.array(
    z.object({
      finding: z.object({ kind: z.literal('finding'), context: z.string(), id: z.string() }),
      by: line,
      reason: line,
      at: z.number(),
      until: z.number(),
    }),
  ),
});

/** Findings an operator knows of; they touch no remote and work in every mode. */
export function createAcknowledgements(options: AcknowledgementsOptions): Acknowledgements {
  const { file, audit, actor, mode, clock } = options;
  const listeners = new Set<(list: readonly Acknowledgement[]) => void>();
  let kept: readonly Acknowledgement[] = [];
  let cancelTimer = () => {};
  let queue: Promise<unknown> = Promise.resolve();

  const counting = () => kept.filter(({ until }) => until > clock.now());

  function replace(next: readonly Acknowledgement[]): void {
    kept = next;
    cancelTimer();
    const current = counting();
    const soonest = Math.min(...current.map(({ until }) => until));
    // A timer of more than 24 days would fire at once.
    const waitMs = Math.min(soonest - clock.now(), 24 * 3_600_000);
    cancelTimer = current.length === 0 ? () => {} : clock.after(waitMs, () => replace(counting()));
    for (const listener of listeners) listener(current);
  }

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = queue.then(task);
    queue = mine.catch(() => undefined);
    return mine;
  };

  async function keep(added: Acknowledgement): Promise<void> {
    // Another process may have written meanwhile: the newest word on each finding stays.
    const others = (await readKept(file)).filter(({ until }) => until > clock.now());
    const byFinding = new Map(others.map((each) => [refKey(each.finding), each]));
    byFinding.delete(refKey(added.finding));
    byFinding.set(refKey(added.finding), added);
    const next = [...byFinding.values()].slice(-MAX_KEPT);
    await writeWhole(file, `${JSON.stringify({ v: 1, acknowledged: next })}\n`);
    replace(next);
  }

  async function acknowledge({
    finding,
    reason: written,
    until,
  }: Parameters<Acknowledgements['acknowledge']>[0]) {
    const at = clock.now();
    const reason = safeLine(written.trim(), MAX_REASON);
    if (reason === '') throw appError('CONSENT_MISSING', 'acknowledging a finding needs a reason');
    if (!(until > at && until <= at + MAX_FOR_MS)) {
      throw appError('INPUT_INVALID', 'an acknowledgement ends in the future, 31 days ahead at most');
    }
    const entry = await audit.begin({
      ref: refOf('audit', finding.context, createAuditId(at)),
      at,
      actor: { ...actor, identities: {} },
      mode,
      action: 'acknowledge',
      effect: 'observe',
      title: safeLine(`Acknowledge ${finding.id}`),
      reason,
      targets: [
        {
          ref: finding,
          context: finding.context,
          kind: 'finding',
          name: safeLine(finding.id, 300),
          before: {},
        },
      ],
      calls: [],
      plan: { input: { until: new Date(until).toISOString() }, warnings: [], diff: [] },
      result: 'running',
    });
    try {
      await keep({ finding, by: actor.user, reason, at, until });
      await entry.end({ at: clock.now(), result: 'done', targets: [{ result: 'done' }] });
    } catch (thrown) {
      const { message } = failureOf(thrown);
      await entry.end({
        at: clock.now(),
        result: 'failed',
        error: message,
        targets: [{ result: 'failed', error: message }],
      });
      throw appError('AUDIT_UNWRITABLE', `${file} cannot be written: ${message}`, { cause: thrown });
    }
  }

  return {
    list: counting,
    load: () => inTurn(async () => replace(await readKept(file))),
    acknowledge: (order) => inTurn(() => acknowledge(order)),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => cancelTimer(),
  };
}

/** A file that is not there, or not ours, acknowledges nothing; the latter is set aside, not overwritten. */
async function readKept(file: string): Promise<readonly Acknowledgement[]> {
  try {
    return stored.parse(JSON.parse(await readFile(file, 'utf8'))).acknowledged;
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') await rename(file, `${file}.unreadable`).catch(() => undefined);
    return [];
  }
}

/** Beside it, synced, then in its place: a reader sees the old or the new, never half. */
async function writeWhole(file: string, content: string): Promise<void> {
  await makeDirectory(path.dirname(file));
  const beside = `${file}.${randomBytes(4).toString('hex')}`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw new Error(describeThrown(thrown), { cause: thrown });
  }
}
