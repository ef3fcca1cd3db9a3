import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { DumpAnswers } from '../../src/agent/dump/dump-answers.ts';
import type { DumpMaker, DumpServer } from '../../src/agent/dump/dump-job.ts';
import { DumpLink, type DumpLinkOptions } from '../../src/agent/dump/dump-link.ts';
import { systemClock } from '../../src/core/clock.ts';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { readAgentStatus } from '../../src/wire/dump-channel/status.ts';
import { DumpReceiver, errorOf, wholeText } from '../support/dump-receiver.ts';

const IDENTITY = 'prod/shop/was';
const serverOf = (id: string): DumpServer => ({
  id,
  target: { proc: '/proc', pid: 1, innerPid: 1, startTicks: 1, refusesAttach: false },
  hasTomcat: false,
});
const gives =
  (...pieces: readonly (Uint8Array | string)[]): DumpMaker =>
  async ({ write }) => {
    for (const piece of pieces) await write(Buffer.from(piece));
    return { how: 'attach threaddump -l', missing: [] };
  };
/** Ends when it is given up. */
const waits: DumpMaker = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

interface Stage {
  readonly receiver: DumpReceiver;
  readonly lines: string[];
  servers: DumpServer[];
}
async function withAgent(
  options: {
    readonly maker?: DumpMaker;
    readonly allowsHeap?: boolean;
    readonly key?: Uint8Array;
  } & Partial<Pick<DumpLinkOptions, 'clock' | 'monotonic' | 'longestPauseMs'>>,
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const master = randomBytes(32);
  const receiver = new DumpReceiver(master);
  const port = await receiver.listen();
  const ended = new AbortController();
  const stage: Stage = { receiver, lines: [], servers: [serverOf('host1')] };
  const maker = options.maker ?? gives('a dump');
  const say = (line: string) => stage.lines.push(line);
  const link = new DumpLink({
    to: { host: '127.0.0.1', port },
    identity: IDENTITY,
    key: () => options.key ?? agentKey(master, IDENTITY),
    program: '1.2.3',
    answers: new DumpAnswers({
      makers: { thread: maker, service: maker, histogram: maker, heap: maker },
      allowsHeap: options.allowsHeap ?? false,
      say,
    }),
    servers: () => stage.servers,
    clock: options.clock ?? systemClock,
    monotonic: options.monotonic ?? (() => performance.now()),
    random: Math.random,
    say,
    longestPauseMs: options.longestPauseMs ?? 20,
  });
  const running = link.run(ended.signal);
  try {
    await run(stage);
  } finally {
    ended.abort();
    await running;
    await receiver.close();
  }
}

