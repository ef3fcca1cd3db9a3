import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { encodeChunk, encodeMessage } from '../../src/wire/dump-channel/frames.ts';
import type { FromAgent } from '../../src/wire/dump-channel/messages.ts';
import {
  askFor,
  createHastyClock,
  eventually,
  offerBy,
  ownChannel,
  takeBy,
  targetOf,
} from '../support/dump-channel-stage.ts';
import { type AgentAnswers, answerWith, closeOf, dialAgent, dialLena } from '../support/dump-peers.ts';

const AGENT = 'agent-channel';
const GOOD: AgentAnswers = (request, agent) =>
  answerWith(agent, request.id, Buffer.from(`${request.what} of ${request.server}`));
const message = (said: FromAgent) => encodeMessage(said);
const doneOf = (id: number, body: string, more: Partial<{ sha256: string; bytes: number }> = {}) =>
  message({
    type: 'done',
    id,
    sha256: createHash('sha256').update(body).digest('hex'),
    bytes: Buffer.byteLength(body),
    how: 'attach threaddump -l',
    missing: [],
    ...more,
  });

describe('an agent that dials in', () => {
  it('with the key of its workload is shown, offered and asked', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place, { answers: GOOD });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const [peer] = stage.peers();
    assert.equal(peer?.protocol, 'l9s');
    assert.equal(peer.identity, 'prod/shop/was');
    assert.deepEqual(peer.serverIds, ['was-1']);
    const offer = await offerBy(stage.channel, AGENT);
    assert.ok('asks' in offer);
    assert.equal(offer.isAuthenticated, true);
    assert.deepEqual(agent.asked, []);
    const { taken, text } = await takeBy(stage.channel, AGENT);
    assert.equal(text, 'thread of was-1');
    assert.equal(taken.how, 'attach threaddump -l');
    assert.equal(taken.sha256, createHash('sha256').update(text).digest('hex'));
    assert.deepEqual(agent.asked, [
      {
        type: 'request',
        id: 1,
        server: 'was-1',
        what: 'thread',
        options: { isLive: false, maxBytes: 10_000_000 },
        deadlineMs: 5_000,
      },
    ]);
  });
  it('speaks with a key that opens no recorded connection later', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place);
    assert.match(agent.socket.getCipher().name, /^ECDHE-PSK-/);
  });
  it('is bound by context and workload alone too, and in its host’s name', async (t) => {
    const stage = await ownChannel(t);
    await dialAgent(t, stage.place, { identity: 'prod/was', answers: GOOD });
    const vm = [{ id: 'vm/tomcat1', can: ['thread'] as const }];
    await dialAgent(t, stage.place, { identity: 'udp/vm', servers: vm, answers: GOOD });
    await stage.untilPeers((peers) => peers.length === 2, 'two peers');
    assert.equal((await takeBy(stage.channel, AGENT)).text, 'thread of was-1');
    const heard = { codec: 'l9s', hostName: 'vm', serverName: 'tomcat1', name: 'vm/tomcat1' } as const;
    const target = targetOf({ isOnlyHeard: true, sender: heard });
    assert.equal((await takeBy(stage.channel, AGENT, { target })).text, 'thread of vm/tomcat1');
  });
  it('sends what it has in pieces, with news of it', async (t) => {
    const stage = await ownChannel(t);
    const piece = Buffer.alloc(1_048_576, 0x61);
    await dialAgent(t, stage.place, {
      answers: ({ id }, agent) => {
        agent.send(message({ type: 'progress', id, doneBytes: 1_048_576, sizeBytes: 3_145_728 }));
        for (let i = 0; i < 3; i++) agent.send(encodeChunk(id, piece));
        agent.send(doneOf(id, 'a'.repeat(3 * 1_048_576)));
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const { text, said } = await takeBy(stage.channel, AGENT, { ask: askFor('heap') });
    assert.equal(text.length, 3 * 1_048_576);
    assert.deepEqual(said, [{ en: '1 MiB of 3 MiB', ko: '3 MiB 중 1 MiB' }]);
  });
  it('answers several at once on one connection', async (t) => {
    const stage = await ownChannel(t);
    const waiting: (() => void)[] = [];
    await dialAgent(t, stage.place, {
      answers: (request, agent) => waiting.push(() => GOOD(request, agent)),
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const thread = takeBy(stage.channel, AGENT);
    const service = takeBy(stage.channel, AGENT, { ask: askFor('service') });
    await eventually(() => waiting.length === 2, 'both are asked');
    for (const answer of waiting.reverse()) answer();
    assert.deepEqual([(await thread).text, (await service).text], ['thread of was-1', 'service of was-1']);
  });
  it('says why it cannot, in a code of ours', async (t) => {
    const stage = await ownChannel(t);
    const codes = ['busy', 'denied', 'noJvm', 'tooLarge', 'timeout', 'unsupported', 'failed', 'else'];
    await dialAgent(t, stage.place, {
      answers: ({ id }, agent) =>
        agent.send(message({ type: 'error', id, code: codes.shift() ?? '', message: 'so it is' })),
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const expected = [
      'DUMP_BUSY',
      'PERMISSION_DENIED',
      'NO_JVM',
      'DUMP_TOO_LARGE',
      'TIMEOUT',
      'DUMP_FAILED',
      'DUMP_FAILED',
      'DUMP_FAILED',
    ];
    for (const code of expected) {
      await assert.rejects(takeBy(stage.channel, AGENT), { code, message: /so it is/ });
    }
  });
  it('is told when nobody wants its answer any more, and goes on', async (t) => {
    const stage = await ownChannel(t);
    const held = new Set(['thread']);
    const agent = await dialAgent(t, stage.place, {
      answers: (request, self) => {
        if (!held.has(request.what)) GOOD(request, self);
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const stop = new AbortController();
    const dump = takeBy(stage.channel, AGENT, { signal: stop.signal });
    await eventually(() => agent.asked.length === 1, 'it is asked');
    stop.abort(new Error('left by the operator'));
    await assert.rejects(dump, /left by the operator/);
    await eventually(() => agent.asked.length === 2, 'it is told');
    assert.deepEqual(agent.asked[1], { type: 'cancel', id: 1 });
    // What was on its way is no lie.
    agent.send(encodeChunk(1, Buffer.from('late')), doneOf(1, 'late'));
    held.clear();
    assert.equal((await takeBy(stage.channel, AGENT)).text, 'thread of was-1');
  });
  it('is slowed to the pace of who writes it down', async (t) => {
    const stage = await ownChannel(t);
    const body = Buffer.alloc(1_048_576, 0x62);
    const pieces = 24;
    await dialAgent(t, stage.place, {
      answers: ({ id }, agent) => {
        for (let i = 0; i < pieces; i++) agent.send(encodeChunk(id, body));
        agent.send(doneOf(id, 'b'.repeat(pieces * body.length)));
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const way = stage.channel.ways.find(({ id }) => id === AGENT);
    let open: (() => void) | undefined;
    let written = 0;
    const taking = way?.take(targetOf(), askFor('heap', { maxBytes: 1e9 }), {
      signal: new AbortController().signal,
      report: () => undefined,
      write: async (bytes) => {
        written += bytes.length;
        if (written === body.length) {
          await new Promise<void>((resolve) => {
            open = resolve;
          });
        }
      },
    });
    await eventually(() => open !== undefined, 'the first piece is held');
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * body.length);
    assert.equal(written, body.length);
    open?.();
    await taking;
    assert.equal(written, pieces * body.length);
  });
  it('where what it sends cannot be written is told to stop', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place, {
      answers: ({ id }, self) => self.send(encodeChunk(id, Buffer.from('some'))),
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const way = stage.channel.ways.find(({ id }) => id === AGENT);
    const taking = way?.take(targetOf(), askFor('thread'), {
      signal: new AbortController().signal,
      report: () => undefined,
      write: () => Promise.reject(new Error('no room')),
    });
    await assert.rejects(taking ?? Promise.resolve(), /no room/);
    await eventually(() => agent.asked.at(-1)?.type === 'cancel', 'it is told');
  });
  it('that dials again replaces its own connection left behind', async (t) => {
    const stage = await ownChannel(t);
    const old = await dialAgent(t, stage.place, { answers: () => undefined });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    await dialAgent(t, stage.place, { answers: GOOD });
    await old.closed;
    assert.equal((await takeBy(stage.channel, AGENT)).text, 'thread of was-1');
    await stage.untilPeers((peers) => peers.length === 1 && peers[0]?.refused === undefined, 'one row');
  });
  it('is asked how it is when it has been quiet, and dropped where it is dead', async (t) => {
    const clock = createHastyClock();
    let skipMs = 0;
    const stage = await ownChannel(t, { clock: { ...clock, now: () => Date.now() + skipMs } });
    const alive = await dialAgent(t, stage.place, { answers: GOOD });
    const dead = await dialAgent(t, stage.place, {
      identity: 'prod/shop/other',
      servers: [{ id: 'other-1', can: [] }],
    });
    await stage.untilPeers((peers) => peers.length === 2, 'two peers');
    skipMs = 25_000;
    assert.equal(clock.runWaiting(20_000), 2);
    await eventually(() => alive.asked.length === 1 && dead.asked.length === 1, 'both are asked');
    assert.equal(dead.asked[0]?.type === 'request' ? dead.asked[0].what : '', 'status');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    clock.runWaiting(15_000);
    await dead.closed;
    await stage.untilCount('tcpDead');
    assert.equal((await takeBy(stage.channel, AGENT)).text, 'thread of was-1');
  });
});

describe('room for a heap', () => {
  const roomBy = async (stage: Awaited<ReturnType<typeof ownChannel>>) =>
    await stage.channel.ways.find(({ id }) => id === AGENT)?.room?.(targetOf(), new AbortController().signal);
  it('is what the agent says of the JVM’s disk', async (t) => {
    const stage = await ownChannel(t);
    const heap = { freeBytes: 10_000, neededBytes: 9_000, folder: '/tmp\u001b[2J' };
    const said = [{ running: [], can: ['heap'], heap }, { running: [], can: [] }, { no: 'status' }];
    const agent = await dialAgent(t, stage.place, {
      answers: ({ id }, self) => answerWith(self, id, Buffer.from(JSON.stringify(said.shift()))),
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    assert.deepEqual(await roomBy(stage), { ...heap, folder: '/tmp␛[2J' });
    assert.equal(agent.asked[0]?.type === 'request' ? agent.asked[0].what : '', 'status');
    assert.equal(await roomBy(stage), undefined);
    assert.equal(await roomBy(stage), undefined);
  });
  it('is not known where nobody can say', async (t) => {
    assert.equal(await roomBy(await ownChannel(t)), undefined);
  });
});

describe('an agent that lies', () => {
  const lies: readonly [string, AgentAnswers, RegExp][] = [
    [
      'about the hash',
      ({ id }, agent) => agent.send(encodeChunk(id, Buffer.from('abc')), doneOf(id, 'abd')),
      /hash of what came is another/,
    ],
    [
      'about the length',
      ({ id }, agent) => agent.send(encodeChunk(id, Buffer.from('abc')), doneOf(id, 'abc', { bytes: 4 })),
      /3 bytes came, 4 were said/,
    ],
    [
      'about a chunk',
      ({ id }, agent) =>
        agent.send(message({ type: 'chunk', id, bytes: 9 }), Buffer.from([0, 0, 0, 2, 1, 1])),
      /2 bytes where 9 were announced/,
    ],
    [
      'with a frame that is none',
      (_request, agent) => agent.send(Buffer.from('ffffffff', 'hex')),
      /impossible length/,
    ],
    ['with an answer nobody asked for', (_request, agent) => agent.send(doneOf(77, '')), /nobody made/],
    [
      'with a second hello',
      (_request, agent) => agent.send(message({ type: 'hello', version: 1, program: 'x', servers: [] })),
      /a second hello/,
    ],
  ];
  for (const [name, answers, reason] of lies) {
    it(`is dropped, and nobody else: ${name}`, async (t) => {
      const stage = await ownChannel(t);
      const liar = await dialAgent(t, stage.place, { answers });
      await dialLena(t, stage.place);
      await stage.untilPeers((peers) => peers.length === 2, 'two peers');
      await assert.rejects(takeBy(stage.channel, AGENT), { code: 'DUMP_DAMAGED', message: reason });
      await liar.closed;
      const refused = () => stage.peers().find(({ protocol }) => protocol === 'l9s')?.refused?.en ?? '';
      await stage.untilPeers(() => reason.test(refused()), 'it is shown as refused');
      await dialAgent(t, stage.place, { answers: GOOD }).then(
        ({ closed }) => closed,
        () => undefined,
      );
      assert.match((await takeBy(stage.channel, 'lena-channel')).text, /"main"/);
      assert.equal(stage.channel.companion.counts()['tcpLied'], 2);
    });
  }
  it('cannot send more than was asked for', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place, {
      answers: ({ id }, self) => {
        for (let i = 0; i < 4; i++) self.send(encodeChunk(id, Buffer.alloc(1_000)));
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const ask = askFor('thread', { maxBytes: 2_500 });
    await assert.rejects(takeBy(stage.channel, AGENT, { ask }), { code: 'DUMP_TOO_LARGE' });
    await eventually(() => agent.asked.at(-1)?.type === 'cancel', 'it is told to stop');
  });
  it('by leaving in the middle leaves no whole dump', async (t) => {
    const stage = await ownChannel(t);
    await dialAgent(t, stage.place, {
      answers: ({ id }, agent) => {
        agent.send(encodeChunk(id, Buffer.from('half')));
        agent.socket.end();
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    await assert.rejects(takeBy(stage.channel, AGENT), { code: 'CONNECTION_LOST' });
    await stage.untilPeers((peers) => peers.length === 0, 'its row is gone');
  });
});

describe('who is let in as an agent', () => {
  it('is not who has another key, and that is said', async (t) => {
    const stage = await ownChannel(t);
    await assert.rejects(dialAgent(t, stage.place, { key: Buffer.alloc(32, 1) }));
    await stage.untilCount('tcpKeyRefused');
    assert.match(
      stage.channel.companion.notes()[0] ?? '',
      /refuses the agent at 127\.0\.0\.1 \(prod\/shop\/was\)/,
    );
    assert.deepEqual(stage.peers(), []);
  });
  it('is not a TLS client of another kind, nor one that says nothing', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const browser = connectTls({ ...stage.place, rejectUnauthorized: false });
    browser.on('error', () => undefined);
    await closeOf(browser);
    const mute = await dialAgent(t, stage.place, { hello: null });
    await eventually(() => clock.runWaiting(10_000) > 0, 'its hello is awaited');
    await mute.closed;
    const half = connect(stage.place);
    await once(half, 'connect');
    half.write(Buffer.from([0x16, 0x03]));
    await eventually(() => stage.channel.companion.counts()['tcpKeyRefused'] === 1, 'the browser is refused');
    half.destroy();
    await eventually(
      () => stage.channel.companion.counts()['tcpKeyRefused'] === 2,
      'the half hello is refused',
    );
  });
  it('is nobody without a key file, or with one others can read', async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'l9s-key-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const file = path.join(directory, 'open');
    writeFileSync(file, Buffer.alloc(32, 1));
    chmodSync(file, 0o644);
    const open = await ownChannel(t, { agentKeyFile: file });
    await assert.rejects(dialAgent(t, open.place));
    await eventually(() => open.channel.companion.notes().length > 0, 'it is said');
    assert.match(open.channel.companion.notes()[0] ?? '', /KEY_FILE_INVALID.*open to others \(mode 644\)/);
    const none = await ownChannel(t, { agentKeyFile: undefined });
    await assert.rejects(dialAgent(t, none.place));
    await eventually(() => none.channel.companion.notes().length > 0, 'it is said');
    assert.match(none.channel.companion.notes()[0] ?? '', /telemetry\.agentKey names no key/);
  });
  it('speaks only for servers of its workload', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place, { identity: 'prod/shop/cart', answers: GOOD });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const offer = await offerBy(stage.channel, AGENT);
    assert.ok('why' in offer);
    assert.match(offer.why.en, /its key is that of prod\/shop\/cart, not of prod\/shop\/was: refused/);
    await assert.rejects(takeBy(stage.channel, AGENT), { code: 'DUMP_FAILED' });
    assert.deepEqual(agent.asked, []);
    // Nor does it keep the one whose server that is from being asked.
    await dialAgent(t, stage.place, { answers: GOOD });
    await stage.untilPeers((peers) => peers.length === 2, 'two peers');
    assert.equal((await takeBy(stage.channel, AGENT)).text, 'thread of was-1');
  });
  it('is none of two that say they are one server', async (t) => {
    const stage = await ownChannel(t);
    await dialAgent(t, stage.place, { answers: GOOD });
    await dialAgent(t, stage.place, { answers: GOOD, from: '127.0.0.8' });
    await stage.untilPeers(
      (peers) => peers.length === 2 && peers.every(({ refused }) => refused !== undefined),
      'both refused',
    );
    const offer = await offerBy(stage.channel, AGENT);
    assert.ok('why' in offer);
    assert.match(offer.why.en, /2 agents could be this server's/);
  });
  it('is told what would let it in', async (t) => {
    const stage = await ownChannel(t);
    const offer = await offerBy(stage.channel, AGENT);
    assert.ok('why' in offer);
    assert.match(offer.next?.en ?? '', /l9s advertise --dumps .* key of prod\/shop\/was/);
  });
});

describe('in a mode that forbids it', () => {
  it('no agent is asked, and heaps and live histograms need more than triage', async (t) => {
    const stage = await ownChannel(t);
    const agent = await dialAgent(t, stage.place, { answers: GOOD });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const locked = { code: 'TRANSPORT_LOCKED' };
    stage.setMode('readonly');
    for (const kind of ['thread', 'service', 'histogram', 'heap'] as const) {
      await assert.rejects(takeBy(stage.channel, AGENT, { ask: askFor(kind) }), locked);
    }
    stage.setMode('triage');
    await assert.rejects(takeBy(stage.channel, AGENT, { ask: askFor('heap') }), locked);
    const live = askFor('histogram', { isLive: true });
    await assert.rejects(takeBy(stage.channel, AGENT, { ask: live }), locked);
    assert.equal(agent.asked.length, 0);
    await takeBy(stage.channel, AGENT, { ask: askFor('histogram') });
    stage.setMode('normal');
    await takeBy(stage.channel, AGENT, { ask: live });
    assert.deepEqual(
      agent.asked.map((asked) => (asked.type === 'request' ? [asked.what, asked.options.isLive] : [])),
      [
        ['histogram', false],
        ['histogram', true],
      ],
    );
  });
});
