import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../src/domain/ports.ts';
import type { ServerState } from '../../src/domain/server-type.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  containerOf,
  contextOf,
  dropOf,
  environmentOf,
  eventOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  managerReadOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  serviceAddressOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const CONTEXTS = [
  contextOf('prod'),
  contextOf('mgr', 'manager', { serves: ['prod'] }),
  contextOf('udp', 'udp'),
];
function storeWith(...changes: readonly Change[]) {
  const store = createConsoleStore(storeOptionsOf(CONTEXTS));
  store.apply(changes);
  const { tables } = store.state.getState();
  return {
    store,
    codes: () =>
      [...tables.finding.rows.values()].map(({ code }) => code).toSorted((a, b) => a.localeCompare(b)),
    finding: (code: string) => [...tables.finding.rows.values()].find((one) => one.code === code),
    reasons: () =>
      [...tables.server.rows.values()].flatMap(({ health }) => health.reasons.map(({ code }) => code)),
    levels: () => [...tables.server.rows.values()].map(({ health }) => health.level),
  };
}
const withEnvironment = (values: Readonly<Record<string, string>>) =>
  putOf('instance', instanceOf('a', { environment: environmentOf(values) }));

test('a heap over the container’s limit is found from the variable and from the JVM', () => {
  assert.deepEqual(storeWith(withEnvironment({ LENA_JVM_HEAP_SIZE: '4096m' })).codes(), ['heap-over-limit']);
  const big = jvmSampleOf({ heap: { usedBytes: MIB, maxBytes: 3_000 * MIB } });
  assert.deepEqual(
    storeWith(putOf('instance', instanceOf('a')), putOf('sender', senderOf('a', { jvm: big }))).codes(),
    ['heap-over-limit'],
  );
});

test('a heap size LENA ignores is found', () => {
  assert.deepEqual(storeWith(withEnvironment({ LENA_JVM_HEAP_SIZE: '2g' })).codes(), ['heap-size-ignored']);
  assert.deepEqual(storeWith(withEnvironment({ LENA_JVM_HEAP_SIZE: '512m' })).codes(), []);
});

test('an address is judged only where services are listed and the name is one of theirs', () => {
  const address = { LENA_MANAGER_ADDRESS: 'lena-manager:7700' };
  assert.deepEqual(storeWith(withEnvironment(address)).codes(), []);
  const wrong = storeWith(withEnvironment(address), putOf('serviceAddress', serviceAddressOf('lena-was')));
  assert.deepEqual(wrong.codes(), ['address-unresolved']);
  wrong.store.apply([putOf('serviceAddress', serviceAddressOf('lena-manager'))]);
  assert.deepEqual(wrong.codes(), []);
  wrong.store.apply([dropOf('serviceAddress', serviceAddressOf('lena-manager').ref)]);
  assert.deepEqual(wrong.codes(), ['address-unresolved']);
  for (const host of [
    'manager.example.com',
    '10.0.0.1',
    'x.elsewhere.svc',
    'lena-was.shop.svc.cluster.local',
  ]) {
    const judged = storeWith(
      withEnvironment({ LENA_MANAGER_ADDRESS: `${host}:7700` }),
      putOf('serviceAddress', serviceAddressOf('lena-was')),
    );
    assert.deepEqual(judged.codes(), [], host);
  }
});

test('both session servers on one node are found, on two nodes not', () => {
  const pair = (name: string, node: string) =>
    putOf(
      'instance',
      instanceOf(name, {
        node,
        addresses: [],
        containers: [containerOf({ image: 'lenacloud/lena-session:1' })],
        workload: { kind: 'StatefulSet', name: 'lena-session' },
      }),
    );
  const found = storeWith(pair('lena-session-0', 'n1'));
  assert.deepEqual(found.codes(), []);
  found.store.apply([pair('lena-session-1', 'n1')]);
  assert.deepEqual(found.codes(), ['session-pair', 'session-pair']);
  found.store.apply([pair('lena-session-1', 'n2')]);
  assert.deepEqual(found.codes(), []);
});

test('a session server without its mirror is found when it says so', () => {
  const found = storeWith(
    putOf('instance', instanceOf('s', { containers: [containerOf({ image: 'lena-session' })] })),
    putOf('sender', senderOf('s', { codec: 'l9s', counters: { 'mirror.connected': false } })),
  );
  assert.deepEqual(found.codes(), ['session-pair']);
});

test('two living senders of one name on two addresses claim one identity', () => {
  const found = storeWith(
    putOf('instance', instanceOf('a')),
    putOf('sender', senderOf('a')),
    putOf('sender', senderOf('a', { sourceAddress: '10.42.0.77' })),
  );
  assert.deepEqual(found.codes(), ['duplicate-identity']);
  assert.equal(found.levels().length, 2);
});

