import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  assertCode,
  auditFiles,
  NO_IMAGE,
  openStage,
  outcomesOf,
  plainDeployment,
  resultsOf,
  type Stage,
  type StartedProgram,
} from '../support/act-stage.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { waitFor } from '../support/fleet-wait.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const DR = ['--context', 'dr-eu'] as const;
const shop = (name: string) => `dr-eu:shop/deployment/${name}`;
const FIVE = ['a-cart', 'b-lists', 'c-stock', 'd-search', 'e-offers'];

/** Five workloads are scaled; the first three wait for images that are not there, the others for their turn. */
async function startFive(stage: Stage): Promise<StartedProgram> {
  const simulator = stage.kube('dr-eu');
  for (const [at, name] of FIVE.entries()) {
    simulator.apply(plainDeployment({ name, ...(at < 3 ? { image: NO_IMAGE } : {}) }));
  }
  const program = stage.start(['scale', ...FIVE.map(shop), '--replicas', '2', '--yes', ...DR]);
  await program.until((stderr) =>
    FIVE.slice(0, 3).every((name) => stderr.includes(`${name} are ready: 0 of`)),
  );
  return program;
}
async function onlyEntry(stage: Stage) {
  const [entry, ...others] = await stage.audit();
  assert.ok(entry !== undefined);
  assert.deepEqual(others, []);
  return entry;
}

describe('the built program when it has to leave', { concurrency: 3 }, () => {
  for (const { signal, code, result, word } of [
    { signal: 'SIGINT', code: 130, result: 'cancelled', word: 'cancelled' },
    { signal: 'SIGTERM', code: 143, result: 'interrupted', word: 'interrupted' },
    { signal: 'SIGHUP', code: 129, result: 'interrupted', word: 'interrupted' },
  ] as const)
    test(`${signal} while it waits: ${result}, nothing further is begun, exit ${code}`, async (context) => {
      const stage = await openStage(context, built);
      const program = await startFive(stage);
      program.child.kill(signal);
      const ended = await program.finished;
      assertCode(ended, code);
      assert.equal(ended.signal, null);
      assert.equal(ended.stdout.match(new RegExp(` ${word}`, 'g'))?.length, 3);
      assert.equal(ended.stdout.match(/ not started/g)?.length, 2);
      assert.equal(stage.writes('dr-eu', 'deployments/').length, 3);
      const entry = await onlyEntry(stage);
      assert.equal(entry.result, result);
      assert.deepEqual(
        resultsOf(entry),
        FIVE.map((name, at) => `${name} ${at < 3 ? result : 'notStarted'}`),
      );
      assert.deepEqual(outcomesOf(entry), ['done', 'done', 'done', 'not begun', 'not begun']);
    });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    test(`${signal} before anything was begun leaves no change and no record: exit ${code}`, async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
      const asked = await stage.ask(['scale', shop('cart'), '--replicas', '2', ...DR]);
      const ended = await asked.end(signal);
      assertCode(ended, code);
      assert.deepEqual(stage.writes('dr-eu'), []);
      assert.deepEqual(await stage.audit(), []);
    });

  for (const [words, keys, code, said] of [
    ['^c', '\u0003', 130, /Go on\?/],
    ['^d', '\u0004', 2, /CONSENT_MISSING/],
    ['enter alone', '\r', 2, /CONSENT_MISSING/],
  ] as const)
    test(`${words} at the question changes nothing: exit ${code}`, async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
      const asked = await stage.ask(['scale', shop('cart'), '--replicas', '2', ...DR]);
      asked.write(keys);
      const ended = await asked.ended;
      assertCode(ended, code);
      assert.match(ended.screen, said);
      assert.doesNotMatch(ended.screen, /INTERNAL/);
      assert.deepEqual(stage.writes('dr-eu'), []);
    });

  test('a yes typed before the plan was shown is no answer to it', async (context) => {
    const stage = await openStage(context, built);
    stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
    const asked = await stage.ask(['scale', shop('cart'), '--replicas', '2', ...DR], 'y\r');
    asked.write('n\r');
    assertCode(await asked.ended, 2);
    assert.deepEqual(stage.writes('dr-eu'), []);
    assert.deepEqual(await stage.audit(), []);
  });

  for (const signal of ['SIGINT', 'SIGHUP'] as const)
    test(`${signal} while an answer is awaited: sent and unknown, exit 6`, async (context) => {
      const stage = await openStage(context, built);
      const asked = await askThenHang(stage);
      asked.write();
      await callOnItsWay(stage);
      const ended = await asked.end(signal);
      assertCode(ended, 6);
      const entry = await onlyEntry(stage);
      assert.deepEqual(
        [entry.result, resultsOf(entry), outcomesOf(entry)],
        ['unknown', ['cart unknown OUTCOME_UNKNOWN'], ['unknown']],
      );
    });

  test('whoever read the result is gone: it is done, in the audit, and the exit is that of a broken pipe', async (context) => {
    const stage = await openStage(context, built);
    stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
    const program = stage.start(['scale', shop('cart'), '--replicas', '2', '--yes', ...DR]);
    program.child.stdout?.destroy();
    const ended = await program.finished;
    assertCode(ended, 141);
    assert.equal(stage.writes('dr-eu', 'deployments/').length, 1);
    assert.deepEqual(resultsOf(await onlyEntry(stage)), ['cart done']);
  });
});

