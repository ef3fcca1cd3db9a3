import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionSpec } from '../../src/actions/action.ts';
import { AppError } from '../../src/core/app-error.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import {
  callStep,
  draftOf,
  fakeRemote,
  NEVER,
  NORMAL,
  patchAction,
  patchRequest,
  plannedTarget,
  rowsLookup,
  startActing,
  workloadRow,
} from '../support/acting.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const code =
  (wanted: string, message = /./) =>
  (thrown: unknown) => {
    assert.ok(thrown instanceof AppError);
    assert.equal(thrown.code, wanted);
    assert.match(thrown.message, message);
    return true;
  };
const READONLY = { mode: 'readonly', origin: '--readonly' } as const;

test('a mode refuses before anything is asked, and the refusal is a record', async (t) => {
  let opened = 0;
  let planned = 0;
  const remote = fakeRemote('dev');
  const action = patchAction({
    way: {
      needs: () => [{ verb: 'patch', group: 'apps', resource: 'deployments' }],
      plan: async () => {
        planned++;
        return draftOf(plannedTarget(workloadRow('dev', 'cart'), []));
      },
    },
  });
  const { executor, order } = startActing(t, {
    action,
    modeOf: () => READONLY,
    openRemote: async () => {
      opened++;
      return remote;
    },
  });
  const records: AuditEntry[] = [];
  executor.onAudit((entry) => records.push(entry));
  await assert.rejects(executor.prepare(order(), NEVER), code('MODE_REFUSED'));
  assert.deepEqual([opened, planned], [0, 0]);
  assert.deepEqual(
    records.map(({ result, mode, targets }) => [result, mode, targets[0]?.name]),
    [['refused', 'readonly', 'cart']],
  );
});

test('a rule refuses before anything is asked', async (t) => {
  const rules = [{ kinds: ['Deployment'], confirm: 'deny', origin: 'config.yaml' }] as const;
  const { executor, order } = startActing(t, {
    policy: { ...NORMAL, rules },
    openRemote: () => assert.fail('a remote was opened'),
    action: patchAction({ way: { plan: () => assert.fail('it was planned') } }),
  });
  await assert.rejects(executor.prepare(order(), NEVER), code('POLICY_REFUSED', /config\.yaml/));
});

test('a rule on what only the plan knows refuses the plan, which is shown', async (t) => {
  const cart = workloadRow('dev', 'cart');
  const rules = [{ kinds: ['ConfigMap'], confirm: 'deny', origin: 'config.yaml' }] as const;
  const { executor, order, remote } = startActing(t, {
    policy: { ...NORMAL, rules },
    action: patchAction({
      way: {
        plan: async () =>
          draftOf(plannedTarget(cart, [callStep('dev', patchRequest('cart'))], { kind: 'ConfigMap' })),
      },
    }),
  });
  const prepared = await executor.prepare(order(), NEVER);
  assert.equal(prepared.verdict.state, 'refused');
  assert.equal(prepared.plan.targets[0]?.kind, 'ConfigMap');
  await assert.rejects(executor.run(prepared, { typedName: 'cart' }), code('POLICY_REFUSED'));
  await assert.rejects(executor.dryRun(prepared, NEVER));
  assert.deepEqual([remote.sent, remote.tried], [[], []]);
});

test('a row that is gone is an error that names it', async (t) => {
  const lookup = rowsLookup([]);
  const { executor, order } = startActing(t, { lookup });
  await assert.rejects(executor.prepare(order(), NEVER), code('TARGET_UNKNOWN', /shop\/Deployment\/cart/));
});

test('an action that takes one target refuses two', async (t) => {
  const { executor, order } = startActing(t, {
    action: patchAction({ takesMany: false }),
    rows: [workloadRow('dev', 'cart'), workloadRow('dev', 'pay')],
  });
  await assert.rejects(executor.prepare(order(), NEVER), code('INPUT_INVALID', /one target/));
});

