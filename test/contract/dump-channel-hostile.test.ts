import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { encodeLenaGreeting } from '../../src/wire/lena/tcp/greeting.ts';
import { eventually, ownChannel, takeBy, targetOf } from '../support/dump-channel-stage.ts';
import { answerWith, believable, closeOf, dialAgent, dialLena } from '../support/dump-peers.ts';

/** The same numbers each time. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

describe('whatever is said on the port', () => {
  it('harms nobody: five hundred callers with bytes of any kind', async (t) => {
    const stage = await ownChannel(t, { limits: { connections: 2_000, ofOneAddress: 1_000 } });
    const agent = await dialAgent(t, stage.place, {
      answers: ({ id }, self) => answerWith(self, id, Buffer.from('still here')),
    });
    const next = numbersFrom(11);
    const heads = [
      Buffer.from('cafe1002', 'hex'),
      Buffer.from('160301', 'hex'),
      Buffer.from('1603', 'hex'),
      Buffer.from('l9s1'),
      Buffer.alloc(0),
      Buffer.from(encodeLenaGreeting(7)),
    ];
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 25 }, async () => {
          const socket = connect(stage.place);
          const noise = Buffer.from(
            Array.from({ length: Math.floor(next() * 600) }, () => Math.floor(next() * 256)),
          );
          const head = heads[Math.floor(next() * heads.length)] ?? Buffer.alloc(0);
          socket.write(Buffer.concat([head, noise]));
          socket.end();
          socket.resume();
          await closeOf(socket);
        }),
      );
    }
    const { tcpUnknown = 0, tcpKeyRefused = 0, tcpLied = 0 } = stage.channel.companion.counts();
    assert.ok(
      tcpUnknown > 50 && tcpKeyRefused > 50 && tcpLied > 20,
      JSON.stringify({ tcpUnknown, tcpKeyRefused, tcpLied }),
    );
    assert.equal((await takeBy(stage.channel, 'agent-channel')).text, 'still here');
    agent.socket.destroy();
    await stage.untilPeers((peers) => peers.every(({ protocol }) => protocol !== 'l9s'), 'it is gone');
  });
  it('answers that are broken anywhere are refused or read, never more', async (t) => {
    const stage = await ownChannel(t);
    const next = numbersFrom(23);
    const whole = believable('OBJECT_THREAD_DUMP') ?? new Uint8Array();
    let read = 0;
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const broken = Buffer.from(whole);
      for (let i = 0; i < 2; i++) broken[Math.floor(next() * broken.length)] = Math.floor(next() * 256);
      const objName = `/h${round}/tomcat1/`;
      // A new one each time, for a liar is kept out.
      const lena = await dialLena(t, stage.place, { objHash: objHashOf(objName), answers: () => broken });
      await stage.untilPeers((peers) => peers.some(({ objHash }) => objHash === objHashOf(objName)), 'there');
      const target = targetOf({ name: `h${round}` });
      const ask = { kind: 'thread', maxBytes: 1_000_000, timeoutMs: 150 } as const;
      await takeBy(stage.channel, 'lena-channel', { target, ask }).then(
        () => read++,
        (error: unknown) => {
          const code = error instanceof Error && 'code' in error ? error.code : error;
          assert.ok(
            ['DUMP_DAMAGED', 'TIMEOUT', 'DUMP_FAILED', 'DUMP_TOO_LARGE'].includes(String(code)),
            String(error),
          );
          refused++;
        },
      );
      lena.socket.destroy();
    }
    assert.ok(read > 5 && refused > 5, `${read} read, ${refused} refused`);
  });
  it('hundreds of advertisers at once are all there, and each is asked', async (t) => {
    const stage = await ownChannel(t);
    const count = 300;
    const place = (i: number) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        dialLena(t, stage.place, { objName: `/pod-${i}/tomcat1/`, from: place(i) }),
      ),
    );
    await stage.untilPeers((peers) => peers.length === count, 'all are shown');
    assert.ok(stage.peers().every(({ refused }) => refused === undefined));
    const dumps = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        takeBy(stage.channel, 'lena-channel', { target: targetOf({ name: `pod-${i}`, address: place(i) }) }),
      ),
    );
    assert.ok(dumps.every(({ text }) => text.includes('"main"')));
    await eventually(() => stage.channel.companion.counts()['tcpPeers'] === count, 'all are still there');
  });
});
