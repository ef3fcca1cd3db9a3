import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditLog } from '../../src/actions/audit/audit-log.ts';
import { createProbeGate, type ProbeTarget } from '../../src/actions/probe-gate.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { appError } from '../../src/domain/errors.ts';
import { EXEC_TEMPLATES } from '../../src/domain/exec-template.ts';
import type { Mode, PolicyRule } from '../../src/domain/policy.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { ExecRequest } from '../../src/domain/remote.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const SIGNAL = AbortSignal.timeout(10_000);
const TARGET: ProbeTarget = {
  server: refOf('server', 'prod', 'shop/was-1'),
  name: 'was-1',
  namespace: 'shop',
  pod: 'was-1',
  container: 'was',
};
const rule = (more: Partial<PolicyRule>): PolicyRule => ({
  origin: 'config.yaml:3',
  actions: ['probe'],
  ...more,
});

function stage({
  mode = 'normal',
  rules = [],
  auditFails = false,
}: {
  mode?: Mode;
  rules?: readonly PolicyRule[];
  auditFails?: boolean;
} = {}) {
  const sent: ExecRequest[] = [];
  const entries: AuditEntry[] = [];
  const ends: Parameters<Awaited<ReturnType<AuditLog['begin']>>['end']>[0][] = [];
  const unused = () => Promise.reject(new Error('not for a probe'));
  const gate = createProbeGate({
    gate: { policy: { rules }, modeOf: () => ({ mode, origin: '--triage' }), isProtected: () => true },
    audit: {
      async begin(entry) {
        if (auditFails) throw appError('AUDIT_UNWRITABLE', 'the disk is full');
        entries.push(entry);
        return {
          entry: () => entry,
          place: () => 0,
          sending: unused,
          sent: unused,
          end: async (end) => void ends.push(end),
        };
      },
      refused: unused,
      problem: () => undefined,
      onEntry: () => () => undefined,
      close: unused,
    },
    actor: { user: 'kim', host: 'desk', pid: 7 },
    kube: async () => ({
      kind: 'kube',
      context: 'prod',
      identity: unused,
      get: unused,
      mayI: unused,
      stream: unused,
      log: unused,
      async exec(request) {
        sent.push(request);
        return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' };
      },
    }),
    identity: async () => 'operator',
    clock: createFakeClock(),
  });
  return { gate, sent, entries, ends };
}
const ORDER = { target: TARGET, others: [], occasion: 'page' } as const;
const LIMITS = { timeoutMs: 1_000, maxBytes: 1_000 };

test('a probe runs only commands that read a JVM, in normal mode too', async () => {
  const { gate, sent } = stage();
  const open = await gate.begin(ORDER, SIGNAL);
  for (const argv of [
    ['sh', '-c', 'cat /etc/passwd'],
    ['cat', '/etc/passwd'],
    ['cat', '/proc/1/environ'],
    ['cat', '/tmp/hsperfdata_lena/../../etc/passwd'],
    ['jstat', '-gc', '1', '1', '999999'],
    ['l9s', 'attach', '--stdio'],
    ['/usr/local/lena/servers/sessionServer/console.sh', 'search', 'A1'],
    ['curl', '-s', '--max-time', '5', 'http://10.0.0.1:7180/cmx-status?cmd=monitor&format=json'],
    [],
  ]) {
    await assert.rejects(open.run(argv, LIMITS, SIGNAL), { code: 'INTERNAL' }, argv.join(' '));
    await assert.rejects(
      open.stream(argv, () => undefined, SIGNAL),
      { code: 'INTERNAL' },
      argv.join(' '),
    );
  }
  assert.deepEqual(sent, []);
  await open.run(['cat', '/tmp/hsperfdata_lena/87'], LIMITS, SIGNAL);
  assert.deepEqual(sent, [
    {
      namespace: 'shop',
      pod: 'was-1',
      container: 'was',
      argv: ['cat', '/tmp/hsperfdata_lena/87'],
      ...LIMITS,
    },
  ]);
  assert.ok(EXEC_TEMPLATES.some(({ id }) => id === 'list-processes'));
});

test('its beginning is recorded before anything runs, and its end says what was read', async () => {
  const { gate, entries, ends, sent } = stage({ mode: 'triage' });
  const open = await gate.begin(ORDER, SIGNAL);
  assert.deepEqual(sent, []);
  const [entry] = entries;
  assert.deepEqual(
    [entry?.action, entry?.effect, entry?.mode, entry?.result, entry?.actor.identities, entry?.calls],
    ['probe', 'diagnose', 'triage', 'running', { prod: 'operator' }, []],
  );
  await open.end({ reads: 3, way: 'hsperfdata' });
  await open.end({ reads: 0 }, { code: 'NO_JVM', message: 'password=EXAMPLE', hint: '' });
  assert.deepEqual(
    ends.map(({ result, error, targets }) => [result, error, targets[0]?.after]),
    [
      ['done', undefined, { reads: 3, way: 'hsperfdata' }],
      ['failed', 'NO_JVM: password=***', { reads: 0 }],
    ],
  );
});

for (const [what, options, code] of [
  ['read-only mode', { mode: 'readonly' }, 'MODE_REFUSED'],
  ['a rule that denies', { rules: [rule({ confirm: 'deny' })] }, 'POLICY_REFUSED'],
  ['a rule that would ask', { rules: [rule({ confirm: 'confirm' })] }, 'POLICY_REFUSED'],
  [
    'a rule that wants the name',
    { rules: [rule({ confirm: 'type-name', kinds: ['Pod'] })] },
    'POLICY_REFUSED',
  ],
  [
    'a rule that wants a reason',
    { rules: [rule({ requireReason: true, namespaces: ['shop'] })] },
    'POLICY_REFUSED',
  ],
  ['an audit that takes nothing', { auditFails: true }, 'AUDIT_UNWRITABLE'],
] as const)
  test(`${what} keeps it from beginning`, async () => {
    const { gate, sent, entries } = stage(options);
    await assert.rejects(gate.begin(ORDER, SIGNAL), { code });
    assert.deepEqual([sent, entries], [[], []]);
    if (code !== 'AUDIT_UNWRITABLE') assert.equal(gate.refusal(TARGET, [])?.code, code);
  });

test('a mode that refuses it names the one that allows it', () => {
  const { gate } = stage({ mode: 'readonly' });
  assert.match(gate.refusal(TARGET, [])?.hint ?? '', /--triage instead of --readonly/);
  assert.equal(stage({ mode: 'triage' }).gate.refusal(TARGET, []), undefined);
});

test('a rule about the number of targets counts those that are read already', () => {
  const { gate } = stage({ rules: [rule({ maxTargets: 2 })] });
  const other = (name: string): ProbeTarget => ({
    ...TARGET,
    server: refOf('server', 'prod', `shop/${name}`),
    name,
  });
  assert.equal(gate.refusal(TARGET, [other('was-2')]), undefined);
  assert.equal(gate.refusal(TARGET, [other('was-2'), other('was-3')])?.code, 'POLICY_REFUSED');
});

test('rules about other verbs and a protected context do not hold it back', () => {
  const { gate } = stage({ mode: 'triage', rules: [rule({ actions: ['restart'], confirm: 'deny' })] });
  assert.equal(gate.refusal(TARGET, []), undefined);
});
