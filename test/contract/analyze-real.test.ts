import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { analyzeDumps, type DumpFindings } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { noJdk } from '../support/jvm-tools.ts';

const run = promisify(execFile);

/** A dump as `jcmd` writes it into a file. */
async function printed(pid: number, ...options: readonly string[]): Promise<string> {
  const { stdout } = await run('jcmd', [`${pid}`, 'Thread.print', ...options], { maxBuffer: 64 * 1_048_576 });
  return stdout;
}
function analyzed(...texts: readonly string[]): DumpFindings {
  return analyzeDumps(
    texts.map((text, index) => {
      const reader = new DumpReader();
      reader.write(Buffer.from(text));
      return { name: `${index + 1}.txt`, content: reader.end() };
    }),
  );
}
const sentence = ({ verdict }: DumpFindings, code: string, about = ''): string =>
  verdict.find((line) => line.code === code && line.text.en.includes(about))?.text.en ?? '';
/** Lines of a file that match, counted without our parser. */
const lines = (text: string, pattern: RegExp): number =>
  text.split('\n').filter((line) => pattern.test(line)).length;

/** Two deadlocks, a crowd behind a sleeper, and a loop; says `ready` when all of them stand. */
const JAM = `
import java.util.concurrent.locks.ReentrantLock;
public class Jam {
  static final Object A = new Object(), B = new Object(), C = new Object();
  static final ReentrantLock L = new ReentrantLock(), M = new ReentrantLock();
  static volatile long sink;
  static void sleep(long ms) { try { Thread.sleep(ms); } catch (InterruptedException e) { } }
  static Thread start(String name, Runnable task) {
    Thread thread = new Thread(task, name); thread.setDaemon(true); thread.start(); return thread;
  }
  static void until(Thread thread, Thread.State state) { while (thread.getState() != state) sleep(10); }
  static void spin() { long x = 0; while (true) { x = x * 31 + 7; sink = x; } }
  public static void main(String[] args) throws Exception {
    Thread left = start("left", () -> { synchronized (A) { sleep(300); synchronized (B) { } } });
    Thread right = start("right", () -> { synchronized (B) { sleep(300); synchronized (A) { } } });
    Thread one = start("lock-one", () -> { L.lock(); sleep(300); M.lock(); });
    Thread two = start("lock-two", () -> { M.lock(); sleep(300); L.lock(); });
    until(left, Thread.State.BLOCKED); until(right, Thread.State.BLOCKED);
    until(one, Thread.State.WAITING); until(two, Thread.State.WAITING);
    Thread holder = start("holder", () -> { synchronized (C) { sleep(1000000); } });
    until(holder, Thread.State.TIMED_WAITING);
    for (int i = 0; i < 6; i++) until(start("waiter-" + i, () -> { synchronized (C) { } }), Thread.State.BLOCKED);
    start("burner", Jam::spin);
    sleep(2500);
    System.out.println("ready");
    sleep(1000000);
  }
}`;

async function startJam(t: TestContext): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-jam-'));
  writeFileSync(path.join(folder, 'Jam.java'), JAM);
  const child = spawn('java', ['-Xmx64m', path.join(folder, 'Jam.java')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`java ended with ${code}`)));
  });
  assert.ok(child.pid !== undefined);
  return child.pid;
}

test('a real JVM’s deadlocks, its root blocker and its loop are named as its own file names them', {
  skip: noJdk(),
}, async (t) => {
  const pid = await startJam(t);
  const first = await printed(pid, '-l');
  await pause(1_500);
  const second = await printed(pid, '-l');
  const without = await printed(pid);
  const found = analyzed(second);
  assert.match(sentence(found, 'deadlock', 'monitors'), /deadlock of 2 threads on monitors: "left", "right"/);
  assert.match(
    sentence(found, 'deadlock', 'concurrent'),
    /2 threads on java\.util\.concurrent locks: "lock-one", "lock-two"/,
  );
  assert.equal(
    found.json.threads?.deadlocks.every(({ isSaidByJvm }) => isSaidByJvm),
    true,
  );
  assert.match(sentence(found, 'root-blocker'), /^"holder" holds up 6 threads: .* sleeping in Jam\.sleep/);
  const [, lock = ''] = /holds (0x[0-9a-f]+) /.exec(sentence(found, 'root-blocker')) ?? [];
  assert.equal(lines(second, new RegExp(`- waiting to lock <${lock}>`)), 6);
  const [written] = found.json.dumps;
  assert.equal(written?.threads, lines(second, /^".*" (#\d+ |os_prio=)/));
  for (const state of ['BLOCKED', 'RUNNABLE', 'WAITING', 'TIMED_WAITING'])
    assert.equal(
      written?.states[state] ?? 0,
      lines(second, new RegExp(`java\\.lang\\.Thread\\.State: ${state}\\b`)),
    );
  assert.match(sentence(found, 'busy-thread'), /"burner" burns CPU in Jam\.spin/);
  const series = analyzed(first, second);
  assert.match(sentence(series, 'busy-thread'), /^"burner" used \d+ % of a core for .*, in Jam\.spin$/);
  assert.match(sentence(series, 'deadlock', 'monitors'), /so in all 2 dumps/);
  // Without -l the JVM still tells who holds what in a deadlock.
  assert.match(sentence(analyzed(without), 'deadlock', 'concurrent'), /"lock-one", "lock-two"/);
});