async function askThenHang(stage: Stage) {
  stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
  const asked = await stage.ask(['scale', shop('cart'), '--replicas', '2', ...DR]);
  stage.fast.fleet.setFault('dr-eu', { kind: 'hang' });
  return asked;
}
/** Until the audit says that the one call has left, as another process reads it. */
async function callOnItsWay(stage: Stage): Promise<void> {
  await waitFor('the call to be written down', () =>
    existsSync(stage.auditDirectory)
      ? auditFiles(stage.auditDirectory).some((file) => readFileSync(file, 'utf8').includes('"sending"'))
      : false,
  );
  const entry = await onlyEntry(stage);
  assert.deepEqual([entry.result, resultsOf(entry)], ['running', ['cart none']]);
}

describe('the built program when it is killed', { concurrency: 2 }, () => {
  test('kill -9 while it waits: the audit says what was begun and what was answered', async (context) => {
    const stage = await openStage(context, built);
    const program = await startFive(stage);
    program.child.kill('SIGKILL');
    assert.equal((await program.finished).signal, 'SIGKILL');
    const entry = await onlyEntry(stage);
    assert.equal(entry.result, 'unfinished');
    assert.deepEqual(outcomesOf(entry), ['done', 'done', 'done', 'not begun', 'not begun']);
    assert.deepEqual(
      resultsOf(entry),
      FIVE.map((name) => `${name} none`),
    );
    const listed = await stage.run(['audit', '--result', 'unfinished']);
    assertCode(listed, 0);
    assert.match(listed.stdout, /unfinished +scale/);
  });

  test('kill -9 while an answer is awaited: that call is unknown in the audit', async (context) => {
    const stage = await openStage(context, built);
    const asked = await askThenHang(stage);
    asked.write();
    await callOnItsWay(stage);
    await asked.end('SIGKILL');
    const entry = await onlyEntry(stage);
    assert.deepEqual([entry.result, outcomesOf(entry)], ['unfinished', ['unknown']]);
  });
});

const canLimit = spawnSync('prlimit', ['--version']).status === 0;

/** From now on the audit takes no record; gives what undoes it. */
const OBSTACLES = {
  'its disk is full': (stage: Stage, { child }: StartedProgram) => {
    const [file] = auditFiles(stage.auditDirectory);
    assert.ok(file !== undefined);
    const limitBytes = statSync(file).size + 40;
    const { status, stderr } = spawnSync('prlimit', ['--pid', `${child.pid}`, `--fsize=${limitBytes}`]);
    assert.equal(status, 0, String(stderr));
    return () => {};
  },
  'its folder is taken away': (stage: Stage) => {
    const aside = `${stage.auditDirectory}-aside`;
    renameSync(stage.auditDirectory, aside);
    writeFileSync(stage.auditDirectory, 'a file where a folder should be');
    return () => {
      rmSync(stage.auditDirectory);
      renameSync(aside, stage.auditDirectory);
    };
  },
} satisfies Record<string, (stage: Stage, program: StartedProgram) => () => void>;

describe('the built program when its audit fails it in the middle', { concurrency: 2 }, () => {
  for (const [words, obstruct] of Object.entries(OBSTACLES))
    test(`${words}: what has begun goes on, nothing further is sent, exit 4`, {
      skip: words === 'its disk is full' && !canLimit,
    }, async (context) => {
      const stage = await openStage(context, built);
      const program = await startFive(stage);
      const undo = obstruct(stage, program);
      for (const name of FIVE.slice(0, 3)) stage.kube('dr-eu').apply(plainDeployment({ name, replicas: 2 }));
      const ended = await program.finished;
      assertCode(ended, 4);
      assert.equal(ended.stdout.match(/^\S+ +done/gm)?.length, 3);
      assert.equal(ended.stdout.match(/ failed +AUDIT_UNWRITABLE/g)?.length, 2);
      assert.match(ended.stderr, /AUDIT_UNWRITABLE.*cannot be written/);
      assert.equal(stage.writes('dr-eu', 'deployments/').length, 3);
      undo();
      const entry = await onlyEntry(stage);
      assert.equal(entry.result, 'unfinished');
      assert.deepEqual(outcomesOf(entry).slice(0, 3), ['done', 'done', 'done']);
      assert.ok(!outcomesOf(entry).slice(3).includes('done'));
    });
});
