import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readListing } from '../../src/sources/dumps/container/file-listing.ts';
import { freeOf } from '../../src/sources/dumps/container/heap-dump.ts';
import { type Answer, GONE, NO_SUCH_TOOL, scriptedDumps } from '../support/scripted-container.ts';

const HOME = '/usr/local/lena/servers/appServer/dumps/was-1';
const line = (name: string, size = 1_200) => `-rw-r--r-- 1 0 0 ${size} Mar  1 12:30 ${name}\n`;
const SHA = 'a'.repeat(64);

describe('what ls -ln says', () => {
  test('is read as GNU, busybox and other languages write it', () => {
    const { files, unread } = readListing(
      [
        'total 24',
        'drwxr-xr-x 2 0 0 4096 Mar  1 12:30 folder',
        '-rw-r--r-- 1 0 0 1200 Mar  1 12:30 a_tdump.txt',
        '-rw-r-----. 1 1000 1000 34 Mar  1  2025 b_tdump.txt',
        '-rw-r--r--    1 0        0              7 Mar  1 12:30 c_tdump.txt',
        '-rw-r--r-- 1 0 0 9 2026-03-01 12:30 d_tdump.txt',
        '-rw-r--r-- 1 0 0 9 3월 1 12:30 e_tdump.txt',
        'lrwxrwxrwx 1 0 0 9 Mar  1 12:30 f_tdump.txt -> /etc/passwd',
        '-rw-r--r-- 1 0 0 9 Mar  1 12:30 g of two_tdump.txt',
        'anything',
        '',
      ].join('\n'),
    );
    assert.deepEqual(
      files.map(({ name, sizeBytes }) => `${name} ${sizeBytes}`),
      ['a_tdump.txt 1200', 'b_tdump.txt 34', 'c_tdump.txt 7', 'd_tdump.txt 9', 'e_tdump.txt 9'],
    );
    assert.equal(unread, 3);
  });
  test('and df -Pk: free bytes of a disk, and none of what is memory', () => {
    const head = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n';
    assert.equal(freeOf(`${head}overlay 1000 400 600 40% /\n`), 600 * 1_024);
    assert.equal(freeOf(`${head}tmpfs 1000 400 600 40% /tmp\n`), undefined);
    assert.equal(freeOf(head), undefined);
    assert.equal(freeOf(''), undefined);
  });
});

