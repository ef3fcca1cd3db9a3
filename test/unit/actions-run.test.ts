import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunOptions } from '../../src/actions/acting.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { exitCodeOfJob } from '../../src/cli/act/exit-of-job.ts';
import { renderJob } from '../../src/cli/act/render-plan.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import { AppError } from '../../src/core/app-error.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import type { CallRequest, Sent } from '../../src/domain/call.ts';
import { sourceFailure } from '../../src/domain/errors.ts';
import type { Job } from '../../src/domain/job.ts';
import type { PlanTarget, Step, WaitStep } from '../../src/domain/plan.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { inLanguage, text } from '../../src/domain/text.ts';
import { jobEndWords } from '../../src/ui/job-words.ts';
import {
  type ActingOptions,
  callStep,
  DONE,
  draftOf,
  type FakeRemoteAnswers,
  fakeRemote,
  NEVER,
  NORMAL,
  patchAction,
  patchRequest,
  plannedTarget,
  startActing,
  workloadRow,
} from '../support/acting.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const code = (wanted: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === wanted;
const failed = (failureCode: 'THROTTLED' | 'CONFLICT'): Sent => ({
  outcome: 'failed',
  error: sourceFailure(failureCode, 'refused by the server'),
});
const UNKNOWN: Sent = { outcome: 'unknown', error: sourceFailure('OUTCOME_UNKNOWN', 'cut off') };

interface Scene extends ActingOptions {
  readonly names?: readonly string[];
  readonly steps?: (name: string) => readonly Step[];
  readonly more?: (name: string) => Partial<PlanTarget>;
  readonly answers?: FakeRemoteAnswers;
}
const nameOf = (request: CallRequest) =>
  request.system === 'kube' ? (request.path.split('/').at(-1) ?? '') : '';

