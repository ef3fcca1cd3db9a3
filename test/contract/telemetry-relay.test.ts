import assert from 'node:assert/strict';
import { test } from 'node:test';
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
