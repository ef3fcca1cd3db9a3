import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const l9s = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });

describe('the command line of the agent’s dumps', { concurrency: 2 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-dump-cli-'));
  const file = (name: string) => path.join(folder, name);
  after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(file('open'), 'open-sesame'.repeat(4));
  chmodSync(file('open'), 0o644);

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['heaps without --dumps', ['--allow-heap-dumps'], 2, /--allow-heap-dumps needs --dumps/],
    ['a key without --dumps', ['--dump-key', 'x'], 2, /--dump-key needs --dumps/],
    [
      'no identity',
      ['--dumps', '--dump-key', 'x'],
      2,
      /--dump-identity CONTEXT\/WORKLOAD.*l9s advertise --help/s,
    ],
    [
      'an identity that is none',
      ['--dumps', '--dump-identity', 'shop', '--dump-key', 'x'],
      2,
      /CONTEXT\/WORKLOAD/,
    ],
    ['no key', ['--dumps', '--dump-identity', 'a/b'], 2, /--dump-key or --dump-master-key, and not both/],
    [
      'two keys',
      ['--dumps', '--dump-identity', 'a/b', '--dump-key', 'x', '--dump-master-key', 'y'],
      2,
      /not both/,
    ],
    [
      'dumps of one look',
      ['--once', '--dumps', '--dump-identity', 'a/b', '--dump-key', 'x'],
      2,
      /exclude one another/,
    ],
    [
      'a receiver without a port',
      ['--dumps', 'here', '--dump-identity', 'a/b', '--dump-key', 'x'],
      2,
      /is not host:port/,
    ],
    [
      'a key file that is not there',
      ['--dumps', '--dump-identity', 'a/b', '--dump-key', '/no/such/key'],
      2,
      /KEY_FILE_INVALID/,
    ],
    [
      'a key file of all',
      ['--dumps', '--dump-identity', 'a/b', '--dump-master-key', file('open')],
      2,
      /KEY_FILE_INVALID.*chmod 600/,
    ],
  ];
  for (const [what, args, code, words] of refusals) {
    test(`refuses ${what}`, async () => {
      const ended = await l9s('advertise', ...args);
      assert.match(ended.stderr, words);
      assert.equal(ended.code, code);
      assert.ok(!ended.stderr.includes('open-sesame'));
    });
  }
  test('writes keys and prints none', async () => {
    const first = await l9s('agent-key', 'init', file('master'));
    assert.equal(first.code, 0, first.stderr);
    const second = await l9s(
      'agent-key',
      'derive',
      'prod/shop/was',
      '--master',
      file('master'),
      '--out',
      file('was'),
    );
    assert.equal(second.code, 0, second.stderr);
    const key = readFileSync(file('was'), 'utf8').trim();
    assert.match(key, /^[0-9a-f]{64}$/);
    const printed = [first, second].map(({ stdout, stderr }) => stdout + stderr).join('');
    assert.ok(!printed.includes(key));
    assert.match(printed, /telemetry\.agentKey/);
  });
  test('derives nothing for what is no identity', async () => {
    const ended = await l9s('agent-key', 'derive', 'shop', '--master', file('open'), '--out', file('none'));
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /CONTEXT\/WORKLOAD/);
    assert.ok(!existsSync(file('none')));
  });
});
