import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS } from '../../src/actions/index.ts';
import type { Plan, PlanTarget } from '../../src/domain/plan.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { ALLOWED } from '../support/fake-executor.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const WAS_1 = refOf('server', 'prod', 'shop/was-1');
const target: PlanTarget = {
  ref: WAS_1,
  context: 'prod',
  namespace: 'shop',
  kind: 'Pod',
  name: 'was-1',
  steps: [
    {
      type: 'take',
      request: {
        context: 'prod',
        title: text('take a thread dump of was-1', 'was-1 스레드 덤프 받기'),
        through: 'pod exec in shop/was-1 (lena-was)',
        asks: ['jcmd 1 Thread.print -l', 'jstack -l 1'],
      },
      timeoutMs: 1_000,
      run: () => Promise.resolve(),
      result: () => ({}),
    },
  ],
  before: { state: 'ready' },
};
const PLAN: Partial<Plan> = {
  effect: 'diagnose',
  title: text('thread dump was-1 (prod)', 'was-1 스레드 덤프 (prod)'),
  targets: [target],
  warnings: [
    { level: 'info', code: 'other-way', text: text('Not by ECS exec: no task', '사용 불가: ECS exec') },
  ],
};

async function open() {
  const app = await openConsole({
    changes: fleetOf(3),
    columns: 120,
    rows: 30,
    isActing: true,
    verbs: ACTIONS,
  });
  app.gate.answers.plan = PLAN;
  app.gate.answers.verdict = { ...ALLOWED, confirm: 'none' };
  return app;
}

test('two keys take a dump: the first shows what is asked of whom, the second takes it', async () => {
  const app = await open();
  await app.press('t');
  assert.match(app.screen(), /→ take a thread dump of was-1 {2}prod/);
  assert.match(app.screen(), /pod exec in shop\/was-1 \(lena-was\)/);
  assert.match(app.screen(), /jcmd 1 Thread\.print -l/);
  assert.match(app.screen(), /else jstack -l 1/);
  assert.match(app.screen(), /· Not by ECS exec: no task/);
  assert.match(app.screen(), /\[ Cancel \] ▸\[ Thread dump \]/);
  assert.doesNotMatch(app.screen(), /Dry run/);
  assert.match(app.screen(), /enter takes it/);
  await app.answer('<enter>');
  assert.equal(app.gate.calls.runs.length, 1);
  app.gate.update('job-1', {
    state: 'done',
    targets: [
      {
        ref: WAS_1,
        context: 'prod',
        name: 'was-1',
        state: 'done',
        outcomes: ['done'],
        taken: [refOf('dump', 'prod', 'was-1_was-1_20260115-050000_tdump.txt')],
        detail: text('Deadlock of 2 threads', '스레드 2개 교착'),
      },
    ],
  });
  await app.idle();
  assert.match(app.bottom(), /done \(Deadlock of 2 threads\); U shows dumps/);
  app.close();
});

test('keys typed ahead take nothing, and neither does a burst', async () => {
  const app = await open();
  await app.send('t\r\r');
  await app.press('<enter>');
  assert.match(app.screen(), /▸\[ Thread dump \]/);
  assert.equal(app.gate.calls.runs.length, 0);
  await app.answer('<left>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 0, 'Cancel is one key away');
  app.close();
});

test('a reason is one tab away, and enter after it takes the dump', async () => {
  const app = await open();
  await app.press('t');
  await app.answer('<tab>', 'INC-1', '<enter>', '<enter>');
  assert.deepEqual(app.gate.calls.runs[0]?.consent, { reason: 'INC-1' });
  app.close();
});

test('where a rule asks for a yes, Cancel is chosen first as ever', async () => {
  const app = await open();
  app.gate.answers.verdict = { ...ALLOWED, confirm: 'confirm' };
  await app.press('t');
  assert.match(app.screen(), /▸\[ Cancel \] {2}\[ Thread dump \]/);
  app.close();
});

test('a change that asks for nothing stays at Cancel', async () => {
  const app = await open();
  app.gate.answers.plan = { ...PLAN, effect: 'change' };
  await app.press('t');
  assert.match(app.screen(), /▸\[ Cancel \]/);
  app.close();
});

test('a series asks for number and interval first', async () => {
  const app = await open();
  await app.press('T');
  assert.match(app.screen(), /Dumps +5/);
  await app.press('<enter>', '<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { count: '5', interval: '5' });
  app.close();
});

test('M lists every dump with its key or why it cannot be, and asks there which way', async () => {
  const app = await open();
  app.gate.answers.disabled = ({ id }) =>
    id === 'dump-fetch' ? text('only LENA servers', 'LENA 서버만') : undefined;
  app.gate.answers.options = [
    { value: 'auto', label: 'auto' },
    { value: 'pod-exec', label: 'pod exec' },
  ];
  await app.press('M');
  assert.match(app.screen(), /dump menu was-0/);
  for (const line of [/▸ thread dump \(t\)/, /class histogram \(i\)/, / heap dump {2}/]) {
    assert.match(app.screen(), line);
  }
  assert.match(app.screen(), /fetch a dump file +only LENA servers/);
  await app.press('service', '<enter>');
  assert.match(app.screen(), /Way/);
  await app.press('<down>', '<enter>');
  assert.deepEqual(
    app.gate.calls.prepared.map(({ action, input }) => [action.id, input]),
    [['dump-service', { way: 'pod-exec' }]],
  );
  app.close();
});

test('a dump of the menu that cannot be says why', async () => {
  const app = await open();
  app.gate.answers.disabled = ({ id }) =>
    id === 'dump-fetch' ? text('only LENA servers', 'LENA 서버만') : undefined;
  await app.press('M', 'fetch', '<enter>');
  assert.match(app.bottom(), /fetch a dump file was-0: only LENA servers/);
  assert.equal(app.gate.calls.prepared.length, 0);
  app.close();
});

test('where none can be, M says why at once', async () => {
  const app = await open();
  app.gate.answers.disabled = () => text('READ-ONLY mode in prod', '읽기 전용 모드');
  await app.press('M');
  assert.match(app.bottom(), /READ-ONLY mode in prod/);
  assert.doesNotMatch(app.screen(), /dump menu was-0/);
  app.close();
});
