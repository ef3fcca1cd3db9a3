import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsSource } from '../../src/sources/ecs/ecs-source.ts';
import { clockTimes, startActingOn } from '../support/acting-on.ts';
import { type ExecSetupOptions, startExec } from '../support/ecs-exec.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { inMode } from '../support/modes.ts';

/** A session pair in ECS, two services of one task each, with the verbs over it. */
async function startPair(context: TestContext, options: ExecSetupOptions = {}) {
  const stage = await startExec(context, options);
  const { connection, remote } = stage;
  const tasks = stage.startPair();
  const source = createEcsSource({
    ...connection,
    clusters: ['prod'],
    budgets: new EcsBudgets(),
    pauses: { deployingMs: 100, activeMs: 100, idleMs: 100 },
  });
  const acting = startActingOn(
    context,
    [{ name: 'seoul', kind: 'ecs', source, remote: async () => remote }],
    {
      modeOf: inMode(options.in),
      // Quicker than life, but with room for what a plan asks.
      clock: clockTimes(10),
    },
  );
  const server = async (number: number) => {
    const [found] = await acting.servers(`lena-session-${number}`, 1);
    assert.ok(found !== undefined);
    return found;
  };
  const codesOf = async (number: number) => {
    await server(3 - number);
    const { ref } = await server(number);
    const prepared = await acting.prepare('restart', [ref]);
    const { warnings } = prepared.plan;
    const words = warnings.map(({ text }) => text.en).join(' | ');
    return { prepared, codes: warnings.map(({ code }) => code), words };
  };
  return { ...stage, acting, tasks, codesOf };
}

test('a pair that is mirrored is said to be, and a restart waits until it is again', async (context) => {
  const { codesOf, acting, simulator, processes } = await startPair(context);
  const { prepared, codes, words } = await codesOf(1);
  assert.ok(codes.includes('session-pair'), words);
  assert.match(words, /done when both are ready and mirrored/);
  assert.ok(!codes.includes('mirror-unseen') && !codes.includes('session-not-mirrored'), words);
  const steps = prepared.plan.targets.flatMap((target) =>
    target.steps.map((step) => (step.type === 'wait' ? step.title.en : 'call')),
  );
  assert.equal(steps.at(-1), 'wait until lena-session-1 and lena-session-2 are ready and mirrored');
  const before = processes.all().map(({ process }) => process.id);
  const job = await acting.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job));
  const fresh = processes.all().filter(({ process }) => !before.includes(process.id));
  assert.deepEqual(
    fresh.map(({ process }) => process.workload),
    ['lena-session-1'],
  );
  await waitFor('every channel to be closed', () => simulator.execSessions === 0);
  assert.deepEqual(simulator.execViolations, []);
});

test('a pair that is not mirrored is a danger', async (context) => {
  const { acting, codesOf, tasks, simulator, processes } = await startPair(context, { mirrorMs: 3_600_000 });
  const [, second] = tasks;
  const [processId = ''] = second?.processes ?? [];
  // It comes up empty and copies for an hour.
  simulator.killTask('prod', second?.taskId ?? '', { exitCode: 137, reason: 'OutOfMemoryError' });
  await waitFor('its successor', () =>
    processes
      .all()
      .find(
        ({ process, phase }) =>
          process.workload === 'lena-session-2' && process.id !== processId && phase === 'ready',
      ),
  );
  await acting.servers('lena-session-2', 1);
  await waitFor('the end of its predecessor', () =>
    [...acting.lookup.all('server')].some(
      ({ ref, state }) => ref.id === `prod/${second?.taskId}` && (state === 'failed' || state === 'stopped'),
    ),
  );
  const { codes, words } = await codesOf(1);
  assert.ok(codes.includes('session-not-mirrored'), words);
  assert.match(words, /sessions lena-session-1 \d+, lena-session-2 \d+/);
});

test('says why mirroring cannot be seen', async (context) => {
  const without = await startPair(context, { enableExecuteCommand: false });
  const { codes, words } = await without.codesOf(2);
  assert.ok(codes.includes('mirror-unseen'), words);
  assert.match(words, /started without enableExecuteCommand/);
  assert.equal(
    without.simulator.requests.some(({ path }) => path.startsWith('/ExecuteCommand')),
    false,
  );
  const denied = await startPair(context);
  denied.simulator.deny(['ExecuteCommand']);
  const refused = await denied.codesOf(2);
  assert.ok(refused.codes.includes('mirror-unseen'), refused.words);
  assert.match(refused.words, /ecs:ExecuteCommand/);
});
