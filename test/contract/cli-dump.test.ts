import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as z from 'zod';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let fast: FastFleet;
let stateDirectory: string;
let servers: readonly string[] = [];
before(async () => {
  [built, fast] = await Promise.all([buildProgram(), startFastFleet()]);
  stateDirectory = path.join(built.home, 'cli-dump-state');
  servers = linesOf((await run('get', 'servers', '-o', 'name')).stdout);
});
after(async () => {
  await fast.close();
  built.remove();
});

const run = (...args: readonly string[]) =>
  runProgram(
    built,
    [...args, '--config', fast.configPath],
    { ...fast.environment, XDG_STATE_HOME: stateDirectory },
    60_000,
  );
const kept = () => path.join(stateDirectory, 'l9s', 'dumps');
const linesOf = (written: string) => written.split('\n').filter((line) => line !== '');

const jobSchema = z.object({
  action: z.string(),
  result: z.string(),
  targets: z.array(
    z.object({
      name: z.string(),
      result: z.string(),
      error: z.object({ code: z.string() }).optional(),
      dumps: z
        .array(
          z.object({
            name: z.string(),
            path: z.string(),
            kind: z.string(),
            sizeBytes: z.number(),
            sha256: z.string(),
            takenAt: z.string(),
            way: z.string(),
            how: z.string(),
            reason: z.string().optional(),
            series: z.object({ number: z.number(), count: z.number() }).optional(),
          }),
        )
        .optional(),
    }),
  ),
});

const WAS = ['prod-eu:shop/lena-was-*', '--all-matching', '9'];
const filesIn = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory) : [];

/** One server of a workload, as the command line names it. */
const serverOf = (start: string): string =>
  servers.find((name) => name.startsWith(start)) ?? assert.fail(`no ${start}: ${servers}`);

