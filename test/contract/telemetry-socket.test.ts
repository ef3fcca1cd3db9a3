import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { createAllowList, DEFAULT_ALLOW } from '../../src/sources/telemetry/allow-list.ts';
import { dropsInTable } from '../../src/sources/telemetry/kernel-drops.ts';
import type { TelemetryOptions } from '../../src/sources/telemetry/telemetry-source.ts';
import { l9sDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness, until } from '../support/telemetry-harness.ts';

/** Registers the test only where this machine has IPv6. */
function ipv6Test(name: string, body: (t: TestContext) => Promise<void>): void {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (addresses.some(({ family }) => family === 'IPv6')) test(name, body);
}

const START = 1_795_233_200_000;

function start(t: TestContext, options: Partial<TelemetryOptions> = {}): TelemetryHarness {
  const harness = new TelemetryHarness(START, options);
  t.after(() => harness.stop());
  return harness;
}
const lastStatus = (harness: TelemetryHarness) => harness.statuses.at(-1);

test('is live once bound and says where', async (t) => {
  let told: { readonly host: string; readonly port: number } | undefined;
  const harness = start(t, {
    onBound: (address) => {
      told = address;
    },
  });
  await until(() => lastStatus(harness)?.state === 'live', 'live');
  assert.deepEqual(
    harness.statuses.map(({ state }) => state),
    ['connecting', 'live'],
  );
  assert.deepEqual(told, harness.source.address);
  await until(() => harness.facts.target !== undefined, 'facts');
  assert.equal(harness.facts.target, `udp 127.0.0.1:${told?.port}`);
});

test('a taken port is said, and taken over when it becomes free', async (t) => {
  const owner = createSocket('udp4');
  owner.bind(0, '127.0.0.1');
  await once(owner, 'listening');
  const { port } = owner.address();
  const harness = start(t, { listen: { host: '127.0.0.1', port } });
  await until(() => lastStatus(harness)?.state === 'failed', 'a failure');
  const failed = lastStatus(harness);
  assert.ok(failed?.state === 'failed');
  assert.equal(failed.error.code, 'PORT_TAKEN');
  assert.match(failed.error.message, new RegExp(`UDP 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  assert.equal(failed.retryAt, START + 750);
  owner.close();
  await once(owner, 'close');
  harness.clock.advance(750);
  await until(() => lastStatus(harness)?.state === 'live', 'live');
  assert.equal(harness.source.address?.port, port);
});

test('asked to refresh, a failed one tries again at once', async (t) => {
  const owner = createSocket('udp4');
  owner.bind(0, '127.0.0.1');
  await once(owner, 'listening');
  const { port } = owner.address();
  const harness = start(t, { listen: { host: '127.0.0.1', port } });
  await until(() => lastStatus(harness)?.state === 'failed', 'a failure');
  owner.close();
  await once(owner, 'close');
  harness.source.refresh?.();
  await until(() => lastStatus(harness)?.state === 'live', 'live');
});

test('an address this machine does not have is said', async (t) => {
  const harness = start(t, { listen: { host: '192.0.2.1', port: 0 } });
  await until(() => lastStatus(harness)?.state === 'failed', 'a failure');
  const failed = lastStatus(harness);
  assert.ok(failed?.state === 'failed');
  assert.equal(failed.error.code, 'ADDRESS_UNAVAILABLE');
});

test('stops at once when aborted, bound or waiting', async (t) => {
  const bound = new TelemetryHarness(START);
  await bound.bound();
  await bound.stop();
  assert.equal(bound.source.address, undefined);
  const waiting = new TelemetryHarness(START, { listen: { host: '192.0.2.1', port: 0 } });
  await until(() => lastStatus(waiting)?.state === 'failed', 'a failure');
  await waiting.stop();
  t.diagnostic('both ended');
});

test('who is not on the allow-list is counted and not read', async (t) => {
  const harness = start(t, { allow: ['10.0.0.0/8'] });
  await harness.bound();
  await harness.send(await harness.socket(), l9sDatagram());
  harness.flush();
  assert.equal(harness.senders.size, 0);
  const counts = await harness.counts();
  assert.deepEqual([counts['datagrams'], counts['denied']], [1, 1]);
  assert.deepEqual(harness.facts.notes, ['refuses datagrams of 127.0.0.1 (not in telemetry.allow)']);
});

ipv6Test('receives over IPv6', async (t) => {
  const harness = start(t, { listen: { host: '::1', port: 0 } });
  await harness.bound();
  await harness.send(await harness.socket('::1'), l9sDatagram({ id: 'six' }));
  harness.flush();
  assert.equal(harness.sender('six').sourceAddress, '::1');
});

ipv6Test('receives IPv4 on an IPv6 socket and shows it as IPv4', async (t) => {
  const harness = start(t, { listen: { host: '::', port: 0 } });
  await harness.bound();
  const { address } = harness.source;
  assert.ok(address !== undefined);
  const socket = await harness.socket();
  const before = harness.clock.reads;
  socket.send(l9sDatagram({ id: 'four' }), address.port, '127.0.0.1');
  await until(() => harness.clock.reads > before, 'a datagram');
  harness.flush();
  assert.equal(harness.sender('four').sourceAddress, '127.0.0.1');
});

test('the allow-list knows both families and refuses what is no range', () => {
  const isAllowed = createAllowList(DEFAULT_ALLOW);
  for (const address of [
    '127.0.0.1',
    '10.200.3.4',
    '172.31.0.1',
    '192.168.1.1',
    '::1',
    'fd00::5',
    'fe80::1%eth0',
  ])
    assert.equal(isAllowed(address), true, address);
  for (const address of ['8.8.8.8', '172.32.0.1', '2001:db8::1', 'nonsense'])
    assert.equal(isAllowed(address), false, address);
  assert.equal(createAllowList(['192.0.2.7'])('192.0.2.7'), true);
  assert.throws(
    () => createAllowList(['10.0.0.0/99']),
    (error) => error instanceof AppError && error.code === 'CONFIG_INVALID',
  );
});

test("the kernel's drops are those of the port", () => {
  const table = [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ',
    '   63: 00000000:3EE4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22261 2 000000009d2516d7 12        ',
    '   64: 00000000:3EE5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22262 2 000000009d2516d8 99        ',
  ].join('\n');
  assert.equal(dropsInTable(table, 16_100), 12);
  assert.equal(dropsInTable(table, 1), undefined);
});

test('the rate it tells follows the datagrams within two seconds, up and down', async (t) => {
  const harness = start(t);
  await until(() => harness.facts.target !== undefined, 'facts');
  const socket = await harness.socket();
  for (let i = 0; i < 3; i++) await harness.send(socket, 'hello');
  const sentAt = harness.clock.now();
  await harness.turnUntil(() => harness.facts.counts?.['perMinute'] === 3, 'three a minute');
  assert.ok(harness.clock.now() - sentAt <= 2_000);
  await harness.turnUntil(() => harness.facts.counts?.['perMinute'] === 0, 'none a minute');
  assert.ok(harness.clock.now() - sentAt <= 62_000);
});
