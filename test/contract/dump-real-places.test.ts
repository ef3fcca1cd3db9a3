import assert from 'node:assert/strict';
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { attach } from '../../src/agent/attach/attach-jvm.ts';
import type { DumpServer } from '../../src/agent/dump/dump-job.ts';
import { findHeapPlace } from '../../src/agent/dump/heap-place.ts';
import { JvmFinder } from '../../src/agent/find-jvms.ts';
import { PROC } from '../../src/agent/proc/process-entry.ts';
import { systemClock } from '../../src/core/clock.ts';
import { noJdk } from '../support/jvm-tools.ts';

/** `nobody` */
const OTHER = 65_534;
const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? noJdk() : 'needs root, to be another user and to make namespaces';
const canUnshare =
  isRoot && spawnSync('unshare', ['--pid', '--fork', '--mount', '--mount-proc', 'true']).status === 0;
/** Not in /tmp, which a container of these tests hides. */
const SOURCE = `/var/tmp/l9s-dump-idle-${process.pid}.java`;

/** JVMs that are not simply beside the agent. */
describe('the attach socket of a real JVM that is', { skip: noJdk() }, () => {
  let running: ChildProcess | undefined;
  before(() =>
    writeFileSync(
      SOURCE,
      'class Idle { public static void main(String[] a) throws Exception { Thread.sleep(120000); } }',
    ),
  );
  after(() => rmSync(SOURCE, { force: true }));
  afterEach(async () => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  async function serverOf(
    marker: string,
    command: readonly string[],
    options: SpawnOptions = {},
  ): Promise<DumpServer> {
    const words = ['java', '-Xmx32m', '-XX:TieredStopAtLevel=1', `-Dmarker=${marker}`, SOURCE];
    const [first = '', ...rest] = [...command, ...words];
    running = spawn(first, rest, { stdio: 'ignore', detached: true, cwd: '/', ...options });
    const finder = new JvmFinder({ proc: PROC, temporary: '/tmp' });
    for (let tries = 0; tries < 100; tries++) {
      const { found } = await finder.find(
        { matches: (text) => text.includes(`marker=${marker}`) },
        () => false,
      );
      for (const { file } of found) await file.close();
      const [jvm] = found;
      if (jvm !== undefined) {
        const { entry, startTicks, refusesAttach } = jvm;
        return {
          id: marker,
          target: { proc: PROC, pid: entry.pid, innerPid: entry.innerPid, startTicks, refusesAttach },
          heap: { used: 1_000_000, committed: 8_000_000 },
          hasTomcat: false,
        };
      }
      await pause(100);
    }
    throw new Error(`${marker} was not found`);
  }
  async function threadsOf({ target }: DumpServer): Promise<string> {
    let text = '';
    const command = { name: 'threaddump', args: ['-l'] } as const;
    for await (const bytes of attach(target, command, AbortSignal.timeout(20_000), { clock: systemClock }))
      text += Buffer.from(bytes).toString('utf8');
    return text;
  }

  test('in a container: other numbers, another /tmp, which is memory', {
    skip: canUnshare ? needsRoot : 'needs root and unshare',
  }, async () => {
    const script = 'mount -t tmpfs none /tmp && exec "$@"';
    const contain = ['unshare', '--pid', '--fork', '--mount', '--mount-proc', 'sh', '-c', script, 'sh'];
    const server = await serverOf('contained-dump', contain);
    const { pid, innerPid } = server.target;
    assert.notEqual(pid, innerPid);
    assert.match(await threadsOf(server), /"main" #1 /);
    const own = readdirSync(path.join(PROC, `${pid}`, 'root/tmp'));
    assert.ok(own.includes(`.java_pid${innerPid}`));
    assert.ok(!own.some((name) => name.startsWith('.attach_pid')));
    // A heap in there would be counted as the container's memory.
    assert.notEqual((await findHeapPlace(server)).folder, '/tmp');
  });
  test('another user’s, asked by root', { skip: needsRoot }, async () => {
    const server = await serverOf('lower-dump', [], { uid: OTHER, gid: OTHER });
    assert.match(await threadsOf(server), /"main" #1 /);
    assert.match(await threadsOf(server), /"main" #1 /);
  });
  test('without signals (-Xrs): it listens from its start', async () => {
    const server = await serverOf('silent-dump', ['env', 'JAVA_TOOL_OPTIONS=-Xrs']);
    assert.match(await threadsOf(server), /"main" #1 /);
  });
  test('closed by -XX:+DisableAttachMechanism, wherever that is said', async () => {
    const server = await serverOf('closed-dump', ['env', 'JAVA_TOOL_OPTIONS=-XX:+DisableAttachMechanism']);
    await assert.rejects(threadsOf(server), { code: 'DUMP_FAILED', message: /DisableAttachMechanism/ });
  });
});
