import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { ChannelFault } from '../../fixtures/fleet/channel/channel-fault.ts';
import {
  agentIdentity,
  type DialKind,
  ReverseConnections,
  type ReverseConnectionsOptions,
} from '../../fixtures/fleet/channel/reverse-connections.ts';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import { type FleetProcess, ProcessTable } from '../../fixtures/fleet/process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { type ChannelFrame, encodeMessage, framesFromAgent } from '../../src/wire/dump-channel/frames.ts';
import { CHANNEL_MAGIC, type ChannelWhat, type FromAgent } from '../../src/wire/dump-channel/messages.ts';
import { readAgentStatus } from '../../src/wire/dump-channel/status.ts';
import { CHANNEL_TLS } from '../../src/wire/dump-channel/tls.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import type { LenaCommand } from '../../src/wire/lena/tcp/command.ts';
import { decodeLenaGreeting, LENA_GREETING_BYTES } from '../../src/wire/lena/tcp/greeting.ts';
import { LenaReplyReader } from '../../src/wire/lena/tcp/reply.ts';
import { encodeLenaRequest } from '../../src/wire/lena/tcp/request.ts';
import { lenaActiveServices, lenaThreadDump, lenaThreads } from '../../src/wire/lena/tcp/results.ts';
import { decodeServiceDump } from '../../src/wire/service-dump/decode.ts';
import { fleetProcess } from '../support/fleet-processes.ts';
import { waitFor } from '../support/fleet-wait.ts';

const MASTER = Buffer.alloc(32, 7);

/** Nobody waits a second for the next dial; an idle connection stays. */
const hasten = (ms: number, task: () => void) => systemClock.after(ms > 10_000 ? ms : Math.min(ms, 20), task);

/** One JVM that dials where a test listens. */
function dialling(
  context: TestContext,
  kind: DialKind,
  more: Partial<ReverseConnectionsOptions> & { readonly process?: Partial<FleetProcess> } = {},
) {
  const { process: own, ...options } = more;
  const processes = new ProcessTable();
  const process = fleetProcess({ address: '127.0.9.1', startedAt: Date.now() - 3_600_000, ...own });
  processes.start(process);
  processes.setPhase(process.id, 'ready');
  const jvms = new JvmRegistry({ processes, clock: systemClock, seed: 1 });
  const reverse = new ReverseConnections({
    processes,
    jvms,
    clock: { now: () => Date.now(), after: hasten },
    kindOf: () => kind,
    masterKey: MASTER,
    ...options,
  });
  context.after(() => {
    reverse.close();
    jvms.close();
  });
  return { process, processes, jvms, reverse };
}
async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
/** Sockets of advertisers, as they come; what each has said. */
async function receiver(context: TestContext) {
  const sockets: { readonly socket: Socket; heard: Buffer; isOpen: boolean }[] = [];
  const server = createServer((socket) => {
    const entry = { socket, heard: Buffer.alloc(0), isOpen: true };
    sockets.push(entry);
    socket.on('data', (bytes) => {
      entry.heard = Buffer.concat([entry.heard, bytes]);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      entry.isOpen = false;
    });
    context.after(() => socket.destroy());
  });
  const port = await listen(context, server);
  const nth = async (index: number) => {
    await waitFor('a greeting', () => (sockets[index]?.heard.length ?? 0) >= LENA_GREETING_BYTES);
    const entry = sockets[index];
    assert.ok(entry !== undefined);
    return entry;
  };
  return { port, sockets, nth };
}
type Entry = Awaited<ReturnType<Awaited<ReturnType<typeof receiver>>['nth']>>;

/** One request and its whole reply. */
async function ask(entry: Entry, command: LenaCommand) {
  const reader = new LenaReplyReader({ maxBytes: 8_000_000 });
  let read = entry.heard.length;
  entry.socket.write(encodeLenaRequest(command));
  await waitFor(`the reply to ${command}`, () => {
    reader.push(entry.heard.subarray(read));
    read = entry.heard.length;
    return reader.isDone || reader.failure !== undefined || !entry.isOpen;
  });
  return reader;
}

