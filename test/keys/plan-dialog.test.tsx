import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../src/domain/text.ts';
import { ALLOWED, REFUSED } from '../support/fake-executor.ts';
import { dropOf, instanceOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const open = (size: { readonly columns?: number; readonly rows?: number } = {}) =>
  openConsole({ changes: fleetOf(10), columns: 120, rows: 30, isActing: true, ...size });

test('a plan is confirmed by → and enter, and started once', async () => {
  const app = await open();
  await app.press('j', 'R');
  assert.match(app.screen(), /┌─ restart was-1 in prod ─+ NORMAL prod ─┐/);
  assert.match(app.screen(), /Pod shop\/was-1 {2}prod {2}state ready/);
  assert.match(app.screen(), /POST \/api\/v1\/namespaces\/shop\/pods\/was-1\/eviction/);
  assert.match(app.screen(), /▸\[ Cancel \] {2}\[ Restart \] {2}\[ Dry run \]/);
  await app.answer('<right>');
  assert.match(app.screen(), /\[ Cancel \] ▸\[ Restart \]/);
  await app.press('<enter>');
  assert.equal(app.gate.calls.runs.length, 1);
  assert.deepEqual(app.gate.calls.runs[0]?.consent, {});
  assert.match(app.bottom(), /restart was-1 in prod: started; J shows jobs/);
  assert.doesNotMatch(app.screen(), /Cancel/);
  app.gate.update('job-1', { state: 'done' });
  await app.idle();
  assert.match(app.bottom(), /restart was-1 in prod: done$/);
  app.close();
});

test('tab never chooses the button that does it', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<tab>', '<tab>', '<enter>');
  assert.doesNotMatch(app.screen(), /Cancel/, 'reason, then Cancel again');
  assert.equal(app.gate.calls.runs.length, 0);
  await app.press('R');
  await app.answer('<right>', '<tab>', 'OPS-1', '<enter>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 0, 'from the reason back to Cancel');
  await app.press('R');
  await app.answer('<tab>', 'OPS-1', '<tab>', '<right>', '<enter>');
  assert.deepEqual(app.gate.calls.runs[0]?.consent, { reason: 'OPS-1' });
  app.close();
});

test('Cancel is chosen first, so enter alone does nothing', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<enter>');
  assert.doesNotMatch(app.screen(), /Cancel/);
  assert.equal(app.gate.calls.runs.length, 0);
  app.close();
});

