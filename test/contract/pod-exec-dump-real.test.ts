import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import type { DumpKind } from '../../src/domain/dump.ts';
import type { TakenDump } from '../../src/domain/dump-way.ts';
import { inLanguage, type Words } from '../../src/domain/text.ts';
import { createContainerDumps } from '../../src/sources/dumps/container/container-dumps.ts';
import { noJdk } from '../support/jvm-tools.ts';
import {
  createLocalContainer,
  createLocalLog,
  type LocalContainerOptions,
  type LocalJvm,
  startLocalJvm,
} from '../support/local-container.ts';

const MIB = 1_048_576;

/** Takes a dump of a process of this machine, by real tools. */
async function take(
  { kind, isLive }: { readonly kind: DumpKind; readonly isLive?: boolean },
  jvm: LocalJvm,
  options: Partial<LocalContainerOptions> & {
    readonly onWrite?: () => void;
    readonly signal?: AbortSignal;
  } = {},
) {
  const { onWrite = () => undefined, signal = AbortSignal.timeout(60_000), ...container } = options;
  const runner = createLocalContainer({ pid: jvm.pid, ...container });
  const dumps = createContainerDumps({
    runner,
    clock: systemClock,
    serverName: 'here',
    log: createLocalLog(jvm),
    hostNames: [],
  });
  const chunks: Uint8Array[] = [];
  const reports: string[] = [];
  const taking = {
    write: async (bytes: Uint8Array) => {
      chunks.push(bytes);
      onWrite();
    },
    report: (words: Words) => reports.push(inLanguage(words, 'en')),
    signal,
  };
  const ask = { kind, isLive, maxBytes: 256 * MIB, timeoutMs: 60_000 };
  const result = await dumps.take(ask, taking).then(
    (taken: TakenDump) => ({ taken, error: undefined }),
    (error: unknown) => ({ taken: undefined, error }),
  );
  return { ...result, bytes: Buffer.concat(chunks), asked: runner.asked, reports };
}
const takenOf = (result: Awaited<ReturnType<typeof take>>): TakenDump =>
  result.taken ?? assert.fail(String(result.error));
function threadsOf(bytes: Buffer) {
  const reader = new DumpReader();
  reader.write(bytes);
  const content = reader.end();
  assert.equal(content.kind, 'threads');
  const [dump] = content.kind === 'threads' ? content.dumps : [];
  return dump ?? assert.fail('no dump');
}
/** What the program of the test must show whichever tool told of it. */
function assertStuck(bytes: Buffer): void {
  const dump = threadsOf(bytes);
  assert.equal(dump.isTruncated, false);
  const names = dump.threads.map(({ name }) => name);
  for (const name of ['main', 'stuck-left', 'stuck-right']) assert.ok(names.includes(name), name);
  assert.equal(dump.threads.find(({ name }) => name === 'stuck-left')?.state, 'BLOCKED');
  assert.deepEqual(
    dump.deadlocks.map((cycle) => cycle.toSorted()),
    [['stuck-left', 'stuck-right']],
  );
}
const refusal = async (result: ReturnType<typeof take>) => {
  const { error, bytes } = await result;
  assert.equal(bytes.length, 0);
  return error;
};
const isJdkTool = (tool: string): boolean => /(?:^|\/)(?:jcmd|jstack)$/.test(tool);
const quits = (asked: readonly string[]) => asked.filter((command) => /kill|jcmd|jstack/.test(command));

