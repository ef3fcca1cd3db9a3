import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
/** Above every number Linux gives. */
const NO_PID = '4999999';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
function advertise(args: readonly string[], onLine?: (end: () => void) => void): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'advertise', ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onLine?.(() => child.kill('SIGTERM'));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

describe('the command line of l9s advertise', { concurrency: 2 }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'l9s-advertise-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['a number and a pattern at once', ['--pid', '1', '--match', 'x'], 2, /USAGE.*exclude/],
    ['a number that is none', ['--pid', '-1'], 2, /whole number/],
    ['an interval out of bounds', ['--interval', '10ms'], 2, /500ms to 60s/],
    ['a receiver without a port', ['--to', 'collector'], 2, /collector.*is not host:port/],
    ['a receiver without a host', ['--to', ':16100'], 2, /":16100" is not host:port/],
    ['a receiver nobody can be', ['--to', 'collector:0'], 2, /"collector:0" is not host:port/],
    ['a receiver that is an empty variable', ['--to', ''], 2, /--to names no receiver/],
    ['JSON of what never ends', ['-o', 'json'], 2, /-o json needs --once/],
    ['a type that is no JVM', ['--server-type', 'nginx'], 2, /nginx/],
    ['an expression that is none', ['--once', '--match', 'shop('], 2, /shop\(/],
    [
      'a password on the command line',
      ['--once', '--tomcat', 'http://a:open-sesame@127.0.0.1/'],
      2,
      /everybody sees/,
    ],
    ['a process that is not there', ['--pid', NO_PID], 1, /NO_JVM: there is no process/],
    ['a process that is no JVM', ['--pid', `${process.pid}`], 1, /PERF_DATA_MISSING/],
  ];
  for (const [what, args, code, words] of refusals) {
    test(`refuses ${what}`, async () => {
      const ended = await advertise(args);
      assert.match(ended.stderr, words);
      assert.equal(ended.code, code);
      assert.equal(ended.stdout, '');
      assert.ok(!ended.stderr.includes('open-sesame'));
    });
  }
  test('finds nothing to read once, and says so in both forms', async () => {
    const ended = await advertise(['--once', '-o', 'json', '--match', 'no-such-server-anywhere']);
    assert.match(ended.stderr, /NO_JVM: no JVM matches/);
    assert.equal(ended.code, 1);
    assert.deepEqual(JSON.parse(ended.stdout), { jvms: [], problems: [] });
  });
  test('refuses credentials others can read', async () => {
    const file = path.join(folder, 'credentials');
    writeFileSync(file, 'agent:open-sesame');
    chmodSync(file, 0o644);
    const ended = await advertise(['--tomcat', '--tomcat-credentials', file]);
    assert.match(ended.stderr, /chmod 600/);
    assert.equal(ended.code, 2);
    assert.ok(!ended.stderr.includes('open-sesame'));
  });
  test('waits for a JVM of a glob, and ends by a signal as a shell knows it', async () => {
    const ended = await advertise(['--match', '*no-such-server-anywhere*'], (end) => end());
    assert.match(ended.stderr, /waiting for one/);
    assert.equal(ended.code, 128 + 15);
  });
  test('tells its options', async () => {
    const ended = await advertise(['--help']);
    assert.equal(ended.code, 0);
    for (const option of ['--pid', '--match', '--to', '--tomcat-credentials', '--once'])
      assert.ok(ended.stdout.includes(option), option);
  });
});
