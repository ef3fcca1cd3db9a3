import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { isRunning, markOfProcess } from '../../src/actions/audit/audit-process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { temporaryDirectory } from '../support/acting.ts';
import { auditEntry, auditFiles, readAll } from '../support/audit.ts';

const CALL = { context: 'dev', title: 'patch it', request: '{"a":1}' };
const END = {
  at: 1_700_000_001_000,
  result: 'failed',
  targets: [{ result: 'failed', error: 'CONFLICT: x', after: { replicas: 3 } }],
} as const;
const idsOf = (read: Awaited<ReturnType<typeof readAll>>) => read.entries.map(({ ref }) => ref.id);

/** A directory with one process's file of two entries: `old` ended, `new` about to send. */
async function written(t: Parameters<typeof temporaryDirectory>[0]) {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const audit = createAuditLog({ directory, clock: systemClock });
  const old = await audit.begin(auditEntry('old'));
  await old.sending(0, CALL);
  await old.sent(0, { outcome: 'failed', error: 'CONFLICT: x' });
  const reserve = old.place(undefined);
  await old.sending(reserve, { ...CALL, title: 'put it back' });
  await old.sent(reserve, { outcome: 'done' });
  await old.end(END);
  const open = await audit.begin(auditEntry('new', { at: 1_700_000_002_000 }));
  await open.sending(0, CALL);
  await audit.close();
  const [file = ''] = auditFiles(directory);
  return { directory, file, old };
}

test('what was written is read back as it stood, newest first', async (t) => {
  const { directory, old } = await written(t);
  const read = await readAll(directory);
  assert.deepEqual(idsOf(read), ['new', 'old']);
  assert.deepEqual(read.entries[1], old.entry());
  assert.deepEqual(
    read.entries[1]?.calls.map(({ title, outcome }) => [title, outcome]),
    [
      ['patch it', 'failed'],
      ['put it back', 'done'],
    ],
  );
  assert.deepEqual(read.entries[1]?.targets[0]?.after, { replicas: 3 });
  assert.deepEqual(read.problems, []);
});

test('an action of a living process is running, of a dead one unfinished with its last call unknown', async (t) => {
  const { directory } = await written(t);
  const newest = async (isAlive: () => boolean | undefined) => {
    const { entries } = await readAll(directory, { isAlive });
    return [entries[0]?.result, entries[0]?.calls[0]?.outcome];
  };
  assert.deepEqual(await newest(() => true), ['running', undefined]);
  assert.deepEqual(await newest(() => false), ['unfinished', 'unknown']);
});

test('of another machine nobody can tell: it is believed to run for a day', async (t) => {
  const { directory } = await written(t);
  const at = async (now: number) => {
    const clock = { ...systemClock, now: () => now };
    return (await readAll(directory, { isAlive: () => undefined, clock })).entries[0]?.result;
  };
  assert.equal(await at(1_700_000_003_000), 'running');
  assert.equal(await at(1_700_000_003_000 + 24 * 3_600_000), 'unfinished');
});

test('a process is told from a later one with its pid, from another boot and another machine', () => {
  const mark = markOfProcess(process.pid);
  assert.equal(isRunning(mark), true);
  assert.equal(isRunning({ ...mark, host: 'elsewhere' }), undefined);
  if (mark.startTicks !== undefined) assert.equal(isRunning({ ...mark, startTicks: '1' }), false);
  if (mark.bootId !== undefined) assert.equal(isRunning({ ...mark, bootId: 'other' }), false);
  assert.equal(isRunning({ ...mark, pid: 2 ** 22 + 1, startTicks: undefined }), false);
});

test('cut at any byte, a file gives every record before the cut and names the torn line', async (t) => {
  const { directory, file } = await written(t);
  const whole = readFileSync(file);
  const firstEnd = whole.indexOf('"type":"end"');
  for (let bytes = whole.length - 1; bytes > 0; bytes -= 61) {
    truncateSync(file, bytes);
    const kept = readFileSync(file, 'utf8');
    const read = await readAll(directory, { isAlive: () => false });
    const lines = kept.split('\n');
    const isTorn = !kept.endsWith('\n') && !isJson(lines.at(-1) ?? '');
    assert.equal(read.problemCount, isTorn ? 1 : 0, `${bytes} bytes`);
    if (isTorn) {
      assert.deepEqual([read.problems[0]?.file, read.problems[0]?.line], [file, lines.length]);
      assert.match(read.problems[0]?.message ?? '', /torn/);
    }
    const begun = lines.filter((line) => isJson(line) && line.includes('"type":"begin"')).length;
    assert.equal(read.entries.length, begun, `${bytes} bytes`);
    if (bytes < firstEnd && begun > 0) assert.equal(read.entries[0]?.result, 'unfinished');
  }
});
const isJson = (line: string): boolean => {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};

