import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { assertHarmless, DUMP_SECRET, HOSTILE_WORDS } from '../support/dump-command.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let folder: string;
before(async () => {
  built = await buildProgram();
  folder = path.join(built.home, 'dumps');
  mkdirSync(folder);
});
after(() => built.remove());

const write = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};
const analyze = (...args: readonly string[]) => runProgram(built, ['analyze', ...args]);

describe('what is no dump', () => {
  test('is told from one, whatever it looks like, and the others are read', async () => {
    const head = 'Full thread dump OpenJDK 64-Bit Server VM (17.0.13+11 mixed mode, sharing):\n\n';
    const bad = [
      '/dev/zero',
      write('noise.bin', Buffer.alloc(100_000, 0xfe)),
      write('words.txt', `${HOSTILE_WORDS}\n`),
      write(`name\u001b]0;owned\u0007.txt`, 'nothing'),
    ];
    const good = write(
      'good.txt',
      `${head}"main ${HOSTILE_WORDS}" #1 prio=5 tid=0x1 nid=0x1 runnable\n   java.lang.Thread.State: RUNNABLE\n\tat com.shop.A.run(A.java:7)\n\n`,
    );
    const { code, stdout, stderr } = await analyze(...bad, good, '--all');
    assert.equal(code, 3, stderr);
    assert.equal(stderr.match(/^l9s: NOT_A_DUMP: /gm)?.length, bad.length, stderr);
    assert.match(stderr, /\/dev\/zero is a device/);
    assert.match(stdout, /1 thread/);
    assertHarmless(stdout + stderr);
  });

  test('statements and addresses of a service dump are shown without what is secret in them', async () => {
    const file = write(
      'requests_sdump.txt',
      [
        '# l9s service dump 1',
        '# server: was-1',
        '# at: 2026-11-21T06:00:00.000Z',
        '# from: agent',
        '# requests: 1',
        'thread\tservice\tsql',
        `exec-1\tGET /login?token=${DUMP_SECRET}\tselect 1 from member where password = '${DUMP_SECRET}' and id = 7`,
        '',
      ].join('\n'),
    );
    for (const output of ['text', 'json']) {
      const { code, stdout, stderr } = await analyze(file, '-o', output, '--all');
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\/login\?token=\*{3}/);
      assertHarmless(stdout + stderr);
    }
  });
});

test('who waits for a pipe nobody writes to is ended by a signal', {
  skip:
    spawnSync('mkfifo', ['--version']).status === 0 && existsSync('/proc/self/fd')
      ? false
      : 'needs mkfifo and /proc',
}, async () => {
  const pipe = path.join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  assert.ok(statSync(pipe).isFIFO());
  const child = spawn(process.execPath, [built.program, 'analyze', pipe], {
    env: built.environment,
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const opened = `/proc/${child.pid ?? 0}/fd`;
  await waitFor('it has opened the pipe', () =>
    readdirSync(opened).some((fd) => linkOf(path.join(opened, fd)) === pipe),
  );
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), 8_000);
  const code = await ended;
  clearTimeout(limit);
  assert.equal(code, 143);
});

/** What a descriptor is of; it may be closed by now. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
