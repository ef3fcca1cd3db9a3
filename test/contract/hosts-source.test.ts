import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { HostEntry } from '../../src/sources/hosts/host-probe.ts';
import { createHostsSource } from '../../src/sources/hosts/hosts-source.ts';
import { listenTiny, type TinyServer } from '../support/sources-server.ts';
import { startSource } from '../support/sources-sink.ts';

const entry = (name: string, port: number, health?: string): HostEntry => ({
  name,
  address: '127.0.0.1',
  type: 'was',
  port,
  health,
});
const source = (servers: readonly HostEntry[], intervalMs = 100, timeoutMs = 3_000) =>
  createHostsSource({
    context: 'vms',
    servers,
    clock: systemClock,
    random: () => 0.5,
    intervalMs,
    timeoutMs,
  });

const byText = (a: string, b: string) => a.localeCompare(b);

async function closedPort(): Promise<number> {
  const server = await listenTiny((_request, response) => response.end());
  await server.close();
  return server.port;
}

test('probes every host at once and tells ready, not ready and failed with why', async () => {
  const good = await listenTiny((_request, response) => response.writeHead(302, { location: '/x' }).end());
  const bad = await listenTiny((_request, response) => response.writeHead(503).end('busy'));
  const dead = await closedPort();
  const { sink, stop } = startSource(
    source([
      entry('was1', good.port, '/'),
      entry('was2', bad.port, 'health'),
      entry('was3', dead, '/'),
      entry('tcp1', good.port),
      entry('tcp2', dead),
    ]),
  );
  await sink.untilState('live');
  const byName = new Map(sink.all('instance').map((instance) => [instance.name, instance]));
  assert.deepEqual([...byName].map(([name, { state }]) => `${name} ${state}`).sort(byText), [
    'tcp1 ready',
    'tcp2 failed',
    'was1 ready',
    'was2 notReady',
    'was3 failed',
  ]);
  assert.match(byName.get('was2')?.stateReason ?? '', /PROBE_FAILED.*503/);
  assert.match(byName.get('tcp2')?.stateReason ?? '', /PROBE_FAILED/);
  assert.deepEqual(byName.get('was1')?.place, { kind: 'host', name: '127.0.0.1' });
  assert.ok(good.requests.includes('GET /'), 'does not follow the redirect');
  assert.ok(!good.requests.includes('GET /x'));
  assert.ok((await stop()) < 1_000);
  await Promise.all([good.close(), bad.close()]);
});

test('sees a host die and come back', async () => {
  let status = 200;
  const server = await listenTiny((_request, response) => response.writeHead(status).end());
  const { sink, stop } = startSource(source([entry('was1', server.port, '/')]));
  await sink.until(() => sink.all('instance')[0]?.state === 'ready', 'ready');
  const readySince = sink.all('instance')[0]?.readySince;
  assert.ok(readySince !== undefined);
  status = 500;
  await sink.until(() => sink.all('instance')[0]?.state === 'notReady', 'not ready');
  assert.equal(sink.all('instance')[0]?.readySince, undefined);
  status = 200;
  await sink.until(() => sink.all('instance')[0]?.state === 'ready', 'ready again');
  await stop();
  await server.close();
});

test('a hanging host fails by time-out, is not failed by one miss, and never delays another nor the end', async () => {
  const mode: { hangs: boolean } = { hangs: false };
  const hang = await listenTiny((_request, response) => {
    if (!mode.hangs) response.end();
  });
  const good: TinyServer = await listenTiny((_request, response) => response.end());
  const { sink, stop } = startSource(
    source([entry('slow', hang.port, '/'), entry('good', good.port, '/')], 150, 300),
  );
  const stateOf = (name: string) => sink.all('instance').find((instance) => instance.name === name)?.state;
  await sink.until(() => stateOf('slow') === 'ready', 'both ready');
  mode.hangs = true;
  const before = good.requests.length;
  await sink.until(() => stateOf('slow') === 'notReady', 'one miss');
  await sink.until(() => stateOf('slow') === 'failed', 'second miss');
  assert.ok(good.requests.length > before);
  assert.ok((await stop()) < 1_000);
  await Promise.all([hang.close(), good.close()]);
});

test('keeps at most 32 probes open at once over a long list, and probes all of it', async () => {
  let open = 0;
  let most = 0;
  const server = await listenTiny((_request, response) => {
    open++;
    most = Math.max(most, open);
    setImmediate(() => {
      open--;
      response.end();
    });
  });
  const entries = Array.from({ length: 200 }, (_, index) => entry(`was${index}`, server.port, '/'));
  const { sink, stop } = startSource(source(entries, 60_000));
  await sink.untilState('live');
  assert.equal(sink.all('instance').length, 200);
  assert.ok(most <= 32, `${most} at once`);
  await stop();
  await server.close();
});

test('a refresh probes now instead of at the next interval', async () => {
  const server = await listenTiny((_request, response) => response.end());
  const hosts = source([entry('was1', server.port, '/')], 60_000);
  const { sink, stop } = startSource(hosts);
  await sink.untilState('live');
  const seenAt = sink.all('instance')[0]?.seenAt ?? 0;
  hosts.refresh?.();
  await sink.until(() => (sink.all('instance')[0]?.seenAt ?? 0) > seenAt, 'a newer probe');
  assert.ok((await stop()) < 1_000);
  await server.close();
});

test('a TCP server that answers garbage to HTTP is failed with what it did', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end('\u0000\u001b[31mnot http\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { sink, stop } = startSource(source([entry('was1', port, '/')]));
  await sink.untilState('live');
  assert.equal(sink.all('instance')[0]?.state, 'failed');
  assert.ok(!JSON.stringify(sink.all('instance')).includes('\\u001b'));
  await stop();
  await new Promise((resolve) => server.close(resolve));
});

test('an empty list is live at once', async () => {
  const { sink, stop } = startSource(source([]));
  await sink.untilState('live');
  assert.deepEqual(sink.all('instance'), []);
  assert.ok((await stop()) < 1_000);
});