test('a line being written this moment by a living process is no problem', async (t) => {
  const { directory, file } = await written(t);
  appendFileSync(file, '{"v":1,"type":"se');
  assert.equal((await readAll(directory, { isAlive: () => true })).problemCount, 0);
  assert.equal((await readAll(directory, { isAlive: () => false })).problemCount, 1);
});

test('foreign lines, foreign files and links are named and passed over', async (t) => {
  const { directory, file } = await written(t);
  appendFileSync(
    file,
    [
      'hello',
      '{}',
      '[]',
      'null',
      '{"v":1,"type":"later","id":"x"}',
      '{"v":1,"type":"begin","id":"x"}',
      '',
      '',
    ].join('\n'),
  );
  writeFileSync(path.join(directory, 'binary.jsonl'), Buffer.from([0, 255, 10, 1, 2]));
  writeFileSync(path.join(directory, 'note.txt'), 'not looked at');
  symlinkSync('/etc/hostname', path.join(directory, 'link.jsonl'));
  mkdirSync(path.join(directory, 'folder.jsonl'));
  const read = await readAll(directory);
  assert.deepEqual(idsOf(read), ['new', 'old']);
  assert.equal(read.problemCount, 6 + 2 + 1 + 1);
});

test('a record that names a call out of place or an action nobody began changes nothing', async (t) => {
  const { directory, file } = await written(t);
  const before = await readAll(directory);
  const sending = { v: 1, type: 'sending', at: 1, context: 'dev', title: 'x', request: 'x' };
  appendFileSync(file, `${JSON.stringify({ ...sending, id: 'old', call: 99_999 })}\n`);
  appendFileSync(file, `${JSON.stringify({ ...sending, id: 'nobody', call: 0 })}\n`);
  assert.deepEqual((await readAll(directory)).entries, before.entries);
});

test('escape sequences somebody wrote into a file do not come out of it', async (t) => {
  const { directory, file } = await written(t);
  const entry = auditEntry('evil', { title: '\u001b[2J' });
  appendFileSync(file, `${JSON.stringify({ v: 1, type: 'whole', id: 'evil', entry })}\n`);
  const read = await readAll(directory);
  const evil = read.entries.find(({ ref }) => ref.id === 'evil');
  assert.ok(evil !== undefined && !evil.title.includes('\u001b'));
});

test('files of several processes are merged, and the newest are kept', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  for (let at = 0; at < 3; at++) {
    const audit = createAuditLog({ directory, clock: systemClock });
    for (let each = 0; each < 4; each++) {
      const entry = auditEntry(`${at}-${each}`, { at: 1_700_000_000_000 + each * 10 + at });
      await audit.refused({ ...entry, result: 'refused' });
    }
    await audit.close();
  }
  assert.equal(auditFiles(directory).length, 3);
  assert.deepEqual(idsOf(await readAll(directory, { limit: 5 })), ['2-3', '1-3', '0-3', '2-2', '1-2']);
});

test('an end in a later file finds its begin in an earlier one, in any order of reading', async (t) => {
  const { directory, file } = await written(t);
  const end = `${JSON.stringify({ v: 1, type: 'end', id: 'new', durationMs: 1, ...END })}\n`;
  for (const name of ['0-first.jsonl', 'z-last.jsonl']) {
    writeFileSync(path.join(path.dirname(file), name), end);
    assert.equal((await readAll(directory)).entries[0]?.result, 'failed', name);
  }
});

test('a directory that is not there holds nothing', async (t) => {
  const read = await readAll(path.join(temporaryDirectory(t), 'none'));
  assert.deepEqual(read, { entries: [], problems: [], problemCount: 0 });
});
