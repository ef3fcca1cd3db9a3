import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpFile, readOne, readThreads } from '../support/dump-files.ts';

const DUMP = dumpFile('jdk8-jstack-l.txt').toString().trimEnd();
const WHOLE = readOne(`${DUMP}\n`);
const prefixed = (prefix: (index: number) => string, text = DUMP): string =>
  text
    .split('\n')
    .map((line, index) => `${prefix(index)}${line}`)
    .join('\n');
const stamp = (index: number): string => new Date(Date.UTC(2026, 10, 20, 3, 12, 45, index)).toISOString();

test('whatever a log puts before its lines is learned from the dump’s first', () => {
  const prefixes: readonly ((index: number) => string)[] = [
    (index) => `${stamp(index)} stdout F `,
    (index) => `${stamp(index)} `,
    (index) => `[${stamp(index)}] [INFO] [main] stdout: `,
    (index) =>
      `2026-11-20 03:12:45,${String(index % 1_000).padStart(3, '0')} INFO  [stdout] (Signal Dispatcher) `,
    () => 'web-1  | ',
    () => '> ',
    (index) => `Nov 20 03:12:${String(45 + (index % 10)).padStart(2, '0')} host app[4711]: `,
    () => '    ',
  ];
  for (const prefix of prefixes)
    assert.deepEqual(readOne(`${prefixed(prefix)}\n`), WHOLE, JSON.stringify(prefix(0)));
});

test('blanks at the end of lines may be gone, and so may those of empty ones', () => {
  const text = prefixed(() => 'web-1  | ')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  assert.deepEqual(readOne(text).threads, WHOLE.threads);
});

test('lines a container runtime had to break are joined', () => {
  const text = DUMP.split('\n')
    .flatMap((line, index) => {
      const time = stamp(index);
      const half = Math.floor(line.length / 2);
      return index % 3 === 1 && line !== ''
        ? [`${time} stdout P ${line.slice(0, half)}`, `${time} stdout F ${line.slice(half)}`]
        : [`${time} stdout F ${line}`];
    })
    .join('\n');
  assert.deepEqual(readOne(`${text}\n`).threads, WHOLE.threads);
});

test('a log whose beginning is missing is read from its first whole thread on', () => {
  const lines = prefixed((index) => `${stamp(index)} stdout F `).split('\n');
  const dump = readOne(`${lines.slice(8).join('\n')}\n`);
  assert.deepEqual(dump.threads, WHOLE.threads.slice(1));
  assert.deepEqual(
    dump.problems.map(({ code }) => code),
    ['start-missing'],
  );
});

test('several dumps, one of them cut by the next, each with its own prefix', () => {
  const cut = DUMP.slice(0, DUMP.indexOf('"Finalizer"'));
  const dumps = readThreads(
    [
      'app started',
      prefixed(() => 'a | ', DUMP),
      'a | between',
      prefixed(() => 'b | ', cut),
      prefixed((index) => `${stamp(index)} `, DUMP),
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    dumps.map(({ threads, isTruncated }) => [threads.length, isTruncated]),
    [
      [11, false],
      [5, true],
      [11, false],
    ],
  );
  assert.equal(dumps[0]?.threads[1]?.stack, dumps[2]?.threads[1]?.stack);
});

test('an exception in the middle of a stack or behind a cut dump is nobody’s stack', () => {
  const trace =
    'java.lang.IllegalStateException: no\n\tat x.Foreign.frame(Foreign.java:1)\nCaused by: y.Error\n\tat x.Foreign.other(Foreign.java:2)\n';
  const at = DUMP.indexOf('\n\tat com.shop.web.OrderServlet.doPost') + 1;
  const middle = readOne(`${DUMP.slice(0, at)}${trace}${DUMP.slice(at)}\n`);
  assert.equal(JSON.stringify(middle.threads).includes('Foreign'), false);
  assert.equal(middle.threads.length, WHOLE.threads.length);
  assert.deepEqual(middle.problems.map(({ code }) => code).toSorted(), ['other-line', 'unread-line']);
  const cut = `${DUMP.slice(0, DUMP.indexOf('"main"'))}03:13 ERROR it failed\n${trace}\n03:14 ERROR again\n${trace}`;
  assert.equal(JSON.stringify(readOne(cut).threads).includes('Foreign'), false);
});

test('a log that goes on behind a dump without an end does not belong to it', () => {
  const cut = DUMP.slice(0, DUMP.indexOf('"main"'));
  const dump = readOne(`${cut}${'a line of the log\n'.repeat(2_000)}`);
  const unread = dump.problems.find(({ code }) => code === 'unread-line');
  assert.ok(unread !== undefined && unread.count < 600, `${unread?.count}`);
  assert.equal(dump.isTruncated, true);
});

test('an empty line behind every line', () => {
  const doubled = readOne(`${DUMP.replaceAll('\n', '\n\n')}\n`);
  assert.deepEqual(doubled.threads, WHOLE.threads);
  assert.deepEqual(doubled.deadlocks, WHOLE.deadlocks);
});

test('a whole dump in one field of a JSON log', () => {
  const line = JSON.stringify({ '@timestamp': '2026-11-20T03:12:45Z', level: 'INFO', message: `${DUMP}\n` });
  const dump = readOne(`{"message":"before"}\n${line}\n{"message":"after"}\nno JSON\n`);
  assert.deepEqual(dump, WHOLE);
});

test('a word about a dump in a log is none', () => {
  const text = 'INFO Full thread dump follows:\nINFO "x" took Full thread dump (17):\nINFO done\n';
  assert.throws(() => readOne(text), /nothing in it/);
});
