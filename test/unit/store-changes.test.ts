import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';
import { MAX_CHANGES } from '../../src/store/change-log.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  configMapEnvironmentOf,
  contextOf,
  HOUR_MS,
  instanceOf,
  MINUTE_MS,
  NOW,
  putOf,
  storeOptionsOf,
  workloadOf,
} from '../support/store-entities.ts';

const open = () => {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod')]));
  return {
    store,
    changes: () =>
      [...store.state.getState().tables.change.rows.values()].map(({ what, text }) => `${what}: ${text.en}`),
  };
};
const entryOf = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  ref: refOf('audit', 'prod', 'a1'),
  at: NOW - MINUTE_MS,
  actor: { user: 'kim', host: 'bastion', pid: 1, identities: {} },
  mode: 'normal',
  action: 'restart',
  effect: 'change',
  title: 'restart was-0 in prod',
  targets: [],
  calls: [],
  result: 'running',
  ...more,
});

test('what is seen for the first time is no change', () => {
  const { store, changes } = open();
  store.apply([
    putOf('workload', workloadOf('lena-was')),
    putOf('instance', instanceOf('was-0', { restarts: 9 })),
  ]);
  assert.deepEqual(changes(), []);
});

test('rollouts, scales, configuration and restarts are told with before and after', () => {
  const { store, changes } = open();
  const before = workloadOf('lena-was', {
    desired: 2,
    image: 'lena:1',
    rollout: { state: 'stable', revision: '3' },
    environment: [
      ...configMapEnvironmentOf('was-env', { LENA_JVM_HEAP_SIZE: '512m' }),
      ...configMapEnvironmentOf('was-env', { LENA_CONFIG_TEMPLATE_ID: 'WAS-001:11' }),
      { name: 'DB_PASSWORD', isMasked: true, origin: { kind: 'configMap', name: 'was-env' } },
      { name: 'PLAIN', value: 'a', origin: { kind: 'literal' } },
    ],
  });
  store.apply([putOf('workload', before), putOf('instance', instanceOf('was-0', { restarts: 1 }))]);
  store.apply([
    putOf('workload', {
      ...before,
      desired: 4,
      image: 'lena:2',
      rollout: { state: 'failed', revision: '4', message: 'no progress' },
      environment: [
        ...configMapEnvironmentOf('was-env', { LENA_JVM_HEAP_SIZE: '768m' }),
        ...configMapEnvironmentOf('was-env', { LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' }),
        { name: 'DB_PASSWORD', isMasked: true, origin: { kind: 'configMap', name: 'was-env' } },
        { name: 'PLAIN', value: 'b', origin: { kind: 'literal' } },
      ],
    }),
    putOf('instance', instanceOf('was-0', { restarts: 3, stateReason: 'OOMKilled' })),
  ]);
  assert.deepEqual(changes(), [
    'rollout: rollout revision 3 → 4',
    'rollout: image lena:1 → lena:2',
    'rollout: rollout failed: no progress',
    'scale: desired 2 → 4',
    'config: LENA_JVM_HEAP_SIZE 512m → 768m',
    'revision: LENA_CONFIG_TEMPLATE_ID WAS-001:11 → WAS-001:12',
    'restart: restarted 2 times, 3 in all (OOMKilled)',
  ]);
});

test('an action is told once, when it ends', () => {
  const { store, changes } = open();
  store.apply([putOf('audit', entryOf())]);
  assert.deepEqual(changes(), []);
  store.apply([putOf('audit', entryOf({ result: 'done', endedAt: NOW }))]);
  store.apply([putOf('audit', entryOf({ result: 'done', endedAt: NOW, reason: 'again' }))]);
  assert.deepEqual(changes(), ['action: restart was-0 in prod: done']);
  store.apply([
    putOf('audit', entryOf({ ref: refOf('audit', 'prod', 'old'), at: NOW - 2 * HOUR_MS, result: 'done' })),
  ]);
  assert.equal(changes().length, 1, 'what ended before the hour shown is not among it');
});

test('changes are kept for an hour and are bounded', () => {
  const { store, changes } = open();
  store.apply([putOf('workload', workloadOf('lena-was', { desired: 0 }))]);
  for (let desired = 1; desired <= MAX_CHANGES + 50; desired++)
    store.apply([putOf('workload', workloadOf('lena-was', { desired }))]);
  assert.equal(changes().length, MAX_CHANGES);
  assert.equal(changes().at(-1), `scale: desired ${MAX_CHANGES + 49} → ${MAX_CHANGES + 50}`);
  store.tick(NOW + HOUR_MS + 1);
  assert.deepEqual(changes(), []);
});

test('an acknowledged finding stays so until its time is over', () => {
  const { store } = open();
  store.apply([
    putOf(
      'instance',
      instanceOf('was-0', { environment: configMapEnvironmentOf('e', { LENA_JVM_HEAP_SIZE: '1g' }) }),
    ),
  ]);
  const findings = () => [...store.state.getState().tables.finding.rows.values()];
  const [found] = findings();
  assert.ok(found);
  const acknowledgement = { finding: found.ref, by: 'kim', reason: 'known', at: NOW, until: NOW + HOUR_MS };
  store.setAcknowledgements([acknowledgement]);
  assert.deepEqual(findings()[0]?.acknowledged, {
    by: 'kim',
    reason: 'known',
    at: NOW,
    until: NOW + HOUR_MS,
  });
  const server = [...store.state.getState().tables.server.rows.values()][0];
  assert.ok(server);
  assert.equal(store.findings(server.ref)[0]?.acknowledged?.by, 'kim');
  store.apply([
    putOf(
      'instance',
      instanceOf('was-0', { environment: configMapEnvironmentOf('e', { LENA_JVM_HEAP_SIZE: '2g' }) }),
    ),
  ]);
  assert.equal(findings()[0]?.acknowledged?.by, 'kim', 'also when it says something else meanwhile');
  store.tick(NOW + HOUR_MS);
  assert.equal(findings()[0]?.acknowledged, undefined);
  store.setAcknowledgements([{ ...acknowledgement, until: NOW + 3 * HOUR_MS }]);
  store.setAcknowledgements([]);
  assert.equal(findings()[0]?.acknowledged, undefined, 'taken back');
});
