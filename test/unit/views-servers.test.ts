import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { sourceFailure } from '../../src/domain/errors.ts';
import type { Server } from '../../src/domain/server.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ConsoleStore } from '../../src/store/state.ts';
import { csvOf } from '../../src/views/csv.ts';
import { jvmView } from '../../src/views/jvm.view.ts';
import { serversView } from '../../src/views/servers.view.ts';
import {
  contextOf,
  environmentOf,
  eventOf,
  instanceOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

function joined(change: (store: ConsoleStore) => void = () => undefined) {
  const store = createConsoleStore(
    storeOptionsOf([
      contextOf('prod'),
      contextOf('mgr', 'manager', { serves: ['prod'] }),
      contextOf('udp', 'udp'),
    ]),
  );
  const environment = [
    ...environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12', LENA_SERVER_TYPE: 'was' }),
    { name: 'LENA_MANAGER_KEY', isMasked: true, origin: { kind: 'secret', name: 'lena' } } as const,
  ];
  const sender = senderOf('was-0', { counters: { GEN_X: 7, LIST: [1, 2] } });
  store.apply([
    putOf('instance', instanceOf('was-0', { environment })),
    putOf('registration', registrationOf('was-0', { revision: '11' })),
    putOf('sender', sender),
    putOf('event', eventOf('e1', { target: instanceOf('was-0').ref, targetName: 'was-0', type: 'BackOff' })),
  ]);
  change(store);
  const [server] = store.state.getState().tables.server.rows.values();
  assert.ok(server);
  const context = createViewContext(store, NOW, {
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
  });
  return { server, context };
}
const textOf = (server: Server, id: string, context: ReturnType<typeof joined>['context']) => {
  const column = serversView.columns.find((one) => one.id === id);
  return column?.text?.(server, context) ?? String(column?.value(server, context));
};

test('the JSON of a server has the documented fields, and only what is known', () => {
  const { server, context } = joined();
  const json = serversView.json(server, context);
  const documented = [
    'id',
    'name',
    'type',
    'context',
    'namespace',
    'workload',
    'serviceCluster',
    'revision',
    'state',
    'stateReason',
    'health',
    'manager',
    'jvm',
    'heartbeat',
    'counters',
    'probe',
    'restarts',
    'startedAt',
    'seenAt',
    'address',
    'port',
    'node',
    'image',
  ];
  for (const name of Object.keys(json)) assert.ok(documented.includes(name), name);
  assert.equal(json['namespace'], 'shop');
  assert.equal(json['seenAt'], '2026-01-15T05:00:00.000Z');
  assert.deepEqual(json['heartbeat'], {
    at: '2026-01-15T05:00:00.000Z',
    perMinute: 30,
    intervalMs: 2_000,
    rejected: 0,
    codec: 'lena',
    from: { address: '10.42.0.10', port: 40_123 },
    appStatus: 'STARTED',
    restarts: 0,
  });
  assert.deepEqual(json['counters'], { GEN_X: { value: 7 }, LIST: { value: [1, 2] } });
  assert.doesNotMatch(JSON.stringify(json), /null|undefined/);
});

test('a row shows heap, revisions and age as an operator reads them', () => {
  const { server, context } = joined();
  assert.equal(textOf(server, 'heap', context), '▇▇▇▁▁▁▁▁  40%');
  assert.equal(textOf({ ...server, revision: { running: '11', wanted: '12' } }, 'rev', context), '11≠12');
  assert.equal(textOf({ ...server, revision: {} }, 'rev', context), 'n/a');
  assert.equal(textOf(server, 'busy', context), '4/200');
  assert.equal(textOf(server, 'seen', context), 'live');
  const later = { ...context, now: NOW + 45_000 };
  for (const [id, shown] of [
    ['heap', /~40%$/],
    ['gc', /^~0\.8$/],
    ['busy', /^~4\/200$/],
    ['tps', /^~41\.2$/],
  ] as const) {
    assert.match(textOf(server, id, later), shown, `an overdue sender does not look live: ${id}`);
    const column = serversView.columns.find((one) => one.id === id);
    assert.equal(column?.tone?.(server, later), 'muted');
  }
  assert.equal(textOf(server, 'pools', { ...later, now: NOW }), '2/20');
});

test('a row whose source failed is outdated and its state carries a question mark', () => {
  const live = joined((store) => store.setStatus('prod', { state: 'live', lastGoodAt: NOW }));
  assert.equal(serversView.isOutdated?.(live.server, live.context), false);
  assert.equal(textOf(live.server, 'state', live.context), 'ready');
  const error = sourceFailure('UNREACHABLE', 'prod does not answer');
  const failed = joined((store) => store.setStatus('prod', { state: 'failed', error, lastGoodAt: NOW }));
  assert.equal(serversView.isOutdated?.(failed.server, failed.context), true);
  assert.equal(textOf(failed.server, 'state', failed.context), 'ready?');
});

test('threads are whole numbers on screen, and files get two decimals', () => {
  const { server, context } = joined();
  const { jvm } = server;
  assert.ok(jvm);
  const averaged = {
    ...server,
    jvm: {
      ...jvm,
      gcTimePercent: 0,
      tps: 41.23456,
      active: { total: 11.6 },
      connectors: [{ name: 'http', busy: 11.6, max: 200 }],
    },
  };
  assert.equal(textOf(averaged, 'busy', context), '12/200');
  assert.equal(textOf(averaged, 'gc', context), '0.0');
  const byAge = jvmView.columns.find(({ id }) => id === 'active');
  assert.equal(byAge?.text?.(averaged, context), '12', 'the total where no ages are told');
  const json = JSON.stringify(serversView.json(averaged, context));
  assert.match(json, /"tps":41\.23,/);
  assert.match(json, /"busy":11\.6/);
  assert.equal(csvOf(['TPS'], [[41.23456]]), 'TPS\n41.23\n');
});

test('the page of a server tells everything, counters too, and no secret', () => {
  const { server, context } = joined();
  const sections = serversView.detail?.(server, context) ?? [];
  const lines = sections.flatMap(({ lines: all }) =>
    all.map(({ label, value }) => `${label.trim()}: ${value}`),
  );
  for (const wanted of [
    /^Heap used: 412 MiB \(40%\)/,
    /^GEN_X: 7/,
    /^LIST: 1 2/,
    /^LENA_MANAGER_KEY: \*\*\* \(secret lena\)/,
    /BackOff/,
    /^Manager: mgr/,
    /^Template revision running: 1[12]/,
    /^Sent from: 10\.42\.0\.10:40123/,
  ]) {
    assert.ok(
      lines.some((line) => wanted.test(line)),
      `${wanted} in\n${lines.join('\n')}`,
    );
  }
  const tables = sections.flatMap(({ table }) => table?.rows ?? []);
  assert.deepEqual(tables, [
    ['http-nio-8180', '4', '200'],
    ['jdbc/shop', '2', '8', '20'],
  ]);
});

test('the JSON of a reason says since when it holds, and when it ends', () => {
  const { server, context } = joined();
  const reason = {
    code: 'gc-overhead',
    level: 'warn',
    text: { en: 'a', ko: 'b' },
    next: { en: 'c', ko: 'd' },
  } as const;
  const reasons = [{ ...reason, since: NOW - 1_000, endsAt: NOW + 29_000 }, reason];
  const json = serversView.json({ ...server, health: { level: 'warn', reasons } }, context);
  assert.deepEqual(JSON.parse(JSON.stringify(json['health'])).reasons, [
    {
      code: 'gc-overhead',
      text: 'a',
      next: 'c',
      since: '2026-01-15T04:59:59.000Z',
      endsAt: '2026-01-15T05:00:29.000Z',
    },
    { code: 'gc-overhead', text: 'a', next: 'c' },
  ]);
});