describe('dumps of a real JVM', { skip: noJdk() }, () => {
  let jvm: LocalJvm;
  before(async () => {
    jvm = await startLocalJvm();
  });
  after(() => jvm.stop());

  test('threads by jcmd', async () => {
    const result = await take({ kind: 'thread' }, jvm);
    assert.equal(takenOf(result).how, `jcmd ${jvm.pid} Thread.print -l -e`);
    assert.deepEqual(takenOf(result).missing, []);
    assertStuck(result.bytes);
  });

  test('by jcmd beside java, where PATH does not lead to it', async () => {
    const result = await take({ kind: 'thread' }, jvm, { has: (tool) => !/^(?:jcmd|jstack)$/.test(tool) });
    assert.match(takenOf(result).how, /^\/.*\/bin\/jcmd \d+ Thread\.print -l -e$/);
    assertStuck(result.bytes);
  });

  test('by jstack, where there is no jcmd', async () => {
    const result = await take({ kind: 'thread' }, jvm, { has: (tool) => !/(?:^|\/)jcmd$/.test(tool) });
    assert.equal(takenOf(result).how, `jstack -l ${jvm.pid}`);
    assertStuck(result.bytes);
  });

  test('by SIGQUIT out of the log, where there is no JDK', async () => {
    const result = await take({ kind: 'thread' }, jvm, { has: (tool) => !isJdkTool(tool) });
    assert.equal(takenOf(result).how, `kill -3 ${jvm.pid} and the container’s log`);
    assertStuck(result.bytes);
    const text = result.bytes.toString('utf8');
    assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nFull thread dump /);
    assert.match(text, /\nHeap\n/);
    const again = await take({ kind: 'thread' }, jvm, { has: (tool) => !isJdkTool(tool) });
    assert.equal(again.bytes.toString('utf8').match(/Full thread dump/g)?.length, 1);
  });

  test('by nothing, where there is neither a JDK nor kill', async () => {
    const has = (tool: string) => !isJdkTool(tool) && !['kill', 'busybox'].includes(tool);
    const error = await refusal(take({ kind: 'thread' }, jvm, { has }));
    assert.ok(error instanceof Error);
    assert.deepEqual('code' in error && error.code, 'NO_TOOL');
    assert.match(error.message, /jcmd .*: not in the container; jstack .*: not in the container; kill -3 /);
  });

  test('requests in flight, derived from the threads', async () => {
    const result = await take({ kind: 'service' }, jvm);
    assert.match(result.bytes.toString('utf8'), /^# l9s service dump 1\n# server: here\n/);
    assert.match(takenOf(result).how, /^jcmd /);
  });

  for (const [isLive, words] of [
    [false, ' -all'],
    [true, ''],
  ] as const)
    test(`a class histogram${isLive ? ' of what is reachable' : ''}`, async () => {
      const result = await take({ kind: 'histogram', isLive }, jvm);
      assert.equal(takenOf(result).how, `jcmd ${jvm.pid} GC.class_histogram${words}`);
      const reader = new DumpReader();
      reader.write(result.bytes);
      const content = reader.end();
      assert.ok(content.kind === 'histogram' && (content.histograms[0]?.classes.length ?? 0) > 100);
    });

  test('the heap, whole, and nothing of it is left there', async () => {
    const { taken, bytes, asked, reports, error } = await take({ kind: 'heap' }, jvm);
    assert.ok(taken !== undefined, String(error));
    assert.match(taken.how, /^jcmd \d+ GC\.heap_dump -all \/(?:var\/)?tmp\/l9s-[0-9a-f]{16}\.hprof$/);
    assert.equal(bytes.subarray(0, 12).toString('latin1'), 'JAVA PROFILE');
    assert.equal(taken.sha256, createHash('sha256').update(bytes).digest('hex'));
    const file = taken.how.split(' ').at(-1) ?? '';
    assert.ok(asked.includes(`rm -f ${file}`) && !existsSync(file));
    assert.ok(reports.length > 2);
  });

  test('the heap, given up in the middle, leaves nothing there', async () => {
    const leaving = new AbortController();
    const onWrite = () => leaving.abort(new Error('given up'));
    const { error, asked } = await take({ kind: 'heap' }, jvm, { onWrite, signal: leaving.signal });
    assert.match(String(error), /given up/);
    const file = asked.at(-1)?.replace(/^rm -f /, '') ?? '';
    assert.match(file, /l9s-[0-9a-f]{16}\.hprof$/);
    assert.equal(existsSync(file), false);
  });
});

