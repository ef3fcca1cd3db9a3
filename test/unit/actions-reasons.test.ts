import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionKind } from '../../src/actions/action.ts';
import { createExecutor } from '../../src/actions/executor.ts';
import { ACTIONS } from '../../src/actions/index.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Ref } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { startActing } from '../support/acting.ts';
import {
  contextOf,
  hostInstanceOf,
  instanceOf,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
  workloadOf,
} from '../support/store-entities.ts';

/** One row of every kind of context, as the store joins them, and the verbs of the program. */
function rowsAndVerbs(t: Parameters<typeof startActing>[0]) {
  const store = createConsoleStore(
    storeOptionsOf([
      contextOf('prod'),
      contextOf('fargate', 'ecs'),
      contextOf('mgr', 'manager'),
      contextOf('vms', 'hosts'),
      contextOf('udp', 'udp'),
    ]),
  );
  store.apply([
    putOf('instance', instanceOf('pod')),
    putOf(
      'instance',
      instanceOf('task', {
        context: 'fargate',
        contextKind: 'ecs',
        place: { kind: 'ecsCluster', name: 'shop' },
        hostNames: [],
        addresses: ['10.50.0.9'],
      }),
    ),
    putOf('instance', hostInstanceOf('machine', { addresses: ['10.60.0.9'], hostNames: ['machine'] })),
    putOf(
      'registration',
      registrationOf('managed', { isContainer: false, nodeName: 'n', systemName: 's', address: '10.70.0.9' }),
    ),
    putOf('registration', registrationOf('foreign', { address: '10.80.0.9' })),
    putOf('sender', senderOf('stranger', { sourceAddress: '10.90.0.9' })),
    putOf('workload', workloadOf('each', { kind: 'DaemonSet' })),
  ]);
  const lookup = createLookup(store, []);
  const { audit } = startActing(t);
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    openRemote: () => assert.fail('opened'),
    policy: {
      mode: 'normal',
      modeOrigin: 'default',
      fixedMode: 'normal',
      rules: [],
      lift: { isAllowed: false, maxMinutes: 30 },
      syslog: 'off',
    },
    modeOf: () => ({ mode: 'normal', origin: 'default' }),
    isProtected: () => false,
    audit,
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock: systemClock,
  });
  t.after(() => executor.close());
  const rows = [...lookup.all('server'), ...lookup.all('workload')];
  return (id: string, name: string) => {
    const action = ACTIONS.find((one) => one.id === id);
    const ref: Ref<ActionKind> | undefined = rows.find((row) => row.name.includes(name))?.ref;
    assert.ok(action !== undefined && ref !== undefined, `${id} ${name}: ${rows.map((row) => row.name)}`);
    return executor.disabledReason(action, ref);
  };
}

const REASONS: readonly (readonly [verb: string, row: string, reason: string])[] = [
  ['start', 'pod', 'a pod is started by its workload: scale that'],
  ['stop', 'pod', 'a pod cannot be stopped: delete it, or scale its workload'],
  ['start', 'task', 'a task is started by its service: scale that'],
  ['stop', 'task', 'a task is stopped by delete; to keep it so, scale its service'],
  ['start', 'machine', 'no Manager has it registered'],
  ['restart', 'machine', 'no Manager has it registered'],
  ['restart', 'stranger', 'nothing but its own datagrams tells of it'],
  ['stop', 'stranger', 'nothing but its own datagrams tells of it'],
  ['start', 'foreign', 'it is a container, which its orchestrator starts and stops'],
  ['delete', 'managed', 'a Manager cannot do that'],
  ['scale', 'each', 'a DaemonSet has one pod for each node'],
];

test('a verb that cannot act says why as its key would be answered: verb, row, then the reason', (t) => {
  const reasonOf = rowsAndVerbs(t);
  for (const [verb, row, reason] of REASONS) {
    const said = reasonOf(verb, row);
    assert.equal(said?.en, reason, `${verb} ${row}`);
    // Korean ends as a note does, not as an address, and says the same without the English.
    assert.match(said?.ko ?? '', /[가-힣]+$/, `${verb} ${row}`);
    assert.doesNotMatch(said?.ko ?? '', /니다$/, `${verb} ${row}`);
  }
});

test('a server of a machine that is registered can be started and stopped', (t) => {
  const reasonOf = rowsAndVerbs(t);
  for (const verb of ['start', 'stop', 'restart']) {
    assert.equal(reasonOf(verb, 'managed')?.en, undefined, verb);
  }
});
