import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ERRORS } from '../../src/domain/errors.ts';
import { type BadTarget, type BadTargets, createBadTargets, SECRET } from '../support/bad-targets.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { hasPty, startInPty } from '../support/pty.ts';
import { type Finished, runProgram } from '../support/run-program.ts';

/** What a terminal acts on; a line feed is the only one a command may print. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

const CHECK_OF = {
  configure: 'configured',
  reach: 'reachable',
  authenticate: 'authenticated',
  allow: 'allowed',
  use: 'answers',
  // No connection fails there: the lookup below must find none of them.
  refuse: 'no check',
  act: 'no check',
} as const;

let built: BuiltProgram;
let targets: BadTargets;
let doctor: Promise<Finished>;
let quick: readonly BadTarget[];

before(async () => {
  built = await buildProgram();
  targets = await createBadTargets(built.home);
  const [firstGood = {}, ...otherGood] = targets.good;
  const all = targets.config('all.yaml', [firstGood, ...targets.bad.map(({ entry }) => entry), ...otherGood]);
  quick = targets.bad.filter(({ isSlow }) => isSlow !== true);
  targets.config('quick.yaml', [firstGood, ...quick.map(({ entry }) => entry), ...otherGood]);
  // The longest limit of a source is twenty seconds: this runs beside the other tests.
  doctor = runProgram(built, ['doctor', '--config', all], targets.environment);
});
after(async () => {
  await targets.close();
  built.remove();
});

const quickConfig = () => path.join(built.home, 'bad-targets', 'quick.yaml');
const linesOf = (text: string, start: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(start));

function assertSays(target: BadTarget, line: string): void {
  assert.ok(
    target.codes.some((code) => line.includes(`${code}: `)),
    `${target.codes.join(' or ')} of ${line}`,
  );
  assert.match(line, target.says);
}

describe('targets that cannot work', () => {
  test('get prints one line each with code, cause and remedy, the rows of the others, and leaves with 3', async () => {
    const { code, stdout, stderr, elapsedMs } = await runProgram(
      built,
      ['get', 'servers', '-o', 'name', '--config', quickConfig()],
      targets.environment,
    );
    assert.equal(code, 3, stderr);
    assert.match(stdout, /^good-kube:lena\/lena-was-/m);
    assert.match(stdout, /^good-mgr:container\/was-1$/m);
    for (const target of quick) {
      const [line, ...more] = linesOf(stderr, `l9s: ${target.name}: `);
      assert.ok(line !== undefined, `nothing of ${target.name} in\n${stderr}`);
      assert.deepEqual(more, [], `one line for ${target.name}`);
      assertSays(target, line);
      assert.match(line, /\. [A-Z].*\.$/, 'a remedy');
    }
    assert.equal(stderr.trimEnd().split('\n').length, quick.length, stderr);
    assert.doesNotMatch(stdout + stderr, RAW_CONTROL);
    assert.ok(!(stdout + stderr).includes(SECRET));
    assert.ok(elapsedMs < 9_500, `${elapsedMs} ms: no target was waited for longer than its limits`);
  });

  test(':contexts shows each with its code and cause, the others live, and nothing a terminal acts on', {
    skip: hasPty ? false : 'needs script (util-linux)',
  }, async () => {
    const pty = startInPty([process.execPath, built.program, '--config', quickConfig()], {
      columns: 240,
      rows: quick.length + 20,
      environment: { ...built.environment, ...targets.environment },
    });
    await pty.until((screen) => /NAME.*STATE/.test(screen));
    pty.write(':contexts\r');
    const lineOf = (screen: string, name: string) =>
      screen.split('\n').find((line) => new RegExp(`^\\W*${name} `).test(line)) ?? '';
    const names = quick.map(({ name }) => name);
    await pty.until((screen) => names.every((name) => /(failed|denied)/.test(lineOf(screen, name))));
    await pty.until(
      (screen) => /live/.test(lineOf(screen, 'good-kube')) && /live/.test(lineOf(screen, 'good-mgr')),
    );
    for (const target of quick) {
      const line = lineOf(pty.screen(), target.name);
      assert.ok(
        target.codes.some((code) => line.includes(code)),
        `${target.codes.join(' or ')} of ${line}`,
      );
    }
    pty.write('/m-base\r');
    await pty.until((screen) => screen.includes(ERRORS.BASE_PATH_UNKNOWN.hint));
    for (const sequence of ['\u001b]0;owned', 'owned\u0007', '\u009b2J', SECRET]) {
      assert.ok(!pty.raw().includes(sequence), JSON.stringify(sequence));
    }
    pty.write('\u0003');
    assert.equal(await pty.exited, 0);
  });

  test('doctor fails each at the check it stopped at, in one line, and leaves with 3', async () => {
    const { code, stdout, stderr } = await doctor;
    assert.equal(code, 3, stderr);
    assert.equal(stderr, '');
    for (const target of targets.bad) {
      const [line, ...more] = linesOf(stdout, `✖ ${target.name} `);
      assert.ok(line !== undefined, `nothing of ${target.name} in\n${stdout}`);
      assert.deepEqual(more, [], `one line for ${target.name}`);
      assertSays(target, line);
      const [, check = '', , detail = ''] = line.split(/ {2,}/);
      const said = target.codes.find((one) => detail.startsWith(`${one}: `));
      assert.ok(said !== undefined, line);
      assert.equal(check, CHECK_OF[ERRORS[said].stage], line);
      assert.match(line, / — [A-Z].*\.$/, 'what to do');
      assert.equal(
        linesOf(stdout, `▲ ${target.name} `).filter((warning) => warning.includes(detail)).length,
        0,
      );
    }
    for (const name of ['good-kube', 'good-mgr']) {
      assert.deepEqual(linesOf(stdout, `✖ ${name} `), []);
      assert.equal(linesOf(stdout, `✔ ${name} `).filter((line) => line.includes(' answers ')).length, 1);
    }
    assert.doesNotMatch(stdout, RAW_CONTROL);
    assert.ok(!stdout.includes(SECRET));
  });

  test('no key follows a redirect, and no secret is in the log', async () => {
    await doctor;
    assert.deepEqual(targets.redirectTarget.requests, []);
    const log = readFileSync(path.join(built.home, '.local', 'state', 'l9s', 'l9s.log'), 'utf8');
    assert.match(log, /k-exec-fails/);
    assert.ok(!log.includes(SECRET));
    assert.doesNotMatch(log, RAW_CONTROL);
  });
});
