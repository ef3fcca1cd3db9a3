import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanTarget, PlanWarning } from '../../src/domain/plan.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { rowContexts } from '../../src/ui/dialog/context-facts.ts';
import { ALLOWED } from '../support/fake-executor.ts';
import { contextOf, environmentOf, instanceOf, putOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const CONTEXTS = [
  { ...contextOf('prod'), isProtected: true },
  contextOf('mgr-eu', 'manager', { serves: ['prod', 'lab'] }),
  contextOf('lab'),
];
const WORKLOAD = workloadOf('lena-was', { desired: 2 });
const TYPED = { ...ALLOWED, confirm: 'type-name' } as const;

interface Opened {
  readonly columns?: number;
  readonly rows?: number;
  readonly language?: 'en' | 'ko';
}
const open = ({ columns = 120, rows = 40, language = 'en' }: Opened = {}) =>
  openConsole({
    changes: [...fleetOf(4), putOf('workload', WORKLOAD)],
    contexts: CONTEXTS,
    columns,
    rows,
    isActing: true,
    settings: { language },
  });

const targetOf = (name: string, more: Partial<PlanTarget> = {}): PlanTarget => ({
  ref: WORKLOAD.ref,
  context: 'lab',
  namespace: 'shop',
  kind: 'Deployment',
  name,
  steps: [
    {
      type: 'call',
      call: {
        context: 'mgr-eu',
        title: text(`scale ${name}`, `${name} 스케일`),
        request: {
          system: 'kube',
          method: 'PATCH',
          path: `/apis/apps/v1/namespaces/shop/deployments/${name}/scale`,
          body: [
            { op: 'test', path: '/spec/replicas', value: 2 },
            { op: 'replace', path: '/spec/replicas', value: 55 },
          ],
        },
      },
    },
  ],
  before: { uid: 'u-1', generation: 7, image: 'lena:1.3', replicas: 2, ready: 1, arn: 'arn:aws:ecs:x' },
  ...more,
});
const warningOf = (level: PlanWarning['level'], words: string): PlanWarning => ({
  level,
  code: 'w',
  text: text(words, words),
});

test('the badge names every context a plan changes or calls, protected ones first', async () => {
  const app = await open();
  app.gate.answers.plan = { targets: [targetOf('a'), targetOf('b', { context: 'prod' })] };
  await app.press('R');
  assert.match(app.screen(), / NORMAL prod protected · lab · mgr-eu ─┐/);
  await app.resize(48, 24);
  assert.match(app.screen(), / NORMAL prod protected \+2 ─┐/, 'as many as there is room for');
  app.close();
});

test('before there is a plan the badge names the contexts of a service cluster', async () => {
  const environment = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' });
  const member = instanceOf('was-9', { environment });
  const app = await open();
  await app.data(putOf('instance', { ...member, ref: refOf('instance', 'lab', member.ref.id) }));
  const [cluster] = app.gate.acting.lookup.all('serviceCluster');
  assert.ok(cluster);
  assert.deepEqual(rowContexts([cluster.ref], app.gate.acting.lookup).toSorted(), ['lab', 'prod']);
  app.close();
});

test('^x shows bodies and identifiers while the name is typed, and x is a letter of the name', async () => {
  const app = await open();
  app.gate.answers.verdict = TYPED;
  app.gate.answers.plan = { targets: [targetOf('a')] };
  await app.press('R');
  assert.match(app.screen(), /Calls \(1\) {2}\^x shows bodies and ids/);
  assert.match(app.screen(), /└─ esc leaves · .*\^x calls/);
  assert.doesNotMatch(app.screen(), /"op": "replace"|u-1|arn:/);
  await app.answer('x');
  assert.match(app.screen(), /▸ Type was-0 +x/);
  assert.doesNotMatch(app.screen(), /"op": "replace"/);
  await app.press('<c-x>');
  assert.match(app.screen(), /"op": "replace"/);
  assert.match(app.screen(), /uid u-1, generation 7/);
  assert.match(app.screen(), /▸ Type was-0 +x/, 'and the name keeps what was typed');
  await app.press('<c-x>');
  assert.doesNotMatch(app.screen(), /"op": "replace"/);
  app.close();
});

test('keys right after a yes do not reach the page below', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<right>', '<enter>', '<right>', '<enter>', 'j');
  assert.equal(app.gate.calls.runs.length, 1);
  assert.match(app.screen(), /─ Servers ─/);
  assert.match(app.cursorLine() ?? '', /was-0/);
  await app.clock.advance(200);
  await app.press('<enter>');
  await app.clock.advance(200);
  await app.press('<enter>');
  assert.match(app.screen(), /─ Servers ─/, 'a burst goes as a whole');
  assert.match(app.bottom(), /started; J shows jobs/, 'what was said stays');
  await app.answer('j');
  assert.match(app.cursorLine() ?? '', /was-1/);
  app.close();
});

