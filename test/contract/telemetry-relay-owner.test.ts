import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { SERIES_NAMES } from '../../src/domain/series.ts';
import { RelayServer, type RelayServerOptions } from '../../src/sources/telemetry/relay/relay-server.ts';
import { decodeRelayLine } from '../../src/wire/relay/decode.ts';
import type { RelayFrame } from '../../src/wire/relay/frames.ts';
import { RelayLines } from '../../src/wire/relay/lines.ts';
import {
  freePort,
  l9sDatagram,
  openSender,
  ownerHello,
  plainSender,
  privateDirectory,
  startNeighbour,
} from '../support/relay-stage.ts';
import { until } from '../support/telemetry-harness.ts';

const SIGNAL = AbortSignal.timeout(60_000);

const putOf = (entity: Sender) => ({ type: 'put', kind: 'sender', entity }) as const;

async function openServer(context: TestContext, options: Partial<RelayServerOptions> = {}) {
  const server = new RelayServer({
    hello: () => ownerHello({ listen: '127.0.0.1:1' }),
    stock: undefined,
    clock: systemClock,
    ...options,
  });
  const file = path.join(privateDirectory(context), 'udp-1.sock');
  assert.equal(await server.open(file, false, SIGNAL), true);
  context.after(() => server.close('leaving'));
  return { server, file };
}
/** A reader that keeps every frame. */
async function readFrom(context: TestContext, file: string) {
  const socket = connect(file);
  context.after(() => socket.destroy());
  const frames: RelayFrame[] = [];
  const lines = new RelayLines();
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('data', (bytes) => {
    for (const text of lines.push(bytes)) {
      const line = decodeRelayLine(text);
      if (line.kind === 'frame') frames.push(line.frame);
    }
  });
  await once(socket, 'connect');
  return { socket, frames, isClosed: () => isClosed, types: () => frames.map(({ type }) => type) };
}

test('a newcomer is told everything in order, then what changes', async (context) => {
  const values = new Float32Array(SERIES_NAMES.length).fill(1);
  const history = {
    sender: refOf('sender', 'udp', 'a'),
    blocks: [{ resolution: 'fine' as const, fromAt: 2_000, values }],
    fullGcs: [],
  };
  const event = { at: 1, level: 'info', type: 'T', message: 'm', targetName: 'a' } as const;
  const stock = {
    senders: () => [],
    history: () => [history],
    events: () => [
      { ref: refOf('event', 'udp', 'newer'), ...event },
      { ref: refOf('event', 'udp', 'older'), ...event },
    ],
  };
  const { server, file } = await openServer(context, { stock });
  server.seed([plainSender('a')]);
  server.publish([putOf(plainSender('b'))]);
  const reader = await readFrom(context, file);
  await until(() => reader.types().includes('ready'), 'ready');
  assert.deepEqual(reader.types(), ['hello', 'senders', 'history', 'events', 'ready']);
  const [, senders, , events] = reader.frames;
  assert.deepEqual(senders?.type === 'senders' && senders.senders.map(({ id }) => id), ['a', 'b']);
  assert.deepEqual(events?.type === 'events' && events.events.map(({ id }) => id), ['older', 'newer']);
  server.publish([
    { type: 'drop', kind: 'sender', ref: refOf('sender', 'udp', 'b') },
    putOf(plainSender('a', { restarts: 1 })),
    putOf(plainSender('c')),
  ]);
  await until(() => reader.frames.length >= 8, 'what changed');
  assert.deepEqual(reader.frames.slice(5), [
    { type: 'drops', ids: ['b'] },
    { type: 'senders', senders: [withoutRef(plainSender('c'))] },
    { type: 'patches', patches: [{ id: 'a', set: { restarts: 1 }, gone: [] }] },
  ]);
});
const withoutRef = ({ ref, ...fields }: Sender) => ({ id: ref.id, ...fields });

test('a reader says hello and nothing else: one that talks on is cut off', async (context) => {
  const { server, file } = await openServer(context);
  const reader = await readFrom(context, file);
  await until(() => server.clients === 1, 'the reader');
  reader.socket.write('x'.repeat(10_000));
  await until(() => reader.isClosed(), 'the end');
  assert.equal(server.clients, 0);
});

test('a reader that does not keep up is told so and cut off, the others go on', async (context) => {
  const { server, file } = await openServer(context, { maxUnsentBytes: 262_144 });
  const slow = await readFrom(context, file);
  const quick = await readFrom(context, file);
  await until(() => quick.types().includes('ready') && slow.types().includes('ready'), 'both ready');
  slow.socket.pause();
  const text = 'y'.repeat(200);
  let restarts = 0;
  const publish = () => {
    const counters = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`c${index}`, `${text}${restarts}`]),
    );
    restarts++;
    server.publish(
      Array.from({ length: 20 }, (_, index) => putOf(plainSender(`s${index}`, { restarts, counters }))),
    );
  };
  await until(() => {
    if (server.slowReaders === 0) publish();
    return server.slowReaders === 1;
  }, 'the slow one to be found out');
  slow.socket.resume();
  await until(() => slow.isClosed(), 'its end');
  const last = slow.frames.at(-1);
  assert.deepEqual(last, { type: 'bye', reason: 'slow' });
  assert.equal(quick.isClosed(), false);
  server.publish([putOf(plainSender('last'))]);
  await until(
    () =>
      quick.frames.some((frame) => frame.type === 'senders' && frame.senders.some(({ id }) => id === 'last')),
    'the other one',
  );
});

