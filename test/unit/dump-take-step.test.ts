import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import type { TakeStep } from '../../src/domain/plan.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { draftOf, NEVER, patchAction, plannedTarget, startActing } from '../support/acting.ts';
import { auditText, readAll } from '../support/audit.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { waitFor } from '../support/fleet-wait.ts';

type Run = TakeStep['run'];
const DUMP = refOf('dump', 'dev', 'cart_cart_20260301-120000_tdump.txt');

function startTaking(t: TestContext, run: Run, more: Partial<TakeStep> = {}) {
  const clock = createFakeClock();
  const step: TakeStep = {
    type: 'take',
    request: {
      context: 'dev',
      title: text('take it', '받기'),
      through: 'exec password=hunter2',
      asks: ['jcmd \u001b[31m1', 'jstack 1'],
    },
    timeoutMs: 60_000,
    run,
    result: () => ({ dump: DUMP.id }),
    ...more,
  };
  const action = patchAction({
    id: 'dump-thread',
    effect: 'diagnose',
    way: {
      plan: async ({ target }) => draftOf(plannedTarget(target, [step])),
      after: async ({ steps: [own] }) => (own?.type === 'take' ? own.result() : {}),
    },
  });
  const acting = startActing(t, { action, clock });
  const begin = async (reason?: string) => {
    const prepared = await acting.executor.prepare(acting.order(), NEVER);
    return acting.executor.run(prepared, reason === undefined ? {} : { reason });
  };
  return { ...acting, clock, begin };
}

test('what is shown cannot be carried out, and nothing in it is a secret', async (t) => {
  const { executor, order } = startTaking(t, async () => undefined);
  const { plan } = await executor.prepare(order(), NEVER);
  const [step] = plan.targets[0]?.steps ?? [];
  assert.ok(step?.type === 'take');
  assert.equal(step.request.through, 'exec password=***');
  assert.equal(step.request.asks[0], 'jcmd \u241b[31m1');
  await assert.rejects(step.run(() => undefined, NEVER, {}));
  assert.deepEqual(step.result(), {});
});

test('the record says who was asked for what before anything is asked, and what came of it', async (t) => {
  let whenBegun = '';
  const acting = startTaking(t, async (report, _signal, { reason }) => {
    whenBegun = auditText(acting.directory);
    report({ detail: `1 of 1 because ${reason}`, taken: [DUMP] });
  });
  const job = await (await acting.begin('it hangs')).done;
  assert.match(whenBegun, /jstack 1/);
  assert.doesNotMatch(whenBegun, /hunter2/);
  assert.deepEqual(
    [job.state, job.targets[0]?.detail, job.targets[0]?.taken, job.targets[0]?.outcomes],
    ['done', '1 of 1 because it hangs', [DUMP], ['done']],
  );
  const [entry] = (await readAll(acting.directory)).entries;
  assert.deepEqual(entry?.targets[0]?.after, { dump: DUMP.id });
  assert.equal(entry?.calls[0]?.outcome, 'done');
});

test('a taking that is too slow is told to stop, and is over soon whether it listens or not', async (t) => {
  for (const listens of [true, false]) {
    let isTold = false;
    let isBegun = false;
    const acting = startTaking(
      t,
      (_report, signal) =>
        new Promise((_resolve, reject) => {
          isBegun = true;
          signal.addEventListener('abort', () => {
            isTold = true;
            if (listens) reject(signal.reason);
          });
        }),
    );
    const running = await acting.begin();
    await waitFor('the taking', () => isBegun);
    await acting.clock.advance(60_001);
    if (!listens) await acting.clock.advance(5_001);
    const job = await running.done;
    assert.deepEqual([isTold, job.state, job.targets[0]?.error?.code], [true, 'failed', 'TIMEOUT']);
    assert.match(job.targets[0]?.error?.message ?? '', /take it: not done after 60 s/);
    assert.equal(acting.clock.pending, 0, 'no timer keeps the program');
  }
});

test('a cancelled one is cancelled, keeps what it told of, and has no say afterwards', async (t) => {
  let later: Parameters<Run>[0] | undefined;
  const acting = startTaking(t, async (report, signal) => {
    later = report;
    report({ taken: [DUMP], detail: '1 / 5' });
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const running = await acting.begin();
  await waitFor('the taking', () => later !== undefined);
  acting.executor.cancel(running.ref);
  const job = await running.done;
  assert.deepEqual([job.state, job.targets[0]?.taken], ['cancelled', [DUMP]]);
  later?.({ detail: 'still here', taken: [] });
  assert.deepEqual(acting.executor.jobs()[0]?.targets[0]?.taken, [DUMP]);
  assert.equal(acting.clock.pending, 0);
});

test('what it throws is told in safe words', async (t) => {
  const acting = startTaking(t, () =>
    Promise.reject(appError('NO_TOOL', 'no jcmd\u0007, token=abc in there')),
  );
  const job = await (await acting.begin()).done;
  assert.deepEqual(
    [job.state, job.targets[0]?.error?.code, job.targets[0]?.error?.message],
    ['failed', 'NO_TOOL', 'no jcmd\u2407, token=*** in there'],
  );
  const { entries } = await readAll(acting.directory);
  assert.deepEqual([entries[0]?.result, entries[0]?.calls[0]?.outcome], ['failed', 'failed']);
});
