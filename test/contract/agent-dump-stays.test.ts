import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { DumpAnswers } from '../../src/agent/dump/dump-answers.ts';
import type { DumpMaker } from '../../src/agent/dump/dump-job.ts';
import { DumpLink } from '../../src/agent/dump/dump-link.ts';
import { systemClock } from '../../src/core/clock.ts';
import { AgentConnection } from '../../src/sources/dumps/channel/agent-connection.ts';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { CHANNEL_TLS } from '../../src/wire/dump-channel/tls.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const IDENTITY = 'prod/shop/was';
const maker: DumpMaker = async ({ write }) => {
  await write(Buffer.from('a dump'));
  return { how: 'attach threaddump -l', missing: [] };
};

test('an agent that said hello stays, and answers minutes later', async () => {
  const master = randomBytes(32);
  const server = createServer({
    ...CHANNEL_TLS,
    pskCallback: (_socket, identity) => Buffer.from(agentKey(master, identity)),
  });
  const dialled = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ended = new AbortController();
  const link = new DumpLink({
    to: { host: '127.0.0.1', port },
    identity: IDENTITY,
    key: () => agentKey(master, IDENTITY),
    program: '1.2.3',
    answers: new DumpAnswers({
      makers: { thread: maker, service: maker, histogram: maker, heap: maker },
      allowsHeap: false,
      say: () => undefined,
    }),
    servers: () => [
      {
        id: 'host1',
        target: { proc: '/proc', pid: 1, innerPid: 1, startTicks: 1, refusesAttach: false },
        hasTomcat: false,
      },
    ],
    clock: systemClock,
    monotonic: () => performance.now(),
    random: Math.random,
    say: () => undefined,
  });
  const running = link.run(ended.signal);
  const clock = createFakeClock();
  const lies: string[] = [];
  let isClosed = false;
  try {
    const socket = await dialled;
    const agent: AgentConnection = await new Promise((resolve) => {
      const connection: AgentConnection = new AgentConnection({
        socket,
        address: '127.0.0.1',
        port: 1,
        identity: IDENTITY,
        clock,
        onHello: () => resolve(connection),
        onLie: (what) => lies.push(what),
        onClosed: () => {
          isClosed = true;
        },
      });
    });
    for (let minutes = 0; minutes < 5; minutes++) {
      await clock.advance(15_000);
      const pieces: Uint8Array[] = [];
      await agent.ask(
        { server: 'host1', what: 'thread', options: { maxBytes: 1_000 }, timeoutMs: 5_000 },
        {
          write: async (bytes) => {
            pieces.push(bytes);
          },
          report: () => undefined,
          signal: ended.signal,
        },
      );
      assert.equal(Buffer.concat(pieces).toString('utf8'), 'a dump');
    }
    assert.deepEqual(lies, []);
    assert.equal(isClosed, false);
  } finally {
    ended.abort();
    await running;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
