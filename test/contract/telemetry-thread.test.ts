import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BatchReader, BatchWriter } from '../../src/sources/telemetry/datagram-batch.ts';
import { dropsInTable } from '../../src/sources/telemetry/kernel-drops.ts';
import type { SocketAddress } from '../../src/sources/telemetry/receiver-socket.ts';
import type { TelemetryOptions } from '../../src/sources/telemetry/telemetry-source.ts';
import { openThreadedSocket } from '../../src/sources/telemetry/threaded-socket.ts';
import { l9sDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness, until } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;
const PROGRAM = path.resolve(import.meta.dirname, '../../src/sources/telemetry/receiver-thread.ts');
const LOOPBACK = { host: '127.0.0.1', port: 0 };

function start(t: TestContext, options: Partial<TelemetryOptions> = {}): TelemetryHarness {
  const harness = new TelemetryHarness(START, { receiverProgram: PROGRAM, ...options });
  t.after(() => harness.stop());
  return harness;
}
/** The program of a thread that does as the real one, and something besides. */
function threadProgram(t: TestContext, besides: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-thread-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'thread.mjs');
  writeFileSync(file, `import ${JSON.stringify(pathToFileURL(PROGRAM).href)};\n${besides}\n`);
  return file;
}
async function open(t: TestContext, program = PROGRAM) {
  const { signal } = new AbortController();
  const socket = await openThreadedSocket({ listen: LOOPBACK, program, signal });
  t.after(() => socket.close());
  return socket;
}
/** Stands still, as a blocked write to a terminal does, until something holds. */
function block(isTrue: () => boolean): void {
  const end = Date.now() + 15_000;
  while (!isTrue()) if (Date.now() > end) throw new Error('waited in vain');
}

const SENDER = `
const { writeFileSync } = require('node:fs');
const socket = require('node:dgram').createSocket('udp4');
const { port, count, bytes, burst, done } = JSON.parse(process.argv[1]);
let sent = 0;
const more = () => {
  for (let index = 0; index < burst && sent < count; index++)
    socket.send(String(sent++).padEnd(bytes), port, '127.0.0.1');
  if (sent < count) setTimeout(more, 4);
  else setTimeout(() => socket.close(() => writeFileSync(done, '')), 100);
};
socket.bind(0, '127.0.0.1', more);
`;
interface Flood {
  readonly port: number;
  readonly count: number;
  readonly bytes: number;
  readonly burst: number;
}
/** Another process sends numbers, and this one stands still until all are sent. Resolves with how long, ms. */
async function standStillFor(t: TestContext, flood: Flood): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-flood-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const done = path.join(directory, 'done');
  const sender = spawn(process.execPath, ['-e', SENDER, JSON.stringify({ ...flood, done })], {
    stdio: 'inherit',
  });
  t.after(() => sender.kill());
  const before = performance.now();
  block(() => existsSync(done));
  return performance.now() - before;
}

test('receives while the main thread stands still, and keeps the order', async (t) => {
  const COUNT = 20_000;
  const socket = await open(t);
  const heard: number[] = [];
  const ages: number[] = [];
  socket.listen({
    onDatagram(bytes, _from, ageMs) {
      heard.push(Number(bytes.toString('latin1')));
      ages.push(ageMs);
    },
    onError: (cause) => assert.fail(String(cause)),
  });
  const stoodMs = await standStillFor(t, { port: socket.address.port, count: COUNT, bytes: 8, burst: 100 });
  assert.equal(heard.length, 0, 'nothing is handed over while it stands still');
  await until(() => heard.length >= COUNT, 'all datagrams');
  assert.deepEqual(heard, [...Array(COUNT).keys()]);
  assert.equal(socket.overrun, 0);
  const [first = 0] = ages;
  const last = ages.at(-1) ?? 0;
  assert.ok(first > last && first <= stoodMs + 1_000, `the first waited longest: ${first}, ${last}`);
  if (process.platform === 'linux')
    assert.equal(dropsInTable(readFileSync('/proc/net/udp', 'utf8'), socket.address.port), 0);
});

