import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { createSinkHub } from '../../src/app/batching-sink.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { SeriesPoint } from '../../src/domain/series.ts';
import type { Server } from '../../src/domain/server.ts';
import { createTelemetrySource } from '../../src/sources/telemetry/telemetry-source.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { JVM_NAMES, runtimeDirectory, sendJvms, startCollector } from '../support/collector-program.ts';
import { freePort, type Neighbour, startNeighbour } from '../support/relay-stage.ts';
import { runProgram } from '../support/run-program.ts';
import { contextOf, storeOptionsOf } from '../support/store-entities.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const hasAll = ({ sink }: Neighbour) => sink.names().length === JVM_NAMES.length;

/** A console without a screen: source, hub and store. */
function startConsole(context: TestContext, port: number, directory: string) {
  const store = createConsoleStore(storeOptionsOf([contextOf('udp', 'udp')], { now: Date.now() }));
  const hub = createSinkHub({ store, clock: systemClock, intervalMs: 20 });
  const abort = new AbortController();
  const serveIn = { path: directory, kind: 'own' } as const;
  const source = createTelemetrySource({
    listen: { host: '127.0.0.1', port },
    clock: systemClock,
    relay: {
      role: 'console',
      program: 'test',
      pid: process.pid,
      uid: process.getuid?.(),
      serveIn,
      lookIn: [serveIn],
      stock: store.stock('udp'),
    },
  });
  const { promise: live, resolve } = Promise.withResolvers<void>();
  const run = source.run(
    hub.sinkOf('udp', ({ state }) => state === 'live' && resolve()),
    abort.signal,
  );
  context.after(async () => {
    abort.abort();
    await run;
    hub.close();
  });
  return { store, hub, live };
}

const namesOf = (rows: readonly { readonly name: string }[]): readonly string[] =>
  rows.map(({ name }) => name).sort((a, b) => a.localeCompare(b));

test('two consoles and a collector on one host and port show the same servers and the same history', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const port = await freePort();
  await startCollector(context, built, { port, directory });
  await sendJvms(context, port);
  const witness = startNeighbour(context, port, { relay: { serveIn: { path: directory, kind: 'own' } } });
  await witness.sink.until(() => hasAll(witness), 'the JVMs');
  // Enough of them that there is history from before the consoles came.
  const firstAt = witness.sink.sender('host1/a').heartbeat.at;
  await witness.sink.until(
    () => witness.sink.sender('host1/a').heartbeat.at > firstAt + 4_500,
    'some seconds',
  );
  const first = startConsole(context, port, directory);
  const second = startConsole(context, port, directory);
  await Promise.all([first.live, second.live]);
  const rowsOf = ({ store, hub }: typeof first) => {
    hub.flushNow();
    return [...store.state.getState().tables.server.rows.values()];
  };
  const seriesOf = (one: typeof first, { ref }: Server): readonly SeriesPoint[] =>
    one.store.series(ref, 'heapUsed');
  const servers = rowsOf(first);
  assert.deepEqual(namesOf(servers), JVM_NAMES);
  assert.deepEqual(namesOf(rowsOf(second)), JVM_NAMES);
  for (const server of servers) {
    const early: readonly SeriesPoint[] = seriesOf(first, server).filter(({ at }) => at <= firstAt);
    assert.ok(early.length >= 1, 'steps from before the console came');
    const same = new Set(early.map(({ at }) => at));
    assert.deepEqual(
      seriesOf(second, server).filter(({ at }) => same.has(at)),
      early,
    );
  }
  // The program itself, as a user runs it: what the collector heard is there at once, so it waits for no more.
  const args = ['get', 'servers', '-o', 'json', '--listen', `127.0.0.1:${port}`, '--settle', '300s'];
  const got = await runProgram(built, args, { XDG_RUNTIME_DIR: base });
  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(namesOf(JSON.parse(got.stdout).servers), JVM_NAMES);
});