/** Prepares one plan over the names; every target is patched once unless told otherwise. */
async function scene(t: Parameters<typeof startActing>[0], given: Scene = {}) {
  const { names = ['cart'], answers = {}, more = () => ({}), ...options } = given;
  const steps = given.steps ?? ((name) => [callStep('dev', patchRequest(name))]);
  const started = startActing(t, {
    rows: names.map((name) => workloadRow('dev', name)),
    remote: fakeRemote('dev', answers),
    action: patchAction({
      way: {
        plan: async ({ target }) => draftOf(plannedTarget(target, steps(target.name), more(target.name))),
        after: async ({ name }) => ({ seen: name }),
      },
    }),
    ...options,
  });
  const entries = new Map<string, AuditEntry>();
  started.executor.onAudit((entry) => entries.set(entry.ref.id, entry));
  const prepared = await started.executor.prepare(started.order(), NEVER);
  const run = async (runOptions?: RunOptions) => started.executor.run(prepared, {}, runOptions);
  return {
    ...started,
    prepared,
    run,
    runToEnd: async (runOptions?: RunOptions) => (await run(runOptions)).done,
    lastEntry: () => [...entries.values()].at(-1),
  };
}
const states = (job: Job) => job.targets.map(({ state }) => state);
const wait = (check: WaitStep['check'], more: Partial<WaitStep> = {}): WaitStep => ({
  type: 'wait',
  title: text('until it is ready', '준비될 때까지'),
  everyMs: 1_000,
  timeoutMs: 60_000,
  check,
  ...more,
});
/** Until something holds, turning the event loop. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 1_000_000, 'it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a plan is carried out as it stands, in order, each call once, and recorded with before and after', async (t) => {
  const { runToEnd, remote, lastEntry } = await scene(t, {
    steps: () => [callStep('dev', patchRequest('one')), callStep('dev', patchRequest('two'))],
    more: () => ({ before: { replicas: 2 } }),
  });
  const job = await runToEnd();
  assert.equal(job.state, 'done');
  assert.deepEqual(remote.sent.map(nameOf), ['one', 'two']);
  const entry = lastEntry();
  assert.equal(entry?.result, 'done');
  assert.deepEqual(entry?.targets[0]?.before, { replicas: 2 });
  assert.deepEqual(entry?.targets[0]?.after, { seen: 'cart' });
  assert.deepEqual(
    entry?.calls.map(({ outcome }) => outcome),
    ['done', 'done'],
  );
  assert.deepEqual(entry?.actor.identities, { dev: 'user of dev' });
});

test('the mode is judged again before anything is sent', async (t) => {
  let mode: Mode = 'normal';
  const { run, remote, lastEntry } = await scene(t, { modeOf: () => ({ mode, origin: 'file' }) });
  mode = 'readonly';
  await assert.rejects(run(), code('MODE_REFUSED'));
  assert.deepEqual(remote.sent, []);
  assert.equal(lastEntry()?.result, 'refused');
});

test('the name must be typed exactly where it is asked for', async (t) => {
  const { executor, prepared, remote } = await scene(t, { isProtected: () => true });
  for (const typedName of [undefined, '', 'Cart', 'cart ', 'carts']) {
    await assert.rejects(executor.run(prepared, { typedName }), code('CONSENT_MISSING'));
  }
  assert.deepEqual(remote.sent, []);
  await (await executor.run(prepared, { typedName: 'cart' })).done;
  assert.equal(remote.sent.length, 1);
});

test('a reason must be given where a rule asks for one, and is recorded', async (t) => {
  const rules = [{ requireReason: true, origin: 'file' }] as const;
  const { executor, prepared, lastEntry } = await scene(t, { policy: { ...NORMAL, rules } });
  await assert.rejects(executor.run(prepared, { reason: '  ' }), code('CONSENT_MISSING'));
  const job = await (await executor.run(prepared, { reason: ' change 12 ' })).done;
  assert.equal(job.reason, 'change 12');
  assert.equal(lastEntry()?.reason, 'change 12');
});

test('a plan is carried out once, however often it is confirmed', async (t) => {
  const { executor, prepared, remote } = await scene(t);
  const first = executor.run(prepared, {});
  await assert.rejects(executor.run(prepared, {}), code('CONFLICT'));
  await (await first).done;
  await assert.rejects(executor.run(prepared, {}), code('CONFLICT'));
  assert.equal(remote.sent.length, 1);
});

test('a plan that is not ours is not carried out', async (t) => {
  const { executor, prepared, remote } = await scene(t);
  await assert.rejects(executor.run({ ...prepared }, {}), code('CONFLICT'));
  assert.deepEqual(remote.sent, []);
});

test('throttled in the middle of ten targets: those failed, nothing is repeated, the others go on', async (t) => {
  const names = Array.from({ length: 10 }, (_, at) => `cart-${at}`);
  const { runToEnd, remote } = await scene(t, {
    names,
    answers: { send: async (request) => (/-[456]$/.test(nameOf(request)) ? failed('THROTTLED') : DONE) },
  });
  const job = await runToEnd();
  assert.equal(job.state, 'partial');
  assert.deepEqual(
    states(job),
    names.map((name) => (/[456]$/.test(name) ? 'failed' : 'done')),
  );
  assert.deepEqual(remote.sent.map(nameOf).sort(), names);
  assert.equal(job.targets[4]?.error?.code, 'THROTTLED');
});

test('at most three targets are in hand at once', async (t) => {
  const waiting: (() => void)[] = [];
  const { run, remote } = await scene(t, {
    names: Array.from({ length: 8 }, (_, at) => `cart-${at}`),
    answers: { send: () => new Promise((resolve) => waiting.push(() => resolve(DONE))) },
  });
  const { done } = await run();
  const inHand: number[] = [];
  for (let answered = 0; answered < 8; answered++) {
    await until(() => remote.sent.length >= Math.min(8, answered + 3));
    inHand.push(remote.sent.length - answered);
    waiting[answered]?.();
  }
  assert.equal((await done).state, 'done');
  assert.deepEqual(inHand, [3, 3, 3, 3, 3, 3, 2, 1]);
});

test('stopping at the first failure begins no further target', async (t) => {
  const { runToEnd } = await scene(t, {
    names: Array.from({ length: 8 }, (_, at) => `cart-${at}`),
    answers: { send: async () => failed('CONFLICT') },
  });
  const job = await runToEnd({ stopsAtFailure: true });
  assert.equal(job.state, 'failed');
  assert.deepEqual(states(job).slice(3), [
    'notStarted',
    'notStarted',
    'notStarted',
    'notStarted',
    'notStarted',
  ]);
});

test('targets of one group run one after another and stop at the first that fails', async (t) => {
  const order: string[] = [];
  const { runToEnd } = await scene(t, {
    names: ['a', 'b', 'c', 'alone'],
    more: (name) => (name === 'alone' ? {} : { group: 'pair' }),
    answers: {
      async send(request) {
        order.push(nameOf(request));
        return nameOf(request) === 'b' ? failed('CONFLICT') : DONE;
      },
    },
  });
  assert.deepEqual(states(await runToEnd()), ['done', 'failed', 'notStarted', 'done']);
  assert.deepEqual(
    order.filter((name) => name !== 'alone'),
    ['a', 'b'],
  );
});

test('a call whose outcome cannot be told ends its target and is never sent again', async (t) => {
  const { runToEnd, remote, lastEntry } = await scene(t, {
    steps: () => [callStep('dev', patchRequest('one')), callStep('dev', patchRequest('two'))],
    answers: { send: async () => UNKNOWN },
  });
  const job = await runToEnd();
  assert.equal(job.state, 'unknown');
  assert.deepEqual(remote.sent.map(nameOf), ['one']);
  assert.deepEqual(job.targets[0]?.outcomes, ['unknown']);
  assert.deepEqual(
    lastEntry()?.calls.map(({ outcome }) => outcome),
    ['unknown', undefined],
  );
});

test('a remote that breaks its promise and throws leaves the outcome unknown', async (t) => {
  const { runToEnd } = await scene(t, { answers: { send: () => Promise.reject(new Error('bug')) } });
  assert.equal((await runToEnd()).state, 'unknown');
});

test('a remote that never answers is given up, and its outcome is unknown', async (t) => {
  const clock = createFakeClock();
  const { run, remote } = await scene(t, { clock, answers: { send: () => new Promise(() => {}) } });
  const { done } = await run();
  await until(() => remote.sent.length === 1);
  await clock.advance(61_000);
  assert.equal((await done).state, 'unknown');
});

test('a remote that cannot be opened fails its target and sends nothing', async (t) => {
  const { runToEnd } = await scene(t, { openRemote: () => Promise.reject(new Error('no route')) });
  const job = await runToEnd();
  assert.equal(job.state, 'failed');
  assert.deepEqual(job.targets[0]?.outcomes, ['notSent']);
});

test('a request is completed with earlier answers, and the audit holds what was really sent', async (t) => {
  const { runToEnd, remote, lastEntry } = await scene(t, {
    steps: () => [
      callStep('dev', patchRequest('register')),
      callStep('dev', patchRequest('placeholder'), {
        complete: ([answer]) => patchRequest(typeof answer === 'string' ? answer : 'missing'),
      }),
    ],
    answers: { send: async () => ({ outcome: 'done', answer: 'revision-7' }) },
  });
  await runToEnd();
  assert.deepEqual(remote.sent.map(nameOf), ['register', 'revision-7']);
  assert.match(lastEntry()?.calls[1]?.request ?? '', /revision-7/);
});

test('a request that cannot be completed is not sent', async (t) => {
  const { runToEnd, remote } = await scene(t, {
    steps: () => [
      callStep('dev', patchRequest('one'), {
        complete: () => {
          throw new Error('no ARN in the answer');
        },
      }),
    ],
  });
  const job = await runToEnd();
  assert.equal(job.state, 'failed');
  assert.match(job.targets[0]?.error?.message ?? '', /no ARN/);
  assert.deepEqual(remote.sent, []);
});

test('what was begun and failed is put back, and the result stays failed', async (t) => {
  const { runToEnd, remote, lastEntry } = await scene(t, {
    steps: () => [callStep('dev', patchRequest('partition')), callStep('dev', patchRequest('template'))],
    more: () => ({ restore: [callStep('dev', patchRequest('back'))] }),
    answers: { send: async (request) => (nameOf(request) === 'template' ? failed('CONFLICT') : DONE) },
  });
  const job = await runToEnd();
  assert.equal(job.state, 'failed');
  assert.deepEqual(remote.sent.map(nameOf), ['partition', 'template', 'back']);
  assert.equal(job.targets[0]?.detail, 'restored');
  const back = lastEntry()?.calls[2];
  assert.match(back?.request ?? '', /back/);
  assert.equal(back?.outcome, 'done');
});

test('nothing is put back where nothing was done', async (t) => {
  const { runToEnd, remote } = await scene(t, {
    more: () => ({ restore: [callStep('dev', patchRequest('back'))] }),
    answers: { send: async () => failed('CONFLICT') },
  });
  await runToEnd();
  assert.deepEqual(remote.sent.map(nameOf), ['cart']);
});

test('a way back that fails is said, in the job and in the audit', async (t) => {
  const { runToEnd, lastEntry } = await scene(t, {
    steps: () => [callStep('dev', patchRequest('one')), callStep('dev', patchRequest('two'))],
    more: () => ({ restore: [callStep('dev', patchRequest('back'))] }),
    answers: { send: async (request) => (nameOf(request) === 'one' ? DONE : failed('CONFLICT')) },
  });
  const job = await runToEnd();
  assert.match(inLanguage(job.targets[0]?.detail ?? '', 'en'), /not restored/);
  assert.match(lastEntry()?.targets[0]?.error ?? '', /not restored/);
});

/** Two calls that can be undone, then one after which nothing is put back, then a wait that fails. */
const undone = (outcomes: Readonly<Record<string, Sent>>): Scene => {
  const [map, other] = [callStep('dev', patchRequest('map')), callStep('dev', patchRequest('other'))];
  const back = (undoes: typeof map, name: string) => callStep('dev', patchRequest(name), { undoes });
  return {
    steps: () => [
      map,
      other,
      callStep('dev', patchRequest('roll'), { isNoReturn: true }),
      wait(async () => ({ state: 'failed', error: sourceFailure('ROLLOUT_FAILED', 'does not start') })),
    ],
    more: () => ({ restore: [back(map, 'map-back'), back(other, 'other-back')] }),
    answers: { send: async (request) => outcomes[nameOf(request)] ?? DONE },
  };
};
const UNDONE: readonly (readonly [string, Readonly<Record<string, Sent>>, readonly string[], RegExp])[] = [
  ['both calls', { roll: failed('CONFLICT') }, ['map-back', 'other-back'], /^restored$/],
  ['only what was done', { other: failed('CONFLICT') }, ['map-back'], /^restored$/],
  ['what may have been done', { map: UNKNOWN }, ['map-back'], /^restored$/],
  [
    'the second where the first cannot be put back',
    { roll: failed('CONFLICT'), 'map-back': failed('CONFLICT') },
    ['map-back', 'other-back'],
    /^not restored: patch it: refused by the server$/,
  ],
  ['nothing once the rollout was asked for', {}, [], /^$/],
  ['nothing where that cannot be told', { roll: UNKNOWN }, [], /^not restored: whether it did "patch it"/],
];
for (const [what, outcomes, back, detail] of UNDONE) {
  test(`puts back ${what}`, async (t) => {
    const { runToEnd, remote } = await scene(t, undone(outcomes));
    const job = await runToEnd();
    assert.notEqual(job.state, 'done');
    assert.deepEqual(
      remote.sent.map(nameOf).filter((name) => name.endsWith('-back')),
      back,
    );
    assert.match(inLanguage(job.targets[0]?.detail ?? '', 'en'), detail);
  });
}

