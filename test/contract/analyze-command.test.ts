import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { entry, onPage, SLEEPING } from '../support/dump-threads.ts';
import { hotspotText } from '../support/hotspot-text.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'l9s-analyze-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const DEADLOCK = hotspotText({
  left: { state: 'BLOCKED', waitsFor: entry('0x00000000e0a1b2c3'), holds: ['0x00000000e0a1b2c4'] },
  right: { state: 'BLOCKED', waitsFor: entry('0x00000000e0a1b2c4'), holds: ['0x00000000e0a1b2c3'] },
});
const write = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
/** Without a home, a configuration or a terminal. */
function analyze(
  args: readonly string[],
  given = '',
  environment: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'analyze', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(given);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('the verdict comes first, with the stacks that show it, within 80 columns', async () => {
  const { code, stdout, stderr } = await analyze([write('a.txt', DEADLOCK)]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const lines = stdout.split('\n');
  assert.deepEqual(lines.slice(0, 2), ['VERDICT', '✖ deadlock of 2 threads on monitors: "left", "right"']);
  assert.match(stdout, /"left" waits for 0x00000000e0a1b2c3 \(java\.lang\.Object\), held by "right"/);
  assert.match(stdout, /\nSTATES \(1\)\n {7}2 {2}BLOCKED/);
  assert.deepEqual(
    lines.filter((line) => line.length > 80 && !line.startsWith('        ')),
    [],
  );
});

test('standard input and a packed file are a series; JSON tells it', async () => {
  const first = hotspotText({ 'http-nio-8080-exec-1': SLEEPING }, '2026-11-21 06:00:00');
  const second = hotspotText({ 'http-nio-8080-exec-1': SLEEPING }, '2026-11-21 06:00:30');
  const { code, stdout } = await analyze([write('b.txt.gz', gzipSync(second)), '-', '-o', 'json'], first);
  assert.equal(code, 0);
  const said: unknown = JSON.parse(stdout);
  assert.ok(
    typeof said === 'object' && said !== null && 'verdict' in said && 'dumps' in said && 'files' in said,
  );
  assert.match(JSON.stringify(said.verdict), /"stuck-requests".*2 dumps/);
  assert.match(
    JSON.stringify(said.dumps),
    /"file":"standard input","run":1,"at":"2026-11-21T06:00:00.000Z".*"file":"b.txt.gz","run":1,"at":"2026-11-21T06:00:30.000Z"/,
  );
});

test('each file that cannot be read is one error, the others are analysed', async () => {
  const denied = write('denied.txt', DEADLOCK);
  chmodSync(denied, 0o000);
  const isRoot = process.getuid?.() === 0;
  const files = [
    path.join(folder, 'gone.txt'),
    folder,
    write('pdf.txt', '%PDF-1.4 nothing of a dump'),
    write('empty.txt', ''),
    write('broken.gz', Buffer.concat([gzipSync(DEADLOCK).subarray(0, 40), Buffer.alloc(40, 1)])),
    ...(isRoot ? [] : [denied]),
  ];
  const { code, stdout, stderr } = await analyze([...files, write('a.txt', DEADLOCK)]);
  assert.equal(code, 3);
  assert.match(stdout, /deadlock of 2 threads/);
  const errors = stderr.split('\n').filter((line) => line.startsWith('l9s: '));
  assert.equal(errors.length, files.length);
  assert.match(errors[0] ?? '', /^l9s: NOT_FOUND: there is no file .*gone\.txt$/);
  assert.match(errors[1] ?? '', /^l9s: NOT_A_DUMP: .* is a directory$/);
  assert.match(stderr, /Name the files in it/);
  const none = await analyze(files);
  assert.equal(none.code, 1);
  assert.equal(none.stdout, '');
});

test('a packed file that was cut gives what it holds, and says that it ends in the middle', async () => {
  const file = write('cut.gz', gzipSync(DEADLOCK.repeat(50), { level: 0 }));
  truncateSync(file, 9_000);
  const { code, stdout } = await analyze([file, '-o', 'json']);
  assert.equal(code, 0);
  assert.match(stdout, /"isTruncated": true/);
  assert.match(stdout, /"deadlock"/);
});

test('bad calls are told, Korean is spoken, and --all shows every thread', async () => {
  const file = write('a.txt', DEADLOCK);
  const twice = await analyze(['-', '-']);
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /standard input \(-\) can be read once/);
  assert.equal((await analyze([])).code, 2);
  assert.equal((await analyze([file, '--top', 'many'])).code, 2);
  const korean = await analyze([file, '--all'], '', { LANG: 'ko_KR.UTF-8' });
  assert.match(korean.stdout, /^판정\n✖ 데드락: 스레드 2개 \(모니터\): "left", "right"/);
  assert.match(korean.stdout, /\n스레드 \(2\)\n/);
});

test('control characters of names and files reach no terminal', async () => {
  const text = DEADLOCK.replaceAll('left', 'le\u001b[31mft');
  const { stdout, stderr } = await analyze([write('a\u001b]0;x.txt', text), '/nowhere/\u001b[2J']);
  assert.match(stdout, /deadlock of 2 threads/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  assert.doesNotMatch(`${stdout}${stderr}`, /[\u0000-\u0009\u000b-\u001f]/);
});

test('a stack is told once, with the frames of the application; all of it is there with --all', async () => {
  const file = write(
    'pages.txt',
    hotspotText({
      'http-nio-8080-exec-1': {
        state: 'TIMED_WAITING',
        holds: ['0x0a'],
        frames: onPage('com.shop.Page.doGet', 'java.lang.Thread.sleep'),
      },
      'http-nio-8080-exec-2': {
        state: 'BLOCKED',
        waitsFor: entry('0x0a'),
        frames: onPage('com.shop.Other.doGet'),
      },
      'http-nio-8080-exec-3': {
        state: 'BLOCKED',
        waitsFor: entry('0x0a'),
        frames: onPage('com.shop.Other.doGet'),
      },
    }),
  );
  const times = (text: string, words: string): number => text.split(words).length - 1;
  const { stdout } = await analyze([file]);
  assert.equal(times(stdout, 'at com.shop.Page.doGet'), 1);
  assert.equal(times(stdout, 'at com.shop.Other.doGet'), 1);
  assert.match(
    stdout,
    /at java\.lang\.Thread\.sleep.*\n.*locked <0x0a>.*\n +at com\.shop\.Page\.doGet.*\n +… 5 more\n/,
  );
  assert.doesNotMatch(stdout, /at org\.apache\.tomcat/);
  assert.match(stdout, /stack as above, of /);
  const whole = await analyze([file, '--all']);
  assert.ok(times(whole.stdout, 'at com.shop.Page.doGet') > 1);
  assert.match(whole.stdout, /at org\.apache\.tomcat/);
});

test('every class is listed with --all, and their number is told without', async () => {
  const rows = Array.from(
    { length: 1_790 },
    (_none, index) => `${index + 1}: 1 ${9_000 - index} com.shop.C${index}`,
  );
  const file = write(
    'histogram.txt',
    [' num     #instances         #bytes  class name (module)', ...rows, 'Total 1790 14509405', ''].join(
      '\n',
    ),
  );
  const some = await analyze([file]);
  assert.match(some.stdout, /CLASSES \(1790\)/);
  assert.match(some.stdout, /… 1780 more: --top N, --all/);
  const all = await analyze([file, '--all']);
  assert.equal(
    all.stdout.split('\n').filter((line) => line.includes('com.shop.C') && line.includes('of all')).length,
    1_790,
  );
  assert.doesNotMatch(all.stdout, /… \d+ more/);
});

test('in Korean what shows a finding is Korean too', async () => {
  const { stdout } = await analyze([write('a.txt', DEADLOCK)], '', { LANG: 'ko_KR.UTF-8' });
  assert.match(stdout, /"left": 0x00000000e0a1b2c3 \(java\.lang\.Object\) 대기, "right" 보유/);
  assert.doesNotMatch(stdout, /Found from|waits for|since|of CPU| held by/);
});
