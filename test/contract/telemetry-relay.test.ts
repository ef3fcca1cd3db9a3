import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import {
  freePort,
  l9sDatagram,
  type Neighbour,
  openSender,
  privateDirectory,
  startNeighbour,
} from '../support/relay-stage.ts';

/** What a reader of JSON sees: fields that are not known are absent. */
const shownOf = ({ sink }: Neighbour): unknown => JSON.parse(JSON.stringify(sink.all('sender')));

test('the second console reads along with the first and shows the same', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const first = startNeighbour(context, port, { relay: { serveIn } });
  await first.sink.untilState('live');
  const send = await openSender(context, port);
  send(l9sDatagram({ id: 'host1/was1', seq: 1 }));
  await first.sink.until(() => first.sink.names().length === 1, 'the sender at the owner');
  const second = startNeighbour(context, port, { relay: { serveIn } });
  await second.sink.untilState('live');
  assert.equal(second.isOwner(), false);
  assert.deepEqual(shownOf(second), shownOf(first));
  send(l9sDatagram({ id: 'host2/was2', seq: 1 }));
  await second.sink.until(() => second.sink.names().length === 2, 'the newcomer');
  assert.deepEqual(second.sink.names(), first.sink.names());
  await second.sink.until(() => second.sink.lastFacts.target !== undefined, 'facts');
  assert.equal(second.sink.lastFacts.target, `udp 127.0.0.1:${port} via pid ${process.pid} (console)`);
  // The owner leaves: the other takes the port at once, and nothing left the table meanwhile.
  await first.stop();
  send(l9sDatagram({ id: 'host3/was3', seq: 1 }));
  const heard = setInterval(() => send(l9sDatagram({ id: 'host3/was3', seq: 2 })), 50);
  context.after(() => clearInterval(heard));
  await second.sink.until(() => second.sink.names().length === 3, 'a sender after the take-over', 4_000);
  assert.equal(second.isOwner(), true);
  assert.deepEqual(
    second.sink.statuses.map(({ state }) => state).filter((state) => state !== 'live'),
    ['connecting'],
  );
});

/** Somebody else holds the port, and a socket in the owner's place says what the test wants. */
async function startStranger(context: TestContext, answer: string | undefined) {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const udp = createSocket('udp4');
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const { port } = udp.address();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (answer !== undefined) socket.write(answer);
  });
  server.listen(path.join(serveIn.path, `udp-${port}.sock`));
  await once(server, 'listening');
  context.after(() => {
    udp.close();
    server.close();
  });
  return { serveIn, port };
}
/** Ten seconds of it pass in one. */
const quickClock: Clock = {
  now: () => Date.now() * 10,
  after: (delayMs, task) => systemClock.after(delayMs / 10, task),
};

const STRANGERS = [
  [
    'another version of the stream',
    '{"l9sRelay":2,"type":"hello"}\n',
    'ATTACH_VERSION',
    /version 2 of the stream/,
  ],
  ['no stream at all', 'nonsense\n'.repeat(30), 'ATTACH_FAILED', /no stream of l9s: "nonsense"/],
  ['nothing, as one that is stopped', undefined, 'ATTACH_FAILED', /has said nothing for 1\d s/],
] as const;
for (const [what, answer, code, message] of STRANGERS)
  test(`an owner that says ${what} is told of, and nothing is made up`, async (context) => {
    const { serveIn, port } = await startStranger(context, answer);
    const { sink } = startNeighbour(context, port, { clock: quickClock, relay: { serveIn } });
    await sink.untilState('failed');
    const status = sink.lastStatus;
    assert.ok(status?.state === 'failed');
    assert.equal(status.error.code, code);
    assert.match(status.error.message, message);
    assert.deepEqual(sink.all('sender'), []);
  });

test('a port of another program is PORT_TAKEN, with what to do where that is a collector', async (context) => {
  const { port } = await startStranger(context, undefined);
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const { sink } = startNeighbour(context, port, { relay: { serveIn } });
  await sink.untilState('failed');
  const status = sink.lastStatus;
  assert.ok(status?.state === 'failed');
  assert.equal(status.error.code, 'PORT_TAKEN');
  assert.match(
    status.error.hint,
    new RegExp(
      `No l9s shares it in ${serveIn.path}: .*telemetry\\.attach: \\[\\{socket: DIRECTORY/udp-${port}\\.sock\\}\\]`,
    ),
  );
});

test('a console that reads along says that its own passing on waits', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const owner = startNeighbour(context, port, { relay: { serveIn } });
  await owner.sink.untilState('live');
  const forward = [{ host: '127.0.0.1', port: await freePort() }];
  const reader = startNeighbour(context, port, { forward, relay: { serveIn } });
  await reader.sink.until(() => reader.sink.lastFacts.notes !== undefined, 'a note');
  assert.match(reader.sink.lastFacts.notes?.join() ?? '', /telemetry\.forward waits/);
});