test('a name typed and entered twice opens nothing, and ^c is always meant', async () => {
  const app = await open();
  app.gate.answers.verdict = TYPED;
  await app.press('R');
  await app.answer('was-0', '<enter>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 1);
  assert.match(app.screen(), /─ Servers ─/);
  await app.press('<c-c>');
  assert.match(app.screen(), /A job is running/);
  app.close();
});

test('a plan tells what decides first, and nothing twice', async () => {
  const app = await open();
  const danger = warningOf('danger', 'the Manager is silent');
  app.gate.answers.verdict = { ...TYPED, because: [text('context prod is protected', ''), danger.text] };
  app.gate.answers.plan = {
    targets: [targetOf('a')],
    warnings: [warningOf('info', 'Manager answers'), danger, warningOf('warn', 'sessions'), danger],
    diff: [{ title: 'spec', lines: ['- 2', '+ 55'] }],
  };
  await app.press(':workloads\r', 's', '<c-u>', '55', '<enter>');
  const order = [
    /│ scale Deployment shop\/a · Servers 2 → 55 · 1 call /,
    /│ ✖ the Manager is silent /,
    /│ ▲ context prod is protected /,
    /│ ▲ sessions /,
    /│ {3}Deployment shop\/a {2}lab {2}ready 1, replicas 2, image lena:1\.3 +│/,
    /│ {3}→ scale a {2}55 {2}mgr-eu {2}PATCH \/apis\/apps\/v1/,
    /│ · Manager answers /,
    /│ Difference /,
  ].map((words) => app.lines().findIndex((line) => words.test(line)));
  assert.ok(!order.includes(-1), app.screen());
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.equal(app.screen().split('the Manager is silent').length, 2);
  app.close();
});

test('a value the title of a call tells is not told again, and one only a name holds is', async () => {
  const app = await open();
  const [step] = targetOf('a').steps;
  assert.ok(step?.type === 'call');
  const titled = (words: string) => ({ ...step, call: { ...step.call, title: text(words, words) } });
  const steps = [titled('scale a from 2 to 55'), titled('scale was-55')];
  app.gate.answers.plan = { targets: [targetOf('a', { steps })] };
  await app.press('R');
  assert.match(app.screen(), /→ scale a from 2 to 55 {2}mgr-eu/);
  assert.match(app.screen(), /→ scale was-55 {2}55 {2}mgr-eu/);
  app.close();
});

test('at 80×24 a call keeps the value at the end of its title', async () => {
  const app = await open({ columns: 80, rows: 24 });
  const [step] = targetOf('a').steps;
  assert.ok(step?.type === 'call');
  const title = text(`set LENA_CONFIG_TEMPLATE_ID of ConfigMap ${'lena-'.repeat(10)} to WAS-001:13`, '');
  app.gate.answers.plan = {
    targets: [targetOf('a', { steps: [{ ...step, call: { ...step.call, title } }] })],
  };
  await app.press('R');
  assert.match(app.screen(), /→ set LENA_CONFIG.*….* to WAS-001:13 /);
  app.close();
});

test('the button that does it is dim until the name is typed, and not chosen', async () => {
  const app = await open();
  app.gate.answers.verdict = TYPED;
  await app.press('R');
  assert.match(app.screen(), / {2}\[ Cancel \] {2}\[ Restart \] {2}\[ Dry run \]/);
  await app.answer('was', '<tab>', '<right>');
  assert.match(app.screen(), /\[ Restart \] ▸\[ Dry run \]/);
  await app.press('<left>', '<tab>', '<tab>', '-0', '<tab>', '<right>');
  assert.match(app.screen(), /▸\[ Restart \]/);
  assert.equal(app.gate.calls.runs.length, 0);
  await app.press('<enter>');
  assert.equal(app.gate.calls.runs[0]?.consent.typedName, 'was-0');
  app.close();
});

test('the reason says whether it must be given, and leaving is told first on any width', async () => {
  for (const [language, optional, required, leaves] of [
    ['en', /Reason \(optional\)/, /Reason \(required\)/, /└─ esc leaves/],
    ['ko', /이유 \(선택\)/, /이유 \(필수\)/, /└─ esc 나가기/],
  ] as const) {
    const app = await open({ columns: 60, rows: 24, language });
    await app.press('R');
    assert.match(app.screen(), optional);
    assert.match(app.screen(), leaves);
    await app.press('<esc>');
    app.gate.answers.verdict = { ...TYPED, needsReason: true };
    await app.press('R');
    assert.match(app.screen(), required);
    assert.match(app.screen(), leaves);
    app.close();
  }
});
