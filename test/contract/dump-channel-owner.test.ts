import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import {
  createDumpChannel,
  type DumpChannel,
  type LocalSharing,
} from '../../src/sources/dumps/channel/dump-channel.ts';
import { createTelemetrySource } from '../../src/sources/telemetry/telemetry-source.ts';
import { ASK_VERSION, framesFromOwner, type ToOwner } from '../../src/wire/dump-channel/asks.ts';
import { encodeJson, encodeMessage } from '../../src/wire/dump-channel/frames.ts';
import {
  askFor,
  eventually,
  freeTcpPort,
  offerBy,
  ownChannel,
  takeBy,
} from '../support/dump-channel-stage.ts';
import { answerInPieces, answerWith, closeOf, dialAgent, dialLena } from '../support/dump-peers.ts';
import { privateDirectory, RelaySink } from '../support/relay-stage.ts';

const LENA = 'lena-channel';
const AGENT = 'agent-channel';

const sharingIn = (directory: string): LocalSharing => {
  const serveIn = { path: path.join(directory, 'own'), kind: 'own' } as const;
  return { uid: process.getuid?.(), serveIn, lookIn: [serveIn] };
};
/** A process that does not own the port. */
const otherProcess = (
  port: number,
  local: LocalSharing,
  mode: 'normal' | 'readonly' = 'normal',
): DumpChannel =>
  createDumpChannel({
    isOn: false,
    port,
    modeOf: () => ({ mode, origin: 'the other' }),
    by: 'other@bastion',
    local,
    clock: systemClock,
  });
async function pair(t: TestContext) {
  const local = sharingIn(privateDirectory(t));
  const stage = await ownChannel(t, { local });
  const file = path.join(local.serveIn.path, `dumps-${stage.place.port}.sock`);
  await eventually(() => statOf(file) !== undefined, 'others can ask');
  return { stage, local, file, other: otherProcess(stage.place.port, local) };
}
const statOf = (file: string) => statSync(file, { throwIfNoEntry: false });