test('when the owner is killed another one has the port within four seconds and no row goes', async (context) => {
  const { directory } = runtimeDirectory(context);
  const port = await freePort();
  const collector = await startCollector(context, built, { port, directory });
  await sendJvms(context, port);
  const serveIn = { path: directory, kind: 'own' } as const;
  const readers = [1, 2].map(() => startNeighbour(context, port, { relay: { serveIn } }));
  await Promise.all(readers.map((reader) => reader.sink.until(() => hasAll(reader), 'the JVMs')));
  const heard: number[] = [];
  const [reader] = readers;
  assert.ok(reader !== undefined);
  let isEverMissing = false;
  const looking = setInterval(() => {
    heard.push(reader.sink.sender('host1/a').heartbeat.at);
    isEverMissing ||= readers.some((one) => !hasAll(one));
  }, 20);
  context.after(() => clearInterval(looking));
  collector.child.kill('SIGKILL');
  const killedAt = Date.now();
  await Promise.all(
    readers.map((one) =>
      one.sink.until(() => one.sink.sender('host1/a').heartbeat.at > killedAt + 3_000, 'news', 8_000),
    ),
  );
  assert.equal(readers.filter((one) => one.isOwner()).length, 1);
  assert.equal(isEverMissing, false);
  const gaps = heard.map((at, index) => at - (heard[index - 1] ?? at));
  context.diagnostic(`longest gap ${Math.max(...gaps)} ms`);
  assert.ok(Math.max(...gaps) <= 4_000, `a gap of ${Math.max(...gaps)} ms`);
  for (const { sink } of readers) {
    assert.ok(sink.statuses.every(({ state }) => state === 'connecting' || state === 'live'));
    assert.equal(sink.all('sender').length, JVM_NAMES.length);
  }
});

test('what a collector cannot do it says, and ends with 2', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const port = await freePort();
  const running = await startCollector(context, built, { port, directory });
  const listen = `127.0.0.1:${port}`;
  const open = path.join(base, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const free = `127.0.0.1:${await freePort()}`;
  const cases = [
    [['--listen', listen, '--directory', directory], /PORT_TAKEN: .*belongs to the collector with pid \d+/],
    [['--listen', free, '--directory', open], /SOCKET_UNSAFE: .*open can be written to by everybody/],
    [['--listen', '192.0.2.1:16100', '--directory', directory], /ADDRESS_UNAVAILABLE/],
    [
      ['--listen', free, '--directory', path.join(base, 'x'.repeat(100))],
      /SOCKET_UNSAFE: .*too long for a socket/,
    ],
    [['--listen', free, '--forward', '16100'], /CONFIG_INVALID: --forward: "16100" is not host:port/],
    [['--listen', 'nonsense:1:2'], /CONFIG_INVALID: --listen/],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stderr } = await runProgram(built, ['collector', ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  running.child.kill('SIGTERM');
  const [code] = await once(running.child, 'exit');
  assert.equal(code, 143);
  assert.match(
    running.said(),
    /^l9s collector \S+: UDP 127\.0\.0\.1:\d+, sockets in \S+\nl9s collector: receiving\nl9s collector: ended\n$/,
  );
});

test('its own directory does in a volume everybody can write to, as containers have them', async (context) => {
  const { base } = runtimeDirectory(context);
  const volume = path.join(base, 'volume');
  mkdirSync(volume);
  chmodSync(volume, 0o777);
  const directory = path.join(volume, 'l9s');
  const port = await freePort();
  const refused = await runProgram(built, [
    'collector',
    '--listen',
    `127.0.0.1:${port}`,
    '--directory',
    directory,
  ]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /SOCKET_UNSAFE: .* lies in .*volume, which others can write to/);
  const environment = { ...built.environment, XDG_RUNTIME_DIR: volume };
  const { said } = await startCollector(context, { ...built, environment }, { port, directory });
  assert.match(said(), /receiving/);
});