test('a cancel that cannot put back says so in the audit too', async (t) => {
  const one = callStep('dev', patchRequest('one'));
  const looked = Promise.withResolvers<void>();
  const look: WaitStep['check'] = async () => {
    looked.resolve();
    return { state: 'waiting' };
  };
  const { run, executor, lastEntry } = await scene(t, {
    steps: () => [one, wait(look)],
    more: () => ({ restore: [callStep('dev', patchRequest('back'), { undoes: one })] }),
    answers: { send: async (request) => (nameOf(request) === 'back' ? failed('CONFLICT') : DONE) },
  });
  const running = await run();
  await looked.promise;
  executor.cancel(running.ref);
  const job = await running.done;
  assert.equal(job.targets[0]?.state, 'cancelled');
  assert.match(lastEntry()?.targets[0]?.error ?? '', /^not restored: patch it/);
});

test('a wait looks again and again until it holds, and shows what it sees', async (t) => {
  const clock = createFakeClock();
  let looks = 0;
  const { run, executor } = await scene(t, {
    clock,
    steps: (name) => [
      callStep('dev', patchRequest(name)),
      wait(async () => {
        looks++;
        if (looks === 2) throw new Error('the API is away');
        const part = { name: 'cart-1', state: 'waiting', detail: 'pulling' } as const;
        return looks < 4 ? { state: 'waiting', detail: '1 of 2', parts: [part] } : { state: 'done' };
      }),
    ],
  });
  const seen: (string | undefined)[] = [];
  executor.onJob((job) => {
    const detail = job.targets[0]?.detail;
    if (detail !== undefined) seen.push(`${detail} ${job.targets[0]?.parts?.[0]?.detail}`);
  });
  const { done } = await run();
  await until(() => looks === 1);
  await clock.advance(5_000);
  assert.equal((await done).state, 'done');
  assert.equal(looks, 4);
  assert.ok(seen.includes('1 of 2 pulling'));
  assert.ok(seen.some((detail) => detail?.startsWith('the API is away')));
});