test('one reader too many is told so', async (context) => {
  const { server, file } = await openServer(context, { maxClients: 2 });
  const [first, second] = [await readFrom(context, file), await readFrom(context, file)];
  await until(() => server.clients === 2, 'two readers');
  const third = await readFrom(context, file);
  await until(() => third.isClosed(), 'its end');
  assert.deepEqual(third.types(), ['hello', 'bye']);
  assert.ok(!first.isClosed() && !second.isClosed());
});

test('its socket is for this user alone, or for the group of a collector’s directory', async (context) => {
  const { file } = await openServer(context);
  assert.equal(lstatSync(file).mode & 0o777, 0o600);
  const shared = new RelayServer({
    hello: () => {
      throw new Error('nobody comes');
    },
    stock: undefined,
    clock: systemClock,
  });
  const group = path.join(privateDirectory(context), 'udp-1.sock');
  await shared.open(group, true, SIGNAL);
  assert.equal(lstatSync(group).mode & 0o777, 0o660);
  await shared.close('leaving');
  assert.throws(() => lstatSync(group), { code: 'ENOENT' });
});

test('a socket file left behind is replaced, one that somebody listens on is not', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const file = path.join(serveIn.path, `udp-${port}.sock`);
  // A child that is killed leaves its socket file.
  const { spawnSync } = await import('node:child_process');
  const child = `require('node:net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', child]);
  assert.ok(lstatSync(file).isSocket());
  const first = startNeighbour(context, port, { relay: { serveIn } });
  await first.sink.untilState('live');
  const second = startNeighbour(context, port, { relay: { serveIn } });
  await second.sink.untilState('live');
  assert.equal(second.isOwner(), false);

  const otherPort = await freePort();
  const stranger = createServer().listen(path.join(serveIn.path, `udp-${otherPort}.sock`));
  context.after(() => stranger.close());
  await once(stranger, 'listening');
  const alone = startNeighbour(context, otherPort, { relay: { serveIn } });
  await alone.sink.until(() => (alone.sink.lastFacts.notes ?? []).length > 0, 'a note');
  assert.equal(alone.isOwner(), true);
  assert.match(alone.sink.lastFacts.notes?.join() ?? '', /another process serves .*udp-/);
});

test('a file that lies where the socket belongs is not removed, and that is said', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const file = path.join(serveIn.path, `udp-${port}.sock`);
  writeFileSync(file, 'notes');
  const owner = startNeighbour(context, port, { relay: { serveIn } });
  await owner.sink.until(() => (owner.sink.lastFacts.notes ?? []).length > 0, 'a note');
  assert.match(owner.sink.lastFacts.notes?.join() ?? '', /SOCKET_UNSAFE: .*is no socket/);
  assert.equal(owner.isOwner(), true);
  assert.equal(readFileSync(file, 'utf8'), 'notes');
});

const UNSAFE: readonly (readonly [string, (directory: string) => void, RegExp])[] = [
  ['that everybody can write to', (directory) => chmodSync(directory, 0o777), /written to by everybody/],
  ['that its group can write to', (directory) => chmodSync(directory, 0o770), /written to by its group/],
  [
    'that is a symbolic link',
    (directory) => {
      mkdirSync(`${directory}-real`, { mode: 0o700 });
      symlinkSync(`${directory}-real`, `${directory}-link`);
    },
    /is a symbolic link/,
  ],
  ['that is a file', (directory) => writeFileSync(`${directory}-link`, ''), /is no directory/],
];
for (const [what, spoil, message] of UNSAFE)
  test(`a directory ${what} is not used: the port is owned alone, and that is said`, async (context) => {
    const directory = path.join(privateDirectory(context), 'l9s');
    mkdirSync(directory, { mode: 0o700 });
    spoil(directory);
    const isLinked = /symbolic|file/.test(what);
    const serveIn = { path: isLinked ? `${directory}-link` : directory, kind: 'own' } as const;
    const port = await freePort();
    const owner = startNeighbour(context, port, { relay: { serveIn } });
    await owner.sink.until(() => (owner.sink.lastFacts.notes ?? []).length > 0, 'a note');
    assert.equal(owner.sink.lastStatus?.state, 'live');
    assert.match(owner.sink.lastFacts.notes?.join() ?? '', message);
    assert.match(owner.sink.lastFacts.notes?.join() ?? '', /SOCKET_UNSAFE/);
    const send = await openSender(context, port);
    send(l9sDatagram({ id: 'a' }));
    await owner.sink.until(() => owner.sink.names().length === 1, 'a sender');
    // The next one cannot trust what lies there either.
    const next = startNeighbour(context, port, { relay: { serveIn } });
    await next.sink.untilState('failed');
    assert.equal(next.sink.errorCode, 'PORT_TAKEN');
    const status = next.sink.lastStatus;
    assert.match(status?.state === 'failed' ? status.error.message : '', message);
  });

test('a directory of somebody else is not used', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const uid = (process.getuid?.() ?? 0) + 1;
  const owner = startNeighbour(context, port, { relay: { serveIn, uid } });
  await owner.sink.until(() => (owner.sink.lastFacts.notes ?? []).length > 0, 'a note');
  assert.match(owner.sink.lastFacts.notes?.join() ?? '', /belongs to user \d+, not to us/);
});

test('leaving takes less than a second, reader or owner', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const owner = startNeighbour(context, port, { relay: { serveIn } });
  await owner.sink.untilState('live');
  const reader = startNeighbour(context, port, { relay: { serveIn } });
  await reader.sink.untilState('live');
  for (const one of [reader, owner]) {
    const deadline = AbortSignal.timeout(1_000);
    await Promise.race([one.stop(), once(deadline, 'abort').then(() => assert.fail('still there'))]);
  }
});
