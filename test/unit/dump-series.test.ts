import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import type { Job } from '../../src/domain/job.ts';
import { text } from '../../src/domain/text.ts';
import { readAll } from '../support/audit.ts';
import { fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { dropOf, instanceOf } from '../support/store-entities.ts';

const START = Date.UTC(2026, 2, 1);

/** Turns the clock until the job has ended. */
async function toEnd(clock: ReturnType<typeof createFakeClock>, done: Promise<Job>): Promise<Job> {
  let job: Job | undefined;
  void done.then((ended) => {
    job = ended;
  });
  for (let turn = 0; turn < 2_000 && job === undefined; turn++) {
    await clock.advance(100);
    // Files are written in their own time.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(job !== undefined, 'the job does not end');
  return job;
}

test('a series takes so many at the wall clock, however long one takes', async (t) => {
  const clock = createFakeClock(START);
  const exec = fakeWay('pod-exec', {
    async take({ number }) {
      // The second takes longer than the interval: the third begins at once, the fourth at its time again.
      if (number === 2) await new Promise<void>((resolve) => clock.after(12_000, resolve));
      return undefined;
    },
  });
  const begun: number[] = [];
  const take = exec.take.bind(exec);
  const timed = {
    ...exec,
    take: (...given: Parameters<typeof take>) => {
      begun.push(clock.now() - START);
      return take(...given);
    },
  };
  const stage = startDumpStage(t, { ways: [timed], clock });
  const prepared = await stage.prepare('dump-series', ['was-1'], { count: '4', interval: '10' });
  const running = await stage.executor.run(prepared, {});
  const job = await toEnd(clock, running.done);
  assert.equal(job.state, 'done');
  assert.equal(begun.length, 4);
  const near = (at: number, wanted: number) => Math.abs(at - wanted) < 3_000;
  assert.ok(
    [0, 10_000, 22_000, 30_000].every((wanted, at) => near(begun[at] ?? Number.NaN, wanted)),
    begun.join(' '),
  );
  const dumps = (await stage.folder.list()).toReversed();
  assert.deepEqual(
    dumps.map(({ series }) => [series?.number, series?.count]),
    [1, 2, 3, 4].map((number) => [number, 4]),
  );
  assert.equal(new Set(dumps.map(({ series }) => series?.id)).size, 1);
  assert.deepEqual(
    job.targets[0]?.taken,
    dumps.map(({ ref }) => ref),
  );
  const [entry] = (await readAll(stage.auditDirectory)).entries;
  assert.deepEqual(Object.keys(entry?.targets[0]?.after ?? {}), ['dump 1', 'dump 2', 'dump 3', 'dump 4']);
});

test('what was taken stays where the next one fails, and the target has failed', async (t) => {
  const clock = createFakeClock(START);
  const exec = fakeWay('pod-exec', {
    take: async ({ number }) =>
      number < 4 ? undefined : Promise.reject(appError('NO_JVM', 'the process is gone')),
  });
  const stage = startDumpStage(t, { ways: [exec], clock });
  const running = await stage.executor.run(await stage.prepare('dump-series', ['was-1']), {});
  const job = await toEnd(clock, running.done);
  assert.equal(job.state, 'failed');
  assert.deepEqual(
    [job.targets[0]?.error?.code, job.targets[0]?.error?.message],
    ['NO_JVM', '3 of 5 taken, then: the process is gone'],
  );
  assert.equal(job.targets[0]?.taken?.length, 3);
  assert.equal((await stage.folder.list()).length, 3);
});

test('a server that goes away between two ends the series with what there is', async (t) => {
  const clock = createFakeClock(START);
  const exec = fakeWay('pod-exec', {
    async take({ number }) {
      if (number === 2) stage.store.apply([dropOf('instance', instanceOf('was-1').ref)]);
      return undefined;
    },
  });
  const stage = startDumpStage(t, { ways: [exec], clock });
  const running = await stage.executor.run(await stage.prepare('dump-series', ['was-1']), {});
  const job = await toEnd(clock, running.done);
  assert.match(job.targets[0]?.error?.message ?? '', /^2 of 5 taken, then: was-1 is not in prod any more/);
});

test('a cancel between two takes no further one, and keeps what there is', async (t) => {
  const clock = createFakeClock(START);
  const exec = fakeWay('pod-exec');
  const stage = startDumpStage(t, { ways: [exec], clock });
  const prepared = await stage.prepare('dump-series', ['was-1'], { count: '5', interval: '60' });
  const running = await stage.executor.run(prepared, {});
  await waitFor('the first', () => stage.executor.jobs()[0]?.targets[0]?.taken?.length === 1);
  stage.executor.cancel(running.ref);
  const job = await toEnd(clock, running.done);
  assert.deepEqual([job.state, exec.takes.length], ['cancelled', 1]);
  assert.deepEqual(job.targets[0]?.detail, text('1 of 5 kept', '5개 중 1개 저장됨'));
  assert.equal((await stage.folder.list()).length, 1);
});

test('a series of two, of eleven or every minute and a half is refused', async (t) => {
  const stage = startDumpStage(t);
  for (const input of [{ count: '2' }, { count: '11' }, { interval: '0' }, { interval: '61' }]) {
    await assert.rejects(stage.prepare('dump-series', ['was-1'], input), { code: 'INPUT_INVALID' });
  }
});

test('a series waits for an agent whose connection was cut, and goes on', async (t) => {
  const clock = createFakeClock(START);
  let cutAt: number | undefined;
  const agent = fakeWay('agent-channel', {
    offer: async () =>
      cutAt !== undefined && clock.now() - cutAt < 3_000
        ? { way: 'agent-channel', why: text('no agent of it is connected', '없음'), mayDialIn: true }
        : { way: 'agent-channel', through: 'agent', asks: ['thread'], isAuthenticated: true, missing: [] },
    async take({ number }) {
      if (number !== 2) return undefined;
      cutAt = clock.now();
      throw appError('CONNECTION_LOST', 'the connection ended before its answer was whole');
    },
  });
  const stage = startDumpStage(t, { ways: [agent], clock });
  const running = await stage.executor.run(await stage.prepare('dump-series', ['was-1']), {});
  const job = await toEnd(clock, running.done);
  assert.deepEqual([job.state, job.targets[0]?.taken?.length, agent.takes.length], ['done', 5, 6]);
});

test('one that stays away ends it with what is kept, and with what to do', async (t) => {
  const clock = createFakeClock(START);
  let isGone = false;
  const agent = fakeWay('agent-channel', {
    offer: async () =>
      isGone
        ? { way: 'agent-channel', why: text('no agent of it is connected', '없음'), mayDialIn: true }
        : { way: 'agent-channel', through: 'agent', asks: ['thread'], isAuthenticated: true, missing: [] },
    async take({ number }) {
      if (number === 1) return undefined;
      isGone = true;
      throw appError('CONNECTION_LOST', 'the connection ended');
    },
  });
  const stage = startDumpStage(t, { ways: [agent], clock });
  const running = await stage.executor.run(await stage.prepare('dump-series', ['was-1']), {});
  const [target] = (await toEnd(clock, running.done)).targets;
  assert.deepEqual(target?.error?.message, '1 of 5 taken, then: the connection ended');
  assert.match(target?.error?.hint ?? '', /What was taken is kept/);
  assert.deepEqual(target?.detail, text('1 of 5 kept', '5개 중 1개 저장됨'));
});
