import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import type { Change } from '../../src/domain/ports.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { partnerOf } from '../../src/views/session-reading.ts';
import {
  contextOf,
  environmentOf,
  hostInstanceOf,
  instanceOf,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const SESSION = { LENA_SERVER_TYPE: 'session' };
const pairOf = (first: string, second: string) =>
  environmentOf({ ...SESSION, LENA_SESSION_0_ADDRESS: first, LENA_SESSION_1_ADDRESS: second });
const set = (name: string) => ({ kind: 'StatefulSet', name }) as const;

/** The partner of each server by name. */
function partnersOf(changes: readonly Change[]): Readonly<Record<string, string | undefined>> {
  const store = createConsoleStore(
    storeOptionsOf([contextOf('prod'), contextOf('dr'), contextOf('vms', 'hosts'), contextOf('udp', 'udp')]),
  );
  store.apply(changes);
  const context = createViewContext(store, NOW, {
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
  });
  const servers = [...store.state.getState().tables.server.rows.values()];
  return Object.fromEntries(
    servers.map((server) => [`${server.ref.context}/${server.name}`, partnerOf(server, context)?.name]),
  );
}

test('a pair is told by the two addresses both name, else by their StatefulSet, in its own place', () => {
  const ecs = pairOf('a.local:5180', 'b.local:5180');
  const partners = partnersOf([
    putOf('instance', instanceOf('one', { addresses: ['10.0.0.1'], environment: ecs })),
    putOf(
      'instance',
      instanceOf('two', { addresses: ['10.0.0.2'], environment: pairOf('b.local:5180', 'a.local:5180') }),
    ),
    putOf('instance', instanceOf('far', { context: 'dr', addresses: ['10.0.0.3'], environment: ecs })),
    ...['session-0', 'session-1'].map((name, index) =>
      putOf(
        'instance',
        instanceOf(name, {
          addresses: [`10.0.1.${index}`],
          environment: environmentOf(SESSION),
          workload: set('session'),
        }),
      ),
    ),
    putOf(
      'instance',
      instanceOf('lonely-0', {
        addresses: ['10.0.2.1'],
        environment: environmentOf(SESSION),
        workload: set('lonely'),
      }),
    ),
  ]);
  assert.deepEqual(partners, {
    'prod/one': 'two',
    'prod/two': 'one',
    'dr/far': undefined,
    'prod/session-0': 'session-1',
    'prod/session-1': 'session-0',
    'prod/lonely-0': undefined,
  });
});

test('where nothing else tells, the address of its mirror does, and never itself', () => {
  const machine = (name: string, address: string, mirrorAddress: string) => [
    putOf('instance', hostInstanceOf(name, { addresses: [address], ports: [5180], hostNames: [name] })),
    putOf(
      'sender',
      senderOf(name, {
        codec: 'l9s',
        sourceAddress: address,
        serverType: 'session',
        jvm: { source: 'l9s', at: NOW, sessionStore: { mirrorAddress } },
      }),
    ),
  ];
  const partners = partnersOf([
    ...machine('vm-session-1', '10.9.0.1', '10.9.0.2:5180'),
    ...machine('vm-session-2', '10.9.0.2', 'vm-session-1.local:5180'),
    ...machine('vm-session-3', '10.9.0.3', '10.9.0.3:5180'),
  ]);
  assert.deepEqual(partners, {
    'vms/vm-session-1': 'vm-session-2',
    'vms/vm-session-2': 'vm-session-1',
    'vms/vm-session-3': undefined,
  });
});