test('a second codec of the same server and a sender long silent are no rivals', () => {
  const old = { at: NOW - 60_000, perMinute: 30, rejected: 0, intervalMs: 2_000 };
  const found = storeWith(
    putOf('instance', instanceOf('a')),
    putOf('sender', senderOf('a')),
    putOf('sender', senderOf('a', { id: 'a', codec: 'l9s' })),
    putOf('sender', senderOf('a', { sourceAddress: '10.42.0.77', heartbeat: old })),
  );
  assert.deepEqual(found.codes(), []);
  assert.equal(found.levels().length, 1);
});

test('a licence near its end is found at its Manager', () => {
  const found = storeWith(
    putOf('managerRead', managerReadOf({ licence: { used: 10, total: 100, endsAt: NOW + 5 * 86_400_000 } })),
  );
  assert.deepEqual(found.codes(), ['licence-ending']);
  assert.equal(found.finding('licence-ending')?.level, 'error');
  assert.equal(found.finding('licence-ending')?.target.kind, 'context');
});

test('a Manager whose lists do not cover a type says nothing about it', () => {
  const pod = putOf('instance', instanceOf('a'));
  assert.deepEqual(storeWith(pod, putOf('managerRead', managerReadOf({ covers: ['web'] }))).codes(), []);
  assert.deepEqual(storeWith(pod, putOf('managerRead', managerReadOf({ recentAt: [NOW] }))).codes(), []);
  assert.deepEqual(storeWith(pod, putOf('managerRead', managerReadOf())).codes(), ['not-registered']);
});

test('a goodbye explains silence for a minute, and only of a server that ends', () => {
  const ending = (deletingSince: number | undefined) =>
    storeWith(
      putOf('instance', instanceOf('a', { deletingSince })),
      putOf('sender', senderOf('a', { byeAt: NOW })),
    );
  const explained = ending(NOW);
  explained.store.tick(NOW + 20_000);
  assert.deepEqual(explained.codes(), []);
  explained.store.tick(NOW + 61_000);
  assert.deepEqual(explained.codes(), ['silent']);
  const unexplained = ending(undefined);
  unexplained.store.tick(NOW + 20_000);
  assert.deepEqual(unexplained.codes(), ['silent']);
});

test('nobody is silent while the receiver does not listen', () => {
  const found = storeWith(putOf('instance', instanceOf('a')), putOf('sender', senderOf('a')));
  const error = { code: 'PORT_TAKEN', message: 'taken', hint: 'stop it' };
  found.store.setStatus('udp', { state: 'failed', error });
  found.store.tick(NOW + 30_000);
  assert.deepEqual(found.codes(), []);
});

test('a finding that still holds keeps its object and its since', () => {
  const found = storeWith(withEnvironment({ LENA_JVM_HEAP_SIZE: '2g' }));
  const first = found.finding('heap-size-ignored');
  found.store.tick(NOW + 5_000);
  found.store.apply([withEnvironment({ LENA_JVM_HEAP_SIZE: '2g' })]);
  assert.equal(found.finding('heap-size-ignored'), first);
  assert.deepEqual(found.store.findings(first?.target ?? assert.fail()), [first]);
});

test('a crash loop, a failed pull and a stale source are reasons', () => {
  const waiting = (reason: string) =>
    storeWith(
      putOf(
        'instance',
        instanceOf('a', { state: 'notReady', containers: [containerOf({ state: 'waiting', reason })] }),
      ),
    );
  assert.deepEqual(waiting('CrashLoopBackOff').reasons(), ['crash-loop', 'not-ready']);
  assert.deepEqual(waiting('ImagePullBackOff').reasons(), ['image-pull', 'not-ready']);
  const stale = storeWith(putOf('instance', instanceOf('a')));
  stale.store.setStatus('prod', { state: 'stale', lastGoodAt: NOW - 60_000 });
  assert.deepEqual(stale.reasons(), ['stale-data']);
  assert.deepEqual(stale.levels(), ['unknown']);
  stale.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  assert.deepEqual(stale.levels(), ['ok']);
});

test('not ready is a warning at once and an error after five minutes', () => {
  const found = storeWith(putOf('instance', instanceOf('a', { state: 'notReady', readySince: undefined })));
  assert.deepEqual(found.levels(), ['warn']);
  found.store.tick(NOW + 299_000);
  assert.deepEqual(found.levels(), ['warn']);
  found.store.tick(NOW + 301_000);
  assert.deepEqual(found.levels(), ['error']);
});

