import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { Dump } from '../../src/domain/dump.ts';
import type { NewDump } from '../../src/domain/dump-folder.ts';
import { isDumpFileName } from '../../src/domain/dump-name.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { createDumpFolder, type DumpFolderOptions } from '../../src/sources/dumps/folder/dump-folder.ts';
import { type OpenPart, openPart, partName } from '../../src/sources/dumps/folder/part-file.ts';
import { bytesOf, DUMP_AT, dumpDirectory, newDump } from '../support/dumps.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { waitFor } from '../support/fleet-wait.ts';

const HOUR_MS = 3_600_000;
const END = { how: 'jcmd 1 Thread.print -l', missing: [] };
const NAME = 'was-1_was-1_20260301-123005_tdump.txt';
const LIMITS = { keepFiles: 200, keepBytes: 1_000_000 };

function folderIn(t: TestContext, more: Partial<DumpFolderOptions> = {}) {
  const directory = dumpDirectory(t);
  const clock = createFakeClock(DUMP_AT);
  return { directory, clock, folder: createDumpFolder({ directory, limits: LIMITS, clock, ...more }) };
}
/** Fails as a full disk does, after so many bytes of a dump (status files and short ones pass). */
const fullAfter =
  (bytes: number): OpenPart =>
  async (file) => {
    const handle = await openPart(file);
    let left = bytes;
    return {
      ...handle,
      async write(given) {
        if (given.length > left) throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
        left -= given.length;
        return await handle.write(given);
      },
    };
  };

test('a dump is seen when it is whole, with its facts beside it, for nobody else to read', async (t) => {
  const { directory, folder } = folderIn(t);
  const file = await folder.create(newDump({ reason: 'it hangs', series: { id: 's', number: 2, count: 5 } }));
  assert.equal(file.name, NAME);
  await file.write(bytesOf('Full thread '));
  await file.write(bytesOf('dump'));
  assert.equal(file.sizeBytes, 16);
  assert.equal(readFileSync(file.temporaryPath, 'utf8'), 'Full thread dump');
  assert.deepEqual(await folder.list(), []);

  const verdict = [{ code: 'deadlock', level: 'error' as const, text: text('two threads', '두 스레드') }];
  const dump = await file.keep({ ...END, missing: [text('no locks', '잠금 없음')], verdict });
  const sha256 = createHash('sha256').update('Full thread dump').digest('hex');
  assert.deepEqual(dump, {
    ...newDump().facts,
    reason: 'it hangs',
    series: { id: 's', number: 2, count: 5 },
    ref: refOf('dump', 'dev', NAME),
    path: path.join(directory, NAME),
    how: 'jcmd 1 Thread.print -l',
    missing: [text('no locks', '잠금 없음')],
    verdict,
    sizeBytes: 16,
    sha256,
  });
  assert.deepEqual(await folder.list(), [dump]);
  assert.deepEqual(readdirSync(directory).sort(), [NAME, `${NAME}.json`]);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const name of readdirSync(directory)) {
    assert.equal(statSync(path.join(directory, name)).mode & 0o777, 0o600);
  }
});

test('names that lead elsewhere or cannot be typed become plain ones', async (t) => {
  const { directory, folder } = folderIn(t);
  const names = [
    '../../etc/passwd',
    '..',
    '\u001b[31mred\u0000',
    '',
    'x'.repeat(500),
    '가나다',
    '-rf',
    'a/b',
  ];
  for (const [at, name] of names.entries()) {
    const file = await folder.create(
      newDump({ takenAt: DUMP_AT + at * 1_000 }, { host: name, serverName: name }),
    );
    await file.write(bytesOf('x'));
    const { ref } = await file.keep(END);
    assert.ok(isDumpFileName(ref.id), ref.id);
    assert.ok(ref.id.length <= 200);
    assert.ok(existsSync(path.join(directory, ref.id)));
  }
  assert.equal((await folder.list()).length, names.length);
});

test('two of one second have two names, of two processes too', async (t) => {
  const { directory, clock, folder } = folderIn(t);
  const other = createDumpFolder({ directory, limits: LIMITS, clock });
  const files = [
    await folder.create(newDump()),
    await folder.create(newDump()),
    // As another process would: it does not see our part.
    await other.create(newDump({}, { host: 'was-1' })),
  ];
  for (const [at, file] of files.entries()) await file.write(bytesOf(`dump ${at}`));
  const dumps = await Promise.all(files.map((file) => file.keep(END)));
  assert.equal(new Set(dumps.map(({ ref }) => ref.id)).size, 3);
  for (const [at, dump] of dumps.entries()) assert.equal(readFileSync(dump.path, 'utf8'), `dump ${at}`);
});