test('keys typed ahead of a plan never confirm it', async () => {
  const app = await open();
  await app.send('R\u001B[C\r');
  assert.match(app.screen(), /▸\[ Cancel \]/, 'the rest of the chunk is dropped');
  await app.press('<right>', '<enter>');
  assert.match(app.screen(), /▸\[ Cancel \]/, 'and what follows at once');
  await app.clock.advance(200);
  await app.press('<right>');
  await app.clock.advance(200);
  await app.press('<enter>');
  assert.match(app.screen(), /▸\[ Cancel \]/, 'a burst is dropped as a whole');
  assert.equal(app.gate.calls.runs.length, 0);
  await app.answer('<right>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 1);
  app.close();
});

test('keys typed while a plan is made are dropped, and so are those right after it came', async () => {
  const app = await open();
  app.gate.answers.holds.prepare = true;
  await app.press('R');
  assert.match(app.screen(), /Planning: reading what is there/);
  await app.press('<right>', '<enter>', '<right>\r');
  app.gate.release();
  await app.idle();
  assert.match(app.screen(), /▸\[ Cancel \]/);
  await app.press('<right>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 0);
  assert.match(app.screen(), /▸\[ Cancel \]/);
  app.close();
});

test('esc and ^c leave every stage, and a plan that comes late opens nothing', async () => {
  for (const key of ['<esc>', '<c-c>']) {
    const app = await open();
    app.gate.answers.holds.prepare = true;
    await app.press('R', key);
    assert.doesNotMatch(app.screen(), /Planning/);
    app.gate.release();
    await app.idle();
    assert.doesNotMatch(app.screen(), /Cancel/);
    app.gate.answers.holds.prepare = false;
    await app.press('R', key);
    assert.doesNotMatch(app.screen(), /Cancel/, 'also while keys are still dropped');
    assert.equal(app.gate.calls.runs.length, 0);
    assert.equal(app.calls.quits, 0);
    app.close();
  }
});

test('the name is typed where it is asked for; a paste of it is refused', async () => {
  const app = await open();
  app.gate.answers.verdict = {
    ...ALLOWED,
    confirm: 'type-name',
    because: [text('context prod is protected', '컨텍스트 prod는 보호됨')],
  };
  await app.press('X');
  await app.answer('<enter>');
  await app.idle();
  await app.answer('<enter>');
  assert.match(app.screen(), /▲ context prod is protected/);
  assert.match(app.bottom(), /Type was-0 exactly; nothing is done yet/);
  await app.paste('was-0');
  assert.match(app.bottom(), /Paste ignored: the name is typed/);
  await app.press('<enter>');
  assert.equal(app.gate.calls.runs.length, 0);
  await app.press('was-', '<enter>');
  assert.equal(app.gate.calls.runs.length, 0);
  await app.press('0', '<enter>');
  assert.equal(app.gate.calls.runs[0]?.consent.typedName, 'was-0');
  app.close();
});

test('a reason that is asked for must be given', async () => {
  const app = await open();
  app.gate.answers.verdict = { ...ALLOWED, needsReason: true };
  await app.press('R');
  await app.answer('<enter>', '<right>', '<enter>');
  assert.match(app.bottom(), /A reason is asked for here/);
  await app.paste('OPS-12\nheap');
  assert.match(app.screen(), /Reason \(required\) {2}OPS-12 heap/);
  await app.press('<enter>', '<right>', '<enter>');
  assert.deepEqual(app.gate.calls.runs[0]?.consent, { reason: 'OPS-12 heap' });
  app.close();
});

test('a refused plan says why and can only be closed', async () => {
  const app = await open();
  app.gate.answers.prepareError = REFUSED;
  await app.press('R');
  assert.match(app.screen(), /✖ POLICY_REFUSED: rule freeze of policy\.yaml denies restart in prod\./);
  await app.answer('<right>', '<enter>');
  assert.doesNotMatch(app.screen(), /POLICY_REFUSED/);
  assert.equal(app.gate.calls.runs.length, 0);
  app.gate.answers.prepareError = undefined;
  app.gate.answers.verdict = { state: 'refused', error: { code: REFUSED.code, message: 'no', hint: 'h' } };
  await app.press('R');
  assert.match(app.screen(), /✖ POLICY_REFUSED: no\. h/);
  assert.match(app.screen(), /Pod shop\/was-0/, 'with the plan that was refused');
  assert.doesNotMatch(app.screen(), /\[ Restart \]/);
  app.close();
});

test('what is refused when it is started was not done, and the dialog says so', async () => {
  const app = await open();
  app.gate.answers.runError = REFUSED;
  await app.press('R');
  await app.answer('<right>', '<enter>');
  assert.match(app.screen(), /✖ POLICY_REFUSED/);
  assert.match(app.screen(), /nothing was done/);
  await app.press('<esc>');
  app.gate.answers.holds.run = true;
  await app.press('R');
  await app.answer('<right>', '<enter>', '<esc>');
  app.gate.release();
  await app.idle();
  assert.match(app.screen(), /POLICY_REFUSED/, 'also when the dialog was left meanwhile');
  app.close();
});

test('a dry run shows what each call would be answered', async () => {
  const app = await open();
  app.gate.answers.dryRun = [
    { call: 'Evict pod was-0', context: 'prod', sent: { outcome: 'done', answer: {} } },
    {
      call: 'Patch',
      context: 'prod',
      sent: { outcome: 'failed', error: { code: 'CONFLICT', message: 'it moved', hint: 'Look.' } },
    },
    { call: 'Stop', context: 'prod', sent: undefined },
  ];
  await app.press('R');
  await app.answer('D');
  assert.match(app.screen(), /Dry run: nothing was changed/);
  assert.match(app.screen(), /● Evict pod was-0 \(prod\): would be accepted/);
  assert.match(app.screen(), /✖ Patch \(prod\): CONFLICT: it moved\. Look\./);
  assert.match(app.screen(), /\? Stop \(prod\): cannot be asked ahead/);
  assert.equal(app.gate.calls.runs.length, 0);
  app.close();
});

test('warnings come by level, calls unfold, the difference is shown', async () => {
  const app = await open({ rows: 50 });
  app.gate.answers.plan = {
    warnings: [
      { level: 'info', code: 'a', text: text('comes up with 12', '12로 시작') },
      { level: 'danger', code: 'b', text: text('Manager is silent', 'Manager 응답 없음') },
    ],
    diff: [{ title: 'server.xml', lines: [' <a>', '-<b>', '+<c>'] }],
  };
  await app.press('R');
  assert.match(app.screen(), /✖ Manager is silent[\s\S]*· comes up with 12/);
  assert.match(app.screen(), /server\.xml[\s\S]* {2}-<b>[\s\S]* {2}\+<c>/);
  assert.doesNotMatch(app.screen(), /"Eviction"/);
  await app.answer('x');
  assert.match(app.screen(), /"kind": "Eviction"/);
  app.close();
});

test('a dialog is about its targets, whatever becomes of the rows', async () => {
  const app = await open();
  await app.press('j', 'R');
  await app.data(dropOf('instance', instanceOf('was-0').ref));
  assert.match(app.screen(), /restart was-1 in prod/);
  await app.data(dropOf('instance', instanceOf('was-1').ref));
  assert.match(app.screen(), /✖ Gone meanwhile: was-1/);
  await app.answer('<right>', '<enter>');
  assert.deepEqual(
    app.gate.calls.runs[0]?.prepared.plan.targets.map(({ name }) => name),
    ['was-1'],
  );
  app.close();
});

test('a dialog fits any terminal and follows its size', async () => {
  const app = await open({ columns: 80, rows: 24 });
  app.gate.answers.plan = {
    diff: [{ title: 'long', lines: Array.from({ length: 90 }, (_, at) => `+line ${at}`) }],
  };
  await app.press('R');
  for (const [columns, rows] of [
    [80, 24],
    [40, 8],
    [200, 60],
    [60, 10],
  ] as const) {
    await app.resize(columns, rows);
    assert.equal(app.lines().length, rows);
    assert.match(app.screen(), /Cancel/, `${columns}×${rows}`);
    assert.match(app.lines().at(-2) ?? '', /^└.*┘$/);
  }
  await app.resize(40, 8);
  assert.match(app.screen(), /restart Pod shop\/was-0 · 1 call/, 'what decides is always in sight');
  await app.resize(30, 6);
  await app.answer('<right>', '<enter>');
  assert.equal(app.gate.calls.runs.length, 0, 'what cannot be read is not confirmed');
  await app.resize(80, 24);
  await app.answer('G');
  assert.match(app.screen(), /line 89/);
  await app.press('g');
  assert.match(app.screen(), /Targets \(1\)/);
  app.close();
});

test('wide letters keep the frame straight', async () => {
  const app = await openConsole({
    changes: fleetOf(2),
    columns: 80,
    rows: 24,
    isActing: true,
    settings: { language: 'ko' },
  });
  await app.press('R');
  assert.match(app.screen(), /재시작/);
  const framed = app.lines().filter((line) => /^[│┌└├]/.test(line));
  assert.ok(framed.length > 5);
  for (const line of framed) assert.match(line, /[│┐┘┤]$/);
  app.close();
});