test('a server that crashes again and again is not healthy between two crashes', () => {
  const state = (state: ServerState, readySince?: number) =>
    putOf('instance', instanceOf('a', { state, readySince, startedAt: NOW }));
  const found = storeWith(state('starting'));
  assert.deepEqual(found.levels(), ['ok']);
  const steps = [
    [10, state('failed'), 'error'],
    [20, state('starting'), 'warn'],
    [30, state('failed'), 'error'],
    [40, state('starting'), 'error'],
    [50, state('ready', NOW + 50_000), 'warn'],
    [109, undefined, 'warn'],
    [110, undefined, 'ok'],
  ] as const;
  for (const [second, step, level] of steps) {
    found.store.tick(NOW + second * 1_000);
    if (step !== undefined) found.store.apply([step]);
    assert.deepEqual(found.levels(), [level], `${second} s`);
  }
});

test('the last bad end of a container counts while it starts again, a good one does not', () => {
  const ended = (exitCode: number) =>
    storeWith(
      putOf(
        'instance',
        instanceOf('a', {
          state: 'starting',
          readySince: undefined,
          startedAt: NOW,
          containers: [containerOf({ lastTermination: { exitCode, at: NOW - 30_000 } })],
        }),
      ),
    );
  assert.deepEqual(ended(1).reasons(), ['failed-before']);
  assert.deepEqual(ended(0).reasons(), []);
});

test('a finding is as old as our knowledge of it, not as what it is about', () => {
  const found = storeWith(
    putOf('instance', instanceOf('a')),
    putOf('managerRead', managerReadOf({ licence: { used: 10, total: 100, endsAt: NOW + 5 * 86_400_000 } })),
  );
  assert.equal(found.finding('not-registered')?.since, NOW);
  assert.equal(found.finding('licence-ending')?.since, NOW);
});

test('a full heap alone is healthy; what three collections leave behind is not', () => {
  const found = storeWith(putOf('instance', instanceOf('a')));
  const hear = (second: number, afterMiB: number) => {
    const at = NOW + second * 1_000;
    const heap = { usedBytes: 1_020 * MIB, maxBytes: 1_024 * MIB, afterGcBytes: afterMiB * MIB };
    found.store.tick(at);
    found.store.apply([
      putOf(
        'sender',
        senderOf('a', {
          jvm: jvmSampleOf({ at, heap, lastFullGc: { at } }),
          heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
        }),
      ),
    ]);
  };
  for (const minute of [2, 4, 6, 8]) hear(minute * 60, 100);
  assert.deepEqual(found.levels(), ['ok']);
  for (const minute of [10, 12]) hear(minute * 60, 800);
  assert.deepEqual(found.levels(), ['ok']);
  hear(14 * 60, 800);
  assert.deepEqual(found.reasons(), ['heap-after-gc']);
  assert.deepEqual(found.levels(), ['warn']);
  for (const minute of [16, 18, 20]) hear(minute * 60, 1_000);
  assert.deepEqual(found.levels(), ['error']);
  hear(22 * 60, 100);
  assert.deepEqual(found.levels(), ['error']);
  found.store.tick(NOW + 22 * 60_000 + 30_000);
  assert.deepEqual(found.reasons(), ['silent']);
});

test('GC overhead, slow requests, full connectors and pools and thrown requests are reasons while they are fresh', () => {
  const jvm = jvmSampleOf({
    gcTimePercent: 30,
    active: { total: 9, over8s: 2 },
    connectors: [{ name: 'http-nio-8180', busy: 199, max: 200 }],
    dataSources: [{ name: 'jdbc/shop', active: 20, max: 20 }],
    errorPercent: 25,
  });
  const found = storeWith(putOf('instance', instanceOf('a')), putOf('sender', senderOf('a', { jvm })));
  assert.deepEqual(found.reasons().sort(), [
    'connectors-full',
    'error-rate',
    'gc-overhead',
    'pool-full',
    'slow-requests',
  ]);
  found.store.tick(NOW + 20_000);
  assert.ok(found.reasons().includes('silent'));
  assert.equal(found.reasons().length, 6);
  found.store.tick(NOW + 49_000);
  assert.equal(found.reasons().length, 6);
  found.store.tick(NOW + 50_000);
  assert.deepEqual(found.reasons(), ['silent']);
});

test('an alert counts for five minutes', () => {
  const sender = senderOf('a');
  const found = storeWith(
    putOf('instance', instanceOf('a')),
    putOf('sender', sender),
    putOf('registration', registrationOf('a')),
    putOf('event', eventOf('1', { level: 'critical', type: 'OUT-OF-MEMORY', target: sender.ref }, 'udp')),
  );
  assert.ok(found.reasons().includes('alert'));
  found.store.tick(NOW + 300_000);
  assert.ok(!found.reasons().includes('alert'));
});