const SCALE: ActionSpec<'workload'>['inputs'] = [
  {
    id: 'replicas',
    type: 'count',
    least: 0,
    most: 100,
    title: text('Replicas', '레플리카'),
    flag: { spelling: '--replicas <n>', help: 'how many' },
    isRequired: true,
  },
  {
    id: 'revision',
    type: 'choice',
    isOpen: false,
    options: async () => [{ value: '3', label: '3' }],
    title: text('Revision', '리비전'),
    flag: { spelling: '--to <revision>', help: 'which' },
    isRequired: false,
  },
];

test('answers are checked by their type before anything is planned', async (t) => {
  const inputs: string[] = [];
  const { executor, order } = startActing(t, {
    action: patchAction({
      inputs: SCALE,
      way: {
        plan: async ({ target, input }) => {
          inputs.push(JSON.stringify(input));
          return draftOf(plannedTarget(target, [callStep('dev', patchRequest('cart'))]));
        },
      },
    }),
  });
  const bad: Record<string, string>[] = [
    {},
    { replicas: '' },
    { replicas: '-1' },
    { replicas: '1.5' },
    { replicas: '1e2' },
    { replicas: '101' },
    { replicas: '2', typo: 'x' },
    { replicas: '2', revision: '9' },
  ];
  for (const input of bad) {
    await assert.rejects(executor.prepare(order(input), NEVER), code('INPUT_INVALID'), JSON.stringify(input));
  }
  assert.deepEqual(inputs, []);
  await executor.prepare(order({ replicas: ' 007 ', revision: '3' }), NEVER);
  assert.deepEqual(inputs, ['{"replicas":"7","revision":"3"}']);
});

test('choices are offered before the other answers are given, and not where the mode refuses', async (t) => {
  const action = patchAction({ inputs: SCALE });
  const open = startActing(t, { action });
  assert.deepEqual(await open.executor.options(open.order(), 'revision', NEVER), [
    { value: '3', label: '3' },
  ]);
  const locked = startActing(t, { action, modeOf: () => READONLY });
  await assert.rejects(locked.executor.options(locked.order(), 'revision', NEVER), code('MODE_REFUSED'));
});

test('a right that is denied refuses, one that cannot be asked is a warning', async (t) => {
  const needs = [{ verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'shop' }];
  const action = patchAction({ way: { needs: () => needs } });
  const denied = startActing(t, {
    action,
    remote: fakeRemote('dev', { mayI: () => ({ state: 'denied', reason: 'RBAC' }) }),
  });
  await assert.rejects(
    denied.executor.prepare(denied.order(), NEVER),
    code('PERMISSION_DENIED', /patch deployments\.apps in shop \(dev\): RBAC/),
  );
  const unknown = startActing(t, {
    action,
    remote: fakeRemote('dev', { mayI: () => ({ state: 'unknown' }) }),
  });
  const { plan, verdict } = await unknown.executor.prepare(unknown.order(), NEVER);
  assert.deepEqual(
    plan.warnings.map((warning) => [warning.level, warning.code]),
    [['warn', 'right-unknown']],
  );
  assert.equal(verdict.state, 'allowed');
});

test('a precheck asks once, says when the answer dims the key, and asks nothing where the mode refuses', async (t) => {
  const needs = [{ verb: 'patch', group: 'apps', resource: 'deployments' }];
  const action = patchAction({ way: { needs: () => needs } });
  const remote = fakeRemote('dev', { mayI: () => ({ state: 'denied' }) });
  const { executor } = startActing(t, { action, remote });
  const target = refOf('workload', 'dev', 'shop/Deployment/cart');
  assert.equal(executor.disabledReason(action, target), undefined);
  await new Promise<void>((resolve) => executor.precheck(action, target, resolve));
  assert.match(executor.disabledReason(action, target)?.en ?? '', /no right to patch deployments\.apps/);
  executor.precheck(action, target, () => assert.fail('asked again'));
  assert.equal(remote.reviewed.length, 1);

  const locked = startActing(t, { action, modeOf: () => READONLY, openRemote: () => assert.fail('opened') });
  locked.executor.precheck(action, target, () => assert.fail('asked'));
  assert.match(locked.executor.disabledReason(action, target)?.en ?? '', /READ-ONLY/);
});