describe('a simulated advertiser that dials in', () => {
  test('greets from its own address with its number and answers as the JVM stands', async (context) => {
    const { process, jvms, reverse } = dialling(context, 'lena');
    jvms.set(process.id, 'lockConvoy');
    await waitFor(
      'the convoy',
      () =>
        (jvms
          .advance(process.id)
          ?.read()
          .activeByAge.reduce((sum, count) => sum + count, 0) ?? 0) > 0,
    );
    const { port, nth } = await receiver(context);
    reverse.dialTo('127.0.0.1', port);
    const entry = await nth(0);
    assert.equal(entry.socket.remoteAddress, '127.0.9.1');
    const objName = `/${process.hostName}/${process.serverName}/`;
    assert.equal(decodeLenaGreeting(entry.heard.subarray(0, LENA_GREETING_BYTES)), objHashOf(objName));
    const alive = await ask(entry, 'KEEP_ALIVE');
    assert.deepEqual([alive.failure, alive.isDone, alive.packs.length], [undefined, true, 0]);
    const threads = lenaThreads((await ask(entry, 'OBJECT_THREAD_LIST')).packs) ?? [];
    const dump = lenaThreadDump((await ask(entry, 'OBJECT_THREAD_DUMP')).packs);
    const active = lenaActiveServices((await ask(entry, 'OBJECT_ACTIVE_SERVICE_LIST')).packs) ?? [];
    const live = jvms.advance(process.id)?.read().threads.live;
    assert.deepEqual([threads.length, dump?.threads.length], [live, live]);
    assert.match(dump?.status ?? '', /maxThreads=200/);
    const reader = new DumpReader();
    reader.write(Buffer.from(dump?.threads.join('') ?? ''));
    const content = reader.end();
    assert.ok(content.kind === 'threads');
    assert.deepEqual([content.dumps[0]?.form, content.dumps[0]?.threads.length], ['lena', live]);
    assert.deepEqual(content.dumps[0]?.problems, []);
    assert.ok(active.length >= 1);
    assert.deepEqual(
      reverse.asked.map(({ what }) => what),
      ['KEEP_ALIVE', 'OBJECT_THREAD_LIST', 'OBJECT_THREAD_DUMP', 'OBJECT_ACTIVE_SERVICE_LIST'],
    );
    for (const { id, name } of active) {
      assert.equal(threads.find((thread) => thread.id === id)?.name, name);
    }
  });

  test('says the end alone to what it does not know', async (context) => {
    const { reverse } = dialling(context, 'lena');
    const { port, nth } = await receiver(context);
    reverse.dialTo('127.0.0.1', port);
    const entry = await nth(0);
    const recorded = Buffer.from('0000000e0b4e4f5f535543485f434d440a00', 'hex');
    entry.socket.write(recorded);
    await waitFor('the reply', () => entry.heard.length > LENA_GREETING_BYTES);
    assert.deepEqual(entry.heard.subarray(LENA_GREETING_BYTES), Buffer.from([4]));
  });

  test('opens as many sockets as it is told, closes idle ones, dials again, and ends with its JVM', async (context) => {
    const { process, processes, reverse } = dialling(context, 'lena', { sessions: 3, soTimeoutMs: 1 });
    const { port, sockets } = await receiver(context);
    reverse.dialTo('127.0.0.1', port);
    await waitFor('three, and more after they were closed', () => sockets.length > 5);
    assert.ok(sockets.some(({ isOpen }) => !isOpen));
    processes.stop(process.id);
    await waitFor('the last one to end', () => sockets.every(({ isOpen }) => !isOpen));
    assert.deepEqual(reverse.counts, { dialers: 0, connections: 0 });
  });

  const faults: readonly (readonly [ChannelFault, (reader: LenaReplyReader, entry: Entry) => boolean])[] = [
    [{ kind: 'garbage' }, ({ failure }) => failure !== undefined],
    [{ kind: 'trailing' }, ({ failure }) => failure === 'bytes after the end of the reply'],
    [{ kind: 'cut' }, ({ isDone, failure }, { isOpen }) => !isDone && failure === undefined && !isOpen],
    [{ kind: 'endless' }, ({ failure }) => failure?.startsWith('more than') === true],
    [{ kind: 'slow', pieceBytes: 20_000, pauseMs: 1 }, ({ isDone, packs }) => isDone && packs.length === 1],
  ];
  for (const [fault, isSo] of faults) {
    test(`can be one that is wrong: ${fault.kind}`, async (context) => {
      const { process, reverse } = dialling(context, 'lena');
      const { port, nth } = await receiver(context);
      reverse.dialTo('127.0.0.1', port);
      const entry = await nth(0);
      assert.ok(reverse.setFault(process.id, fault));
      const reader = await ask(entry, 'OBJECT_THREAD_DUMP');
      assert.ok(isSo(reader, entry), `${reader.failure} ${reader.isDone}`);
      assert.ok(reverse.setFault(process.id, undefined));
    });
  }

  test('can greet as another, have a twin at another address, and claim a length it has not', async (context) => {
    const { process, reverse } = dialling(context, 'lena');
    const { port, nth } = await receiver(context);
    reverse.dialTo('127.0.0.1', port);
    const hash = decodeLenaGreeting((await nth(0)).heard.subarray(0, LENA_GREETING_BYTES));
    reverse.setFault(process.id, { kind: 'lyingHash' });
    assert.notEqual(decodeLenaGreeting((await nth(1)).heard.subarray(0, LENA_GREETING_BYTES)), hash);
    reverse.setFault(process.id, { kind: 'twin' });
    const twins = [await nth(2), await nth(3)];
    assert.deepEqual(twins.map(({ socket }) => String(socket.remoteAddress)).sort(byText), [
      '127.0.0.2',
      '127.0.9.1',
    ]);
    assert.deepEqual(
      twins.map(({ heard }) => decodeLenaGreeting(heard.subarray(0, LENA_GREETING_BYTES))),
      [hash, hash],
    );
    reverse.setFault(process.id, { kind: 'lyingLength' });
    const last = await nth(4);
    const reader = new LenaReplyReader({ maxBytes: 8_000_000 });
    last.socket.write(encodeLenaRequest('OBJECT_THREAD_DUMP'));
    await waitFor('its bytes', () => last.heard.length > 10_000);
    reader.push(last.heard.subarray(LENA_GREETING_BYTES));
    assert.deepEqual([reader.isDone, reader.failure], [false, undefined], 'it still waits for more');
  });
});

