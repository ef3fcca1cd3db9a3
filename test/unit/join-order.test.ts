import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change } from '../../src/domain/ports.ts';
import { refKey } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ConsoleStore } from '../../src/store/state.ts';
import {
  contextOf,
  dropOf,
  environmentOf,
  hostInstanceOf,
  instanceOf,
  managerReadOf,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
  templateDefaultOf,
  workloadOf,
} from '../support/store-entities.ts';

const CONTEXTS = [
  contextOf('prod', 'kube', { network: 'shared' }),
  contextOf('dr'),
  contextOf('mgr', 'manager', { serves: ['prod', 'dr'], network: 'shared' }),
  contextOf('mgr2', 'manager', { serves: ['dr'] }),
  contextOf('vms', 'hosts'),
  contextOf('udp', 'udp'),
];
const createStore = () =>
  createConsoleStore(
    storeOptionsOf(CONTEXTS, { identity: [{ from: 'special/*', context: 'prod', server: 'a' }] }),
  );

/** Few names and addresses, so that they collide in every way. */
const names = fc.constantFrom('a', 'b', 'ip-10-0-0-1.ec2.internal', 'ip-10-0-0-1', 'special');
const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1');
const ports = fc.constantFrom(8180, 8280);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .record({ name: names, address: addresses, context: fc.constantFrom('prod', 'dr'), port: ports })
    .map(({ name, address, context, port }) =>
      putOf(
        'instance',
        instanceOf(name, {
          context,
          addresses: [address],
          ports: [port],
          workload: { kind: 'Deployment', name: 'lena-was' },
          environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:7' }),
        }),
      ),
    ),
  fc
    .record({ name: names, address: addresses, port: ports, host: names })
    .map(({ name, address, port, host }) =>
      putOf(
        'instance',
        hostInstanceOf(`host-${name}`, { hostNames: [host], addresses: [address], ports: [port] }),
      ),
    ),
  fc
    .record({
      name: names,
      address: addresses,
      port: ports,
      context: fc.constantFrom('mgr', 'mgr2'),
      isContainer: fc.boolean(),
      host: names,
    })
    .map(({ name, address, port, context, isContainer, host }) =>
      putOf('registration', registrationOf(name, { address, port, context, isContainer, hostName: host })),
    ),
  fc
    .record({ name: names, address: addresses, server: fc.constantFrom('tomcat1', 'tomcat2') })
    .map(({ name, address, server }) =>
      putOf('sender', senderOf(name, { serverName: server, sourceAddress: address })),
    ),
  fc.constantFrom<Change>(
    putOf(
      'workload',
      workloadOf('lena-was', { environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:8' }) }),
    ),
    putOf('templateDefault', templateDefaultOf('WAS-001', '9')),
    putOf('managerRead', managerReadOf()),
  ),
);

const keyOf = (one: Change): string => (one.type === 'put' ? `${one.kind} ${refKey(one.entity.ref)}` : '');
const changes = fc.uniqueArray(change, { selector: keyOf, maxLength: 14 });

const picture = (store: ConsoleStore) => {
  const { tables } = store.state.getState();
  const sorted = <Row>(rows: ReadonlyMap<string, Row>) =>
    [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return {
    servers: sorted(tables.server.rows),
    findings: sorted(tables.finding.rows),
    clusters: sorted(tables.serviceCluster.rows),
    counts: sorted(tables.context.rows).map(({ name, servers }) => `${name} ${servers}`),
  };
};

test('the same records give the same servers in whatever order and batches they come', () => {
  fc.assert(
    fc.property(
      changes.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.integer({ min: 1, max: 5 }),
        ),
      ),
      ([all, shuffled, size]) => {
        const atOnce = createStore();
        atOnce.apply(all);
        const bitByBit = createStore();
        for (let from = 0; from < shuffled.length; from += size)
          bitByBit.apply(shuffled.slice(from, from + size));
        assert.deepEqual(picture(bitByBit), picture(atOnce));
      },
    ),
    { numRuns: 400 },
  );
});

test('what came and went leaves no trace, and every record shows in exactly one server', () => {
  fc.assert(
    fc.property(changes, changes, (staying, passing) => {
      const kept = new Set(staying.map(keyOf));
      const visitors = passing.filter((one) => !kept.has(keyOf(one)));
      const store = createStore();
      store.apply(staying);
      store.apply(visitors);
      store.apply(visitors.flatMap((one) => (one.type === 'put' ? [dropOf(one.kind, one.entity.ref)] : [])));
      const { tables } = store.state.getState();
      const instances = [...tables.server.rows.values()].filter(
        ({ records }) => records.instance !== undefined,
      );
      assert.equal(instances.length, tables.instance.rows.size);
      const shown = [...tables.server.rows.values()].flatMap(({ records }) =>
        [records.instance, records.registration, records.sender]
          .filter((ref) => ref !== undefined)
          .map((ref) => `${ref.kind} ${refKey(ref)}`),
      );
      assert.equal(new Set(shown).size, shown.length);
      const clean = createStore();
      clean.apply(staying);
      const untimed = (one: ConsoleStore) =>
        picture(one).servers.map(({ ref, records, manager }) => ({ ref, records, manager }));
      // A registration whose host has left does not move to another by address: that memory is meant.
      if (!visitors.some(({ kind }) => kind === 'instance')) assert.deepEqual(untimed(store), untimed(clean));
    }),
    { numRuns: 400 },
  );
});