test('a key says why it cannot act: gone, nothing to act with, the row itself', (t) => {
  const target = refOf('workload', 'dev', 'shop/Deployment/cart');
  const reason = (action: ActionSpec<'workload'>, ref = target) =>
    startActing(t, { action }).executor.disabledReason(action, ref)?.en ?? '';
  assert.match(reason(patchAction(), refOf('workload', 'dev', 'other')), /not there/);
  assert.match(reason(patchAction({ backEndOf: () => undefined })), /nothing that can act/);
  assert.match(reason(patchAction({ backEndOf: () => 'ecs' })), /ECS cannot do that/);
  assert.match(
    reason(patchAction({ way: { disabledReason: () => text('it is paused', '멈춤') } })),
    /paused/,
  );
});

test('at most four plans are made at once, each row planned once', async (t) => {
  let running = 0;
  let most = 0;
  const rows = Array.from({ length: 10 }, (_, at) => workloadRow('dev', `cart-${at}`));
  const action = patchAction({
    way: {
      plan: async ({ target }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return draftOf(plannedTarget(target, [callStep('dev', patchRequest(target.name))]));
      },
    },
  });
  const { executor, order } = startActing(t, { action, rows });
  const given = order();
  const { plan } = await executor.prepare({ ...given, targets: [...given.targets, ...given.targets] }, NEVER);
  assert.equal(most, 4);
  assert.deepEqual(
    plan.targets.map(({ name }) => name),
    rows.map(({ name }) => name),
  );
  assert.equal(plan.nameToType, '10 in dev');
});

test('a plan that does not come is given up after 30 s', async (t) => {
  const clock = createFakeClock();
  const action = patchAction({ way: { plan: () => new Promise(() => {}) } });
  const { executor, order } = startActing(t, { action, clock });
  const refused = assert.rejects(executor.prepare(order(), NEVER), code('TIMEOUT', /30 s/));
  await clock.advance(30_000);
  await refused;
});

test('leaving the dialog ends the planning', async (t) => {
  const controller = new AbortController();
  const action = patchAction({ way: { plan: () => new Promise(() => {}) } });
  const { executor, order } = startActing(t, { action });
  const refused = assert.rejects(
    executor.prepare(order(), controller.signal),
    code('ACTION_IMPOSSIBLE', /left/),
  );
  controller.abort();
  await refused;
});

test('a call to a context that holds none of the targets is not carried out', async (t) => {
  const action = patchAction({
    way: {
      plan: async ({ target }) => draftOf(plannedTarget(target, [callStep('prod', patchRequest('cart'))])),
    },
  });
  const { executor, order } = startActing(t, { action });
  await assert.rejects(executor.prepare(order(), NEVER), code('INTERNAL', /prod/));
});

test('two rows that plan the same change make it once, and different changes of one thing are refused', async (t) => {
  const shared = workloadRow('dev', 'shared');
  const rows = [workloadRow('dev', 'cart'), workloadRow('dev', 'pay')];
  const planning = (bodyOf: (name: string) => string) =>
    patchAction({
      way: {
        plan: async ({ target }) =>
          draftOf(plannedTarget(shared, [callStep('dev', patchRequest(bodyOf(target.name)))])),
      },
    });
  const same = startActing(t, { rows, action: planning(() => 'x') });
  assert.equal((await same.executor.prepare(same.order(), NEVER)).plan.targets.length, 1);
  const different = startActing(t, { rows, action: planning((name) => name) });
  await assert.rejects(
    different.executor.prepare(different.order(), NEVER),
    code('ACTION_IMPOSSIBLE', /twice/),
  );
});

