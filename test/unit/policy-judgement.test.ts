import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect, Mode, PolicyRule } from '../../src/domain/policy.ts';
import { type Gate, type JudgedAct, judge } from '../../src/domain/policy-judgement.ts';
import { text } from '../../src/domain/text.ts';

const rule = (more: Partial<PolicyRule>): PolicyRule => ({ origin: 'config.yaml', ...more });
const gate = (
  more: Partial<{ rules: readonly PolicyRule[]; mode: Mode; isProtected: boolean }> = {},
): Gate => ({
  policy: { rules: more.rules ?? [] },
  modeOf: () => ({ mode: more.mode ?? 'normal', origin: '--readonly' }),
  isProtected: () => more.isProtected ?? false,
});
const act = (more: Partial<JudgedAct> = {}): JudgedAct => ({
  names: ['rolling-restart', 'restart'],
  title: text('Restart', '재시작'),
  effect: 'change',
  targets: [{ context: 'prod-eu', namespace: 'shop', kind: 'Deployment' }],
  dangers: [],
  ...more,
});
const confirmOf = (judged: ReturnType<typeof judge>) =>
  judged.state === 'allowed' ? judged.confirm : judged.error.code;

test('a mode lets pass what its table says and nothing else', () => {
  const passes = (mode: Mode, effect: Effect) => judge(act({ effect }), gate({ mode })).state;
  const table = (['normal', 'triage', 'readonly'] as const).map((mode) =>
    (['observe', 'diagnose', 'change', 'destroy'] as const).map((effect) => passes(mode, effect)),
  );
  assert.deepEqual(table, [
    ['allowed', 'allowed', 'allowed', 'allowed'],
    ['allowed', 'allowed', 'refused', 'refused'],
    ['allowed', 'refused', 'refused', 'refused'],
  ]);
});

test('a refusal by mode names the mode, who set it and the context', () => {
  const judged = judge(act(), gate({ mode: 'readonly' }));
  assert.equal(judged.state, 'refused');
  assert.equal(judged.error.code, 'MODE_REFUSED');
  assert.match(judged.error.message, /prod-eu.*READ-ONLY.*--readonly/);
});

test('why the name of what ends is asked for fits a stop as well as a delete', () => {
  const judged = judge(act({ effect: 'destroy' }), gate());
  assert.ok(judged.state === 'allowed');
  assert.deepEqual(judged.because, [text('it ends what runs there', '실행 중인 것을 종료합니다')]);
});

test('one context in a stricter mode refuses the whole act', () => {
  const mixed: Gate = {
    ...gate(),
    modeOf: (context) => ({ mode: context === 'dev' ? 'normal' : 'triage', origin: 'file' }),
  };
  const targets = [{ context: 'dev' }, { context: 'prod-eu' }];
  assert.equal(confirmOf(judge(act({ targets }), mixed)), 'MODE_REFUSED');
  assert.equal(confirmOf(judge(act({ targets: [{ context: 'dev' }] }), mixed)), 'confirm');
});

test('a row acted on through another context is under the mode, protection and rules of both', () => {
  const through = act({ targets: [{ context: 'mgr-seoul', rowContext: 'vms', kind: 'Server' }] });
  for (const strict of ['mgr-seoul', 'vms']) {
    const only =
      <T>(value: T, otherwise: T) =>
      (context: string) =>
        context === strict ? value : otherwise;
    const inMode: Gate = {
      ...gate(),
      modeOf: (context) => ({ mode: only<Mode>('readonly', 'normal')(context), origin: 'file' }),
    };
    const refused = judge(through, inMode);
    assert.equal(refused.state, 'refused');
    assert.match(refused.error.message, new RegExp(`in ${strict}: the mode is READ-ONLY`));
    const guarded = judge(through, { ...gate(), isProtected: only(true, false) });
    assert.equal(confirmOf(guarded), 'type-name');
    assert.match(JSON.stringify(guarded), new RegExp(`context ${strict} is protected`));
    const denied = gate({ rules: [rule({ contexts: [strict], kinds: ['server'], confirm: 'deny' })] });
    assert.equal(confirmOf(judge(through, denied)), 'POLICY_REFUSED');
  }
  const other = gate({ rules: [rule({ contexts: ['prod-*'], confirm: 'deny' })] });
  assert.equal(confirmOf(judge(through, other)), 'confirm');
  // Named by both contexts it is still one target.
  assert.equal(confirmOf(judge(through, gate({ rules: [rule({ maxTargets: 1 })] }))), 'confirm');
});