test('a wait that never holds ends as timed out; one that cannot hold any more, as failed', async (t) => {
  const clock = createFakeClock();
  let looks = 0;
  const late = await scene(t, {
    clock,
    steps: () => [
      wait(async () => {
        looks++;
        return { state: 'waiting' };
      }),
    ],
  });
  const { done } = await late.run();
  await until(() => looks > 0);
  await clock.advance(61_000);
  const job = await done;
  assert.deepEqual([job.state, job.targets[0]?.error?.code], ['timedOut', 'ACTION_TIMEOUT']);

  const error = sourceFailure('ROLLOUT_FAILED', 'deadline exceeded');
  const broken = await scene(t, { steps: () => [wait(async () => ({ state: 'failed', error }))] });
  const brokenJob = await broken.runToEnd();
  assert.deepEqual([brokenJob.state, brokenJob.targets[0]?.error?.code], ['failed', 'ROLLOUT_FAILED']);
});

test('a look that hangs does not keep the job', async (t) => {
  const clock = createFakeClock();
  let looks = 0;
  const { run } = await scene(t, {
    clock,
    steps: () => [
      wait(() => {
        looks++;
        return new Promise(() => {});
      }),
    ],
  });
  const { done } = await run();
  await until(() => looks === 1);
  await clock.advance(61_000);
  assert.equal((await done).state, 'timedOut');
  assert.equal(looks, 2);
});