test('secrets are masked in what is shown and written, and whole in what is sent', async (t) => {
  const body = { spec: { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] } };
  const request = {
    ...patchRequest('cart'),
    system: 'kube',
    method: 'PATCH',
    path: '/apis/x',
    body,
  } as const;
  const action = patchAction({
    way: {
      plan: async ({ target }) =>
        draftOf(plannedTarget(target, [callStep('dev', request)], { before: { dbPassword: 'hunter2' } }), {
          diff: [{ title: 'env', lines: ['- DB_PASSWORD=hunter2'] }],
        }),
    },
  });
  const { executor, order, remote } = startActing(t, { action });
  const records: AuditEntry[] = [];
  executor.onAudit((entry) => records.push(entry));
  const prepared = await executor.prepare(order(), NEVER);
  const { done } = await executor.run(prepared, {});
  const job = await done;
  assert.deepEqual(remote.sent, [request]);
  assert.ok(records.length > 2);
  assert.doesNotMatch(JSON.stringify([prepared, job, records]), /hunter2/);
});

test('a title names one or two rows and counts more, with every context', async (t) => {
  const titleOf = async (...contexts: readonly string[]) => {
    const rows = contexts.map((context, at) => workloadRow(context, `cart-${at}`));
    const { executor, order } = startActing(t, { rows });
    return (await executor.prepare(order(), NEVER)).plan.title;
  };
  assert.deepEqual(await titleOf('dev'), text('Restart cart-0 (dev)', 'cart-0 재시작 (dev)'));
  assert.equal((await titleOf('dev', 'dev')).en, 'Restart cart-0, cart-1 (dev)');
  assert.deepEqual(
    await titleOf('dev', 'dr-eu', 'dev'),
    text('Restart 3 workloads (dev, dr-eu)', '워크로드 3개 재시작 (dev, dr-eu)'),
  );
});

test('escape sequences of a remote do not reach the plan', async (t) => {
  const action = patchAction({
    way: {
      plan: async ({ target }) =>
        draftOf(plannedTarget(target, [callStep('dev', patchRequest('cart'))]), {
          warnings: [{ level: 'warn', code: 'x', text: text('\u001b[2Jgone', '\u001b[2J') }],
        }),
    },
  });
  const { executor, order } = startActing(t, { action });
  const { plan } = await executor.prepare(order(), NEVER);
  assert.ok(!JSON.stringify(plan).includes('\\u001b'));
});

test('a plan gets remotes that cannot change anything', async (t) => {
  const found: unknown[] = [];
  const action = patchAction({
    way: {
      plan: async ({ target }, tools) => {
        const remote = await tools.remote('kube', 'dev');
        found.push(Reflect.get(remote, 'send'), Reflect.get(remote, 'dryRun'), Reflect.get(remote, 'close'));
        assert.deepEqual(await remote.get('/version', {}, NEVER), {});
        return draftOf(plannedTarget(target, [callStep('dev', patchRequest('cart'))]));
      },
    },
  });
  const { executor, order } = startActing(t, { action });
  await executor.prepare(order(), NEVER);
  assert.deepEqual(found, [undefined, undefined, undefined]);
});

test('a dry run asks the remote for each call and sends none', async (t) => {
  const action = patchAction({
    way: {
      plan: async ({ target }) =>
        draftOf(
          plannedTarget(target, [
            callStep('dev', patchRequest('one')),
            callStep('dev', patchRequest('two'), { complete: () => patchRequest('three') }),
          ]),
        ),
    },
  });
  const { executor, order, remote } = startActing(t, { action });
  const results = await executor.dryRun(await executor.prepare(order(), NEVER), NEVER);
  assert.deepEqual(
    results.map(({ sent }) => sent?.outcome),
    ['done', undefined],
  );
  assert.deepEqual([remote.tried.length, remote.sent.length], [1, 0]);
});