describe('the agent’s dump channel', () => {
  test('says hello for its servers and what it can do, and answers whole', () =>
    withAgent({}, async ({ receiver }) => {
      const talk = await receiver.next();
      assert.deepEqual(await talk.hello, {
        type: 'hello',
        version: 1,
        program: '1.2.3',
        servers: [{ id: 'host1', can: ['thread', 'service', 'histogram'] }],
      });
      assert.equal(wholeText(await talk.ask({ what: 'thread' })), 'a dump');
    }));
  test('is free for the next as soon as it says that one is over', () =>
    withAgent({ maker: gives(randomBytes(2_000_000)) }, async ({ receiver }) => {
      const talk = await receiver.next();
      for (let count = 0; count < 20; count++)
        assert.equal((await talk.ask({ what: 'thread' })).end.type, 'done');
    }));
  test('cuts what is large into frames a receiver takes', () => {
    const large = randomBytes(3_000_000);
    return withAgent({ maker: gives(large, '', 'end') }, async ({ receiver }) => {
      const talk = await receiver.next();
      const { bytes, end } = await talk.ask({ what: 'histogram' });
      assert.equal(end.type, 'done');
      assert.ok(bytes.equals(Buffer.concat([large, Buffer.from('end')])));
    });
  });
  test('gives no heap unless it was started to', async () => {
    await withAgent({}, async ({ receiver }) => {
      const talk = await receiver.next();
      const refused = errorOf(await talk.ask({ what: 'heap' }));
      assert.equal(refused.code, 'denied');
      assert.match(refused.message, /--allow-heap-dumps/);
    });
    await withAgent({ allowsHeap: true }, async ({ receiver }) => {
      const talk = await receiver.next();
      assert.deepEqual((await talk.hello).servers[0]?.can, ['thread', 'service', 'histogram', 'heap']);
      assert.equal(wholeText(await talk.ask({ what: 'heap' })), 'a dump');
    });
  });
  test('takes one of a kind at a time for a server, and others beside it', () =>
    withAgent({ maker: waits }, async ({ receiver, ...stage }) => {
      stage.servers.push(serverOf('host1/b'));
      const talk = await receiver.next();
      const first = talk.begin({ what: 'thread' });
      const other = talk.begin({ what: 'thread', server: 'host1/b' });
      assert.equal(errorOf(await talk.ask({ what: 'thread' })).code, 'busy');
      const status = readAgentStatus(wholeText(await talk.ask({ what: 'status' })));
      assert.deepEqual(status?.running, ['thread']);
      talk.cancel(first.id);
      assert.equal(errorOf(await first.answered).code, 'failed');
      const again = talk.begin({ what: 'thread' });
      talk.cancel(other.id);
      talk.cancel(again.id);
      assert.match(errorOf(await again.answered).message, /gave it up/);
    }));
  test('keeps its deadline and the largest answer that is taken', () =>
    withAgent({ maker: waits }, async ({ receiver }) => {
      const talk = await receiver.next();
      assert.equal(errorOf(await talk.ask({ what: 'thread', deadlineMs: 30 })).code, 'timeout');
    }));
  test('stops where an answer gets too large', async () => {
    const pieces: number[] = [];
    const endless: DumpMaker = async ({ write }) => {
      for (;;) {
        await write(Buffer.alloc(1_000));
        pieces.push(1);
      }
    };
    await withAgent({ maker: endless }, async ({ receiver }) => {
      const talk = await receiver.next();
      assert.equal(
        errorOf(await talk.ask({ what: 'thread', options: { maxBytes: 10_500 } })).code,
        'tooLarge',
      );
      assert.equal(pieces.length, 10);
    });
  });
  test('knows no server but its own, and nothing but dumps', () =>
    withAgent({}, async ({ receiver }) => {
      const talk = await receiver.next();
      assert.equal(errorOf(await talk.ask({ what: 'thread', server: 'other' })).code, 'unknownServer');
      const next = receiver.next();
      talk.socket.write(Buffer.from('\0\0\0\x2a{"type":"run","id":1,"argv":["sh","-c","id"]}', 'latin1'));
      await talk.ended;
      assert.equal(wholeText(await (await next).ask({ what: 'thread' })), 'a dump');
    }));
  test('dials again when the receiver hangs up, and gives up what nobody waits for', () => {
    const reasons: unknown[] = [];
    const maker: DumpMaker = (job) =>
      waits(job).catch((thrown: unknown) => {
        reasons.push(thrown);
        throw thrown;
      });
    return withAgent({ maker }, async ({ receiver }) => {
      const talk = await receiver.next();
      talk.begin({ what: 'thread' });
      // Its answer shows that the one before has begun.
      await talk.ask({ what: 'status' });
      const next = receiver.next();
      talk.socket.destroy();
      const again = await next;
      assert.equal(reasons.length, 1);
      const taken = again.begin({ what: 'thread' });
      again.cancel(taken.id);
      assert.equal(errorOf(await taken.answered).code, 'failed');
    });
  });
  test('tells of each loss and return of a connection that had lasted, and dials again within a second', async () => {
    const pauses: number[] = [];
    let nowMs = 0;
    const time = {
      clock: {
        now: () => Date.now(),
        after: (delayMs: number, task: () => void) => {
          // It looks for other servers meanwhile.
          if (delayMs !== 2_000) pauses.push(delayMs);
          return systemClock.after(Math.min(delayMs, 20), task);
        },
      },
      monotonic: () => nowMs,
      longestPauseMs: 60_000,
    };
    await withAgent(time, async ({ receiver, lines }) => {
      for (const lastedMs of [0, 0, 0, 6_000, 6_000, 6_000]) {
        const talk = await receiver.next();
        await talk.hello;
        nowMs += lastedMs;
        talk.socket.destroy();
      }
      await (await receiver.next()).hello;
      assert.equal(pauses.length, 6);
      assert.ok((pauses[2] ?? 0) >= 2_000, `${pauses}`);
      assert.deepEqual(
        pauses.slice(3).map((pauseMs) => pauseMs <= 1_000),
        [true, true, true],
      );
      const count = (words: RegExp) => lines.filter((line) => words.test(line)).length;
      // Of those that did not last one line a minute tells.
      assert.deepEqual([count(/dialling again$/), count(/^dumps: connected to /)], [4, 5]);
    });
  });
  test('says a new hello when other servers are there', () =>
    withAgent({}, async (stage) => {
      const talk = await stage.receiver.next();
      await talk.hello;
      const next = stage.receiver.next();
      stage.servers = [serverOf('host1/b')];
      assert.deepEqual(
        (await (await next).hello).servers.map(({ id }) => id),
        ['host1/b'],
      );
    }));
  test('waits for a receiver that does not read, and holds no more than the way holds', async () => {
    let written = 0;
    const endless: DumpMaker = async ({ write, signal }) => {
      while (!signal.aborted) {
        await write(Buffer.alloc(131_072));
        written += 131_072;
      }
      throw signal.reason;
    };
    await withAgent({ maker: endless }, async ({ receiver }) => {
      const talk = await receiver.next();
      await talk.hello;
      talk.socket.pause();
      talk.begin({ what: 'thread', deadlineMs: 400, options: { maxBytes: 10_000_000_000 } });
      const next = receiver.next();
      await new Promise((resolve) => setTimeout(resolve, 600));
      talk.socket.destroy();
      await next;
      assert.ok(written < 64_000_000, `${written} bytes were taken from the JVM`);
    });
  });
  test('tells of a key the receiver does not know, and goes on', () =>
    withAgent({ key: randomBytes(32) }, async ({ receiver, lines }) => {
      for (let tries = 0; lines.length < 2 && tries < 200; tries++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.match(lines[0] ?? '', /takes no agent of this identity and key/);
      assert.equal(receiver.connections.length, 0);
    }));
});

describe('a receiver that is none', () => {
  test('is told of, and dialled again', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const lines: string[] = [];
    const ended = new AbortController();
    let nowMs = 0;
    const answers = new DumpAnswers({
      makers: { thread: waits, service: waits, histogram: waits, heap: waits },
      allowsHeap: false,
      say: () => undefined,
    });
    const link = new DumpLink({
      to: { host: '127.0.0.1', port },
      identity: IDENTITY,
      key: () => randomBytes(32),
      program: '1.2.3',
      answers,
      servers: () => [],
      clock: systemClock,
      // Each line is told again after a minute.
      monotonic: () => (nowMs += 61_000),
      random: Math.random,
      say: (line) => {
        lines.push(line);
        if (lines.length === 3) ended.abort();
        // A port nobody listens on is another word for it.
        if (lines.length === 2) server.close();
      },
      longestPauseMs: 20,
    });
    await link.run(ended.signal);
    assert.match(lines[0] ?? '', /127\.0\.0\.1:\d+: .*dialling again/);
    assert.match(lines[2] ?? '', /nobody listens there/);
  });
});
