import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type AppendHandle, type OpenAppend, openAppend } from '../../src/actions/audit/audit-file.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createSyslog } from '../../src/actions/audit/syslog.ts';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  callStep,
  draftOf,
  NEVER,
  patchAction,
  patchRequest,
  plannedTarget,
  startActing,
  temporaryDirectory,
  workloadRow,
} from '../support/acting.ts';
import { auditEntry, auditFiles, auditText, readAll } from '../support/audit.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const unwritable = (thrown: unknown) => thrown instanceof AppError && thrown.code === 'AUDIT_UNWRITABLE';
const CALL = { context: 'dev', title: 'patch it', request: '{"a":1}' };
const END = { at: 1_700_000_001_000, result: 'done', targets: [{ result: 'done' }] } as const;

/** Not the literal, so that a test may set it. */
const isOff = (): boolean => false;

/** A disk of so many bytes, which can be made larger; and it remembers what was synced. */
function smallDisk(roomBytes: number) {
  const disk = {
    roomBytes,
    syncs: 0,
    failsSync: isOff(),
    open: (async (directory, name) => {
      const file = await openAppend(directory, name);
      const handle: AppendHandle = {
        ...file,
        async write(bytes) {
          const fits = bytes.subarray(0, disk.roomBytes);
          disk.roomBytes -= fits.length;
          if (fits.length > 0) return file.write(fits);
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        },
        async sync() {
          if (disk.failsSync) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
          disk.syncs++;
          await file.sync();
        },
      };
      return handle;
    }) satisfies OpenAppend,
  };
  return disk;
}

test('a record is synced when it is promised, in a file of this process alone, mode 0600 in 0700', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'state', 'audit');
  const disk = smallDisk(1_000_000);
  const audit = createAuditLog({ directory, clock: systemClock, open: disk.open });
  t.after(() => audit.close());
  const open = await audit.begin(auditEntry('a'));
  assert.equal(disk.syncs, 2);
  await open.sending(0, CALL);
  assert.equal(disk.syncs, 3);
  const [file = ''] = auditFiles(directory);
  assert.match(path.basename(file), new RegExp(`^\\d{8}T\\d{6}Z-.+-${process.pid}-[0-9a-f]{8}\\.jsonl$`));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test('a directory open to others is closed before anything is written to it', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  const audit = createAuditLog({ directory, clock: systemClock });
  t.after(() => audit.close());
  await audit.begin(auditEntry('a'));
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test('no file is made where nothing is done', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const audit = createAuditLog({ directory, clock: systemClock });
  await audit.close();
  assert.throws(() => statSync(directory), /ENOENT/);
});

test('a linked directory, a file in its place and a taken name refuse', async (t) => {
  const home = temporaryDirectory(t);
  mkdirSync(path.join(home, 'elsewhere'));
  symlinkSync(path.join(home, 'elsewhere'), path.join(home, 'linked'));
  writeFileSync(path.join(home, 'file'), '');
  for (const directory of [
    path.join(home, 'linked'),
    path.join(home, 'file'),
    path.join(home, 'file', 'audit'),
  ]) {
    const audit = createAuditLog({ directory, clock: systemClock });
    await assert.rejects(audit.begin(auditEntry('a')), unwritable, directory);
  }
  const taken = createAuditLog({
    directory: path.join(home, 'audit'),
    clock: createFakeClock(),
    suffix: 'same',
  });
  t.after(() => taken.close());
  await taken.begin(auditEntry('a'));
  const [file = ''] = auditFiles(path.join(home, 'audit'));
  rmSync(file);
  symlinkSync(path.join(home, 'stolen'), file);
  await assert.rejects(taken.begin(auditEntry('b')), unwritable);
  await assert.rejects(taken.begin(auditEntry('c')), unwritable);
  assert.throws(() => statSync(path.join(home, 'stolen')), /ENOENT/);
});

test('a file that was replaced is noticed, refuses, and the next action has a file of its own', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const audit = createAuditLog({ directory, clock: systemClock });
  t.after(() => audit.close());
  const open = await audit.begin(auditEntry('a'));
  const [file = ''] = auditFiles(directory);
  renameSync(file, `${file}.moved`);
  writeFileSync(file, '');
  await assert.rejects(open.sending(0, CALL), unwritable);
  assert.equal(audit.problem()?.code, 'AUDIT_UNWRITABLE');
  await audit.begin(auditEntry('b'));
  assert.equal(audit.problem(), undefined);
  const { entries } = await readAll(directory);
  assert.deepEqual(
    entries.map(({ ref }) => ref.id),
    ['b'],
  );
});

test('a full disk refuses the action, whatever byte it ends at, and leaves what was written readable', async (t) => {
  const home = temporaryDirectory(t);
  const whole = path.join(home, 'whole');
  const first = createAuditLog({ directory: whole, clock: createFakeClock() });
  await first.begin(auditEntry('a'));
  await first.close();
  const wholeBytes = auditText(whole).length;
  for (let room = 0; room < wholeBytes; room += 89) {
    const directory = path.join(home, `room-${room}`);
    const disk = smallDisk(room);
    const audit = createAuditLog({ directory, clock: createFakeClock(), open: disk.open });
    await assert.rejects(audit.begin(auditEntry('a')), unwritable, `${room} bytes`);
    disk.roomBytes = 1_000_000;
    const open = await audit.begin(auditEntry('b'));
    await open.end(END);
    await audit.close();
    const { entries } = await readAll(directory);
    assert.deepEqual(
      entries.map(({ ref, result }) => [ref.id, result]),
      [['b', 'done']],
      `${room} bytes`,
    );
  }
});