describe('a process that does not own the port', () => {
  it('asks the one that does', async (t) => {
    const { stage, other, file } = await pair(t);
    assert.equal((statOf(file)?.mode ?? 0) & 0o777, 0o600);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const offer = await offerBy(other, LENA);
    assert.ok('asks' in offer);
    assert.match(offer.notes?.at(-1)?.en ?? '', /through the l9s of this host that owns the port/);
    const { taken, text, said } = await takeBy(other, LENA);
    assert.equal(taken.how, 'OBJECT_THREAD_DUMP');
    assert.equal(taken.missing.length, 2);
    assert.match(text, /taken by other@bastion through LENA advertiser/);
    assert.ok(Array.isArray(said));
    assert.deepEqual(lena.heard, ['OBJECT_THREAD_DUMP']);
  });
  it('gets large dumps whole, and what the owner was refused', async (t) => {
    const { stage, other } = await pair(t);
    const body = Buffer.alloc(5_000_000, 0x63);
    const answers = ['heap', 'busy'];
    await dialAgent(t, stage.place, {
      answers: ({ id }, agent) => {
        if (answers.shift() !== 'heap') {
          agent.send(encodeMessage({ type: 'error', id, code: 'busy', message: 'one runs' }));
          return;
        }
        for (let at = 0; at < 4; at++) agent.send(encodeMessage({ type: 'progress', id, doneBytes: at }));
        answerInPieces(agent, id, body);
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const { text, taken } = await takeBy(other, AGENT, { ask: askFor('heap') });
    assert.equal(text.length, body.length);
    assert.match(taken.sha256 ?? '', /^[0-9a-f]{64}$/);
    await assert.rejects(takeBy(other, AGENT), { code: 'DUMP_BUSY', message: /one runs/ });
  });
  it('gets nothing of an owner that may not ask', async (t) => {
    const { stage, other } = await pair(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    stage.setMode('readonly');
    await assert.rejects(takeBy(other, LENA), {
      code: 'TRANSPORT_LOCKED',
      message: /mode readonly \(set by the test\)/,
    });
    assert.deepEqual(lena.heard, []);
  });
  it('gets no heap and no live histogram of an owner in triage, and all else', async (t) => {
    const { stage, other } = await pair(t);
    const agent = await dialAgent(t, stage.place, {
      answers: ({ id, what }, own) => answerWith(own, id, Buffer.from(what)),
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    stage.setMode('triage');
    for (const ask of [askFor('heap'), askFor('histogram', { isLive: true })]) {
      await assert.rejects(takeBy(other, AGENT, { ask }), {
        code: 'TRANSPORT_LOCKED',
        message: /mode triage \(set by the test\)/,
      });
    }
    assert.deepEqual(agent.asked, []);
    for (const kind of ['thread', 'service', 'histogram'] as const) {
      assert.equal((await takeBy(other, AGENT, { ask: askFor(kind) })).text, kind);
    }
  });
  it('may itself not ask, whatever the owner may', async (t) => {
    const { stage, local } = await pair(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const strict = otherProcess(stage.place.port, local, 'readonly');
    await assert.rejects(takeBy(strict, LENA), { code: 'TRANSPORT_LOCKED', message: /set by the other/ });
    assert.deepEqual(lena.heard, []);
  });
  it('gives up what it asked for, and the owner does too', async (t) => {
    const { stage, other } = await pair(t);
    const agent = await dialAgent(t, stage.place, { answers: () => undefined });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const stop = new AbortController();
    const dump = takeBy(other, AGENT, { signal: stop.signal });
    await eventually(() => agent.asked.length === 1, 'it is asked');
    stop.abort(new Error('left'));
    await assert.rejects(dump, /left/);
    await eventually(() => agent.asked.at(-1)?.type === 'cancel', 'the agent is told');
  });
  it('is told when the owner leaves in the middle', async (t) => {
    const { stage, other } = await pair(t);
    const agent = await dialAgent(t, stage.place, { answers: () => undefined });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const refused = assert.rejects(takeBy(other, AGENT), { code: 'CONNECTION_LOST' });
    await eventually(() => agent.asked.length === 1, 'it is asked');
    await stage.leave();
    await refused;
    const offer = await offerBy(other, AGENT);
    assert.ok('why' in offer);
  });
  it('shows the owner’s peers, as they come and go', async (t) => {
    const { stage, other } = await pair(t);
    const sink = new RelaySink();
    const stop = new AbortController();
    const following = other.companion.follow(stage.place, sink, stop.signal);
    const lena = await dialLena(t, stage.place);
    await sink.until(() => sink.all('peer').length === 1, 'one row');
    assert.equal(sink.all('peer')[0]?.address, '127.0.0.1');
    const agent = await dialAgent(t, stage.place);
    await sink.until(() => sink.all('peer').length === 2, 'two rows');
    agent.socket.destroy();
    await sink.until(() => sink.all('peer').length === 1, 'the agent is gone');
    const offer = await offerBy(other, AGENT);
    assert.match(
      'why' in offer ? offer.why.en : '',
      /^its agent \(\S+ at 127\.0\.0\.1\) was connected until \d s ago$/,
    );
    assert.match('next' in offer ? (offer.next?.en ?? '') : '', /dials again/);
    await dialAgent(t, stage.place);
    await sink.until(() => sink.all('peer').length === 2, 'it is back');
    assert.ok('asks' in (await offerBy(other, AGENT)));
    await stage.leave();
    await lena.closed;
    await sink.until(() => sink.all('peer').length === 0, 'all are gone');
    stop.abort();
    await following;
  });
  it('says why it cannot ask', async (t) => {
    const directory = privateDirectory(t);
    const local = sharingIn(directory);
    mkdirSync(local.serveIn.path, { mode: 0o700 });
    const alone = otherProcess(await freeTcpPort(), local);
    const offer = await offerBy(alone, LENA);
    assert.ok('why' in offer);
    assert.match(offer.why.en, /telemetry\.tcp is off/);
    await assert.rejects(takeBy(alone, LENA), { code: 'DUMP_FAILED' });
  });
});

describe('the socket others ask on', () => {
  it('takes one ask a connection, and none of another version or form', async (t) => {
    const { file } = await pair(t);
    for (const said of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      encodeJson({ type: 'exec' }),
      Buffer.concat([look(1), look(1)]),
    ]) {
      const socket = connect(file);
      socket.write(said);
      socket.resume();
      await closeOf(socket);
    }
    const socket = connect(file);
    const frames = framesFromOwner();
    const heard: unknown[] = [];
    socket.on('data', (bytes) => heard.push(...frames.push(bytes)));
    socket.write(look(ASK_VERSION + 1));
    await closeOf(socket);
    assert.match(JSON.stringify(heard), /ATTACH_VERSION/);
  });
});
const look = (version: number) => {
  const asked: ToOwner = { type: 'look', version, isWatch: true };
  return encodeJson(asked);
};

/** Consoles of one user on one free port. */
async function consoles(t: TestContext) {
  const local = sharingIn(privateDirectory(t));
  const port = await freeTcpPort();
  const channelOf = (isOn = true) =>
    createDumpChannel({
      isOn,
      port,
      modeOf: () => ({ mode: 'normal', origin: 'test' }),
      by: 'me@here',
      local,
      clock: systemClock,
    });
  const start = (channel: DumpChannel, pid: number) => {
    const sink = new RelaySink();
    const stop = new AbortController();
    const source = createTelemetrySource({
      listen: { host: '127.0.0.1', port },
      relay: { role: 'console', program: '0.0.0-test', pid, stock: undefined, ...local },
      companion: channel.companion,
      clock: systemClock,
    });
    const running = source.run(sink, stop.signal);
    const leave = async () => {
      stop.abort();
      await running;
    };
    t.after(leave);
    return { sink, leave };
  };
  return { port, channelOf, start };
}

describe('beside the datagrams', () => {
  it('the port is taken and left together, and facts tell of it', async (t) => {
    const { port, channelOf, start } = await consoles(t);
    const [one, two] = [channelOf(), channelOf()];
    const first = start(one, 1);
    await first.sink.untilState('live');
    await first.sink.until(() => first.sink.lastFacts.counts?.['tcpPort'] === port, 'facts tell the port');
    const place = { host: '127.0.0.1', port };
    const lena = await dialLena(t, place);
    await first.sink.until(() => first.sink.lastFacts.counts?.['tcpPeers'] === 1, 'facts tell the peer');
    assert.equal(first.sink.all('peer').length, 1);

    const second = start(two, 2);
    await second.sink.until(() => second.sink.all('peer').length === 1, 'the second sees it too');
    assert.match((await takeBy(two, LENA)).text, /"main"/);

    await first.leave();
    await lena.closed;
    await eventually(() => two.companion.counts()['tcpPort'] === port, 'the second has the port');
    await dialLena(t, place);
    await second.sink.until(() => second.sink.all('peer').length === 1, 'it dials the second');
    assert.match((await takeBy(two, LENA)).text, /"main"/);
    assert.equal(first.sink.all('peer').length, 0);
  });
  it('an owner without TCP is told of where somebody wants it, with who that is', async (t) => {
    const { channelOf, start } = await consoles(t);
    const first = start(channelOf(false), 4_711);
    await first.sink.untilState('live');
    const two = channelOf();
    const second = start(two, 2);
    const notes = () => (second.sink.lastFacts.notes ?? []).join();
    await second.sink.until(() => /by TCP/.test(notes()), 'the second says so');
    assert.match(notes(), /the l9s of pid 4711 \(console\) owns the port and takes no TCP/);
    const offer = await offerBy(two, AGENT);
    assert.match(
      'why' in offer ? `${offer.why.en} ${offer.next?.en}` : '',
      /pid 4711 .* telemetry\.tcp: true/,
    );
    const third = channelOf(false);
    const reader = start(third, 3);
    await reader.sink.until(() => reader.sink.lastFacts.isReadAlong === true, 'the third reads along');
    assert.deepEqual(reader.sink.lastFacts.notes ?? [], []);
    const off = await offerBy(third, AGENT);
    assert.match('why' in off ? off.why.en : '', /telemetry\.tcp is off/);
  });
});