/** What one request is answered by an agent behind TLS. */
async function askAgent(
  context: TestContext,
  dialler: ReturnType<typeof dialling>,
  what: ChannelWhat,
  more: { readonly server?: string; readonly maxBytes?: number; readonly key?: Uint8Array } = {},
) {
  const identities: string[] = [];
  const said: ChannelFrame<FromAgent>[] = [];
  let magic = '';
  let isRefused = false;
  let failure: string | undefined;
  const server = createTlsServer(
    {
      ...CHANNEL_TLS,
      pskCallback: (_socket, identity) => {
        identities.push(identity);
        return Buffer.from(more.key ?? agentKey(MASTER, identity));
      },
    },
    (socket) => {
      const frames = framesFromAgent();
      socket.on('error', () => socket.destroy());
      context.after(() => socket.destroy());
      socket.on('data', (bytes: Buffer) => {
        let rest = bytes;
        if (magic.length < CHANNEL_MAGIC.length) {
          magic += rest.toString('latin1', 0, CHANNEL_MAGIC.length - magic.length);
          rest = rest.subarray(CHANNEL_MAGIC.length);
        }
        for (const frame of frames.push(rest)) {
          said.push(frame);
          if (frame.kind === 'message' && frame.message.type === 'hello') {
            const [first] = frame.message.servers;
            socket.write(
              encodeMessage({
                type: 'request',
                id: 1,
                server: more.server ?? first?.id ?? '',
                what,
                options: { maxBytes: more.maxBytes ?? 50_000_000 },
                deadlineMs: 30_000,
              }),
            );
          }
        }
        failure = frames.failure;
      });
    },
  );
  server.on('tlsClientError', () => {
    isRefused = true;
  });
  const port = await listen(context, server);
  dialler.reverse.dialTo('127.0.0.1', port);
  const messages = () => said.flatMap((frame) => (frame.kind === 'message' ? [frame.message] : []));
  await waitFor(
    'an end',
    () =>
      isRefused ||
      failure !== undefined ||
      messages().some(({ type }) => type === 'done' || type === 'error'),
  );
  const bytes = Buffer.concat(said.flatMap((frame) => (frame.kind === 'bytes' ? [frame.bytes] : [])));
  return { identities, magic, messages: messages(), bytes, isRefused };
}

