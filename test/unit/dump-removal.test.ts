import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createDumpRemoval } from '../../src/actions/remove-dump.ts';
import { systemClock } from '../../src/core/clock.ts';
import { temporaryDirectory } from '../support/acting.ts';
import { readAll } from '../support/audit.ts';
import { startDumpStage } from '../support/dump-stage.ts';

test('who deletes a dump, in whatever mode, is in the audit', async (t) => {
  const stage = startDumpStage(t);
  await stage.take('dump-thread', ['was-1']);
  const [dump] = await stage.folder.list();
  assert.ok(dump !== undefined);
  const directory = temporaryDirectory(t);
  const audit = createAuditLog({ directory, clock: systemClock });
  const actor = { user: 'kim', host: 'bastion', pid: 7 };
  await createDumpRemoval({ folder: stage.folder, audit, actor, mode: 'readonly', clock: systemClock })(
    dump.ref,
  );
  await audit.close();
  assert.equal((await stage.folder.list()).length, 0);
  const [entry] = (await readAll(directory)).entries;
  assert.deepEqual(
    [entry?.action, entry?.actor.user, entry?.mode, entry?.result, entry?.targets[0]?.name],
    ['delete-dump', 'kim', 'readonly', 'done', dump.ref.id],
  );
});