describe('files a LENA server wrote', () => {
  const listing = {
    [`ls -ln ${HOME}/tdump`]: [
      'total 4\n',
      line('was-1_was_20260301-123005_tdump.txt'),
      line('was-1_was_20260302-123005_tdump.txt', 5),
      line('..\x1b[2J_tdump.txt'),
      line('a..b_tdump.txt'),
      line('read me_tdump.txt'),
      line('notes.txt'),
      line('x_hdump.hprof'),
    ].join(''),
    [`ls -ln ${HOME}/hdump`]: line('was-1_was_20260301-200000_hdump.hprof', 300_000_000),
  };

  test('are listed newest first; what is no dump is counted and told', async () => {
    const { dumps } = scriptedDumps(listing);
    const notes: string[] = [];
    const files = await dumps.list(AbortSignal.timeout(5_000), ({ en }) => notes.push(en));
    assert.deepEqual(
      files.map(({ path, kind, sizeBytes }) => [path.replace(HOME, ''), kind, sizeBytes]),
      [
        ['/tdump/was-1_was_20260302-123005_tdump.txt', 'thread', 5],
        ['/hdump/was-1_was_20260301-200000_hdump.hprof', 'heap', 300_000_000],
        ['/tdump/was-1_was_20260301-123005_tdump.txt', 'thread', 1_200],
      ],
    );
    assert.deepEqual(notes, [`${HOME}/tdump: 5 not offered, whose names are none of a dump`]);
  });

  test('are looked for under the container’s own name and where its configuration says', async () => {
    const { dumps, asked } = scriptedDumps(
      { 'cat /etc/hostname': 'other-name\n' },
      { outputFolder: '/data/dumps/', hostNames: ['was-1', '../etc', 'a b'] },
    );
    await dumps.list(AbortSignal.timeout(5_000));
    const folders = asked.filter((command) => command.startsWith('ls -ln '));
    for (const folder of [
      '/data/dumps/other-name/tdump',
      '/data/dumps/was-1/sdump',
      '/data/dumps/hdump',
      '/usr/local/lena/servers/appServer/dumps/other-name/tdump',
      '/engn001/lena/1.3/servers/appServer/logs/tdump',
    ])
      assert.ok(folders.includes(`ls -ln ${folder}`), folder);
    assert.ok(!folders.some((command) => /\.\.|a b/.test(command)));
  });

  test('above 200 in a folder are cut to the newest, and it is said', async () => {
    const many = Array.from({ length: 230 }, (_, index) =>
      line(`was-1_was_20260301-12${String(index).padStart(4, '0')}_tdump.txt`),
    );
    const { dumps } = scriptedDumps({ [`ls -ln ${HOME}/tdump`]: many.join('') });
    const notes: string[] = [];
    const files = await dumps.list(AbortSignal.timeout(5_000), ({ en }) => notes.push(en));
    assert.equal(files.length, 200);
    assert.match(files[0]?.path ?? '', /-120229_/);
    assert.deepEqual(notes, [`${HOME}/tdump: the newest 200 of 230`]);
  });

  const FILE = `${HOME}/tdump/was-1_was_20260301-123005_tdump.txt`;
  const fetching = (over: Readonly<Record<string, Answer>>, path = FILE, sizeBytes = 5) => {
    const scripted = scriptedDumps(over);
    const fetch = () => scripted.dumps.fetch({ path, kind: 'thread', sizeBytes }, scripted.taking);
    return { ...scripted, fetch };
  };

  test('are fetched with their hash, or it is said that there is none', async () => {
    const { fetch, text } = fetching({
      [`cat ${FILE}`]: 'hello',
      [`sha256sum ${FILE}`]: `${SHA}  ${FILE}\n`,
    });
    assert.deepEqual(await fetch(), { how: `cat ${FILE}`, missing: [], sha256: SHA });
    assert.equal(text(), 'hello');
    const { missing, sha256 } = await fetching({
      [`cat ${FILE}`]: 'hello',
      [`sha256sum ${FILE}`]: NO_SUCH_TOOL,
    }).fetch();
    assert.equal(sha256, undefined);
    assert.match(missing[0]?.en ?? '', /no sha256sum/);
  });

  test('that are not there, cut or too short are an error', async () => {
    await assert.rejects(fetching({ [`cat ${FILE}`]: GONE }).fetch(), {
      code: 'DUMP_FAILED',
      message: /No such file/,
    });
    await assert.rejects(fetching({ [`cat ${FILE}`]: { out: 'hel', exitCode: undefined } }).fetch(), {
      code: 'DUMP_FAILED',
      message: /ended in the middle/,
    });
    await assert.rejects(fetching({ [`cat ${FILE}`]: 'hel' }).fetch(), {
      code: 'DUMP_DAMAGED',
      message: /3 bytes came of 5/,
    });
  });

  test('of another name or place are asked for by nobody', async () => {
    for (const path of [
      '/etc/passwd',
      `${HOME}/tdump/../../x_tdump.txt`,
      `${HOME}/tdump/a b_tdump.txt`,
      `${FILE}\n`,
    ]) {
      const { fetch, asked } = fetching({}, path);
      await assert.rejects(fetch(), { code: 'INPUT_INVALID' }, path);
      assert.deepEqual(asked, []);
    }
  });
});

