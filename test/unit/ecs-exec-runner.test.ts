import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EcsExecEnd } from '../../src/domain/remote.ts';
import { createEcsRunner } from '../../src/sources/dumps/ecs-exec/ecs-runner.ts';
import { execObstacle } from '../../src/sources/ecs/exec/exec-obstacle.ts';

const PLACE = { cluster: 'prod', task: '1f2e3d4c5b6a', container: 'was' };
const LIMITS = { timeoutMs: 1_000, maxBytes: 10_000 };
const NEVER = new AbortController().signal;
const ENDED: EcsExecEnd = { exitCode: undefined, hasEnded: true };

/** A runner over a terminal that says one thing. */
const runnerSaying = (output: string, end: EcsExecEnd = ENDED) =>
  createEcsRunner(
    {
      exec: async () => ({ ...end, output, outputBytes: Buffer.from(output) }),
      async stream(_request, onBytes) {
        await onBytes(Buffer.from(output));
        return end;
      },
    },
    PLACE,
  );
const codeOf = async (argv: readonly string[], output: string, end?: EcsExecEnd) => {
  const { exitCode, stdout, stderr } = await runnerSaying(output, end).run(argv, LIMITS, NEVER);
  return [exitCode, stdout, stderr];
};

test('names the task as it is known, and promises no bytes as they were', () => {
  const runner = runnerSaying('');
  assert.equal(runner.name, 'prod/1f2e3d4c (was)');
  assert.equal(runner.describe(), 'ECS exec in prod/1f2e3d4c (was)');
  assert.equal(runner.isExact, false);
});

for (const [argv, refusal] of [
  [['cat', '/x'], 'cat: /x: No such file or directory\n'],
  [['ls', '-1', '/x'], "ls: cannot access '/x': No such file or directory\n"],
  [['/usr/bin/ls', '-1', '/x'], '/usr/bin/ls: cannot access /x: Permission denied\n'],
  [['kill', '-3', '1'], 'kill: (1): Operation not permitted\n'],
  [['busybox', 'kill', '-3', '1'], "kill: can't kill pid 1: No such process\n"],
  [['busybox', 'kill', '-3', '1'], 'busybox: applet not found\n'],
] as const) {
  test(`takes \`${refusal.trim()}\` of ${argv[0]} for a refusal`, async () => {
    assert.deepEqual(await codeOf(argv, refusal), [1, '', refusal]);
  });
}

test('takes everything else for what was asked for', async () => {
  const cat = ['cat', '/x'];
  const whole = `cat: ${'x'.repeat(3_000)}\n`;
  for (const output of ['', 'the cat: sat\n', 'category: 1\n', whole]) {
    assert.deepEqual(await codeOf(cat, output), [0, output, ''], output.slice(0, 20));
  }
  assert.deepEqual(await codeOf(cat, 'x', { exitCode: 3, hasEnded: true }), [3, 'x', '']);
});

test('an end nobody told has no code, and a tool that is not there says so', async () => {
  const lost: EcsExecEnd = { exitCode: undefined, hasEnded: false };
  assert.deepEqual(await codeOf(['cat', '/x'], 'cat: /x: cut', lost), [undefined, 'cat: /x: cut', '']);
  const missing: EcsExecEnd = { ...lost, notStarted: 'exec: "jcmd": executable file not found in $PATH' };
  const runner = runnerSaying('', missing);
  const result = await runner.run(['jcmd', '1', 'Thread.print', '-l'], LIMITS, NEVER);
  assert.equal(result.notStarted, missing.notStarted);
  const end = await runner.stream(['jcmd', '1', 'Thread.print', '-l'], () => undefined, NEVER);
  assert.deepEqual(end, { exitCode: undefined, stderr: '', notStarted: missing.notStarted });
  const ended = await runnerSaying('x').stream(['jcmd'], () => undefined, NEVER);
  assert.equal(ended.exitCode, 0);
});

test('what ECS does not tell of a task is no obstacle, and foreign bytes are none of ours', () => {
  const task = (more: object) => ({ tasks: [{ containers: [{ name: 'was', ...more }] }] });
  const why = (answer: Readonly<Record<string, unknown>>) => execObstacle(answer, PLACE)?.why.en;
  assert.equal(why(task({})), undefined);
  assert.equal(why(task({ managedAgents: [{ name: 'Other', lastStatus: 'STOPPED' }] })), undefined);
  assert.equal(why(task({ managedAgents: 'x' })), undefined);
  const pending = task({ managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'PENDING' }] });
  assert.match(why(pending) ?? '', /is PENDING/);
  assert.match(execObstacle(pending, PLACE)?.next?.en ?? '', /^Wait some seconds/);
  assert.match(why({ tasks: [{ lastStatus: 'STOPPING\u001b[2J' }] }) ?? '', /STOPPING␛\[2J, not RUNNING/);
  assert.match(why({ tasks: [7] }) ?? '', /no container was/);
  assert.match(why({}) ?? '', /not there any more/);
});