describe('a process that is not to be asked', { skip: noJdk() }, () => {
  const start = async (context: TestContext, options: readonly string[] = []) => {
    const jvm = await startLocalJvm(options);
    context.after(() => jvm.stop());
    return jvm;
  };
  const isAlive = (pid: number): boolean => process.kill(pid, 0);
  const isRunning = (pid: number): boolean => !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

  test('a JVM that ended after it was found', async (context) => {
    const jvm = await start(context);
    const { error, asked } = await take({ kind: 'thread' }, jvm, {
      before(argv) {
        if (!argv.join(' ').startsWith('cat /sys/fs/cgroup/memory')) return;
        jvm.child.kill('SIGKILL');
        // A process that is about to end may still be seen for a moment.
        while (isRunning(jvm.pid)) spawnSync('true');
      },
    });
    assert.match(String(error), /its JVM \(pid \d+\) ended meanwhile/);
    assert.deepEqual(quits(asked), []);
  });

  test('a program that only has the name of one', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'l9s-java-'));
    const program = path.join(folder, 'java');
    copyFileSync('/bin/sleep', program);
    const child = spawn(program, ['60']);
    context.after(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });
    const pid = child.pid ?? assert.fail('it does not run');
    const { error, asked } = await take(
      { kind: 'thread' },
      { pid, lines: [], followers: new Set(), child, stop: () => undefined },
    );
    assert.match(String(error), new RegExp(`nothing proves pid ${pid} to be a JVM`));
    assert.deepEqual(quits(asked), []);
    assert.ok(isAlive(pid));
  });

  test('a JVM that does not handle SIGQUIT', async (context) => {
    const jvm = await start(context, ['-Xrs']);
    const { error, asked } = await take({ kind: 'thread' }, jvm);
    assert.match(String(error), /does not handle SIGQUIT/);
    assert.deepEqual(quits(asked), []);
    assert.ok(isAlive(jvm.pid));
  });

  test('a JVM that is stopped', async (context) => {
    const jvm = await start(context);
    jvm.child.kill('SIGSTOP');
    const { error, asked } = await take({ kind: 'thread' }, jvm);
    assert.match(String(error), /is stopped \(SIGSTOP\)/);
    assert.deepEqual(quits(asked), []);
  });

  test('a JVM without counters is proven by its library, and asked', async (context) => {
    const jvm = await start(context, ['-XX:-UsePerfData']);
    const result = await take({ kind: 'thread' }, jvm);
    assert.equal(takenOf(result).how, `jcmd ${jvm.pid} Thread.print -l`);
    assertStuck(result.bytes);
  });
});

describe('files a server wrote on a disk', () => {
  test('are listed and fetched by real tools, whole', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'l9s-files-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const own = path.join(folder, 'was-1', 'tdump');
    mkdirSync(own, { recursive: true });
    const content = 'Full thread dump '.repeat(50_000);
    writeFileSync(path.join(own, 'was-1_was_20260301-123005_tdump.txt'), content);
    writeFileSync(path.join(own, 'was-1_was_20260302-123005_tdump.txt'), 'newer');
    writeFileSync(path.join(own, 'read me first.txt'), 'foreign');
    symlinkSync('/etc/passwd', path.join(own, 'was-1_was_20260303-123005_tdump.txt'));
    const dumps = createContainerDumps({
      runner: createLocalContainer({ pid: 1 }),
      clock: systemClock,
      serverName: 'was-1',
      log: { missing: { en: '-', ko: '-' } },
      hostNames: ['was-1'],
      outputFolder: folder,
    });
    const signal = AbortSignal.timeout(20_000);
    const notes: string[] = [];
    const files = await dumps.list(signal, ({ en }) => notes.push(en));
    assert.deepEqual(
      files.map((file) => [path.basename(file.path), file.sizeBytes]),
      [
        ['was-1_was_20260302-123005_tdump.txt', 5],
        ['was-1_was_20260301-123005_tdump.txt', content.length],
      ],
    );
    assert.match(notes.join(), /2 not offered/);
    const chunks: Uint8Array[] = [];
    const write = async (bytes: Uint8Array) => void chunks.push(bytes);
    const older = files[1] ?? assert.fail('no file');
    const taken = await dumps.fetch(older, { write, report: () => undefined, signal });
    assert.equal(taken.sha256, createHash('sha256').update(content).digest('hex'));
    assert.equal(Buffer.concat(chunks).toString('utf8'), content);
  });
});