test('keys come between two turns of a backlog', async (t) => {
  const COUNT = 500;
  const socket = await open(t);
  let heard = 0;
  const costly = () => {
    heard++;
    const end = performance.now() + 0.1;
    while (performance.now() < end);
  };
  socket.listen({ onDatagram: costly, onError: (cause) => assert.fail(String(cause)) });
  await standStillFor(t, { port: socket.address.port, count: COUNT, bytes: 8, burst: 100 });
  const seen = new Set<number>();
  await until(() => {
    seen.add(heard);
    return heard === COUNT;
  }, 'all datagrams');
  assert.ok(seen.size > 3, `looked in at ${[...seen].join(', ')}`);
});

test('reads senders and tells what it received, as on the main thread', async (t) => {
  const harness = start(t);
  await harness.bound();
  const one = await harness.socket();
  const other = await harness.socket();
  await harness.send(one, l9sDatagram({ id: 'one' }));
  await harness.send(other, l9sDatagram({ id: 'other' }));
  await harness.turnUntil(() => harness.senders.size === 2, 'both senders');
  assert.equal(harness.sender('one').sourceAddress, '127.0.0.1');
  assert.equal(harness.sender('other').sourceAddress, '127.0.0.1');
  const counts = await harness.counts();
  assert.deepEqual([counts['datagrams'], counts['senders'], counts['overrun']], [2, 2, 0]);
  assert.equal(harness.facts.notes, undefined);
});