test('without waits the job ends with its last call, and waits between calls stay', async (t) => {
  const looked: string[] = [];
  const look = (name: string) =>
    wait(async () => {
      looked.push(name);
      return { state: 'done' };
    });
  const { runToEnd } = await scene(t, {
    steps: () => [
      callStep('dev', patchRequest('one')),
      look('between'),
      callStep('dev', patchRequest('two')),
      look('after'),
    ],
  });
  assert.equal((await runToEnd({ waits: false })).state, 'sent');
  assert.deepEqual(looked, ['between']);
});

test('sent without its waits is told from done, and is no failure', async (t) => {
  const never = wait(async () => ({ state: 'waiting' }));
  const { runToEnd, remote, lastEntry } = await scene(t, {
    names: ['a', 'b', 'plain'],
    steps: (name) => [callStep('dev', patchRequest(name)), ...(name === 'plain' ? [] : [never])],
    more: (name) => ({ restore: [callStep('dev', patchRequest(`${name}-back`))] }),
  });
  const job = await runToEnd({ waits: false, stopsAtFailure: true });
  assert.deepEqual(states(job), ['sent', 'sent', 'done']);
  assert.equal(job.state, 'sent');
  assert.deepEqual(remote.sent.map(nameOf).sort(), ['a', 'b', 'plain']);
  assert.deepEqual(
    lastEntry()?.targets.map(({ result }) => result),
    ['sent', 'sent', 'done'],
  );
  assert.equal(exitCodeOfJob(job), EXIT.done);
});

test('without waits the first of a group is waited for all the same, the last is not', async (t) => {
  const looked: string[] = [];
  const { runToEnd } = await scene(t, {
    names: ['first', 'second'],
    steps: (name) => [
      callStep('dev', patchRequest(name)),
      wait(async () => {
        looked.push(name);
        return { state: 'done' };
      }),
    ],
    more: () => ({ group: 'pair' }),
  });
  assert.deepEqual(states(await runToEnd({ waits: false })), ['done', 'sent']);
  assert.deepEqual(looked, ['first']);
});

