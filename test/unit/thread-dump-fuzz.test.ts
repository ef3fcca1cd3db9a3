import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import type { DumpContent } from '../../src/diagnosis/thread-dump/dump-content.ts';
import { encodeServiceDump } from '../../src/wire/service-dump/encode.ts';
import { dumpFile, readWhole } from '../support/dump-files.ts';
import { createDice, type Dice } from '../support/telemetry-mutations.ts';

const SEED = 20_261_120;
const INPUTS = 10_000;
/** Larger ones are cut to a window of so much, so that ten thousand of them stay quick. */
const WINDOW_BYTES = 6_000;
const CORPUS = [
  'jdk8-jstack-l.txt',
  'jdk11-jstack.txt',
  'jdk17-g1-jcmd-l-e.txt',
  'jdk17-parallel-compiled.txt',
  'jdk17-serial-sigquit.log',
  'jdk17-threadinfo.txt',
  'jdk21-jcmd.txt',
  'jdk21-dump-to-file.txt',
  'jdk25-jcmd-l.txt',
  'jdk25-dump-to-file.txt',
  'lena-thread-dump.txt',
  'visualvm.txt',
  'k8s-three-dumps.log',
  'docker-json.log',
  'garbage.bin',
  'jdk17-histogram-1.txt',
  'jdk8-histogram-jmap.txt',
].map(dumpFile);
CORPUS.push(
  Buffer.from(
    encodeServiceDump({
      from: 'lena',
      server: 'was-1',
      at: Date.UTC(2026, 10, 20),
      missing: ['client'],
      requests: Array.from({ length: 20 }, (_, index) => ({
        thread: `exec-${index}`,
        elapsedMs: index * 1_000,
        service: '/order',
        sql: 'select 1',
      })),
    }),
  ),
);
/** Words and bytes the readers look for, at places where none is expected. */
const WORDS = [
  '"',
  '\n',
  '\r',
  '\n\n',
  '\t',
  '<',
  '>',
  '(a ',
  ')',
  '@',
  '#1 "',
  '0x',
  '\u0000',
  '\u001b[31m',
  '\ufeff',
  '{"log":"',
  'Full thread dump x (1):\n',
  'JNI global refs: 1\n',
  'Found one Java-level deadlock:\n',
  '- locked <0x1> (a [I)\n',
  '- parking to wait for  <0x2> (a x), owner #1\n',
  '   Mounted virtual thread #9\n',
  '   Locked ownable synchronizers:\n',
  '" Id=1 BLOCKED on x@1 owned by "',
  ' tid=0x1 nid=',
  ' num     #instances         #bytes  class name\n',
  'Total 1 1\n',
  '999999999999999999999999',
  '2026-11-20T03:12:45.1Z stdout P ',
].map((word) => Buffer.from(word));

function windowOf(bytes: Buffer, dice: Dice): Buffer {
  if (bytes.length <= WINDOW_BYTES) return bytes;
  const from = dice.below(3) === 0 ? 0 : dice.below(bytes.length - WINDOW_BYTES);
  return bytes.subarray(from, from + WINDOW_BYTES);
}
function splice(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}
function mutate(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.below(bytes.length + 1);
  const until = Math.min(bytes.length, at + dice.below(200));
  switch (dice.below(7)) {
    case 0:
      return bytes.subarray(at);
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return splice(bytes, at, until, Buffer.alloc(0));
    case 3:
      return splice(bytes, at, at, dice.pick(WORDS));
    case 4:
      return splice(bytes, at, until, Buffer.from([dice.below(256), dice.below(256), dice.below(256)]));
    case 5:
      return splice(
        bytes,
        at,
        at,
        Buffer.concat(Array.from({ length: dice.below(30) }, () => bytes.subarray(at, until))),
      );
    default:
      return splice(bytes, at, at, windowOf(dice.pick(CORPUS), dice).subarray(0, 1_000));
  }
}

