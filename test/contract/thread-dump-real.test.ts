import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ThreadDump } from '../../src/domain/thread-dump.ts';
import { countStates, readOne, readWhole, threadOf } from '../support/dump-files.ts';
import { noJdk } from '../support/jvm-tools.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../fixtures/dumps/DumpScenes.java');
const run = promisify(execFile);
const C = { env: { ...process.env, LC_ALL: 'C.UTF-8' }, maxBuffer: 64 * 1_048_576 };

/** What ThreadMXBean tells. */
interface Told {
  readonly threads: number;
  readonly states: Readonly<Record<string, number>>;
  readonly deadlocked: readonly string[];
}

/** The program of all states, running. */
class Scenes {
  readonly #child: ChildProcess;
  #out = '';

  constructor() {
    this.#child = spawn('java', ['-Xmx96m', '-XX:+UseSerialGC', PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: C.env,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
    });
  }
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('java did not start');
    return this.#child.pid;
  }
  /** What it has printed since `from` when a line is `word`. */
  async said(word: string, from = 0): Promise<string> {
    for (let tries = 0; tries < 600; tries++) {
      const said = this.#out.slice(from);
      if (said.split('\n').includes(word)) return said;
      if (this.#child.exitCode !== null) throw new Error(`java ended with ${this.#child.exitCode}`);
      await pause(50);
    }
    throw new Error(`java never said ${word}`);
  }
  get printed(): number {
    return this.#out.length;
  }
  async tell(): Promise<Told> {
    const from = this.printed;
    this.#child.stdin?.write('\n');
    const lines = (await this.said('end', from)).split('\n');
    const after = (word: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    return {
      threads: Number(after('threads')[0]),
      states: Object.fromEntries(
        after('state').map((line): readonly [string, number] => {
          const [state = '', count] = line.split(' ');
          return [state, Number(count)];
        }),
      ),
      deadlocked: after('deadlock'),
    };
  }
  async info(): Promise<string> {
    const from = this.printed;
    this.#child.stdin?.write('info\n\n');
    return (await this.said('end', from)).split(/^threads \d+$/m)[0] ?? '';
  }
  quit(): void {
    this.#child.kill('SIGQUIT');
  }
  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Threads ThreadMXBean counts: the JVM's own compilers, attach listener and the like are none to it. */
const OWN =
  /^(?:C[12] CompilerThread\d*|Sweeper thread|Service Thread|Monitor Deflation Thread|VM .*|GC .*)$/;

function agree(dump: ThreadDump, told: Told, isOfJvm: boolean): void {
  const java = dump.threads.filter(({ state, name }) => state !== undefined && !(isOfJvm && OWN.test(name)));
  assert.equal(java.length, told.threads);
  assert.deepEqual(countStates(java), told.states);
  assert.deepEqual([dump.isTruncated], [false]);
}

const skip = noJdk();
let scenes: Scenes;
before(async () => {
  if (skip !== false) return;
  scenes = new Scenes();
  await scenes.said('ready');
});
after(async () => {
  if (skip === false) await scenes.end();
});

test('jcmd, jstack and ThreadMXBean agree on threads, states and deadlocks', { skip }, async () => {
  const { stdout: attached } = await run('jcmd', [`${scenes.pid}`, 'Thread.print', '-l', '-e'], C);
  const told = await scenes.tell();
  assert.ok(told.threads > 30 && told.deadlocked.length === 4);
  const { stdout: stack } = await run('jstack', ['-l', `${scenes.pid}`], C);
  for (const text of [attached, stack]) {
    const dump = readOne(text);
    agree(dump, told, true);
    assert.deepEqual(dump.problems, []);
    assert.deepEqual(dump.deadlocks.flat().toSorted(), told.deadlocked.toSorted());
  }
});

test('SIGQUIT prints the same into the program’s own output', { skip }, async () => {
  const from = scenes.printed;
  scenes.quit();
  await scenes.said('Heap', from);
  const told = await scenes.tell();
  const dump = readOne(await scenes.said('end', from));
  agree(dump, told, true);
  assert.deepEqual(dump.problems, []);
});

test('ThreadInfo’s own words agree, and name the owners of locks', { skip }, async () => {
  const text = await scenes.info();
  const dump = readOne(text);
  const told = await scenes.tell();
  agree(dump, told, false);
  assert.equal(
    threadOf(dump, 'http-nio-8080-exec-3').waitsFor?.ownerName,
    'owner "slow" of 10.0.0.1:8080 {a=1}',
  );
});

test('a class histogram adds up to the JVM’s own totals', { skip }, async () => {
  const { stdout } = await run('jcmd', [`${scenes.pid}`, 'GC.class_histogram', '-all'], C);
  const content = readWhole(stdout);
  assert.ok(content.kind === 'histogram');
  const [histogram] = content.histograms;
  assert.equal(
    histogram?.classes.reduce((sum, { bytes }) => sum + bytes, 0),
    histogram?.totalBytes,
  );
  assert.ok(histogram?.classes.some(({ className }) => className === 'byte[]'));
  assert.deepEqual(histogram?.problems, []);
});
