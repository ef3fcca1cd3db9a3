import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { applyLena, startKube } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { openRemote } from '../support/kube-remote.ts';
import { inMode } from '../support/modes.ts';

const SIGNAL = AbortSignal.timeout(60_000);
const POD = { namespace: 'lena', pod: 'lena-session-0', container: 'lena-session' };
const WEB_SOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** One unmasked binary message of a channel. */
function frame(channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head[0] = 0x82;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length + 1), 2);
  head[10] = channel;
  return Buffer.concat([head, payload]);
}
const MIB = 1_048_576;

/** An API server that speaks the exec protocol to whoever asks, and leaves what it says to the test. */
async function startExecServer(context: TestContext, talk: (socket: Duplex) => void): Promise<string> {
  const sockets = new Set<Duplex>();
  const server = createServer().on('upgrade', ({ headers }, socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${WEB_SOCKET}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: v5.channel.k8s.io\r\n\r\n`,
    );
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
const STATUS = Buffer.from(JSON.stringify({ status: 'Success' }));

describe('a stream of a command in a container', () => {
  test('waits for whoever cannot take it, and loses nothing', async (context) => {
    const total = 96;
    let sent = 0;
    const server = await startExecServer(context, (socket) => {
      const more = () => {
        while (sent < total) {
          sent++;
          if (!socket.write(frame(1, Buffer.alloc(MIB, sent)))) {
            socket.once('drain', more);
            return;
          }
        }
        socket.write(frame(3, STATUS));
        socket.end(Buffer.from([0x88, 0x00]));
      };
      more();
    });
    const remote = await openRemote(context, { server });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let bytes = 0;
    const seen: number[] = [];
    const running = remote.stream(
      { ...POD, argv: ['cat', '/x'] },
      (chunk) => {
        bytes += chunk.length;
        seen.push(chunk[0] ?? 0);
        return seen.length === 1 ? held : undefined;
      },
      SIGNAL,
    );
    let before = -1;
    await waitFor('the sender to stand still', async () => {
      const isStill = before === sent && sent > 0;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return isStill;
    });
    assert.ok(sent < 48, `${sent} MiB went out while nobody took them`);
    assert.equal(bytes, MIB);
    release();
    assert.equal((await running).exitCode, 0);
    assert.equal(bytes, total * MIB);
    assert.deepEqual(
      seen,
      Array.from({ length: total }, (_, index) => index + 1),
    );
  });

  test('ends with what the taker threw', async (context) => {
    let isClosed = false;
    const server = await startExecServer(context, (socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes[0] !== 0x88) return;
        isClosed = true;
        socket.end(Buffer.from([0x88, 0x00]));
      });
      socket.write(frame(1, Buffer.from('one')));
    });
    const remote = await openRemote(context, { server });
    const full = new Error('the disk is full');
    await assert.rejects(
      remote.stream({ ...POD, argv: ['cat', '/x'] }, () => Promise.reject(full), SIGNAL),
      /the disk is full/,
    );
    await waitFor('the connection to close', () => isClosed);
  });
});

describe('the log of a container', () => {
  const users = [
    { name: 'admin', rules: EVERYTHING },
    { name: 'viewer', rules: READ_ONLY.filter(({ resources }) => !resources?.includes('pods/log')) },
  ];
  async function start(context: TestContext, as = 'admin') {
    const { simulator } = await startKube(context, { users }, applyLena);
    const remote = await openRemote(context, {
      server: simulator.url,
      cluster: { 'certificate-authority-data': Buffer.from(simulator.caPem).toString('base64') },
      user: { token: simulator.credentials(as).token },
      mode: inMode('readonly'),
    });
    return { simulator, remote };
  }

  test('is read to its end or followed, each line with its stamp', async (context) => {
    const { simulator, remote } = await start(context);
    const target = { namespace: 'lena', name: 'lena-session-0' };
    simulator.appendLog(target, 'the last line');
    const last: string[] = [];
    await remote.log({ ...POD, isFollowed: false, tailLines: 1 }, (line) => last.push(line), SIGNAL);
    assert.equal(last.length, 1);
    assert.match(last[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z the last line$/);
    const leaving = new AbortController();
    const lines: string[] = [];
    const following = remote.log(
      { ...POD, isFollowed: true, sinceSeconds: 60 },
      (line) => lines.push(line),
      leaving.signal,
    );
    await waitFor('the first lines', () => lines.some((line) => line.endsWith(' the last line')));
    simulator.appendLog(target, 'one more');
    await waitFor('the new line', () => lines.some((line) => line.endsWith(' one more')));
    leaving.abort(new Error('enough'));
    await assert.rejects(following, /enough/);
  });

  test('of a pod that is not there, or that we may not read, says so', async (context) => {
    const { remote } = await start(context);
    const none = () => undefined;
    await assert.rejects(remote.log({ ...POD, pod: 'gone', isFollowed: false }, none, SIGNAL), {
      code: 'NOT_FOUND',
    });
    const other = await start(context, 'viewer');
    await assert.rejects(other.remote.log({ ...POD, isFollowed: false }, none, SIGNAL), {
      code: 'FORBIDDEN',
      message: /pods\/log/,
    });
  });
});
