import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { encodeLenaReply } from '../../src/wire/lena/tcp/reply.ts';
import {
  askFor,
  createHastyClock,
  eventually,
  offerBy,
  ownChannel,
  takeBy,
  targetOf,
} from '../support/dump-channel-stage.ts';
import { believable, closeOf, dialLena, lenaList, lenaMap, lenaText } from '../support/dump-peers.ts';

const LENA = 'lena-channel';
const KEEP_ALIVE_MS = 20_000;
const STALL_MS = 30_000;
const PENALTY_MS = 60_000;

describe('an advertiser that dials in', () => {
  it('is shown, offered and asked for its threads', async (t) => {
    const stage = await ownChannel(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const [peer] = stage.peers();
    assert.equal(peer?.protocol, 'lena');
    assert.equal(peer.objHash, objHashOf('/was-1/tomcat1/'));
    assert.deepEqual(peer.can, ['thread', 'service']);
    const offer = await offerBy(stage.channel, LENA);
    assert.ok('asks' in offer);
    assert.deepEqual(offer.asks, ['OBJECT_THREAD_DUMP']);
    assert.equal(offer.isAuthenticated, false);
    assert.deepEqual(lena.heard, [], 'an offer asks the server nothing');

    const { taken, text } = await takeBy(stage.channel, LENA);
    assert.equal(taken.how, 'OBJECT_THREAD_DUMP');
    assert.match(text, /^# LENA thread dump of was-1 in prod at 20\d\d-/);
    assert.match(text, /taken by tester@bastion through LENA advertiser 127\.0\.0\.1/);
    assert.match(text, /^"main" Id=1 TIMED_WAITING\n\tat java\.base@17\/java\.lang\.Thread\.sleep/m);
    assert.match(text, /^"exec-1" Id=23 RUNNABLE\n\tat com\.shop\.Spin\.run\(Spin\.java:7\)\n\n/m);
    assert.match(text, /^# memory 1\n# pools 2\n# end\n$/m);
    assert.deepEqual(lena.heard, ['OBJECT_THREAD_DUMP']);
  });
  it('is asked for its requests, joined to its threads', async (t) => {
    const stage = await ownChannel(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const { taken, text } = await takeBy(stage.channel, LENA, { ask: askFor('service') });
    assert.equal(taken.how, 'OBJECT_ACTIVE_SERVICE_LIST, OBJECT_THREAD_LIST');
    assert.deepEqual(lena.heard, ['OBJECT_ACTIVE_SERVICE_LIST', 'OBJECT_THREAD_LIST']);
    const row = text.split('\n').find((line) => line.startsWith('exec-1'));
    assert.deepEqual(row?.split('\t'), [
      'exec-1',
      'BLOCKED',
      '6000',
      '5214',
      '/spin.jsp',
      '-',
      '-',
      'x1',
      'com.shop.Spin.run(Spin.java:7)',
      'com.shop.Stock@1f held by exec-2',
    ]);
    assert.match(text, /^# from: lena$/m);
    assert.match(text, /^# missing: client$/m);
  });
  it('with nothing running gives a dump without requests', async (t) => {
    const stage = await ownChannel(t);
    await dialLena(t, stage.place, { answers: () => encodeLenaReply([]) });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const { text } = await takeBy(stage.channel, LENA, { ask: askFor('service') });
    assert.match(text, /^# requests: 0$/m);
    await assert.rejects(takeBy(stage.channel, LENA), { code: 'DUMP_FAILED', message: /answers nothing/ });
  });
  it('is never asked for heaps or histograms', async (t) => {
    const stage = await ownChannel(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    for (const kind of ['heap', 'histogram'] as const) {
      const offer = await offerBy(stage.channel, LENA, { ask: askFor(kind) });
      assert.ok('why' in offer);
      await assert.rejects(takeBy(stage.channel, LENA, { ask: askFor(kind) }), { code: 'DUMP_FAILED' });
    }
    assert.deepEqual(lena.heard, []);
  });
  it('is asked over all its connections, one request at a time on each', async (t) => {
    const stage = await ownChannel(t);
    const held: (() => void)[] = [];
    const slow = () => {
      const dial = dialLena(t, stage.place, {
        answers: (command) => {
          held.push(() => void dial.then(({ socket }) => socket.write(believable(command) ?? '')));
          return undefined;
        },
      });
      return dial;
    };
    const peers = [await slow(), await slow()];
    await stage.untilPeers((rows) => rows.length === 1, 'one row');
    const dumps = [1, 2, 3].map(() => takeBy(stage.channel, LENA));
    await eventually(() => held.length === 2, 'both connections are asked');
    assert.deepEqual(
      peers.map(({ heard }) => heard.length),
      [1, 1],
      'the third waits',
    );
    held.splice(0, 1)[0]?.();
    await eventually(() => held.length === 2, 'the third is asked when one is free');
    for (const release of held) release();
    assert.equal((await Promise.all(dumps)).length, 3);
  });
  it('is kept alive, and dropped where it answers no more', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const good = await dialLena(t, stage.place, { objName: '/was-1/tomcat1/' });
    const dead = await dialLena(t, stage.place, { objName: '/was-2/tomcat1/', answers: () => undefined });
    await stage.untilPeers((peers) => peers.length === 2, 'two peers');
    assert.equal(clock.runWaiting(KEEP_ALIVE_MS), 2);
    await eventually(() => dead.heard.length === 1 && good.heard.length === 1, 'both are asked');
    assert.deepEqual(good.heard, ['KEEP_ALIVE']);
    await eventually(() => clock.runWaiting(10_000) > 0, 'the answer is awaited');
    await dead.closed;
    await stage.untilCount('tcpDead');
    const { text } = await takeBy(stage.channel, LENA);
    assert.match(text, /"main"/);
  });
  it('that closes an idle connection is asked over the next one', async (t) => {
    const stage = await ownChannel(t);
    const first = await dialLena(t, stage.place, {
      answers: () => {
        first.socket.destroy();
        return undefined;
      },
    });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const dump = takeBy(stage.channel, LENA);
    await first.closed;
    await dialLena(t, stage.place);
    assert.match((await dump).text, /"main"/);
    assert.deepEqual(first.heard, ['OBJECT_THREAD_DUMP']);
  });
  it('is given up by whoever asked, and comes again', async (t) => {
    const stage = await ownChannel(t);
    const lena = await dialLena(t, stage.place, { answers: () => undefined });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const stop = new AbortController();
    const dump = takeBy(stage.channel, LENA, { signal: stop.signal });
    await eventually(() => lena.heard.length === 1, 'it is asked');
    stop.abort(new Error('left by the operator'));
    await assert.rejects(dump, /left by the operator/);
    await lena.closed;
  });
});

describe('an advertiser that cannot be trusted', () => {
  const packs = Buffer.from('0300000002' + '0a00', 'hex');
  const lies: readonly [string, Uint8Array, RegExp][] = [
    ['a length that cannot be', Buffer.from('03ffffffff', 'hex'), /impossible length/],
    ['a pack of another type', Buffer.from('03000000025000', 'hex'), /no map pack/],
    ['packs without end', Buffer.concat(Array.from({ length: 80 }, () => packs)), /more than 64 packs/],
    ['more than the end', Buffer.from('0404', 'hex'), /after the end/],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /neither a pack nor its end/],
  ];
  for (const [name, bytes, reason] of lies) {
    it(`is dropped, and nobody else: ${name}`, async (t) => {
      const stage = await ownChannel(t);
      const liar = await dialLena(t, stage.place, { answers: () => bytes });
      await dialLena(t, stage.place, { objName: '/was-2/tomcat1/', from: '127.0.0.2' });
      await stage.untilPeers((peers) => peers.length === 2, 'two peers');
      await assert.rejects(takeBy(stage.channel, LENA), { code: 'DUMP_DAMAGED', message: reason });
      await liar.closed;
      const isRefused = () => stage.peers().find(({ address }) => address === '127.0.0.1')?.refused;
      await stage.untilPeers(() => isRefused() !== undefined, 'it is shown as refused');
      assert.match(isRefused()?.en ?? '', reason);
      const again = await dialLena(t, stage.place);
      await again.closed;
      const other = targetOf({ name: 'was-2', address: '127.0.0.2' });
      assert.match((await takeBy(stage.channel, LENA, { target: other })).text, /"main"/);
      const offer = await offerBy(stage.channel, LENA);
      assert.ok('why' in offer && /cannot be/.test(offer.why.en));
    });
  }
  it('is let in again after a minute', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const liar = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    liar.socket.write('unasked');
    await liar.closed;
    await stage.untilPeers((peers) => peers[0]?.refused !== undefined, 'refused');
    assert.equal(clock.runWaiting(PENALTY_MS), 1);
    await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1 && peers[0]?.refused === undefined, 'let in');
    assert.match((await takeBy(stage.channel, LENA)).text, /"main"/);
  });
  it('cannot send more than was asked for', async (t) => {
    const stage = await ownChannel(t);
    const long = encodeLenaReply([lenaMap({ threadDump: lenaList(lenaText('x'.repeat(20_000))) })]);
    await dialLena(t, stage.place, { answers: () => long });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const ask = askFor('thread', { maxBytes: 10_000 });
    await assert.rejects(takeBy(stage.channel, LENA, { ask }), { code: 'DUMP_TOO_LARGE' });
  });
  it('cannot keep anybody waiting: neither by saying nothing nor by stopping in the middle', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const half = (believable('OBJECT_THREAD_DUMP') ?? Buffer.alloc(0)).subarray(0, 40);
    const lena = await dialLena(t, stage.place, { answers: () => half });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const dump = takeBy(stage.channel, LENA, { ask: askFor('thread', { timeoutMs: 600_000 }) });
    const refused = assert.rejects(dump, { code: 'TIMEOUT', message: /stands still/ });
    await eventually(() => lena.heard.length === 1, 'it is asked');
    await eventually(() => clock.runWaiting(STALL_MS) > 0, 'the stall is watched');
    await refused;
    await lena.closed;
    const again = await dialLena(t, stage.place, { answers: () => undefined });
    const ask = askFor('thread', { timeoutMs: 60 });
    await assert.rejects(takeBy(stage.channel, LENA, { ask }), { code: 'TIMEOUT' });
    await again.closed;
  });
  it('writes nothing a terminal would act on', async (t) => {
    const stage = await ownChannel(t);
    const evil = encodeLenaReply([
      lenaMap({
        threadDump: lenaList(lenaText('"a\u001b[2Jb" Id=1 RUNNABLE\n\tat x.Y.z(Y.java:1)\n')),
        statusDump: lenaText('\u009b31mred'),
      }),
    ]);
    await dialLena(t, stage.place, { answers: () => evil });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const { text } = await takeBy(stage.channel, LENA);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    assert.match(text, /^"a␛\[2Jb" Id=1 RUNNABLE\n\tat x\.Y\.z/m);
  });
});

describe('whose an advertiser is', () => {
  it('is told by address and name; the only one at an address with a word of doubt', async (t) => {
    const stage = await ownChannel(t);
    await dialLena(t, stage.place, { objName: '/other-name/was07/' });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const only = await offerBy(stage.channel, LENA);
    assert.ok('asks' in only);
    assert.match(only.notes?.[0]?.en ?? '', /by its address alone/);
    // Its datagrams say what its number must be: the one that is there is another's.
    const known = await offerBy(stage.channel, LENA, { target: targetOf({ sender: {} }) });
    assert.ok('why' in known && /none says it is was-1\/tomcat1/.test(known.why.en));

    await dialLena(t, stage.place, { objName: '/third/was08/' });
    await stage.untilPeers((peers) => peers.length === 2, 'two peers');
    const two = await offerBy(stage.channel, LENA);
    assert.ok('why' in two && /2 LENA advertisers/.test(two.why.en));

    await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 3, 'three peers');
    const named = await offerBy(stage.channel, LENA);
    assert.ok('asks' in named);
    assert.deepEqual(named.notes, []);
  });
  it('is not another address of the same name', async (t) => {
    const stage = await ownChannel(t);
    await dialLena(t, stage.place, { from: '127.0.0.9' });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const offer = await offerBy(stage.channel, LENA);
    assert.ok('why' in offer);
    assert.match(offer.why.en, /no LENA advertiser is connected from 127\.0\.0\.1/);
    assert.match(offer.next?.en ?? '', /advertiser\.enable\.reverse\.tcp\.connection=true/);
  });
  it('is a row of datagrams by where they come from', async (t) => {
    const stage = await ownChannel(t);
    await dialLena(t, stage.place, { objName: '/vm/was01/', from: '127.0.0.4' });
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    const heard = { hostName: 'vm', serverName: 'was01', name: 'vm/was01', sourceAddress: '127.0.0.4' };
    const target = targetOf({ isOnlyHeard: true, name: 'vm/was01', sender: heard });
    assert.ok('asks' in (await offerBy(stage.channel, LENA, { target })));
    const elsewhere = targetOf({ isOnlyHeard: true, sender: { ...heard, sourceAddress: '127.0.0.5' } });
    assert.ok('why' in (await offerBy(stage.channel, LENA, { target: elsewhere })));
  });
  it('is nobody’s here who is heard by another receiver', async (t) => {
    const stage = await ownChannel(t);
    const ref = { kind: 'sender', context: 'cluster-collector', id: 'was-1' } as const;
    const target = targetOf({ sender: { ref } });
    for (const way of [LENA, 'agent-channel'] as const) {
      const offer = await offerBy(stage.channel, way, { target });
      assert.ok('why' in offer);
      assert.match(offer.why.en, /heard through cluster-collector .*goes one way/);
    }
    // It may dial in here all the same.
    await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    assert.ok('asks' in (await offerBy(stage.channel, LENA, { target })));
  });
  it('is nobody’s while two addresses say they are it', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const own = await dialLena(t, stage.place);
    const other = await dialLena(t, stage.place, { from: '127.0.0.7' });
    await stage.untilPeers(
      (peers) => peers.length === 2 && peers.every(({ refused }) => refused !== undefined),
      'both refused',
    );
    assert.match(stage.peers()[0]?.refused?.en ?? '', /127\.0\.0\.1, 127\.0\.0\.7/);
    await assert.rejects(takeBy(stage.channel, LENA), { message: /several say they are the same server/ });
    assert.deepEqual([...own.heard, ...other.heard], []);
    other.socket.destroy();
    await eventually(() => clock.runWaiting(4_000) > 0, 'it is not waited for');
    await stage.untilPeers((peers) => peers.length === 1 && peers[0]?.refused === undefined, 'one is left');
    assert.match((await takeBy(stage.channel, LENA)).text, /"main"/);
  });
});

describe('the port', () => {
  it('takes nobody outside telemetry.allow', async (t) => {
    const stage = await ownChannel(t, { isAllowed: (address) => address !== '127.0.0.3' });
    const stranger = connect({ ...stage.place, localAddress: '127.0.0.3' });
    await closeOf(stranger);
    await stage.untilCount('tcpDenied');
    assert.deepEqual(stage.peers(), []);
  });
  it('takes so many connections of one address and over all', async (t) => {
    const clock = createHastyClock();
    const limits = { connections: 5, ofOneAddress: 3 };
    const stage = await ownChannel(t, { limits, clock });
    const own = [1, 2, 3].map((i) => dialLena(t, stage.place, { objName: `/h${i}/tomcat1/` }));
    await Promise.all(own);
    const fourth = await dialLena(t, stage.place);
    await fourth.closed;
    await dialLena(t, stage.place, { from: '127.0.0.2' });
    await dialLena(t, stage.place, { from: '127.0.0.3' });
    const sixth = await dialLena(t, stage.place, { from: '127.0.0.4' });
    await sixth.closed;
    assert.equal(stage.channel.companion.counts()['tcpLimited'], 2);
    await stage.untilPeers((peers) => peers.length === 5, 'those within are there');
    const first = await own[0];
    first?.socket.destroy();
    await first?.closed;
    await eventually(() => clock.runWaiting(4_000) > 0, 'it is not waited for');
    await stage.untilPeers((peers) => peers.length === 4, 'one is gone');
    await dialLena(t, stage.place, { objName: '/h4/tomcat1/' });
    await stage.untilPeers((peers) => peers.length === 5, 'another has its place');
  });
  it('closes what says something else, or nothing', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const stray = connect(stage.place);
    stray.write('GET / HTTP/1.1\r\n\r\n');
    await closeOf(stray);
    await stage.untilCount('tcpUnknown');
    const silent = connect(stage.place);
    silent.write(Buffer.from('cafe', 'hex'));
    await eventually(() => clock.runWaiting(5_000) > 0, 'its first words are awaited');
    await closeOf(silent);
    await stage.untilCount('tcpSilent');
  });
  it('is free, and rows are gone, when it is left', async (t) => {
    const stage = await ownChannel(t);
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    await stage.leave();
    await lena.closed;
    assert.deepEqual(stage.peers(), []);
    const next = await ownChannel(t, { port: stage.place.port });
    await dialLena(t, next.place);
    await next.untilPeers((peers) => peers.length === 1, 'one peer');
    const offer = await offerBy(stage.channel, LENA);
    assert.ok('why' in offer);
  });
  it('that another program has is said, and taken when it is free', async (t) => {
    const clock = createHastyClock();
    const first = await ownChannel(t);
    const stop = new AbortController();
    t.after(() => stop.abort());
    const { createDumpChannel } = await import('../../src/sources/dumps/channel/dump-channel.ts');
    const second = createDumpChannel({
      isOn: true,
      port: first.place.port,
      modeOf: () => ({ mode: 'normal', origin: 'test' }),
      by: 'me',
      clock,
    });
    const owning = second.companion.own(
      { ...first.place, isAllowed: () => true, sink: first.sink },
      stop.signal,
    );
    await eventually(() => second.companion.notes().length > 0, 'it says so');
    assert.match(
      second.companion.notes()[0] ?? '',
      /cannot listen on TCP 127\.0\.0\.1:\d+ .*another program has it/,
    );
    await first.leave();
    clock.runWaiting(2_000);
    await eventually(() => second.companion.counts()['tcpPort'] !== undefined, 'it listens');
    assert.deepEqual(second.companion.notes(), []);
    stop.abort();
    await owning;
  });
  it('that is off takes nobody and says what to set', async (t) => {
    const { createDumpChannel } = await import('../../src/sources/dumps/channel/dump-channel.ts');
    const { systemClock } = await import('../../src/core/clock.ts');
    const channel = createDumpChannel({
      isOn: false,
      port: 0,
      modeOf: () => ({ mode: 'normal', origin: 'test' }),
      by: 'me',
      clock: systemClock,
    });
    const offer = await offerBy(channel, LENA);
    assert.ok('why' in offer);
    assert.match(offer.why.en, /telemetry\.tcp is off/);
    assert.match(offer.next?.en ?? '', /telemetry\.tcp: true/);
    t.diagnostic(offer.why.ko);
  });
});

describe('in a mode that forbids it', () => {
  it('no request for a dump leaves, and the connection is still kept alive', async (t) => {
    const clock = createHastyClock();
    const stage = await ownChannel(t, { clock });
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    stage.setMode('readonly');
    for (const kind of ['thread', 'service'] as const) {
      await assert.rejects(takeBy(stage.channel, LENA, { ask: askFor(kind) }), {
        code: 'TRANSPORT_LOCKED',
        message: /readonly/,
      });
    }
    clock.runWaiting(KEEP_ALIVE_MS);
    await eventually(() => lena.heard.length === 1, 'it is kept alive');
    assert.deepEqual(lena.heard, ['KEEP_ALIVE']);
    stage.setMode('triage');
    await takeBy(stage.channel, LENA);
    assert.deepEqual(lena.heard, ['KEEP_ALIVE', 'OBJECT_THREAD_DUMP']);
  });
});
