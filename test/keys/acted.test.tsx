import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { appError } from '../../src/domain/errors.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { HOUR_MS, instanceOf, MINUTE_MS, NOW, putOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const SIZE = { columns: 140, rows: 50, isActing: true } as const;
const open = () => openConsole({ changes: fleetOf(6), ...SIZE });

const entryOf = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ref: refOf('audit', 'prod', id),
  at: NOW - 5 * MINUTE_MS,
  endedAt: NOW - 4 * MINUTE_MS,
  actor: { user: 'kim', host: 'bastion', pid: 7, sshFrom: '192.0.2.9', identities: { prod: 'kim@corp' } },
  mode: 'normal',
  action: 'restart',
  effect: 'change',
  title: 'restart was-1 in prod',
  reason: 'OPS-12',
  targets: [
    {
      ref: refOf('server', 'prod', 'shop/was-1'),
      context: 'prod',
      namespace: 'shop',
      kind: 'Pod',
      name: 'was-1',
      before: { state: 'ready' },
      after: { state: 'ready', uid: 'u2' },
      result: 'done',
    },
  ],
  calls: [
    {
      context: 'prod',
      title: 'Evict pod was-1',
      request: '{"method":"POST","path":"/api/v1/namespaces/shop/pods/was-1/eviction"}',
      outcome: 'done',
      at: NOW - 5 * MINUTE_MS,
    },
  ],
  result: 'done',
  ...more,
});

test('a job is followed from its start to its end, with its steps and parts', async () => {
  const app = await open();
  await app.press('   ', 'R');
  await app.answer('<right>', '<enter>');
  await app.afterData();
  assert.match(app.lines()[0] ?? '', /◐ 1 job /);
  await app.answer('J');
  assert.match(app.screen(), /◐ running +0\/3 .*restart was-0, was-1, was-2 in prod/);
  const [job] = app.gate.executor.jobs();
  assert.ok(job);
  const [first, second, third] = job.targets;
  assert.ok(first && second && third);
  const error = { code: 'CONFLICT', message: 'was-1 was replaced', hint: 'Look at it again.' };
  app.gate.update('job-1', {
    targets: [
      { ...first, state: 'done', outcomes: ['done'], startedAt: NOW, endedAt: NOW + 4_200 },
      { ...second, state: 'failed', outcomes: ['failed'], error },
      {
        ...third,
        state: 'running',
        step: text('until its replacement is ready', '대체 서버가 준비될 때까지'),
        parts: [{ name: 'was-2-new', state: 'waiting', detail: 'ContainerCreating' }],
      },
    ],
  });
  await app.afterData();
  assert.match(app.screen(), /2\/3 .*until its replacement is ready · 0\/1/);
  await app.press('<enter>');
  assert.match(app.screen(), /was-2-new +○ waiting: ContainerCreating/);
  assert.match(app.screen(), /CONFLICT: was-1 was replaced/);
  assert.match(app.screen(), /Took +4\.2 s/);
  const moved = app.gate.executor.jobs()[0]?.targets ?? [];
  app.gate.update('job-1', {
    state: 'partial',
    endedAt: NOW + 9_000,
    targets: moved.map((target) => (target.state === 'running' ? { ...target, state: 'unknown' } : target)),
  });
  await app.afterData();
  assert.match(app.bottom(), /partly done, 2 of 3 not done \(was-1 was replaced\); J shows jobs/);
  assert.match(app.screen(), /\? unknown/);
  assert.doesNotMatch(app.lines()[0] ?? '', /job/);
  app.close();
});

test('an outcome nobody knows is told as such', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<right>', '<enter>');
  app.gate.update('job-1', { state: 'unknown' });
  await app.idle();
  assert.match(
    app.bottom(),
    /✖ restart was-0 in prod: sent, outcome unknown: look before you do anything again/,
  );
  app.close();
});

test('a running job is cancelled after a question, one that is over is not', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<right>', '<enter>');
  await app.afterData();
  await app.answer('J', 'X');
  assert.match(app.screen(), /No further step or target is begun/);
  await app.press('<right>', '<enter>');
  assert.deepEqual(app.gate.calls.cancelled, [], 'typed ahead');
  await app.answer('<enter>');
  assert.deepEqual(app.gate.calls.cancelled, [], 'letting it run is chosen first');
  await app.press('X');
  await app.answer('<right>', '<enter>');
  assert.deepEqual(app.gate.calls.cancelled, ['job-1']);
  app.gate.update('job-1', { state: 'cancelled' });
  await app.afterData();
  await app.answer('X');
  assert.match(app.bottom(), /restart was-0 in prod is over/);
  app.close();
});

test('the audit tells who did what, and ! shows that of a row', async () => {
  const app = await open();
  await app.data(
    putOf('audit', entryOf('a1')),
    putOf(
      'audit',
      entryOf('a2', { title: 'scale lena-was', action: 'scale', targets: [], result: 'refused' }),
    ),
  );
  await app.press('j', '!');
  assert.match(app.screen(), /─ Audit ─.* 1 of 1/);
  assert.match(app.screen(), /● done +restart +prod +restart was-1 in prod +kim +OPS-12/);
  await app.press('<enter>');
  for (const words of [
    /User +kim@bastion \(192\.0\.2\.9\)/,
    /prod +kim@corp/,
    /Pod shop\/was-1/,
    /Before +state ready/,
    /After +state ready, uid u2/,
    /Evict pod was-1 \(prod\): ● done/,
    /pods\/was-1\/eviction/,
    /Ended .*\(1 m 0 s\)/,
  ])
    assert.match(app.screen(), words);
  await app.press(':audit\r');
  assert.match(app.screen(), /2 of 2/);
  await app.press(':audit result=refused\r');
  assert.match(app.screen(), /1 of 2/);
  app.close();
});

