import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import * as z from 'zod';
import { eventually } from '../support/jvm-console.ts';
import { noRealJvm } from '../support/jvm-tools.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
/** `nobody`: a user with a name. */
const OTHER = 65_534;
const NAMELESS = 54_321;
const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? noRealJvm() : 'needs root, to be another user and to make namespaces';
const canUnshare =
  isRoot && spawnSync('unshare', ['--pid', '--fork', '--mount', '--mount-proc', 'true']).status === 0;

const answerSchema = z.object({
  jvms: z.array(z.looseObject({ id: z.string(), heap: z.object({ used: z.number().optional() }) })),
  problems: z.array(z.object({ pid: z.number(), code: z.string(), message: z.string() })),
});
interface Answer {
  readonly code: number | null;
  readonly stderr: string;
  readonly told: z.infer<typeof answerSchema>;
}

/** JVMs where an agent does not simply find them. */
describe('the agent and a real JVM that is', { skip: noRealJvm() }, () => {
  let folder: string;
  let running: ChildProcess | undefined;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'l9s-places-'));
    chmodSync(folder, 0o755);
    writeFileSync(
      path.join(folder, 'Idle.java'),
      'public class Idle { public static void main(String[] a) throws Exception { Thread.sleep(120000); } }',
    );
  });
  afterEach(async () => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (command: string, args: readonly string[]): void => {
    running = spawn(command, args, { stdio: 'ignore', detached: true });
  };
  const java = (marker: string, ...more: readonly string[]): readonly string[] => [
    '-Xmx32m',
    '-XX:TieredStopAtLevel=1',
    ...more,
    `-Dmarker=${marker}`,
    path.join(folder, 'Idle.java'),
  ];
  function once(marker: string, uid?: number): Answer {
    const args = ['--import', 'tsx', MAIN, 'advertise', '--once', '-o', 'json', '--interval', '500ms'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--match', `marker=${marker}`], {
      encoding: 'utf8',
      cwd: path.resolve(import.meta.dirname, '../..'),
      env: { PATH: process.env['PATH'], HOME: folder },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    return { code: status, stderr, told: answerSchema.parse(JSON.parse(stdout || '{}')) };
  }
  /** The JVM takes a moment to appear. */
  const answerOf = (marker: string, isIt: (answer: Answer) => boolean, uid?: number): Promise<Answer> =>
    eventually(() => {
      const answer = once(marker, uid);
      return isIt(answer) ? answer : undefined;
    }, marker);

  test('in a container: other numbers and another /tmp', {
    skip: canUnshare ? needsRoot : 'needs root and unshare',
  }, async () => {
    // Its source is copied: the /tmp that hides ours hides the folder too.
    const copy = `/var/tmp/l9s-idle-${process.pid}.java`;
    copyFileSync(path.join(folder, 'Idle.java'), copy);
    try {
      const args = [...java('contained').slice(0, -1), copy];
      const script = 'mount -t tmpfs none /tmp && exec java "$@"';
      start('unshare', ['--pid', '--fork', '--mount', '--mount-proc', 'sh', '-c', script, 'sh', ...args]);
      const { told, stderr } = await answerOf('contained', ({ told: { jvms } }) => jvms.length === 1);
      assert.match(stderr, /reading process \d+ \(\d+ in its container\)/);
      assert.ok((told.jvms[0]?.heap.used ?? 0) > 0);
    } finally {
      rmSync(copy, { force: true });
    }
  });
  test('another user’s: denied, with what to do', { skip: needsRoot }, async () => {
    start('java', java('guarded'));
    await answerOf('guarded', ({ told }) => told.jvms.length === 1);
    const { code, stderr, told } = once('guarded', OTHER);
    assert.deepEqual(told.jvms, []);
    assert.deepEqual(
      told.problems.map((problem) => problem.code),
      ['PERF_DATA_DENIED'],
    );
    assert.match(stderr, /PERF_DATA_DENIED[\s\S]*Run as the user of the JVM/);
    assert.equal(code, 1);
  });
  test('another user’s, read by root: fine', { skip: needsRoot }, async () => {
    running = spawn('java', java('lower'), { stdio: 'ignore', detached: true, uid: OTHER, gid: OTHER });
    const { told } = await answerOf('lower', ({ told: { jvms } }) => jvms.length === 1);
    assert.ok((told.jvms[0]?.heap.used ?? 0) > 0);
  });
  test('of a user without a name: that is said', { skip: needsRoot }, async () => {
    running = spawn('java', java('nameless'), {
      stdio: 'ignore',
      detached: true,
      uid: NAMELESS,
      gid: NAMELESS,
    });
    const { told } = await answerOf('nameless', ({ told: { problems } }) => problems.length === 1);
    assert.match(told.problems[0]?.message ?? '', /its user 54321 has no name/);
  });
  test('told to write nothing: the flag is named', async () => {
    start('java', java('mute', '-XX:-UsePerfData'));
    const { code, told } = await answerOf('mute', ({ told: { problems } }) => problems.length === 1);
    assert.equal(told.problems[0]?.code, 'PERF_DATA_MISSING');
    assert.match(told.problems[0].message, /-XX:-UsePerfData/);
    assert.equal(code, 1);
  });
});