test('a name that was taken while the dump was written is left to who has it', async (t) => {
  const { directory, folder } = folderIn(t);
  const file = await folder.create(newDump());
  await file.write(bytesOf('ours'));
  writeFileSync(path.join(directory, NAME), 'theirs');
  const dump = await file.keep(END);
  assert.equal(dump.ref.id, 'was-1_was-1_20260301-123005.2_tdump.txt');
  assert.equal(file.name, dump.ref.id);
  assert.equal(readFileSync(path.join(directory, NAME), 'utf8'), 'theirs');
  assert.ok(!existsSync(path.join(directory, `${NAME}.json`)));
});

test('a full disk is said and leaves nothing', async (t) => {
  const { directory, folder } = folderIn(t, { openPart: fullAfter(10) });
  const file = await folder.create(newDump());
  await file.write(bytesOf('12345678'));
  await assert.rejects(file.write(bytesOf('12345678')), { code: 'DISK_FULL' });
  assert.deepEqual(readdirSync(directory), []);
  await assert.rejects(file.write(bytesOf('1')), { code: 'DUMP_FAILED' });
  await assert.rejects(file.keep(END), { code: 'DUMP_FAILED' });
  await file.discard();
  assert.deepEqual(await folder.list(), []);
});

test('a disk that is full when the facts are written leaves nothing either', async (t) => {
  const { directory, folder } = folderIn(t, { openPart: fullAfter(100) });
  const file = await folder.create(newDump());
  await file.write(bytesOf('short'));
  await assert.rejects(file.keep(END), { code: 'DISK_FULL' });
  assert.deepEqual(readdirSync(directory), []);
});

test('what is expected must find room before it is begun', async (t) => {
  const { folder } = folderIn(t, { freeBytesOf: async () => 5_000_000 });
  await assert.rejects(folder.create(newDump({}, { expectBytes: 5_000_001 })), { code: 'DISK_FULL' });
  await (await folder.create(newDump({}, { expectBytes: 5_000_000 }))).discard();
});

test('more than is allowed, another hash than was said: nothing is kept', async (t) => {
  const { directory, folder } = folderIn(t);
  const large = await folder.create(newDump({}, { maxBytes: 10 }));
  await large.write(new Uint8Array(10));
  await assert.rejects(large.write(new Uint8Array(1)), { code: 'DUMP_TOO_LARGE' });
  const damaged = await folder.create(newDump());
  await damaged.write(bytesOf('other'));
  await assert.rejects(damaged.keep({ ...END, sha256: 'ab'.repeat(32) }), { code: 'DUMP_DAMAGED' });
  assert.deepEqual(readdirSync(directory), []);
});

test('a dump that is given up leaves nothing, as often as it is given up', async (t) => {
  const { directory, folder } = folderIn(t);
  const file = await folder.create(newDump());
  // A write on its way is not lost in between.
  const writing = file.write(new Uint8Array(1_000_000));
  await Promise.all([file.discard(), file.discard()]);
  await writing;
  assert.deepEqual(readdirSync(directory), []);
});

test('a folder that cannot be written, or is none, is said', async (t) => {
  const directory = dumpDirectory(t);
  writeFileSync(directory, 'a file');
  const folder = createDumpFolder({ directory, limits: LIMITS, clock: createFakeClock(DUMP_AT) });
  await assert.rejects(folder.create(newDump()), { code: 'STATE_UNWRITABLE' });
  await assert.rejects(folder.create(newDump({}, { directory: '/proc/nothing/here' })), {
    code: 'STATE_UNWRITABLE',
    hint: /--out/,
  });
  unlinkSync(directory);
  symlinkSync('/tmp', directory);
  await assert.rejects(folder.create(newDump()), { code: 'STATE_UNWRITABLE', message: /link/ });
});