/** One that was sent and waits for ever, and a step it does not come to. */
const goingOn = (more: Partial<PlanTarget> = {}): Scene => ({
  steps: () => [
    callStep('dev', patchRequest('stop')),
    wait(async () => ({ state: 'waiting', detail: '1 of 3 new' })),
    callStep('dev', patchRequest('start')),
  ],
  more: () => ({ wayBack: text('l9s rollback --to 4', 'l9s rollback --to 4'), ...more }),
});
const isWaiting = (job: Job | undefined) => job?.targets[0]?.detail === '1 of 3 new';
const GOES_ON = text(
  'no longer watched; what was sent goes on; not sent: patch it; to go back: l9s rollback --to 4',
  '더 이상 지켜보지 않음; 보낸 것은 계속 진행됨; 보내지 않음: 변경; 되돌리려면: l9s rollback --to 4',
);

test('cancelled while it waits for what it sent: that goes on, and how to go back is said', async (t) => {
  const { run, executor } = await scene(t, goingOn());
  const { done, ref } = await run();
  await until(() => isWaiting(executor.jobs()[0]));
  executor.cancel(ref);
  const job = await done;
  assert.equal(job.state, 'cancelled');
  assert.deepEqual(job.targets[0]?.detail, GOES_ON);
  assert.match(jobEndWords(job).words.en, /cancelled \(no longer watched; what was sent goes on/);
  assert.match(renderJob(job, { format: 'table', language: 'ko' }), /보낸 것은 계속 진행됨/);
});

test('left or out of time while it waits, it says the same', async (t) => {
  const left = await scene(t, goingOn());
  const { done } = await left.run();
  await until(() => isWaiting(left.executor.jobs()[0]));
  await left.executor.close();
  const interrupted = await done;
  assert.deepEqual([interrupted.state, interrupted.targets[0]?.detail], ['interrupted', GOES_ON]);

  const clock = createFakeClock();
  const late = await scene(t, { ...goingOn(), clock });
  const running = await late.run();
  await until(() => isWaiting(late.executor.jobs()[0]));
  await clock.advance(61_000);
  const timedOut = await running.done;
  assert.deepEqual([timedOut.state, timedOut.targets[0]?.detail], ['timedOut', GOES_ON]);
});

test('what was put back, or never sent, is not said to go on', async (t) => {
  const { run, executor } = await scene(t, goingOn({ restore: [callStep('dev', patchRequest('back'))] }));
  const { done, ref } = await run();
  await until(() => isWaiting(executor.jobs()[0]));
  executor.cancel(ref);
  assert.equal((await done).targets[0]?.detail, 'restored');

  const unsent = await scene(t, {
    steps: () => [
      wait(async () => ({ state: 'waiting', detail: '1 of 3 new' })),
      callStep('dev', patchRequest('x')),
    ],
  });
  const running = await unsent.run();
  await until(() => isWaiting(unsent.executor.jobs()[0]));
  unsent.executor.cancel(running.ref);
  const [target] = (await running.done).targets;
  assert.deepEqual([target?.state, target?.detail], ['cancelled', '1 of 3 new']);
});

test('the time of the whole job ends it, and sends no further call', async (t) => {
  const clock = createFakeClock();
  let looks = 0;
  const { run, remote } = await scene(t, {
    clock,
    steps: () => [
      wait(
        async () => {
          looks++;
          return { state: 'waiting' };
        },
        { timeoutMs: 600_000 },
      ),
      callStep('dev', patchRequest('late')),
    ],
  });
  const { done } = await run({ timeoutMs: 10_000 });
  await until(() => looks > 0);
  await clock.advance(11_000);
  assert.equal((await done).state, 'timedOut');
  assert.deepEqual(remote.sent, []);
});

test('cancelled while it waits: the rest is not begun, and what was done is put back', async (t) => {
  let looks = 0;
  const { run, remote, executor, lastEntry } = await scene(t, {
    names: ['a', 'b', 'c', 'd'],
    steps: (name) => [
      callStep('dev', patchRequest(name)),
      wait(async () => {
        looks++;
        return { state: 'waiting' };
      }),
      callStep('dev', patchRequest(`${name}-never`)),
    ],
    more: (name) => ({ restore: [callStep('dev', patchRequest(`${name}-back`))] }),
  });
  const { done, ref } = await run();
  await until(() => looks >= 3);
  executor.cancel(ref);
  assert.equal(executor.jobs()[0]?.isCancelling, true);
  const job = await done;
  assert.deepEqual(states(job), ['cancelled', 'cancelled', 'cancelled', 'notStarted']);
  assert.equal(job.state, 'cancelled');
  assert.deepEqual(remote.sent.map(nameOf).sort(), ['a', 'a-back', 'b', 'b-back', 'c', 'c-back']);
  assert.equal(lastEntry()?.result, 'cancelled');
});

test('cancelled while a call is on its way: its answer counts', async (t) => {
  const answer = Promise.withResolvers<Sent>();
  const { run, remote, executor } = await scene(t, {
    steps: () => [callStep('dev', patchRequest('one')), callStep('dev', patchRequest('two'))],
    answers: { send: () => answer.promise },
  });
  const { done, ref } = await run();
  await until(() => remote.sent.length === 1);
  executor.cancel(ref);
  answer.resolve(DONE);
  const job = await done;
  assert.deepEqual([job.state, job.targets[0]?.outcomes], ['cancelled', ['done']]);
  assert.equal(remote.sent.length, 1);
});

test('leaving gives what is on its way 5 s, and says of it what is true', async (t) => {
  const clock = createFakeClock();
  const aborted: number[] = [];
  const { run, remote, executor, lastEntry } = await scene(t, {
    clock,
    names: ['a', 'b', 'c', 'd', 'e'],
    answers: {
      send: (request, signal) =>
        nameOf(request) === 'a'
          ? Promise.resolve(DONE)
          : new Promise((resolve) =>
              signal.addEventListener('abort', () => {
                aborted.push(clock.now());
                resolve(UNKNOWN);
              }),
            ),
    },
  });
  const { done } = await run();
  await until(() => remote.sent.length === 4);
  const leftAt = clock.now();
  const closed = executor.close();
  await clock.advance(4_999);
  assert.deepEqual(aborted, []);
  await clock.advance(1);
  await closed;
  assert.deepEqual(aborted, [leftAt + 5_000, leftAt + 5_000, leftAt + 5_000]);
  const job = await done;
  assert.deepEqual(states(job), ['done', 'unknown', 'unknown', 'unknown', 'notStarted']);
  assert.equal(lastEntry()?.endedAt, leftAt + 5_000);
});

test('leaving while it waits is interrupted in job and audit, and nothing is begun afterwards', async (t) => {
  let looks = 0;
  const { run, executor, order, lastEntry } = await scene(t, {
    steps: (name) => [
      callStep('dev', patchRequest(name)),
      wait(async () => {
        looks++;
        return { state: 'waiting' };
      }),
    ],
  });
  const { done } = await run();
  await until(() => looks > 0);
  await executor.close();
  assert.equal((await done).state, 'interrupted');
  assert.equal(lastEntry()?.result, 'interrupted');
  await assert.rejects(executor.prepare(order(), NEVER), code('ACTION_IMPOSSIBLE'));
});

test('an audit that cannot be written refuses the action', async (t) => {
  const audit = createAuditLog({ directory: '/proc/nowhere/audit', clock: createFakeClock() });
  const { run, remote } = await scene(t, { audit });
  await assert.rejects(run(), code('AUDIT_UNWRITABLE'));
  assert.deepEqual(remote.sent, []);
});

test('jobs are told to listeners and listed newest first', async (t) => {
  const { executor, order, runToEnd } = await scene(t);
  const told: string[] = [];
  const stop = executor.onJob(({ state }) => told.push(state));
  const first = await runToEnd();
  stop();
  const second = await (await executor.run(await executor.prepare(order(), NEVER), {})).done;
  assert.deepEqual(
    executor.jobs().map(({ ref }) => ref.id),
    [second.ref.id, first.ref.id],
  );
  assert.equal(told.at(-1), 'done');
});