test('actions an earlier run left open are told once, at the start', async () => {
  const unfinished = entryOf('a1', { result: 'unfinished', endedAt: undefined });
  const app = await openConsole({ changes: [...fleetOf(2), putOf('audit', unfinished)], ...SIZE });
  assert.match(app.bottom(), /1 action of an earlier run never ended: :audit result=unfinished/);
  await app.press('j');
  await app.data(putOf('audit', entryOf('a2', { result: 'unfinished' })));
  assert.equal(app.bottom(), '');
  await app.press(':audit result=unfinished\r');
  assert.match(app.screen(), /‼ unfinished/);
  await app.press('<enter>');
  assert.match(app.screen(), /Look at the targets: what was sent may have been done/);
  app.close();
});

test('changes of the last hour lead to what they are about', async () => {
  const app = await open();
  const before = workloadOf('lena-was', { desired: 2, rollout: { state: 'stable', revision: '3' } });
  await app.data(putOf('workload', before));
  await app.data(
    putOf('workload', { ...before, desired: 3, rollout: { state: 'progressing', revision: '4' } }),
    putOf('audit', entryOf('a1')),
  );
  await app.press(':changes\r');
  assert.match(app.screen(), /scale +lena-was +prod +desired 2 → 3/);
  assert.match(app.screen(), /rollout +lena-was +prod +rollout revision 3 → 4/);
  assert.match(app.screen(), /our action +was-1 +prod +restart was-1 in prod: done +kim/);
  await app.press('/', 'what=scale', '<enter>', 'o');
  assert.match(app.screen(), /Workloads: lena-was/);
  app.close();
});

const HEAP = instanceOf('was-0', {
  environment: [{ name: 'LENA_JVM_HEAP_SIZE', value: '1g', origin: { kind: 'literal' } }],
});

test('a finding is acknowledged with a reason and a time, and then counts nowhere', async () => {
  const app = await openConsole({ changes: [putOf('instance', HEAP)], ...SIZE });
  assert.match(app.screen(), / 1 finding/);
  await app.press(':findings\r', 'K');
  assert.match(app.screen(), /┌─ Acknowledge/);
  await app.press('<enter>');
  assert.match(app.screen(), /✖ Needed/);
  assert.match(app.screen(), /enter goes to the next field/);
  await app.press('known, OPS-3', '<enter>');
  assert.match(app.screen(), /▸ For +1 h/);
  assert.doesNotMatch(app.screen(), /8 h/, 'the list is closed');
  assert.match(app.screen(), /enter acknowledges · ↓ opens the list/);
  await app.press('7');
  assert.match(app.screen(), /▸ For +1 h/, 'letters mean nothing to a closed list');
  await app.press('<down>', '<down>');
  assert.match(app.screen(), /▸ For +8 h[\s\S]*▸ 8 h/);
  app.gate.state.acknowledgeError = appError('AUDIT_UNWRITABLE', 'the audit cannot be written');
  await app.press('<enter>');
  assert.match(app.screen(), /✖ AUDIT_UNWRITABLE: the audit cannot be written/);
  app.gate.state.acknowledgeError = undefined;
  await app.press('<enter>');
  assert.match(app.bottom(), /Acknowledged 1 finding/);
  const [made] = app.gate.state.acknowledged;
  assert.ok(made);
  assert.equal(made.reason, 'known, OPS-3');
  assert.equal(made.until - app.clock.now(), 8 * HOUR_MS);
  app.store.setAcknowledgements([{ ...made, by: 'kim', at: NOW }]);
  await app.afterData();
  assert.doesNotMatch(app.lines()[2] ?? '', /▲|✖/, 'not counted in the title');
  await app.answer('<enter>');
  assert.match(app.screen(), /Acknowledged +kim, .*known, OPS-3/);
  await app.press(':servers\r');
  assert.doesNotMatch(app.screen(), / 1 finding/);
  app.close();
});

test('a lift is asked for with a reason and minutes, and stands in the header', async () => {
  const app = await open();
  app.gate.state.liftReason = text('Lifts are not allowed: policy.yaml', '제한 풀기 불가');
  await app.press('L');
  assert.match(app.bottom(), /No lift for prod: Lifts are not allowed: policy\.yaml/);
  app.gate.state.liftReason = undefined;
  await app.press('L');
  assert.match(app.screen(), /┌─ Lift for prod/);
  await app.press('night shift', '<tab>', '<c-u>', '90', '<enter>');
  assert.match(app.screen(), /✖ A whole number from 1 to 60/);
  await app.press('<c-u>', '20', '<enter>');
  assert.match(app.bottom(), /prod is lifted for 20 min/);
  assert.match(app.lines()[0] ?? '', /NORMAL {2}LIFTED prod 20 min/);
  await app.tick(6 * MINUTE_MS);
  assert.match(app.lines()[0] ?? '', /LIFTED prod 14 min/);
  await app.tick(15 * MINUTE_MS);
  assert.doesNotMatch(app.lines()[0] ?? '', /LIFTED/);
  app.close();
});

test('verbs of the row stand in the crumb line, and help says which cannot be used', async () => {
  const app = await open();
  assert.match(app.lines()[1] ?? '', /<R> restart {2}<X> delete {2}/);
  app.gate.answers.disabled = ({ id }) =>
    id === 'restart' ? text('prod is read-only', 'prod: 읽기 전용') : undefined;
  await app.press('j');
  assert.match(app.lines()[1] ?? '', /\(R\) restart {2}<X> delete {2}/, 'a sign beside the colour');
  await app.press('?');
  assert.match(app.screen(), /What cannot be done to this row now/);
  assert.match(app.screen(), /R {3}restart: prod is read-only/);
  app.close();
});
