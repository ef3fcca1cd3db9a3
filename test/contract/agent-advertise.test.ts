import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Advertiser, type AdvertiserOptions } from '../../src/agent/advertiser.ts';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { L9sEvent, L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { decodeL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { perfFileOf } from '../support/jvm-perf-data.ts';
import { BOOTED_AT, PretendedMachine, shopValues } from '../support/jvm-proc.ts';

const MIB = 1_048_576;
const DEADLINE_MS = 15_000;

let machine: PretendedMachine;
let socket: Socket;
let received: L9sJvm[];
let events: L9sEvent[];
let lines: string[];
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  machine = new PretendedMachine();
  received = [];
  events = [];
  lines = [];
  stop = new AbortController();
  running = undefined;
  socket = createSocket('udp4');
  socket.on('message', (bytes) => {
    const decoded = decodeL9sDatagram(bytes);
    if (decoded.kind === 'reject') throw new Error(decoded.reason);
    if (decoded.value.type === 'jvm') received.push(decoded.value);
    if (decoded.value.type === 'event') events.push(decoded.value);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
});
afterEach(async () => {
  stop.abort();
  await running?.catch(() => undefined);
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  machine.remove();
});

const create = (more: Partial<AdvertiserOptions> = {}): Advertiser =>
  new Advertiser({
    proc: machine.proc,
    temporary: machine.temporary,
    wanted: {},
    host: 'was-0',
    intervalMs: 20,
    to: [{ host: '127.0.0.1', port: socket.address().port }],
    clock: systemClock,
    monotonic: () => performance.now(),
    random: () => 0.5,
    say: (line) => lines.push(line),
    ...more,
  });
function run(more: Partial<AdvertiserOptions> = {}): void {
  running = create(more).run(stop.signal);
}
async function until<T>(found: () => T | undefined, what: string): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const result = found();
    if (result !== undefined) return result;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}: ${lines.join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const startShop = (pid: number, startedAt = BOOTED_AT + 1_000, route = 'shop'): void => {
  machine.start({ pid, startedAt, words: ['java', `-DjvmRoute=${route}`, 'com.example.shop.Shop'] });
  machine.writePerfFile(pid, shopValues(startedAt));
};

describe('l9s advertise', () => {
  test('sends what the file holds, numbered without a gap', async () => {
    startShop(11);
    run({ serviceCluster: 'shop-cluster', serverType: 'was' });
    await until(() => received[3], 'four datagrams');
    const [first, second, third] = received;
    assert.deepEqual(first && { ...first, at: 0, seq: 0, upMs: 0, fds: undefined }, {
      l9s: 1,
      type: 'jvm',
      id: 'was-0/shop',
      serverType: 'was',
      serviceCluster: 'shop-cluster',
      revision: undefined,
      at: 0,
      seq: 0,
      upMs: 0,
      heap: { used: 41 * MIB, committed: 128 * MIB, max: 128 * MIB, afterGc: undefined },
      nonHeap: undefined,
      pools: [
        { name: 'Eden Space', used: 10 * MIB, committed: 36 * MIB, max: undefined },
        { name: 'Survivor Space', used: MIB, committed: 8 * MIB, max: undefined },
        { name: 'Tenured Gen', used: 30 * MIB, committed: 84 * MIB, max: undefined },
      ],
      gc: [
        { name: 'Copy', count: 5, timeMs: 20.5 },
        { name: 'MarkSweepCompact', count: 0, timeMs: 0 },
      ],
      pauses: undefined,
      threads: { live: 12, peak: undefined, daemon: undefined, blocked: undefined, stuck: undefined },
      connectors: undefined,
      dataSources: undefined,
      cpu: undefined,
      tx: undefined,
      classes: undefined,
      fds: undefined,
      sessions: undefined,
      stalledMs: undefined,
      unansweredMs: undefined,
    });
    assert.deepEqual(
      [second?.seq, third?.seq].map((seq) => (seq ?? 0) - (first?.seq ?? 0)),
      [1, 2],
    );
    assert.equal((first?.at ?? 0) - (first?.upMs ?? 0), BOOTED_AT + 1_000);
    assert.ok(lines.some((line) => line.includes('process 11 as was-0/shop: com.example.shop.Shop')));
    assert.ok(!lines.join().includes('open-sesame') && !JSON.stringify(received).includes('open-sesame'));
  });
  test('a full collection is told with its pause and what it left', async () => {
    startShop(11);
    run();
    await until(() => received[0], 'the first');
    machine.writePerfFile(
      11,
      shopValues(BOOTED_AT + 1_000, {
        'sun.gc.lastCause': 'System.gc()',
        'sun.gc.collector.1.invocations': 1,
        'sun.gc.collector.1.time': 80_000_000,
        'sun.gc.collector.1.lastEntryTime': 4_000_000_000,
        'sun.gc.collector.1.lastExitTime': 4_080_000_000,
        'sun.gc.generation.1.space.0.used': 20 * MIB,
      }),
    );
    const told = await until(() => received.find(({ pauses }) => pauses !== undefined), 'the pause');
    assert.deepEqual(
      told.pauses?.map(({ name, cause, pauseMs }) => [name, cause, pauseMs]),
      [['MarkSweepCompact', 'System.gc()', 80]],
    );
    assert.equal(told.heap?.afterGc, 21 * MIB);
    const next = await until(() => received.find(({ seq }) => seq === told.seq + 1), 'the next');
    assert.equal(next.pauses, undefined);
    assert.equal(next.heap?.afterGc, 21 * MIB);
  });
  test('a JVM that ends falls silent; its successor is the same server and counts anew', async () => {
    startShop(11);
    run();
    await until(() => received[1], 'datagrams');
    machine.end(11);
    await until(() => lines.find((line) => line.includes('process 11 (was-0/shop) has ended')), 'its end');
    const told = await until(() => events[0], 'the word that it is gone');
    assert.deepEqual([told.id, told.event, told.level], ['was-0/shop', 'PROCESS-ENDED', 'WARNING']);
    assert.equal(told.seq, (received.at(-1)?.seq ?? Number.NaN) + 1);
    const before = received.length;
    startShop(12, Date.now());
    const again = await until(
      () => received.slice(before).find(({ upMs }) => upMs < 60_000),
      'its successor',
    );
    assert.equal(again.id, 'was-0/shop');
    assert.equal(again.seq, 0);
    assert.ok(again.seq < (received[0]?.seq ?? 0));
  });
  test('a number of an agent before us is passed at once, by more than a receiver takes for loss', async () => {
    startShop(11);
    run();
    const first = await until(() => received[0], 'the first');
    stop.abort();
    await running;
    stop = new AbortController();
    run({ clock: { ...systemClock, now: () => Date.now() + 150 } });
    // A last datagram of the first may still be on its way.
    await until(() => received.find(({ seq }) => seq - first.seq > 100_000), 'the next agent');
  });
  test('odd names of a JVM do not cost it its datagrams', async () => {
    machine.start({ pid: 11 });
    const odd = `${'x'.repeat(300)}\u001b[31m`;
    machine.writePerfFile(
      11,
      shopValues(BOOTED_AT + 1_000, {
        'sun.gc.collector.0.name': odd,
        'sun.gc.collector.1.name': '\u202eGC',
        'sun.gc.generation.1.name': odd,
        'sun.gc.lastCause': odd,
      }),
    );
    run();
    const { gc, pools } = await until(() => received[0], 'a datagram');
    for (const { name } of [...(gc ?? []), ...(pools ?? [])]) {
      assert.ok(name.length <= 128);
      assert.ok(!name.includes('\u001b') && !name.includes('\u202e'));
    }
  });
  test('several JVMs of one host are told apart', async () => {
    startShop(11, undefined, 'shop');
    startShop(12, undefined, 'pay');
    run();
    await until(() => (new Set(received.map(({ id }) => id)).size === 2 ? true : undefined), 'both');
    assert.deepEqual(new Set(received.map(({ id }) => id)), new Set(['was-0/shop', 'was-0/pay']));
  });
  test('JVMs of one name are numbered by their starts, and it is said that nothing else tells them apart', async () => {
    startShop(27_535, BOOTED_AT + 1_000);
    startShop(27_536, BOOTED_AT + 2_000);
    // The kernel's numbers began anew.
    startShop(21_700, BOOTED_AT + 3_000);
    run();
    const three = ['was-0/shop', 'was-0/shop-2', 'was-0/shop-3'];
    await until(() => three.every((id) => received.some((one) => one.id === id)) || undefined, 'all three');
    const told = (pid: number) => lines.find((line) => line.includes(`process ${pid} `));
    assert.match(told(27_535) ?? '', /as was-0\/shop:/);
    assert.match(told(21_700) ?? '', /as was-0\/shop-3:/);
    assert.deepEqual(
      lines.filter((line) => line.includes('have one name')).map((line) => line.split(' have ')[0]),
      [three.join(', ')],
    );
  });
  test('a file that is torn or emptied while it is read changes nothing', async () => {
    startShop(11);
    run();
    await until(() => received[0], 'the first');
    const file = path.join(machine.perfFolder(11), '11');
    const whole = perfFileOf(shopValues(BOOTED_AT + 1_000), { fileBytes: 32_768 });
    for (const length of [0, 16, 40, 700, 1_500]) {
      truncateSync(file, 0);
      writeFileSync(file, whole.subarray(0, length));
      const seen = received.length;
      await until(() => received[seen + 1], 'datagrams to go on');
    }
    for (const { heap } of received) assert.equal(heap?.used, 41 * MIB);
  });
  test('figures that cannot be read any more are not sent as those of now', async () => {
    startShop(11);
    let aheadMs = 0;
    run({ monotonic: () => performance.now() + aheadMs });
    await until(() => received[0], 'the first');
    truncateSync(path.join(machine.perfFolder(11), '11'), 0);
    aheadMs = 11_000;
    await until(() => lines.find((line) => line.includes('gives nothing at present')), 'the word');
    const seen = received.length;
    machine.writePerfFile(11, shopValues(BOOTED_AT + 1_000, { 'java.threads.live': 99 }));
    const next = await until(() => received[seen], 'datagrams to go on');
    assert.equal(next.threads?.live, 99);
  });
  test('a named JVM that has just begun is waited for', async () => {
    const startedAt = Date.now() - 1_000;
    machine.start({ pid: 11, startedAt });
    run({ wanted: { pid: 11 } });
    setTimeout(() => machine.writePerfFile(11, shopValues(startedAt)), 300);
    await until(() => received[0], 'its figures');
  });
  test('the process that was named is followed, nobody else, and its successor by its command line', async () => {
    startShop(11, undefined, 'shop');
    startShop(12, undefined, 'pay');
    run({ wanted: { pid: 11 } });
    await until(() => received[1], 'datagrams');
    machine.end(11);
    await until(() => lines.find((line) => line.includes('has ended')), 'its end');
    const before = received.length;
    startShop(13, Date.now(), 'shop');
    await until(() => received.slice(before).find(({ upMs }) => upMs < 60_000), 'its successor');
    assert.deepEqual(new Set(received.map(({ id }) => id)), new Set(['was-0']));
  });
  test('a named process that is none, or no JVM, is an error with its code', async () => {
    const failureOf = async (pid: number) => {
      const thrown = await create({ wanted: { pid } })
        .run(stop.signal)
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      return thrown instanceof AppError ? `${thrown.code}: ${thrown.message}` : thrown;
    };
    assert.equal(await failureOf(99), 'NO_JVM: there is no process 99');
    machine.start({ pid: 14, program: 'bash', words: ['bash'] });
    assert.equal(
      await failureOf(14),
      'PERF_DATA_MISSING: process 14: it is called bash, not java, and there is no hsperfdata file',
    );
    assert.deepEqual(lines, [], 'the error says it');
  });
  test('a pattern without a JVM waits for one, and says so', async () => {
    run({ wanted: { matches: (line) => line.includes('shop') } });
    await until(() => lines.find((line) => line.includes('waiting for one')), 'the word');
    startShop(11, Date.now());
    await until(() => received[0], 'the JVM');
  });
  test('a receiver whose name nobody knows is said, and reading goes on', async () => {
    startShop(11);
    run({
      to: [
        { host: 'no-such-host.invalid', port: 16_100 },
        { host: '127.0.0.1', port: socket.address().port },
      ],
    });
    await until(
      () => lines.find((line) => line.includes('no-such-host.invalid:16100 do not arrive')),
      'the word',
    );
    await until(() => received[2], 'the other receiver');
  });
  test('where it sends is said, and that nobody listens there until somebody does', async () => {
    startShop(11);
    const quiet = createSocket('udp4');
    quiet.bind(0, '127.0.0.1');
    await once(quiet, 'listening');
    const { port } = quiet.address();
    await new Promise<void>((resolve) => quiet.close(() => resolve()));
    run({ to: [{ host: '127.0.0.1', port }] });
    await until(
      () => lines.find((line) => line === `sending to 127.0.0.1:${port} every 0.02 s`),
      'the receiver',
    );
    await until(
      () =>
        lines.find((line) => line === `datagrams to 127.0.0.1:${port} do not arrive: nobody listens there`),
      'the word',
    );
    const ports = new Set<number>();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    socket = createSocket('udp4');
    socket.on('message', (bytes, from) => {
      const decoded = decodeL9sDatagram(bytes);
      if (decoded.kind !== 'reject' && decoded.value.type === 'jvm') received.push(decoded.value);
      ports.add(from.port);
    });
    socket.bind(port, '127.0.0.1');
    await until(() => received[9], 'datagrams');
    const numbers = received.map(({ seq }) => seq);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => (numbers[0] ?? 0) + index),
      'none is lost any more',
    );
    assert.equal(ports.size, 1);
  });
  test('a Tomcat that hangs holds nothing back', async () => {
    startShop(11);
    const hanging: ServerResponse[] = [];
    const server = createServer((_request, response) => hanging.push(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    run({ tomcat: { access: { base: new URL(`http://127.0.0.1:${port}/manager`) }, onlyWay: 'status' } });
    const first = await until(() => hanging[0], 'a request');
    const seen = received.length;
    await until(() => received[seen + 1], 'datagrams');
    assert.ok(!first.destroyed && !first.writableEnded);
    await until(() => lines.find((line) => line.includes('no answer within')), 'the word');
    server.closeAllConnections();
    server.close();
  });
  test('reads once, with shares of processor time', async () => {
    startShop(11);
    const { datagrams, problems } = await create({ to: [] }).runOnce(stop.signal);
    assert.deepEqual(problems, []);
    assert.equal(datagrams.length, 1);
    assert.equal(datagrams[0]?.cpu?.process, 0);
    assert.equal(received.length, 0);
  });
  test('once, a Tomcat is waited for until its time is up, and what ends then is no fault of its', async () => {
    startShop(11);
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const access = { base: new URL(`http://127.0.0.1:${port}/manager`) };
    await create({ to: [], tomcat: { access, onlyWay: 'status' } }).runOnce(stop.signal);
    const told = lines.filter((line) => /Tomcat's manager/.test(line));
    server.closeAllConnections();
    server.close();
    assert.deepEqual(
      told.map((line) => /no answer within/.test(line)),
      [true],
    );
  });
});
