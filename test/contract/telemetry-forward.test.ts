import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import {
  createTelemetrySource,
  type TelemetryOptions,
} from '../../src/sources/telemetry/telemetry-source.ts';
import { freePort, l9sDatagram, openSender } from '../support/relay-stage.ts';
import { startSource } from '../support/sources-sink.ts';
import { until } from '../support/telemetry-harness.ts';

/** Somebody datagrams are passed on to. */
async function openReceiver(context: TestContext, port = 0) {
  const socket = createSocket('udp4');
  const received: Buffer[] = [];
  socket.on('message', (bytes) => received.push(bytes));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  context.after(() => socket.close());
  return { received, port: socket.address().port };
}
async function start(context: TestContext, options: Partial<TelemetryOptions>) {
  const port = await freePort();
  const { sink, stop } = startSource(
    createTelemetrySource({
      listen: { host: '127.0.0.1', port },
      clock: systemClock,
      flushMs: 10,
      ...options,
    }),
  );
  context.after(stop);
  await sink.untilState('live');
  const send = await openSender(context, port);
  const noteOf = () => sink.lastFacts.notes?.join() ?? '';
  return { sink, send, noteOf, port };
}
/** Sent until it holds, for the target is opened meanwhile. */
async function sendUntil(
  send: (bytes: Uint8Array) => void,
  isTrue: () => boolean,
  what: string,
): Promise<void> {
  const timer = setInterval(() => send(l9sDatagram({ id: 'a' })), 20);
  try {
    await until(isTrue, what);
  } finally {
    clearInterval(timer);
  }
}

test('every datagram is passed on unchanged, those nobody can read too', async (context) => {
  const to = await openReceiver(context);
  const { sink, send } = await start(context, { forward: [{ host: 'localhost', port: to.port }] });
  await sendUntil(send, () => to.received.length > 0, 'the first one');
  const sent = [Buffer.from([0xff, 0, 1, 2]), Buffer.from('anything'), Buffer.from(l9sDatagram({ id: 'b' }))];
  for (const bytes of sent) send(bytes);
  await until(() => sent.every((bytes) => to.received.some((got) => got.equals(bytes))), 'all of them');
  await sink.until(() => (sink.lastFacts.counts?.['forwarded'] ?? 0) >= 4, 'the count');
  assert.ok((sink.lastFacts.counts?.['datagrams'] ?? 0) >= 4);
});

test('what the allow-list does not let in is not passed on', async (context) => {
  const to = await openReceiver(context);
  const { sink, send } = await start(context, {
    allow: ['10.0.0.0/8'],
    forward: [{ host: '127.0.0.1', port: to.port }],
  });
  await sendUntil(send, () => (sink.lastFacts.counts?.['denied'] ?? 0) > 3, 'some denied');
  assert.equal(to.received.length, 0);
  assert.equal(sink.lastFacts.counts?.['forwarded'], 0);
});

test('failures are counted and told, the others get theirs and nothing is held up', async (context) => {
  const to = await openReceiver(context);
  const nobody = await freePort();
  const { sink, send, noteOf } = await start(context, {
    forward: [
      { host: '127.0.0.1', port: nobody },
      { host: 'no-such-host.invalid', port: 16_100 },
      { host: '127.0.0.1', port: to.port },
    ],
  });
  await sendUntil(
    send,
    () =>
      (sink.lastFacts.counts?.['forwardFailed'] ?? 0) > 0 &&
      /ECONNREFUSED/.test(noteOf()) &&
      /no-such-host/.test(noteOf()),
    'failures',
  );
  assert.ok(to.received.length > 0);
  await sink.until(() => sink.all('sender').length === 1, 'the sender itself');
  // Somebody listens there from now on.
  const late = await openReceiver(context, nobody);
  await sendUntil(send, () => late.received.length > 1, 'the late one');
});

test('our own address is never passed on to', async (context) => {
  const port = await freePort();
  const { sink, stop } = startSource(
    createTelemetrySource({
      listen: { host: '0.0.0.0', port },
      forward: [{ host: '127.0.0.1', port }],
      clock: systemClock,
    }),
  );
  context.after(stop);
  await sink.untilState('live');
  const send = await openSender(context, port);
  for (let i = 0; i < 3; i++) send(l9sDatagram({ id: 'a', seq: i }));
  await sink.until(() => /it is our own address/.test(sink.lastFacts.notes?.join() ?? ''), 'the note');
  await sink.until(() => sink.lastFacts.counts?.['datagrams'] === 3, 'three datagrams and no more');
  assert.equal(sink.lastFacts.counts?.['forwarded'], 0);
});
