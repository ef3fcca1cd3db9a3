import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { DumpKind } from '../../src/domain/dump.ts';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { encodeChunk, encodeMessage, framesToAgent } from '../../src/wire/dump-channel/frames.ts';
import {
  CHANNEL_MAGIC,
  type ChannelHello,
  type ChannelRequest,
  type ToAgent,
} from '../../src/wire/dump-channel/messages.ts';
import { CHANNEL_TLS } from '../../src/wire/dump-channel/tls.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import type { LenaMap, LenaValue } from '../../src/wire/lena/pack.ts';
import { encodeLenaGreeting } from '../../src/wire/lena/tcp/greeting.ts';
import { encodeLenaReply } from '../../src/wire/lena/tcp/reply.ts';
import { LenaRequestReader } from '../../src/wire/lena/tcp/request.ts';

/** Who ends what was begun; a test's context is one. */
export interface Cleanups {
  after(end: () => void): void;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}
export const lenaText = (value: string): LenaValue => ({ type: 'text', value });
export const lenaList = (...value: LenaValue[]): LenaValue => ({ type: 'list', value });
export const lenaMap = (entries: Record<string, LenaValue>): LenaMap => new Map(Object.entries(entries));
export const lenaRow = (entries: Record<string, string>): LenaValue => ({
  type: 'map',
  value: lenaMap(Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, lenaText(value)]))),
});

/** What a peer answers to one command: bytes as they are, or nothing at all. */
export type LenaAnswers = (command: string) => Uint8Array | undefined;

/** As a real advertiser answers; what is not known is `04` alone. */
export const believable: LenaAnswers = (command) => {
  switch (command) {
    case 'OBJECT_THREAD_DUMP':
      return encodeLenaReply([
        lenaMap({
          threadDump: lenaList(
            lenaText(
              '"main" Id=1 TIMED_WAITING\n\tat java.base@17/java.lang.Thread.sleep(Native Method)\n\n',
            ),
            lenaText('"exec-1" Id=23 RUNNABLE\n\tat com.shop.Spin.run(Spin.java:7)\n\n'),
          ),
          statusDump: lenaText('memory 1\npools 2'),
        }),
      ]);
    case 'OBJECT_ACTIVE_SERVICE_LIST':
      return encodeLenaReply([
        lenaMap({
          activeService: lenaList(
            lenaRow({
              id: '23',
              name: 'exec-1',
              stat: 'RUNNABLE',
              service: '/spin.jsp',
              elapsed: '6000',
              cpu: '5214',
              txid: 'x1',
              sql: '',
            }),
          ),
        }),
      ]);
    case 'OBJECT_THREAD_LIST':
      return encodeLenaReply([
        lenaMap({
          threadList: lenaList(
            lenaRow({ id: '1', name: 'main', stat: 'TIMED_WAITING' }),
            lenaRow({
              id: '23',
              name: 'exec-1',
              stat: 'BLOCKED',
              lockName: 'com.shop.Stock@1f',
              lockOwnerName: 'exec-2',
              stackTrace: 'java.lang.Object.wait(Native Method)\ncom.shop.Spin.run(Spin.java:7)',
            }),
          ),
        }),
      ]);
    default:
      return encodeLenaReply([]);
  }
};

export interface FakeLena {
  readonly socket: Socket;
  /** Commands in their order. */
  readonly heard: string[];
  readonly closed: Promise<unknown>;
}
/** One connection of an advertiser, from an address of loopback. */
export async function dialLena(
  context: Cleanups,
  place: Place,
  options: {
    readonly objHash?: number;
    readonly objName?: string;
    readonly from?: string;
    readonly answers?: LenaAnswers;
  } = {},
): Promise<FakeLena> {
  const { objName = '/was-1/tomcat1/', from = '127.0.0.1', answers = believable } = options;
  const socket = connect({ ...place, localAddress: from });
  context.after(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  const heard: string[] = [];
  const reader = new LenaRequestReader();
  socket.on('data', (bytes) => {
    for (const { command } of reader.push(bytes)) {
      heard.push(command);
      const answer = answers(command);
      if (answer !== undefined) socket.write(answer);
    }
  });
  const closed = closeOf(socket);
  await once(socket, 'connect');
  socket.write(encodeLenaGreeting(options.objHash ?? objHashOf(objName)));
  return { socket, heard, closed };
}

/** However it ends. */
export const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });

export interface FakeAgent {
  readonly socket: TLSSocket;
  readonly asked: ToAgent[];
  readonly closed: Promise<unknown>;
  send(...parts: readonly Uint8Array[]): void;
}
/** What an agent does with a request. */
export type AgentAnswers = (request: ChannelRequest, agent: FakeAgent) => void;

export const MASTER_KEY = Buffer.alloc(32, 0x42);

export const answerWith = (agent: FakeAgent, id: number, body: Uint8Array): void =>
  answerInPieces(agent, id, body);
/** In chunks of a megabyte. */
export const answerInPieces = (agent: FakeAgent, id: number, body: Uint8Array): void => {
  const sha256 = createHash('sha256').update(body).digest('hex');
  for (let at = 0; at < body.length; at += 1_000_000) {
    agent.send(encodeChunk(id, body.subarray(at, at + 1_000_000)));
  }
  agent.send(
    encodeMessage({ type: 'done', id, sha256, bytes: body.length, how: 'attach threaddump -l', missing: [] }),
  );
};

export async function dialAgent(
  context: Cleanups,
  place: Place,
  options: {
    readonly identity?: string;
    readonly key?: Uint8Array;
    readonly from?: string;
    readonly servers?: readonly { readonly id: string; readonly can: readonly DumpKind[] }[];
    readonly hello?: Partial<ChannelHello> | null;
    readonly answers?: AgentAnswers;
  } = {},
): Promise<FakeAgent> {
  const { identity = 'prod/shop/was', from = '127.0.0.1' } = options;
  const psk = options.key ?? agentKey(MASTER_KEY, identity);
  const raw = connect({ ...place, localAddress: from });
  const socket = connectTls({
    socket: raw,
    ...CHANNEL_TLS,
    pskCallback: () => ({ psk, identity }),
    checkServerIdentity: () => undefined,
  });
  context.after(() => {
    socket.destroy();
    raw.destroy();
  });
  const closed = closeOf(raw);
  const asked: ToAgent[] = [];
  const frames = framesToAgent();
  const agent: FakeAgent = {
    socket,
    asked,
    closed,
    send: (...parts) => {
      for (const part of parts) socket.write(part);
    },
  };
  socket.on('data', (bytes) => {
    for (const frame of frames.push(bytes)) {
      if (frame.kind !== 'message') continue;
      asked.push(frame.message);
      if (frame.message.type === 'request') options.answers?.(frame.message, agent);
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => {
      socket.on('error', () => socket.destroy());
      resolve();
    });
    socket.once('error', reject);
  });
  const servers = options.servers ?? [{ id: 'was-1', can: ['thread', 'service', 'histogram', 'heap'] }];
  const hello: ChannelHello = { type: 'hello', version: 1, program: '0.0.0-test', servers, ...options.hello };
  agent.send(Buffer.from(CHANNEL_MAGIC));
  if (options.hello !== null) agent.send(encodeMessage(hello));
  return agent;
}