describe('a heap dump', () => {
  const OWN = '/var/tmp/l9s-TOKEN.hprof';
  const HEAP: Readonly<Record<string, Answer>> = {
    'df -Pk /tmp': 'F 1 2 3 4 5\ntmpfs 9 1 900000000 1% /tmp\n',
    'df -Pk /var/tmp': 'F 1 2 3 4 5\noverlay 9 1 900000 1% /\n',
    [`jcmd 7 GC.heap_dump -all ${OWN}`]: '7:\nHeap dump file created [5 bytes in 0.1 secs]\n',
    [`ls -ln ${OWN}`]: `-rw------- 1 0 0 5 Mar  1 12:30 x\n`,
    [`sha256sum ${OWN}`]: `${SHA}  x\n`,
    [`cat ${OWN}`]: 'HEAPS',
    [`rm -f ${OWN}`]: '',
  };
  const heap = (over: Readonly<Record<string, Answer>> = {}, more = {}) =>
    scriptedDumps({ ...HEAP, ...over }, { kind: 'heap', ...more });
  const removed = (asked: readonly string[]) => asked.at(-1)?.startsWith('rm -f ') === true;

  test('goes to a disk, never to memory; is fetched with its hash and removed', async () => {
    const { take, text, asked } = heap();
    const taken = await take();
    assert.equal(taken.sha256, SHA);
    assert.equal(text(), 'HEAPS');
    assert.ok(removed(asked));
  });

  test('is not begun without room on the server’s disk', async () => {
    const { take, asked } = heap({ 'df -Pk /var/tmp': 'F 1 2 3 4 5\noverlay 9 1 0 100% /\n' });
    await assert.rejects(take(), { code: 'DISK_FULL', message: /\/var\/tmp there has 0 B free/ });
    assert.ok(!asked.some((command) => command.startsWith('jcmd')));
    const none = heap({ 'df -Pk /var/tmp': NO_SUCH_TOOL });
    await assert.rejects(none.take(), { code: 'DUMP_FAILED', message: /no folder with a disk/ });
  });

  test('that the JVM cannot write tells its words, and leaves nothing', async () => {
    const { take, asked } = heap({
      [`jcmd 7 GC.heap_dump -all ${OWN}`]:
        '7:\nDumping heap to /var/tmp/x ...\nUnable to create /var/tmp/x: Permission denied\n',
    });
    await assert.rejects(take(), { code: 'DUMP_FAILED', message: /Unable to create.*Permission denied/ });
    assert.ok(removed(asked));
    const elsewhere = heap({
      'df -Pk /tmp': 'F 1 2 3 4 5\noverlay 9 1 1900000 1% /\n',
      'jcmd 7 GC.heap_dump -all /tmp/l9s-TOKEN.hprof':
        '7:\nDumping heap to /tmp/x ...\nUnable to create /tmp/x: Read-only file system\n',
      'rm -f /tmp/l9s-TOKEN.hprof': '',
    });
    assert.match((await elsewhere.take()).how, / \/var\/tmp\/l9s-/);
    const missing = heap({ [`jcmd 7 GC.heap_dump -all ${OWN}`]: NO_SUCH_TOOL });
    await assert.rejects(missing.take(), { code: 'NO_TOOL' });
    assert.ok(!removed(missing.asked));
  });

  test('is removed whatever ends it', async () => {
    for (const [over, code] of [
      [{ [`cat ${OWN}`]: 'HEA' }, 'DUMP_DAMAGED'],
      [{ [`cat ${OWN}`]: { out: 'HEA', exitCode: undefined } }, 'DUMP_FAILED'],
      [{ [`ls -ln ${OWN}`]: GONE }, 'DUMP_FAILED'],
      [{ [`ls -ln ${OWN}`]: line('x', 2_000_000) }, 'DUMP_TOO_LARGE'],
    ] as const) {
      const { take, asked } = heap(over);
      await assert.rejects(take(), { code });
      assert.ok(removed(asked), code);
    }
    const full = heap({}, { write: () => Promise.reject(new Error('no room')) });
    await assert.rejects(full.take(), /no room/);
    assert.ok(removed(full.asked));
  });

  test('that could not be removed is named, with how to remove it', async () => {
    const stuck = {
      [`rm -f ${OWN}`]: { exitCode: 1, stderr: 'rm: cannot remove: Operation not permitted\n' },
    };
    const { missing } = await heap(stuck).take();
    assert.match(
      missing[0]?.en ?? '',
      /its file \/var\/tmp\/l9s-[0-9a-f]{16}\.hprof is left on the server: .*not permitted/,
    );
    await assert.rejects(heap({ ...stuck, [`cat ${OWN}`]: 'HEA' }).take(), {
      message:
        /3 bytes came of 5; its file \/var\/tmp\/l9s-[0-9a-f]{16}\.hprof is left there: .*not permitted/,
      hint: /^Remove it by hand: `rm \/var\/tmp/,
    });
  });

  test('that was left before the JVM wrote it says that it may still come', async () => {
    const leaving = new AbortController();
    const { take, asked } = heap(
      {
        [`ls -ln ${OWN}`]: GONE,
        [`jcmd 7 GC.heap_dump -all ${OWN}`]: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            leaving.abort(new Error('we go'));
          }),
      },
      { signal: leaving.signal },
    );
    await assert.rejects(take(), {
      message: /we go; its file .* is left there: the JVM may still be about to write it/,
    });
    assert.ok(removed(asked));
  });

  test('is not offered through a terminal', async () => {
    const { take, asked } = heap({}, { isExact: false, maxBytes: 10 });
    await assert.rejects(take(), { code: 'DUMP_FAILED', message: /does not come whole through a terminal/ });
    assert.deepEqual(asked, []);
  });
});