describe('a simulated agent that dials in', () => {
  const agent = (context: TestContext) =>
    dialling(context, 'agent', {
      process: { type: 'tomcat', workload: 'ledger', hostName: 'ledger-1', serverName: 'ledger' },
    });

  test('proves its workload, says hello for its server and gives every kind', async (context) => {
    const dialler = agent(context);
    const { identities, magic, messages, bytes } = await askAgent(context, dialler, 'thread');
    assert.deepEqual([identities[0], magic], [agentIdentity(dialler.process), CHANNEL_MAGIC]);
    const [hello, ...rest] = messages;
    assert.ok(hello?.type === 'hello');
    assert.deepEqual(
      hello.servers.map(({ id }) => id),
      ['ledger-1'],
    );
    const done = rest.at(-1);
    assert.ok(done?.type === 'done');
    assert.equal(done.bytes, bytes.length);
    const reader = new DumpReader();
    reader.write(bytes);
    const content = reader.end();
    assert.ok(content.kind === 'threads');
    assert.equal(content.dumps[0]?.threads.filter(({ state }) => state !== undefined).length, 49);
  });
  test('gives requests in flight, a histogram, a heap and its state', async (context) => {
    const dialler = agent(context);
    dialler.jvms.set(dialler.process.id, 'lockConvoy');
    const service = await askAgent(context, dialler, 'service');
    const decoded = decodeServiceDump(service.bytes.toString('utf8'));
    assert.deepEqual([decoded?.dump.from, decoded?.problems], ['agent', []]);
    const histogram = await askAgent(context, dialler, 'histogram');
    assert.match(histogram.bytes.toString('utf8'), /#instances/);
    const heap = await askAgent(context, dialler, 'heap');
    assert.equal(heap.bytes.toString('latin1', 0, 12), 'JAVA PROFILE');
    const status = await askAgent(context, dialler, 'status');
    assert.ok(readAgentStatus(status.bytes.toString('utf8'))?.can.includes('heap'));
  });
  test('refuses another server and what is too large, and is refused with another key', async (context) => {
    const dialler = agent(context);
    const other = await askAgent(context, dialler, 'thread', { server: 'somebody-else' });
    const large = await askAgent(context, dialler, 'thread', { maxBytes: 100 });
    const codes = [other, large].map(({ messages }) => {
      const last = messages.at(-1);
      return last?.type === 'error' ? last.code : last?.type;
    });
    assert.deepEqual(codes, ['unknownServer', 'tooLarge']);
    const stranger = await askAgent(context, dialler, 'thread', { key: Buffer.alloc(32, 9) });
    assert.deepEqual([stranger.isRefused, stranger.messages], [true, []]);
  });
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