test('what is asked for grows with effect, protection and danger', () => {
  assert.equal(confirmOf(judge(act({ effect: 'diagnose' }), gate())), 'none');
  assert.equal(confirmOf(judge(act(), gate())), 'confirm');
  assert.equal(confirmOf(judge(act({ effect: 'destroy' }), gate())), 'type-name');
  assert.equal(confirmOf(judge(act(), gate({ isProtected: true }))), 'type-name');
  assert.equal(confirmOf(judge(act({ effect: 'diagnose' }), gate({ isProtected: true }))), 'none');
  assert.equal(confirmOf(judge(act({ dangers: [text('scaled to 0', '0개로')] }), gate())), 'type-name');
});

test('rules match by context, namespace, kind and action, and an absent list matches everything', () => {
  const deny = (more: Partial<PolicyRule>) =>
    confirmOf(judge(act(), gate({ rules: [rule({ confirm: 'deny', ...more })] })));
  assert.equal(deny({}), 'POLICY_REFUSED');
  assert.equal(deny({ contexts: ['*prod*'], namespaces: ['sh?p'], kinds: ['deployment'] }), 'POLICY_REFUSED');
  assert.equal(deny({ contexts: ['dev'] }), 'confirm');
  assert.equal(deny({ namespaces: ['pay'] }), 'confirm');
  assert.equal(deny({ kinds: ['Pod'] }), 'confirm');
  assert.equal(deny({ actions: ['delete'] }), 'confirm');
});

test('a rule may name an action by its id or by its command', () => {
  const deny = (actions: readonly string[]) =>
    confirmOf(judge(act(), gate({ rules: [rule({ confirm: 'deny', actions })] })));
  assert.equal(deny(['restart']), 'POLICY_REFUSED');
  assert.equal(deny(['rolling-*']), 'POLICY_REFUSED');
});

test('a rule on what is not known yet does not match', () => {
  const rules = [rule({ confirm: 'deny', namespaces: ['*'] })];
  assert.equal(confirmOf(judge(act({ targets: [{ context: 'prod-eu' }] }), gate({ rules }))), 'confirm');
});

test('no rule loosens what another asks', () => {
  const strict = rule({ confirm: 'type-name' });
  const loose = rule({ confirm: 'confirm' });
  for (const rules of [
    [strict, loose],
    [loose, strict],
  ]) {
    assert.equal(confirmOf(judge(act(), gate({ rules }))), 'type-name');
  }
  assert.equal(confirmOf(judge(act({ effect: 'destroy' }), gate({ rules: [loose] }))), 'type-name');
  assert.equal(confirmOf(judge(act({ effect: 'diagnose' }), gate({ rules: [loose] }))), 'confirm');
});

test('a cap counts the targets its rule matches, and no others', () => {
  const rules = [rule({ contexts: ['prod-*'], maxTargets: 2, reason: 'change window' })];
  const targets = (prod: number, dev: number) => [
    ...Array.from({ length: prod }, () => ({ context: 'prod-eu' })),
    ...Array.from({ length: dev }, () => ({ context: 'dev' })),
  ];
  assert.equal(confirmOf(judge(act({ targets: targets(2, 5) }), gate({ rules }))), 'confirm');
  const refused = judge(act({ targets: targets(3, 0) }), gate({ rules }));
  assert.equal(refused.state, 'refused');
  assert.match(refused.error.message, /3 targets, at most 2.*config\.yaml.*change window/);
});

test('any matching rule asks for a reason, and says which', () => {
  const judged = judge(act(), gate({ rules: [rule({}), rule({ requireReason: true, origin: '/etc/p' })] }));
  assert.equal(judged.state, 'allowed');
  assert.equal(judged.needsReason, true);
  assert.match(judged.because.map(({ en }) => en).join(), /\/etc\/p/);
});
