import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { readDump } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { encodeServiceDump } from '../../src/wire/service-dump/encode.ts';
import { dumpFile, readOne, readThreads, readWhole, threadOf } from '../support/dump-files.ts';

const HEAD = 'Full thread dump OpenJDK 64-Bit Server VM (17.0.9+9 mixed mode):\n\n';
const END = '\nJNI global refs: 1, weak refs: 0\n';
const thread = (name: string, frames = '\tat x.A.b(A.java:1)\n'): string =>
  `"${name}" #1 prio=5 tid=0x01 nid=0x1 runnable [0x00]\n   java.lang.Thread.State: RUNNABLE\n${frames}\n`;

test('the size of the chunks changes nothing, in UTF-8 as in UTF-16 of either order', () => {
  const bytes = dumpFile('jdk17-g1-jcmd-l-e.txt');
  const whole = readThreads(bytes);
  for (const chunkBytes of [1, 2, 7, 4_096]) assert.deepEqual(readThreads(bytes, { chunkBytes }), whole);
  const little = Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const chunkBytes of [1, 3, 65_536]) {
    assert.deepEqual(readThreads(little, { chunkBytes }), whole);
    assert.deepEqual(readThreads(big, { chunkBytes }), whole);
  }
});

test('lines of Windows, a byte order mark and escape sequences of a terminal', () => {
  const text = dumpFile('jdk8-jstack-l.txt').toString();
  const whole = readOne(text);
  assert.deepEqual(readOne(`\ufeff${text.replaceAll('\n', '\r\n')}`), whole);
  assert.deepEqual(readOne(text.replaceAll('\n', '\r\r\n')), whole);
  assert.deepEqual(readOne(text.replace(/^"(.*?)"/gm, '\u001b[1;31m"$1"\u001b[0m')), whole);
});

test('a line of 20 MB is skipped as it comes, and the threads around it stay', () => {
  const long = Buffer.alloc(20_000_000, 'x');
  const before = Buffer.from(`${HEAD}${thread('one')}`);
  const after = Buffer.from(`\n${thread('two')}${END}`);
  const dump = readOne(Buffer.concat([before, long, after]));
  assert.deepEqual(
    dump.threads.map(({ name }) => name),
    ['one', 'two'],
  );
  const problem = dump.problems.find(({ code }) => code === 'long-line');
  assert.deepEqual([problem?.count, problem?.sample.length], [1, 200]);
});

test('bytes that are no text stand as such, and nothing a terminal acts on comes through', () => {
  const text = Buffer.concat([
    Buffer.from(HEAD),
    Buffer.from('"bad \u0007\u202e'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('" #1 prio=5 tid=0x01 nid=0x1 runnable [0x00]\n\tat x.\u0000A.b(A.java:1)\n'),
    Buffer.from(END),
  ]);
  const [bad] = readOne(text).threads;
  assert.equal(bad?.name, 'bad ␇\ufffd\ufffd\ufffd');
  assert.deepEqual(bad.stack.frames, ['x.␀A.b(A.java:1)']);
});

test('a name with line breaks is one name; what never becomes a name is counted', () => {
  const dump = readOne(`${HEAD}${thread('one\ntwo\nthree')}"no end of it\n\n${thread('last')}${END}`);
  assert.deepEqual(
    dump.threads.map(({ name }) => name),
    ['one␊two␊three', 'last'],
  );
  assert.deepEqual(
    dump.problems.map(({ code, sample }) => [code, sample]),
    [['unread-header', '"no end of it']],
  );
});

test('beyond a limit nothing is dropped in silence', () => {
  const text = `${HEAD}${thread('one', '\tat x.A.b(A.java:1)\n'.repeat(5))}${thread('two')}${thread('three')}${END}`;
  const dump = readOne(`${text}`, { maxThreads: 2, maxFrames: 3 });
  assert.deepEqual(
    dump.threads.map(({ stack }) => stack.frames.length),
    [3, 1],
  );
  assert.deepEqual(dump.problems.map(({ code, count }) => [code, count]).slice(0, 2), [
    ['stack-cut', 2],
    ['too-many-threads', 1],
  ]);
  const [first, ...more] = readThreads(text.repeat(3), { maxDumps: 1 });
  assert.equal(more.length, 0);
  assert.deepEqual(
    first?.problems.map(({ code, count }) => [code, count]),
    [['too-many-dumps', 2]],
  );
  const log = ['one', 'two', 'three'].map((name) => `${HEAD}${thread(name)}${END}`).join('\n');
  for (const limits of [{ maxDumps: 2 }, { maxThreads: 2 }])
    assert.deepEqual(
      readThreads(log, limits).map(({ threads }) => threads.map(({ name }) => name)),
      [['two'], ['three']],
    );
  const full = readOne(`${HEAD}${thread('one')}${thread('two', '\tat x.New.b(New.java:1)\n')}${END}`, {
    maxText: 20,
  });
  assert.deepEqual(
    full.threads.map(({ name }) => name),
    ['one', 'two'],
  );
  assert.equal(full.problems[0]?.code, 'stack-cut');
});

test('what a file is, is told by its content', () => {
  const service = encodeServiceDump({
    from: 'agent',
    server: 's',
    at: 0,
    missing: [],
    requests: [{ thread: 't' }],
  });
  assert.equal(readWhole(service).kind, 'service');
  assert.equal(readWhole(dumpFile('jdk8-histogram-jmap.txt')).kind, 'histogram');
  const both = `${dumpFile('jdk8-histogram-jmap.txt').toString()}${HEAD}${thread('one')}${END}`;
  assert.equal(readWhole(both).kind, 'threads');
});

test('what is no dump is refused with what it is', () => {
  const files: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /empty/],
    ['\n\n', /empty/],
    ['hello\nworld\n', /nothing in it/],
    [Buffer.from('JAVA PROFILE 1.0.2\u0000\u0000\u0000\u0008'), /heap dump/],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), /compressed/],
    ['{\n  "threadDump": {', /JSON/],
    ['Attaching to process ID 1\nThread 12: (state = BLOCKED)\n - a.b() @bci=0\n', /jstack -F/],
    ['1: Unable to open socket file: target process not responding\n', /what the tool said/],
    ['Full thread dump OpenJDK (17):\n\n', /nothing in it/],
    [Buffer.alloc(300_000), /nothing in it/],
    ['"name","id"\n"a",1\n', /nothing in it/],
  ];
  for (const [content, words] of files)
    assert.throws(
      () => readWhole(content, { name: 'was.txt' }),
      (error) => error instanceof AppError && error.code === 'NOT_A_DUMP' && words.test(error.message),
      `${words}`,
    );
});

test('reading stops where it is aborted, and fails as its source fails', async () => {
  const aborting = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let chunks = 0; ; chunks++) {
      if (chunks === 3) aborting.abort(new Error('enough'));
      yield Buffer.from(HEAD);
    }
  }
  await assert.rejects(readDump(endless(), {}, aborting.signal), /enough/);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(HEAD);
    throw new Error('disk');
  }
  await assert.rejects(readDump(broken(), {}, new AbortController().signal), /disk/);
});

test('a stack as deep as a recursion goes', () => {
  const dump = readOne(`${HEAD}${thread('deep', '\tat x.A.b(A.java:1)\n'.repeat(4_000))}${END}`);
  assert.equal(threadOf(dump, 'deep').stack.frames.length, 4_000);
  assert.deepEqual(dump.problems, []);
});