describe('l9s dump', () => {
  test('prints the paths of what it took, says the rest on stderr, and needs no terminal', async () => {
    const { code, stdout, stderr } = await run('dump', 'thread', ...WAS, '--reason', 'it hangs');
    assert.equal(code, 0, stderr);
    const files = linesOf(stdout);
    assert.ok(files.length > 1, stdout);
    for (const file of files) {
      assert.equal(path.dirname(file), kept());
      assert.match(path.basename(file), /^lena-was-.*_\d{8}-\d{6}_tdump\.txt$/);
      assert.match(readFileSync(file, 'utf8'), /Full thread dump/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const facts: unknown = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
      assert.deepEqual(z.object({ reason: z.string() }).parse(facts), { reason: 'it hangs' });
      const name = path.basename(file).replaceAll('.', '\\.');
      assert.match(stderr, new RegExp(`^${name}: (?:ok|warn|error|unknown): .*threads`, 'm'));
    }
    assert.match(stderr, /take a thread dump of lena-was-/);
  });

  test('gives the job with its dumps as JSON, in the directory asked for', async () => {
    const out = path.join(built.home, 'out', 'here');
    const before = filesIn(kept()).length;
    const { code, stdout, stderr } = await run(
      ...['dump', 'histogram', serverOf('prod-eu:shop/lena-was-'), '-o', 'json', '--out', out],
    );
    assert.equal(code, 0, stderr);
    const job = jobSchema.parse(JSON.parse(stdout));
    assert.equal(job.action, 'dump-histogram');
    const [dump] = job.targets[0]?.dumps ?? [];
    assert.equal(dump?.path, path.join(out, dump?.name ?? ''));
    assert.equal(statSync(dump?.path ?? '').size, dump?.sizeBytes);
    assert.deepEqual([dump?.kind, dump?.way], ['histogram', 'pod-exec']);
    assert.equal(filesIn(kept()).length, before);
    assert.match(stderr, /made the directory .*here/);
  });

  test('takes a series at an interval', async () => {
    const { code, stdout, stderr } = await run(
      ...['dump', 'thread', serverOf('prod-eu:shop/lena-was-'), '--count', '3', '--interval', '1'],
    );
    assert.equal(code, 0, stderr);
    assert.equal(linesOf(stdout).length, 3);
    assert.match(stderr, /: 2 \/ 3: /);
    assert.match(stderr, /^prod-eu:lena-was-\S+, series of 3: (?:ok|warn|error|unknown): /m);
  });

  test('asks before what changes something: exit 2 without a yes, the dump with it', async () => {
    const server = serverOf('prod-eu:shop/lena-was-');
    const before = filesIn(kept());
    for (const form of [['heap'], ['histogram', '--live']]) {
      const [word = '', ...more] = form;
      const refused = await run('dump', word, server, ...more);
      assert.deepEqual([refused.code, refused.stdout], [2, ''], refused.stderr);
      assert.match(refused.stderr, /CONSENT_MISSING/);
    }
    assert.deepEqual(filesIn(kept()), before);
    const { code, stdout, stderr } = await run('dump', 'heap', server, '--live', '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /_hdump\.hprof\n$/);
    assert.equal(
      readFileSync(linesOf(stdout)[0] ?? '')
        .subarray(0, 12)
        .toString('latin1'),
      'JAVA PROFILE',
    );
  });

  test('lists the files a server wrote itself, and fetches one', async () => {
    const server = serverOf('prod-eu:shop/lena-was-');
    const asked = await run('dump', 'fetch', server);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /dump fetch needs --file/);
    assert.doesNotMatch(asked.stderr, /\[object/);
    const file =
      /^ {2}(\/\S+_tdump\.txt) .*thread dump, /m.exec(asked.stderr)?.[1] ?? assert.fail(asked.stderr);
    const { code, stdout, stderr } = await run('dump', 'fetch', server, '--file', file);
    assert.equal(code, 0, stderr);
    const [taken = ''] = linesOf(stdout);
    assert.match(readFileSync(taken, 'utf8'), /Full thread dump/);
    const facts: unknown = JSON.parse(readFileSync(`${taken}.json`, 'utf8'));
    const { way, how } = z.object({ way: z.string(), how: z.string() }).parse(facts);
    assert.equal(way, 'server-file');
    assert.ok(how.includes(file), how);
    const other = await run('dump', 'fetch', server, '--file', '/etc/passwd');
    assert.deepEqual([other.code, other.stdout], [2, '']);
  });

  test('shows the plan and takes nothing where it is only tried', async () => {
    const before = filesIn(kept());
    const server = serverOf('prod-eu:shop/lena-was-');
    const { code, stdout } = await run('dump', 'thread', server, '--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /jcmd PID Thread\.print/);
    assert.match(stdout, /Not by LENA advertiser: /);
    assert.deepEqual(filesIn(kept()), before);
  });

  test('takes one through ECS exec', async () => {
    const { code, stdout, stderr } = await run('dump', 'service', serverOf('seoul:lena-prod/'));
    // Which of its tasks comes first is the fleet's affair: one without a JVM is said to have none.
    if (code === 5) assert.match(stderr, /runs no JVM/);
    else {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /_sdump\.txt\n$/);
      assert.match(stderr, /it lacks: /);
    }
  });

  test('says in words and exit codes why there is none, and leaves no half file', async () => {
    const before = filesIn(kept());
    const failures: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['thread', 'vm-was-01'], 5, /NO_WAY_TO_DUMP.*LENA advertiser: .*pod exec: /s],
      [['thread', serverOf('prod-eu:shop/lena-web-')], 5, /a web server runs no JVM/],
      [
        ['histogram', serverOf('prod-eu:pay/ledger-')],
        5,
        /NO_TOOL.*a JDK, or run `l9s advertise --dumps` beside/,
      ],
      [['thread', serverOf('prod-eu:shop/lena-was-'), '--way', 'ecs-exec'], 5, /NO_WAY_TO_DUMP.*ECS exec: /s],
      [['thread', 'vm-was-01', '--way', 'telnet'], 2, /INPUT_INVALID.*telnet/],
      [['thread', 'vm-was-01', '--count', '99'], 2, /INPUT_INVALID.*3 to 10/],
      [['heap', ...WAS, '--yes'], 2, /takes one target at a time/],
      [['thread', 'prod-eu:nobody'], 1, /TARGET_UNKNOWN/],
      [['thread', 'nobody', '--settle', '3s'], 3, /TARGET_UNSEEN.*heard nothing yet/],
      [['thread', ...WAS, '--live'], 2, /unknown option '--live'/],
      [['coffee', 'vm-was-01'], 2, /unknown command 'coffee'/],
    ];
    const left = [...failures];
    const work = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [args, expected, words] = next;
        const { code, stdout, stderr } = await run('dump', ...args);
        assert.deepEqual([code, stdout], [expected, ''], `${args.join(' ')}: ${stderr}`);
        assert.match(stderr, words);
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    assert.deepEqual(filesIn(kept()), before);
  });

  test('in a directory that cannot be written says which', async () => {
    const file = path.join(built.home, 'a-file');
    writeFileSync(file, '');
    const server = serverOf('prod-eu:shop/lena-was-');
    const { code, stderr } = await run('dump', 'thread', server, '--out', path.join(file, 'below'));
    assert.equal(code, 5);
    assert.match(stderr, /STATE_UNWRITABLE: .*a-file/);
  });
});