test('a begin that was written and not synced is refused, and its end follows when the disk is back', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const disk = smallDisk(1_000_000);
  const audit = createAuditLog({ directory, clock: systemClock, open: disk.open });
  await (await audit.begin(auditEntry('a'))).end(END);
  disk.failsSync = true;
  await assert.rejects(audit.begin(auditEntry('b')), unwritable);
  disk.failsSync = false;
  await (await audit.begin(auditEntry('c'))).end(END);
  await audit.close();
  const { entries, problems } = await readAll(directory);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    new Map(entries.map(({ ref, result }) => [ref.id, result])),
    new Map([
      ['a', 'done'],
      ['b', 'refused'],
      ['c', 'done'],
    ]),
  );
});

test('what became of a call and the end are kept while the disk is full, and written when there is room', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const disk = smallDisk(1_000_000);
  const audit = createAuditLog({ directory, clock: systemClock, open: disk.open });
  const open = await audit.begin(auditEntry('a'));
  await open.sending(0, CALL);
  disk.roomBytes = 20;
  await open.sent(0, { outcome: 'done' });
  await open.end(END);
  assert.equal(audit.problem()?.code, 'AUDIT_UNWRITABLE');
  assert.equal(open.entry().result, 'done');
  disk.roomBytes = 1_000_000;
  await audit.close();
  const { entries, problemCount } = await readAll(directory);
  assert.equal(problemCount, 1);
  assert.deepEqual([entries[0]?.result, entries[0]?.calls[0]?.outcome], ['done', 'done']);
});

test('a disk that fills in the middle of an action stops it before the next call, and the result is shown', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const disk = smallDisk(1_000_000);
  const audit = createAuditLog({ directory, clock: systemClock, open: disk.open });
  const names = ['a', 'b', 'c', 'd'];
  const { executor, order, remote } = startActing(t, {
    audit,
    rows: names.map((name) => workloadRow('dev', name)),
    action: patchAction({
      way: {
        plan: async ({ target }) =>
          draftOf(
            plannedTarget(
              target,
              [callStep('dev', patchRequest(target.name)), callStep('dev', patchRequest('second'))],
              { group: 'one' },
            ),
          ),
      },
    }),
  });
  const prepared = await executor.prepare(order(), NEVER);
  const stop = executor.onJob(() => {
    if (remote.sent.length === 1) disk.roomBytes = 0;
  });
  const job = await (await executor.run(prepared, {})).done;
  stop();
  assert.equal(remote.sent.length, 1);
  assert.deepEqual(
    job.targets.map(({ state, outcomes, error }) => [state, outcomes.join(), error?.code]),
    [
      ['failed', 'done,notSent', 'AUDIT_UNWRITABLE'],
      ['notStarted', '', undefined],
      ['notStarted', '', undefined],
      ['notStarted', '', undefined],
    ],
  );
  assert.equal(job.auditError?.code, 'AUDIT_UNWRITABLE');
});

test('a disk that does not answer refuses after 10 s', async () => {
  const clock = createFakeClock();
  const audit = createAuditLog({ directory: '/unused', clock, open: () => new Promise(() => {}) });
  const refused = assert.rejects(audit.begin(auditEntry('a')), unwritable);
  await clock.advance(10_000);
  await refused;
});

test('syslog is optional unless it is required, and then nothing is begun without it', async (t) => {
  const home = temporaryDirectory(t);
  const logger = (name: string, script: string) => {
    const file = path.join(home, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o700);
    return file;
  };
  const taken = path.join(home, 'taken');
  const good = logger('good', `{ echo "$@"; cat; } >> ${taken}`);
  const bad = logger('bad', 'cat > /dev/null; echo "no socket" >&2; exit 1');
  const begin = async (name: string, mode: 'on' | 'required', program: string) => {
    const directory = path.join(home, name);
    const audit = createAuditLog({
      directory,
      clock: systemClock,
      syslog: createSyslog({ mode, logger: program }),
    });
    t.after(() => audit.close());
    return { open: await audit.begin(auditEntry(name)), directory };
  };
  await begin('optional', 'on', bad);
  await assert.rejects(begin('missing', 'required', path.join(home, 'none')), unwritable);
  await assert.rejects(
    begin('required', 'required', bad),
    (thrown: unknown) => unwritable(thrown) && thrown instanceof Error && /no socket/.test(thrown.message),
  );
  const { entries } = await readAll(path.join(home, 'required'));
  assert.deepEqual([entries[0]?.ref.id, entries[0]?.result], ['required', 'refused']);
  const { open } = await begin('both', 'required', good);
  await open.end(END);
  const [argv, begun, , ended] = readFileSync(taken, 'utf8').split('\n');
  assert.match(argv ?? '', /^-t l9s -p auth\.notice/);
  const said: unknown = JSON.parse(begun ?? '');
  assert.ok(typeof said === 'object' && said !== null && 'what' in said && 'id' in said);
  assert.deepEqual([said.what, said.id], ['begin', 'both']);
  assert.match(ended ?? '', /"what":"end".*"result":"done"/);
});
