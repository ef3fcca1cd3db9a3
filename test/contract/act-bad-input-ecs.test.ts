import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AuditedEntry,
  assertCode,
  openStage,
  outcomesOf,
  resultsOf,
  type Stage,
} from '../support/act-stage.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const SEOUL = ['--context', 'seoul'] as const;
const WEB = 'seoul:lena-prod/member-web';
const UPDATE = 'UpdateService';

async function newest(stage: Stage): Promise<AuditedEntry> {
  const [entry] = await stage.audit();
  assert.ok(entry !== undefined);
  return entry;
}

describe('the built program on ECS', { concurrency: 3 }, () => {
  test('a missing right is refused by the service: exit 4, one call, and no other', async (context) => {
    const stage = await openStage(context, built);
    stage.ecs().deny([UPDATE]);
    const ended = await stage.run(['restart', WEB, '--yes', ...SEOUL]);
    assertCode(ended, 4);
    assert.match(ended.stdout, /seoul:member-web +failed +PERMISSION_DENIED/);
    assert.equal(stage.writes('seoul', UPDATE).length, 1);
    const entry = await newest(stage);
    assert.deepEqual(
      [resultsOf(entry), outcomesOf(entry)],
      [['member-web failed PERMISSION_DENIED'], ['failed']],
    );
  });

  test('a throttled write is failed and sent once', async (context) => {
    const stage = await openStage(context, built);
    stage.ecs().setThrottle(1, 'writes');
    const ended = await stage.run(['scale', WEB, '--replicas', '2', '--yes', ...SEOUL]);
    assertCode(ended, 5);
    assert.match(ended.stdout, /failed +THROTTLED/);
    assert.equal(stage.writes('seoul', UPDATE).length, 1);
    assert.deepEqual(resultsOf(await newest(stage)), ['member-web failed THROTTLED']);
  });

  test('throttled in the middle of ten tasks: those are failed, the others done, none is sent twice', async (context) => {
    const stage = await openStage(context, built);
    const [before] = stage.ecs().tasks('lena-stage');
    assert.ok(before !== undefined);
    stage.ecs().createService({
      cluster: 'lena-stage',
      name: 'ten',
      taskDefinition: before.taskDefinition,
      desiredCount: 10,
      runningSince: Date.now() - 3_600_000,
    });
    const tasks = stage
      .ecs()
      .tasks('lena-stage')
      .filter(({ service }) => service === 'ten');
    assert.equal(tasks.length, 10);
    stage.ecs().setThrottle(0.5, 'writes');
    const names = await namesOf(
      stage,
      tasks.map(({ taskId }) => taskId),
    );
    const ended = await stage.run(['delete', ...names, '--yes', ...SEOUL]);
    assertCode(ended, 5);
    const entry = await newest(stage);
    const results = resultsOf(entry).map((line) => line.split(' ').slice(1).join(' '));
    const doneCount = results.filter((result) => result === 'done').length;
    assert.ok(doneCount > 0 && doneCount < 10, String(doneCount));
    assert.equal(results.filter((result) => result === 'failed THROTTLED').length, 10 - doneCount);
    assert.equal(stage.writes('seoul', 'StopTask').length, 10);
  });

  test('an answer lost after it was sent is unknown: exit 6, and it was done once', async (context) => {
    const stage = await openStage(context, built);
    stage.ecs().loseAnswers(1);
    const ended = await stage.run(['scale', WEB, '--replicas', '2', '--yes', ...SEOUL]);
    assertCode(ended, 6);
    assert.equal(stage.writes('seoul', UPDATE).length, 1);
    const entry = await newest(stage);
    assert.deepEqual(
      [resultsOf(entry), outcomesOf(entry)],
      [['member-web unknown OUTCOME_UNKNOWN'], ['unknown']],
    );
  });

  for (const [words, fault, why] of [
    ['down', { kind: 'refuse' }, /REFUSED|ECONNREFUSED|refused/],
    ['behind a sign-in page', { kind: 'html', status: 200 }, /page|HTML|JSON/i],
  ] as const)
    test(`${words} before anything was sent is not unknown, and why is said: exit 5`, async (context) => {
      const stage = await openStage(context, built);
      const order = ['scale', WEB, '--replicas', '2', '--timeout', '4s', ...SEOUL];
      const ended = await stage.confirm(order, () => stage.fast.fleet.setFault('seoul', fault));
      assertCode(ended, 5);
      assert.deepEqual(stage.writes('seoul', UPDATE), []);
      const entry = await newest(stage);
      assert.deepEqual(outcomesOf(entry), ['not begun']);
      assert.deepEqual(resultsOf(entry), ['member-web timedOut ACTION_TIMEOUT']);
      assert.match(entry.targets[0]?.error ?? '', why);
    });

  test('a count somebody changed while the plan was shown is a conflict, and nothing is sent', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.confirm(['scale', WEB, '--replicas', '3', ...SEOUL], () =>
      stage.ecs().updateService({ cluster: 'lena-prod', name: 'member-web', desiredCount: 2 }),
    );
    assertCode(ended, 5);
    assert.match(ended.screen, /failed +CONFLICT/);
    assert.deepEqual(stage.writes('seoul', UPDATE), []);
    assert.deepEqual(resultsOf(await newest(stage)), ['member-web failed CONFLICT']);
  });

  test('a service deleted while the plan was shown is failed, and the other is done', async (context) => {
    const stage = await openStage(context, built);
    const both = [WEB, 'seoul:lena-stage/point-api'];
    const ended = await stage.confirm(['scale', ...both, '--replicas', '2', ...SEOUL], () =>
      stage.ecs().deleteService('lena-prod', 'member-web'),
    );
    assertCode(ended, 5);
    const entry = await newest(stage);
    assert.equal(entry.result, 'partial');
    assert.match(resultsOf(entry).join(), /^member-web failed (NOT_FOUND|CONFLICT),point-api done$/);
    assert.equal(stage.writes('seoul', UPDATE).length, 1);
  });

  test('tasks whose image is missing never get ready: timed out, exit 5', async (context) => {
    const stage = await openStage(context, built);
    const image = await imageOf(stage, 'member-web');
    stage.ecs().setMissingImages([image]);
    const ended = await stage.run(['restart', WEB, '--yes', '--timeout', '6s', ...SEOUL]);
    assertCode(ended, 5);
    assert.match(ended.stdout, /seoul:member-web +timed out +ACTION_TIMEOUT/);
    const entry = await newest(stage);
    assert.deepEqual(
      [resultsOf(entry), outcomesOf(entry)],
      [['member-web timedOut ACTION_TIMEOUT'], ['done']],
    );
  });

  test('a deployment its circuit breaker gave up is failed', async (context) => {
    const stage = await openStage(context, built);
    const bounds = { circuitBreaker: true, rollback: true };
    stage.ecs().updateService({ cluster: 'lena-prod', name: 'member-web', deployment: bounds });
    stage.ecs().setMissingImages([await imageOf(stage, 'member-web')]);
    const ended = await stage.run(['restart', WEB, '--yes', ...SEOUL]);
    assertCode(ended, 5);
    assert.match(ended.stdout, /seoul:member-web +failed +ROLLOUT_FAILED/);
    assert.deepEqual(resultsOf(await newest(stage)), ['member-web failed ROLLOUT_FAILED']);
    assert.equal(stage.writes('seoul', UPDATE).length, 1);
  });

  test('a task definition that does not exist is refused before anything is sent', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.run(['rollback', WEB, '--to', '99', '--yes', ...SEOUL]);
    assertCode(ended, 5);
    assert.match(ended.stderr, /no other active task definition revision/);
    assert.deepEqual(stage.writes('seoul'), []);
  });
});

/** Full names of servers whose name holds one of these ids. */
async function namesOf(stage: Stage, ids: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await stage.run(['get', 'servers', '-o', 'name', ...SEOUL]);
  return stdout
    .split('\n')
    .filter((line) => ids.some((id) => line.includes(id)))
    .map((line) => line.trim());
}
async function imageOf(stage: Stage, name: string): Promise<string> {
  const { stdout } = await stage.run(['get', 'servers', '-o', 'json', ...SEOUL]);
  const image = new RegExp(`"image": "([^"]*${name.split('-')[1]}[^"]*)"`).exec(stdout)?.[1];
  assert.ok(image !== undefined, stdout.slice(0, 3_000));
  return image;
}
