import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { appError } from '../../src/domain/errors.ts';
import { text } from '../../src/domain/text.ts';
import { closedWay, fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { bytesOf } from '../support/dumps.ts';

const GIB = 1_073_741_824;
const SIGNAL = new AbortController().signal;
const roomOf = (freeBytes: number, neededBytes: number, usedBytes?: number) => async () => ({
  freeBytes,
  neededBytes,
  usedBytes,
  folder: '/tmp',
});

test('a heap dump asks for the name, and says what it does to the server and to both disks', async (t) => {
  const exec = fakeWay('pod-exec', { room: roomOf(20 * GIB, 2 * GIB) });
  const stage = startDumpStage(t, { ways: [exec], freeBytes: 30 * GIB });
  const { plan, verdict } = await stage.prepare('dump-heap', ['was-1']);
  assert.deepEqual([plan.effect, verdict.state === 'allowed' && verdict.confirm], ['change', 'type-name']);
  assert.deepEqual(
    plan.warnings.map(({ level, code }) => [level, code]),
    [
      ['danger', 'heap-pause'],
      ['warn', 'heap-secrets'],
      ['info', 'room'],
    ],
  );
  assert.equal(
    plan.warnings[2]?.text.en,
    'The heap: at most 2 GiB; free on the server 20 GiB (/tmp), here 30 GiB',
  );
  const running = stage.executor.run(await stage.prepare('dump-heap', ['was-1']), { typedName: 'was' });
  await assert.rejects(running, { code: 'CONSENT_MISSING' });
  assert.equal(exec.takes.length, 0);
  const job = await stage.take('dump-heap', ['was-1'], { live: 'live' });
  assert.equal(job.state, 'done');
  assert.deepEqual([exec.takes[0]?.ask.kind, exec.takes[0]?.ask.isLive], ['heap', true]);
  assert.match(job.targets[0]?.taken?.[0]?.id ?? '', /_hdump\.hprof$/);
});

test('it is refused where the server, this machine or the limit has too little room', async (t) => {
  const there = startDumpStage(t, {
    ways: [fakeWay('pod-exec', { room: roomOf(GIB, 2 * GIB) })],
    freeBytes: 30 * GIB,
  });
  await assert.rejects(there.prepare('dump-heap', ['was-1']), {
    code: 'DISK_FULL',
    message: 'heap dump of was-1: /tmp on the server has 1 GiB free, up to 2 GiB are needed',
  });
  const here = startDumpStage(t, {
    ways: [fakeWay('pod-exec', { room: roomOf(20 * GIB, 2 * GIB) })],
    freeBytes: GIB,
  });
  await assert.rejects(here.prepare('dump-heap', ['was-1']), {
    code: 'DISK_FULL',
    message: /^heap dump of was-1: the state directory here has 1 GiB free, up to 2\.1 GiB are needed$/,
  });
  const large = startDumpStage(t, {
    ways: [fakeWay('pod-exec', { room: roomOf(90 * GIB, 40 * GIB) })],
    freeBytes: 90 * GIB,
  });
  await assert.rejects(large.prepare('dump-heap', ['was-1']), { code: 'DUMP_TOO_LARGE' });
});

test('what is used now decides what is too much, not how large the heap may become', async (t) => {
  const stageOf = (usedBytes: number) =>
    startDumpStage(t, {
      ways: [fakeWay('pod-exec', { room: roomOf(90 * GIB, 40 * GIB, usedBytes) })],
      freeBytes: 90 * GIB,
    });
  const { plan } = await stageOf(GIB).prepare('dump-heap', ['was-1']);
  const said = plan.warnings.map(({ text: { en } }) => en);
  assert.match(said[0] ?? '', /until its heap is written \(1 GiB used now, at most 40 GiB\)/);
  assert.match(said[2] ?? '', /^At most \S+ GiB are taken \(dumps\.maxHeapBytes\)/);
  assert.match(said[3] ?? '', /^The heap: 1 GiB used now, at most 40 GiB; free on the server 90 GiB/);
  const large = stageOf(30 * GIB);
  await assert.rejects(large.prepare('dump-heap', ['was-1']), {
    code: 'DUMP_TOO_LARGE',
    message: /^heap dump of was-1: 30 GiB used now, at most 40 GiB; at most \S+ GiB are taken$/,
  });
  // A collection comes first: how much it leaves nobody knows.
  assert.equal((await large.prepare('dump-heap', ['was-1'], { live: 'live' })).verdict.state, 'allowed');
});

test('room that cannot be told is said, and does not hold it up', async (t) => {
  const rooms = [undefined, () => Promise.resolve(undefined), () => Promise.reject(new Error('no df'))];
  for (const room of rooms) {
    const way = fakeWay('pod-exec', room === undefined ? {} : { room });
    const stage = startDumpStage(t, { ways: [way], freeBytes: 30 * GIB });
    const { plan } = await stage.prepare('dump-heap', ['was-1']);
    assert.ok(plan.warnings.some(({ code }) => code === 'room-unknown'));
  }
});

test('a file that the server wrote is chosen from its list and fetched, with where it came from', async (t) => {
  const files = [
    { path: '/lena/dumps/h/tdump/h_was_20260301-120000_tdump.txt', kind: 'thread', sizeBytes: 5 },
    { path: '/lena/dumps/h/hdump/h_was_20260301-120000_hdump.hprof', kind: 'heap', sizeBytes: 20 * GIB },
    { path: '/lena/dumps/h/hdump/h_was_20260301-110000_hdump.hprof', kind: 'heap', sizeBytes: GIB },
  ] as const;
  let listed = 0;
  const exec = fakeWay('server-file', {
    list: async (_target, _signal, note) => {
      listed++;
      note?.(text('core.1 is no dump', 'core.1은 덤프가 아님'));
      return files;
    },
    async fetch(_target, file, { write }) {
      await write(bytesOf('their'));
      return { how: `cat ${file.path}`, missing: [] };
    },
  });
  const stage = startDumpStage(t, { ways: [closedWay('lena-channel'), exec] });
  const options = await stage.executor.options(stage.order('dump-fetch', ['was-1']), 'file', SIGNAL);
  assert.deepEqual(
    options.map(({ value, label }) => [value, label]),
    files.map(({ path }) => [path, path.split('/').at(-1)]),
  );
  const { plan } = await stage.prepare('dump-fetch', ['was-1'], { file: files[0].path });
  assert.deepEqual(
    plan.warnings.map(({ code }) => code),
    ['not-listed', 'named-anew'],
  );
  const heap = await stage.prepare('dump-fetch', ['was-1'], { file: files[2].path });
  assert.ok(heap.plan.warnings.some(({ code }) => code === 'heap-secrets'));
  const job = await stage.take('dump-fetch', ['was-1'], { file: files[0].path });
  assert.equal(listed, 1, 'one command on the server for what is asked within seconds');
  assert.equal(job.state, 'done');
  const [dump] = await stage.folder.list();
  assert.deepEqual([dump?.way, dump?.kind, dump?.how], ['server-file', 'thread', `cat ${files[0].path}`]);
  assert.equal(dump?.takenAt, Date.UTC(2026, 2, 1, 12), 'the time in its own name');
  await assert.rejects(stage.prepare('dump-fetch', ['was-1'], { file: '/etc/passwd' }), {
    code: 'INPUT_INVALID',
  });
  await assert.rejects(stage.prepare('dump-fetch', ['was-1']), { code: 'INPUT_INVALID' });
  await assert.rejects(stage.prepare('dump-fetch', ['was-1'], { file: files[1].path }), {
    code: 'DUMP_TOO_LARGE',
  });
});

test('where nothing may be changed heaps are left out of the list, which says how many', async (t) => {
  const thread = '/lena/dumps/h/tdump/h_was_20260301-120000_tdump.txt';
  const heap = '/lena/dumps/h/hdump/h_was_20260301-120000_hdump.hprof';
  let mode: 'normal' | 'triage' = 'triage';
  const way = fakeWay('server-file', {
    list: async () => [
      { path: heap, kind: 'heap', sizeBytes: 5 },
      { path: thread, kind: 'thread', sizeBytes: 5 },
    ],
    fetch: () => Promise.reject(new Error('never')),
  });
  const stage = startDumpStage(t, { ways: [way], modeOf: () => ({ mode, origin: 'the test' }) });
  const offered = async () =>
    (await stage.executor.options(stage.order('dump-fetch', ['was-1']), 'file', SIGNAL))
      .filter(({ isUnlisted }) => isUnlisted !== true)
      .map(({ value, label, unfit }) => [value, label, unfit !== undefined]);
  assert.deepEqual(await offered(), [
    [thread, 'h_was_20260301-120000_tdump.txt', false],
    ['', '1 heap dump left out', true],
  ]);
  const { verdict } = await stage.prepare('dump-fetch', ['was-1'], { file: heap });
  assert.equal(verdict.state === 'refused' && verdict.error.code, 'MODE_REFUSED');
  await assert.rejects(stage.prepare('dump-fetch', ['was-1'], { file: '/etc/passwd' }), {
    code: 'INPUT_INVALID',
    message: /is none of \S+_tdump\.txt, \(1 heap dump left out\)$/,
  });
  await assert.rejects(stage.prepare('dump-fetch', ['was-1'], { file: '' }), { code: 'INPUT_INVALID' });
  mode = 'normal';
  assert.deepEqual(
    (await offered()).map(([value]) => value),
    [heap, thread],
  );
});

test('a file named by a time that is still to come is kept under the time it is fetched', async (t) => {
  const now = Date.UTC(2026, 2, 1, 3);
  const path = '/lena/dumps/h/tdump/h_was_20260301-120000_tdump.txt';
  const way = fakeWay('server-file', {
    list: async () => [{ path, kind: 'thread', sizeBytes: 5 }],
    async fetch(_target, _file, { write }) {
      await write(bytesOf('their'));
      return { how: 'cat', missing: [] };
    },
  });
  const stage = startDumpStage(t, { ways: [way], clock: { ...systemClock, now: () => now } });
  const { plan } = await stage.prepare('dump-fetch', ['was-1'], { file: path });
  assert.match(plan.warnings[0]?.text.en ?? '', /the time it is fetched; that it was h_was_20260301-120000/);
  await stage.take('dump-fetch', ['was-1'], { file: path });
  assert.equal((await stage.folder.list())[0]?.takenAt, now);
});

test('where nobody can list its files each way says why', async (t) => {
  const denied = (id: 'pod-exec' | 'ecs-exec', message: string) =>
    fakeWay(id, {
      list: () => Promise.reject(appError('PERMISSION_DENIED', message)),
      fetch: () => Promise.reject(new Error('never')),
    });
  const one = startDumpStage(t, { ways: [denied('pod-exec', 'no right to exec')] });
  await assert.rejects(one.executor.options(one.order('dump-fetch', ['was-1']), 'file', SIGNAL), {
    code: 'PERMISSION_DENIED',
  });
  const two = startDumpStage(t, { ways: [denied('pod-exec', 'no right'), denied('ecs-exec', 'no task')] });
  await assert.rejects(two.executor.options(two.order('dump-fetch', ['was-1']), 'file', SIGNAL), {
    code: 'NO_WAY_TO_DUMP',
    message: 'dump files of was-1: no way leads there: pod exec: no right; ECS exec: no task',
  });
});

test('files written before are no way to a dump, and are not told of as one', async (t) => {
  const exec = fakeWay('pod-exec');
  const stage = startDumpStage(t, { ways: [closedWay('server-file'), exec, closedWay('server-file')] });
  const { plan } = await stage.prepare('dump-thread', ['was-1']);
  assert.deepEqual(plan.warnings, []);
  const options = await stage.executor.options(stage.order('dump-thread', ['was-1']), 'way', SIGNAL);
  assert.deepEqual(
    options.map(({ value }) => value),
    ['auto', 'pod-exec'],
  );
});
