import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DumpWay } from '../../src/domain/dump-way.ts';
import type { Text } from '../../src/domain/text.ts';
import { text } from '../../src/domain/text.ts';
import { closedWay, fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const CLOSED = {
  way: 'agent-channel',
  why: text('no agent of it is connected', '없음'),
  mayDialIn: true,
} as const;

/** An agent that dials in when it was asked for so often. */
function lateAgent(after: number) {
  let asked = 0;
  return fakeWay('agent-channel', {
    offer: async () =>
      ++asked <= after
        ? CLOSED
        : { way: 'agent-channel', through: 'agent', asks: ['thread'], isAuthenticated: true, missing: [] },
  });
}

async function turned<T>(clock: ReturnType<typeof createFakeClock>, work: Promise<T>): Promise<T> {
  let isOver = false;
  void work.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  for (let turn = 0; turn < 500 && !isOver; turn++) await clock.advance(100);
  return await work;
}

function stageOf(t: Parameters<typeof startDumpStage>[0], ways: readonly DumpWay[]) {
  const clock = createFakeClock();
  const said: Text[] = [];
  const patience = { untilAt: clock.now() + 10_000, tell: (words: Text) => said.push(words) };
  return { clock, said, stage: startDumpStage(t, { ways, clock, tools: { patience } }) };
}

test('a command waits for a server that may dial in yet, and says so once', async (t) => {
  const { clock, said, stage } = stageOf(t, [lateAgent(5), closedWay('pod-exec', 'no right')]);
  const { plan } = await turned(clock, stage.prepare('dump-thread', ['was-1']));
  const [step] = plan.targets[0]?.steps ?? [];
  assert.equal(step?.type === 'take' && step.request.through, 'agent');
  assert.equal(said.length, 1);
  assert.match(said[0]?.en ?? '', /nothing leads to was-1 yet; waiting for it to dial in, 10 s at most/);
});

test('it waits no longer than its patience, and for nobody where another way leads there', async (t) => {
  const late = stageOf(t, [lateAgent(1_000)]);
  await assert.rejects(turned(late.clock, late.stage.prepare('dump-thread', ['was-1'])), {
    code: 'NO_WAY_TO_DUMP',
  });
  const other = stageOf(t, [lateAgent(1_000), fakeWay('pod-exec')]);
  await turned(other.clock, other.stage.prepare('dump-thread', ['was-1']));
  assert.deepEqual(other.said, []);
});

test('a series is as many calls as it takes dumps', async (t) => {
  const stage = startDumpStage(t);
  const { plan } = await stage.prepare('dump-series', ['was-1'], { count: '4', interval: '2' });
  const [step] = plan.targets[0]?.steps ?? [];
  assert.ok(step?.type === 'take');
  assert.deepEqual(
    [step.request.times, step.request.title.en],
    [4, 'take 4 thread dumps of was-1, one every 2 s'],
  );
});
