import type { Clock } from '../core/clock.ts';
import type { Actor } from '../domain/audit-entry.ts';
import type { DumpFolder } from '../domain/dump-folder.ts';
import type { Mode } from '../domain/policy.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import { createAuditId } from './audit/audit-id.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { errorOf, failureOf, safeLine } from './executor/failure.ts';

export interface DumpRemovalOptions {
  readonly folder: DumpFolder;
  readonly audit: AuditLog;
  readonly actor: Omit<Actor, 'identities'>;
  readonly mode: Mode;
  readonly clock: Clock;
}

/**
 * Deletes the file of a dump on this machine, recorded as an act of its own: what somebody looked at is evidence.
 * Rejects with an AppError.
 */
export const createDumpRemoval =
  ({ folder, audit, actor, mode, clock }: DumpRemovalOptions) =>
  async (dump: Ref<'dump'>): Promise<void> => {
    const at = clock.now();
    const entry = await audit.begin({
      ref: refOf('audit', dump.context, createAuditId(at)),
      at,
      actor: { ...actor, identities: {} },
      mode,
      action: 'delete-dump',
      // Nothing of the server: a file of ours.
      effect: 'observe',
      title: safeLine(`Delete dump ${dump.id}`, 300),
      targets: [{ ref: dump, context: dump.context, kind: 'dump', name: safeLine(dump.id, 300), before: {} }],
      calls: [],
      result: 'running',
    });
    try {
      await folder.remove(dump);
      await entry.end({ at: clock.now(), result: 'done', targets: [{ result: 'done' }] });
    } catch (thrown) {
      const failure = failureOf(thrown);
      await entry.end({
        at: clock.now(),
        result: 'failed',
        error: safeLine(`${failure.code}: ${failure.message}`),
        targets: [{ result: 'failed', error: safeLine(failure.message) }],
      });
      throw errorOf(failure);
    }
  };