test('another directory gets its dumps in the same way, and nothing of it goes', async (t) => {
  const { directory, folder, clock } = folderIn(t, { limits: { keepFiles: 1, keepBytes: 1 } });
  const out = path.join(path.dirname(directory), 'out', 'deeper');
  for (const at of [0, 1, 2]) {
    const file = await folder.create(newDump({ takenAt: DUMP_AT + at * 1_000 }, { directory: out }));
    await file.write(bytesOf('dump'));
    assert.equal(path.dirname((await file.keep(END)).path), out);
    await clock.advance(2 * HOUR_MS);
  }
  assert.equal(readdirSync(out).length, 6);
  assert.deepEqual(await folder.list(), []);
});

test('files of others are shown by what their names tell, broken facts too; the rest is let be', async (t) => {
  const { directory, folder } = folderIn(t);
  mkdirSync(directory);
  const put = (name: string, written: string) => writeFileSync(path.join(directory, name), written);
  put('vm1_was01_20260228-235959_hdump.hprof', 'heap');
  put('notes.txt', 'mine');
  put(NAME, 'dump');
  put(`${NAME}.json`, '{"kind":"thread","how":');
  put('was-1_was-1_20260301-123006_sdump.txt', 'service');
  put('was-1_was-1_20260301-123006_sdump.txt.json', JSON.stringify({ kind: 'thread', by: 5 }));
  put('any_histo.txt', 'named by hand');
  mkdirSync(path.join(directory, 'x_y_20260301-123006_tdump.txt'));
  symlinkSync('/etc/passwd', path.join(directory, 'l_l_20260301-123006_tdump.txt'));
  const listed = await folder.list();
  assert.deepEqual(
    listed.map(({ ref, kind, serverName }) => [ref.id, kind, serverName]).sort(),
    [
      ['any_histo.txt', 'histogram', 'any_histo.txt'],
      ['vm1_was01_20260228-235959_hdump.hprof', 'heap', 'vm1_was01'],
      [NAME, 'thread', 'was-1_was-1'],
      ['was-1_was-1_20260301-123006_sdump.txt', 'service', 'was-1_was-1'],
    ].sort(),
  );
  const broken = listed.find(({ ref }) => ref.id === NAME);
  assert.equal(broken?.takenAt, DUMP_AT);
  assert.match(broken?.missing[0]?.en ?? '', /status file cannot be read/);
  assert.deepEqual(
    listed.map(({ way }) => way),
    [undefined, undefined, undefined, undefined],
  );
  await folder.remove(refOf('dump', '', NAME));
  assert.ok(!existsSync(path.join(directory, NAME)) && !existsSync(path.join(directory, `${NAME}.json`)));
  assert.ok(existsSync(path.join(directory, 'notes.txt')));
});

test('a dump changed after it was taken says so and has no hash', async (t) => {
  const { folder } = folderIn(t);
  const file = await folder.create(newDump());
  await file.write(bytesOf('dump'));
  const { path: where } = await file.keep(END);
  assert.equal((await folder.list())[0]?.sha256?.length, 64);
  writeFileSync(where, 'edited since');
  const [edited] = await folder.list();
  assert.equal(edited?.sha256, undefined);
  assert.match(edited?.missing[0]?.en ?? '', /changed since/);
  // As long as it was, and yet another.
  writeFileSync(where, 'pmud');
  const kept = (await folder.list())[0];
  assert.deepEqual([kept?.sizeBytes, kept?.sha256?.length], [4, 64]);
  const later = new Date(Date.now() + 60_000);
  utimesSync(where, later, later);
  const [exchanged] = await folder.list();
  assert.deepEqual([exchanged?.sha256, exchanged?.missing.length], [undefined, 1]);
});

test('who listens is told of a dump that is written to, though its directory stays as it is', async (t) => {
  const { directory, folder } = folderIn(t, { clock: systemClock });
  const file = await folder.create(newDump());
  await file.write(bytesOf('dump'));
  const { path: where } = await file.keep(END);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(directory, longAgo, longAgo);
  let told: readonly Dump[] | undefined;
  t.after(
    folder.onChange((dumps) => {
      told = dumps;
    }),
  );
  await waitFor('the first look', () => told !== undefined);
  appendFileSync(where, ' and more');
  await waitFor('its size', () => told?.[0]?.sizeBytes === 13 && told[0].sha256 === undefined);
});

test('nothing outside the folder can be removed', async (t) => {
  const { directory, folder } = folderIn(t);
  mkdirSync(directory);
  const outside = path.join(path.dirname(directory), 'outside_tdump.txt');
  writeFileSync(outside, 'x');
  for (const id of ['../outside_tdump.txt', outside, '', '.', 'a/../../outside_tdump.txt']) {
    await assert.rejects(folder.remove(refOf('dump', 'dev', id)), { code: 'INPUT_INVALID' });
  }
  assert.ok(existsSync(outside));
});