/** What every result keeps to, whatever came in. */
function prove(content: DumpContent): void {
  const printable = (text: string): boolean =>
    ![...text].some((letter) => letter < ' ' || letter === '\u007f');
  if (content.kind === 'service')
    for (const request of content.dump.requests)
      for (const value of Object.values(request)) assert.ok(typeof value !== 'string' || printable(value));
  if (content.kind !== 'threads') return;
  for (const { threads, problems, isTruncated, deadlocks } of content.dumps) {
    assert.ok(threads.length > 0);
    assert.equal(
      isTruncated,
      problems.some(({ code }) => code === 'truncated'),
    );
    for (const { sample, count, line } of problems) assert.ok(printable(sample) && count > 0 && line > 0);
    for (const name of deadlocks.flat()) assert.ok(printable(name));
    for (const { name, stack, waitsFor, holds } of threads) {
      assert.ok(printable(name) && name.length <= 512);
      assert.ok(stack.lines.length >= stack.frames.length);
      for (const text of [...stack.lines, waitsFor?.id ?? '', waitsFor?.ownerName ?? ''])
        assert.ok(printable(text));
      assert.ok(waitsFor?.kind !== 'wait' || holds.every(({ id }) => id !== waitsFor.id));
    }
  }
}

test(`${INPUTS} broken inputs: none throws but to say that it is no dump, and all keep their promises`, () => {
  const dice = createDice(SEED);
  let mostBytes = 0;
  const before = process.memoryUsage().heapUsed;
  const kinds = { threads: 0, histogram: 0, service: 0, none: 0 };
  for (let input = 0; input < INPUTS; input++) {
    if (input % 100 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage().heapUsed);
    let bytes = windowOf(dice.pick(CORPUS), dice);
    for (let times = 1 + dice.below(6); times > 0; times--) bytes = mutate(bytes, dice);
    try {
      const content = readWhole(bytes, { chunkBytes: 1 + dice.below(5_000) });
      kinds[content.kind]++;
      prove(content);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOT_A_DUMP')
        assert.fail(`seed ${SEED}, input ${input}: ${error instanceof Error ? error.stack : String(error)}`);
      kinds.none++;
    }
  }
  // Room for what the collector has not taken yet, not for ten thousand results.
  assert.ok(mostBytes - before < 400 * 1_048_576, `${mostBytes - before} bytes`);
  // A fuzz whose inputs are all refused would prove nothing.
  assert.ok(
    kinds.threads > INPUTS / 2 && kinds.histogram > 100 && kinds.service > 100,
    JSON.stringify(kinds),
  );
});

test('lines made to be slow take their time in proportion', () => {
  const head = 'Full thread dump x (1):\n\n';
  const hostile = [
    `"${'a" Id='.repeat(10_000)}\n`,
    `"${'" '.repeat(30_000)}tid=0x1 nid=\n`,
    `#1 "${'" virtual'.repeat(7_000)}\n`,
    `"t" #1 tid=0x1 nid=0x1\n\tat ${'/a'.repeat(30_000)}(${'('.repeat(1_000)})\n`,
    `"t" #1 tid=0x1 nid=0x1\n\t- locked <${'<(a '.repeat(15_000)}>\n`,
    `"t" Id=1 BLOCKED on ${'x@1 owned by "'.repeat(4_000)}\n`,
    `${'Exception '.repeat(6_000)}\n`,
    `${'1:  1  1 '.repeat(7_000)}\n`,
    '"\n'.repeat(20_000),
    `"a\n${'b\n'.repeat(20_000)}`,
    `${'x'.repeat(290)}Full thread dump x (1):\n${'9 '.repeat(30_000)}\n`,
  ];
  const steps = hostile.map((text) => head + text.repeat(Math.ceil(600_000 / text.length)));
  for (const text of steps)
    try {
      prove(readWhole(text));
    } catch (error) {
      assert.ok(error instanceof AppError && error.code === 'NOT_A_DUMP', String(error));
    }
});