test('a taken port is said as without a thread, and taken over when it becomes free', async (t) => {
  const owner = createSocket('udp4');
  owner.bind(0, '127.0.0.1');
  await once(owner, 'listening');
  const { port } = owner.address();
  const harness = start(t, { listen: { host: '127.0.0.1', port } });
  await until(() => harness.statuses.at(-1)?.state === 'failed', 'a failure');
  const failed = harness.statuses.at(-1);
  assert.ok(failed?.state === 'failed');
  assert.equal(failed.error.code, 'PORT_TAKEN');
  assert.match(failed.error.message, new RegExp(`UDP 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  owner.close();
  await once(owner, 'close');
  harness.clock.advance(750);
  await until(() => harness.statuses.at(-1)?.state === 'live', 'live');
  assert.equal(harness.source.address?.port, port);
});

test('leaves the port free, and has read what came before', async (t) => {
  const socket = await open(t);
  const { port } = socket.address;
  const heard: string[] = [];
  socket.listen({ onDatagram: (bytes) => heard.push(bytes.toString()), onError: assert.fail });
  const sender = createSocket('udp4');
  t.after(() => sender.close());
  const sent = Array.from({ length: 50 }, (_, index) => `number ${index}`);
  for (const text of sent)
    await new Promise<void>((resolve) => sender.send(text, port, '127.0.0.1', () => resolve()));
  await until(() => heard.length > 0, 'the first');
  await socket.close();
  assert.deepEqual(heard, sent);
  const again = createSocket('udp4');
  again.bind(port, '127.0.0.1');
  await once(again, 'listening');
  again.close();
});

test('stops when aborted, even before the thread is there', async () => {
  const running = new TelemetryHarness(START, { receiverProgram: PROGRAM });
  await running.bound();
  await running.stop();
  assert.equal(running.source.address, undefined);
  const starting = new TelemetryHarness(START, { receiverProgram: PROGRAM });
  await starting.stop();
  assert.equal(starting.source.address, undefined);
});

test('a thread that dies is a failure with a pause, and the next one receives', async (t) => {
  // Dies as soon as there is a file `die` beside it, which it takes along.
  const program = threadProgram(
    t,
    `import { rmSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    setInterval(() => {
      try {
        rmSync(fileURLToPath(new URL('die', import.meta.url)));
      } catch {
        return;
      }
      throw new Error('out of luck');
    }, 5).unref();`,
  );
  const harness = start(t, { receiverProgram: program });
  await harness.bound();
  await harness.send(await harness.socket(), l9sDatagram({ id: 'before' }));
  await harness.turnUntil(() => harness.senders.size === 1, 'the sender');
  writeFileSync(path.join(path.dirname(program), 'die'), '');
  await until(() => harness.statuses.at(-1)?.state === 'failed', 'a failure');
  const failed = harness.statuses.at(-1);
  assert.ok(failed?.state === 'failed');
  assert.match(failed.error.message, /out of luck/);
  assert.equal(harness.source.address, undefined);
  harness.clock.advance(750);
  await harness.bound();
  await harness.send(await harness.socket(), l9sDatagram({ id: 'after' }));
  await harness.turnUntil(() => harness.senders.size === 2, 'both senders');
  assert.deepEqual(
    [...harness.senders.values()].map(({ name }) => name),
    ['before', 'after'],
  );
});

test('where no thread can be had it receives without, and says so', async (t) => {
  const harness = start(t, { receiverProgram: '/nowhere/receiver-thread.js' });
  await harness.bound();
  await harness.send(await harness.socket(), l9sDatagram({ id: 'one' }));
  await harness.turnUntil(() => harness.senders.size === 1, 'the sender');
  const counts = await harness.counts();
  assert.equal(counts['overrun'], undefined);
  assert.match(harness.facts.notes?.join() ?? '', /no other \(.*\/nowhere\/receiver-thread\.js/);
});

test('what is not taken in time is given up and counted', async (t) => {
  // 78 MB of which 64 MiB are kept.
  const COUNT = 1_300;
  const socket = await open(t);
  let heard = 0;
  socket.listen({ onDatagram: () => heard++, onError: (cause) => assert.fail(String(cause)) });
  await standStillFor(t, { port: socket.address.port, count: COUNT, bytes: 60_000, burst: 5 });
  await until(() => heard > 0, 'datagrams');
  const drops = dropsInTable(readFileSync('/proc/net/udp', 'utf8'), socket.address.port) ?? 0;
  await until(() => heard + (socket.overrun ?? 0) + drops === COUNT, 'all of them');
  assert.ok((socket.overrun ?? 0) > 0, `${heard} heard, ${drops} dropped by the kernel`);
});

test('forged senders make the indices begin anew, and nobody is taken for another', () => {
  const writer = new BatchWriter();
  const reader = new BatchReader();
  const heard: string[] = [];
  const expected: string[] = [];
  const take = (bytes: Buffer, from: SocketAddress) =>
    heard.push(`${from.address} ${from.port} ${bytes.toString()}`);
  for (let number = 0; number < 50_000; number++) {
    const from = { address: `10.0.${number % 3}.1`, port: 1 + (number % 20_000) };
    writer.add(Buffer.from(String(number)), from, number);
    expected.push(`${from.address} ${from.port} ${number}`);
    if (!writer.isFull) continue;
    const batch = writer.take();
    if (batch !== undefined) reader.push(batch);
  }
  const rest = writer.take();
  if (rest !== undefined) reader.push(rest);
  while (!reader.isEmpty) reader.read(take);
  assert.deepEqual(heard, expected);
});

test('many senders are told in portions, each of them once', async (t) => {
  const COUNT = 700;
  const harness = start(t, { receiverProgram: undefined });
  await harness.bound();
  const socket = await harness.socket();
  for (let number = 0; number < COUNT; number++)
    await harness.send(socket, l9sDatagram({ id: `host${number}/app` }));
  const before = harness.batches.length;
  await harness.turnUntil(() => harness.senders.size === COUNT, 'all senders');
  const sizes = harness.batches.slice(before).map(({ length }) => length);
  assert.ok(sizes.length >= 3 && sizes.every((size) => size <= 300), sizes.join(', '));
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    COUNT,
  );
});