test('the oldest go by number and by bytes, never what is younger than an hour', async (t) => {
  const { folder, clock } = folderIn(t, { limits: { keepFiles: 2, keepBytes: 100 } });
  const take = async (server: string, size: number) => {
    const ref = refOf('server', 'dev', server);
    const file = await folder.create(newDump({ server: ref, takenAt: clock.now() }, { serverName: server }));
    await file.write(new Uint8Array(size));
    await file.keep(END);
    await clock.advance(1_000);
  };
  for (let at = 0; at < 4; at++) await take('a', 10);
  assert.equal((await folder.list()).length, 4);
  await clock.advance(HOUR_MS);
  await take('b', 10);
  const left = (await folder.list()).map(({ server, takenAt }) => [server.id, takenAt - DUMP_AT]);
  assert.deepEqual(left, [
    ['b', HOUR_MS + 4_000],
    ['a', 3_000],
    ['a', 2_000],
  ]);
  await take('c', 95);
  assert.deepEqual(
    (await folder.list()).map(({ server }) => server.id),
    ['c', 'b'],
  );
  // Too much, and all of it young.
  await take('d', 95);
  assert.deepEqual(
    (await folder.list()).map(({ server }) => server.id),
    ['d', 'c', 'b'],
  );
});

test('a fetched file, which is older than the time it came, stays for an hour too', async (t) => {
  const { directory, folder, clock } = folderIn(t, { limits: { keepFiles: 1, keepBytes: 100 } });
  const keep = async (facts: Partial<NewDump['facts']>) => {
    const file = await folder.create(newDump(facts));
    await file.write(bytesOf('dump'));
    return await file.keep(END);
  };
  await keep({ takenAt: clock.now() });
  const fetched = await keep({ takenAt: DUMP_AT - 24 * HOUR_MS, way: 'server-file' });
  assert.match(fetched.ref.id, /_20260228-123005_tdump\.txt$/);
  assert.equal((await folder.list()).length, 2);
  const before = new Date(Date.now() - 2 * HOUR_MS);
  utimesSync(path.join(directory, fetched.ref.id), before, before);
  await keep({ takenAt: clock.now() + 1_000 });
  assert.ok((await folder.list()).every(({ way }) => way === 'pod-exec'));
});

test('what a crash left is cleared away, what another process writes is not', async (t) => {
  const { directory, folder } = folderIn(t, { clock: systemClock });
  mkdirSync(directory);
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const put = (name: string, ageMs = 0) => {
    const file = path.join(directory, name);
    writeFileSync(file, 'x');
    utimesSync(file, new Date(), new Date(Date.now() - ageMs));
  };
  const ours = partName('a_a_20260301-123006_tdump.txt');
  put(ours);
  put(ours.replace(`.${process.pid}.`, `.${dead}.`));
  put('b_b_20260301-123006_tdump.txt.elsewhere.1.part');
  put('c_c_20260301-123006_tdump.txt.elsewhere.1.part', 25 * HOUR_MS);
  put('d_d_20260301-123006_tdump.txt.json', 2 * 60_000);
  put('e_e_20260301-123006_tdump.txt.json');
  put('package.json', 48 * HOUR_MS);
  await (await folder.create(newDump())).discard();
  assert.deepEqual(readdirSync(directory).sort(), [
    ours,
    'b_b_20260301-123006_tdump.txt.elsewhere.1.part',
    'e_e_20260301-123006_tdump.txt.json',
    'package.json',
  ]);
});

test('who listens is told what comes and goes, by other processes too', async (t) => {
  const { directory, folder } = folderIn(t, { clock: systemClock });
  const other = createDumpFolder({ directory, limits: LIMITS, clock: systemClock });
  mkdirSync(directory);
  let told: readonly string[] | undefined;
  const stop = folder.onChange((dumps) => {
    told = dumps.map(({ ref }) => ref.id);
  });
  t.after(stop);
  await waitFor('the first look', () => told !== undefined);
  const file = await other.create(newDump());
  await file.write(bytesOf('dump'));
  await file.keep(END);
  await waitFor('the dump', () => told?.length === 1 && told[0] === NAME);
  await other.remove(refOf('dump', 'dev', NAME));
  await waitFor('its end', () => told?.length === 0);
});
