import { sizeText } from '../../../core/size-text.ts';
import { cleanLine } from '../../../core/text.ts';
import type { DumpTaking, TakenDump } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import type { Effect, ModeInForce } from '../../../domain/policy.ts';
import { type Text, text } from '../../../domain/text.ts';
import type { DumpOrder } from '../../../wire/dump-channel/asks.ts';
import { lenaActiveServices, lenaThreadDump, lenaThreads } from '../../../wire/lena/tcp/results.ts';
import { encodeServiceDump } from '../../../wire/service-dump/encode.ts';
import { assertUnlocked } from '../../transport-lock.ts';
import { missingWords } from '../missing-words.ts';
import { lenaThreadDumpText, type TakenFrom } from './lena-dump-text.ts';
import { LENA_MISSING } from './lena-missing.ts';
import type { LenaPeer } from './lena-peer.ts';
import { lenaServiceDump } from './lena-service-dump.ts';
import type { LenaQuery } from './lena-socket.ts';
import type { PeerBook } from './peer-book.ts';

export interface TakeOptions {
  readonly book: PeerBook;
  /** Of this process: what it may let out. */
  readonly modeOf: (context: string) => ModeInForce;
  readonly now: () => number;
}

/** A reply of an advertiser is held as a whole while it is read. */
const MAX_REPLY_BYTES = 67_108_864;
const PIECE_BYTES = 65_536;

/** What it does to the server. */
function effectOf({ kind, isLive }: DumpOrder): Effect {
  if (kind === 'status') return 'observe';
  return kind === 'heap' || isLive ? 'change' : 'diagnose';
}

/** TRANSPORT_LOCKED unless the mode of the server's context allows it. */
export function assertMayAsk(order: DumpOrder, modeOf: TakeOptions['modeOf']): void {
  const { context, name } = order.server;
  assertUnlocked(`${order.kind} dump of ${cleanLine(name)} over TCP`, effectOf(order), modeOf(context));
}

/** Takes a dump from one of the peers of this process. Rejects with an AppError, or with the signal's reason. */
export async function takeOrder(
  order: DumpOrder,
  taking: DumpTaking,
  options: TakeOptions,
): Promise<TakenDump> {
  assertMayAsk(order, options.modeOf);
  const row = options.book.rows().find(({ ref }) => ref.id === order.peer);
  if (row === undefined) {
    throw appError('CONNECTION_LOST', `${order.peer} is not connected any more`, {
      hint: 'It dials again by itself: look at who is connected, and take it again.',
    });
  }
  if (row.refused !== undefined) throw appError('DUMP_FAILED', `${order.peer}: ${row.refused.en}`);
  return row.protocol === 'lena'
    ? await takeLena(order, taking, options)
    : await takeAgent(order, taking, options);
}

async function takeLena(
  order: DumpOrder,
  taking: DumpTaking,
  { book, now }: TakeOptions,
): Promise<TakenDump> {
  const peer = book.lena(order.peer);
  if (peer === undefined) throw appError('CONNECTION_LOST', `${order.peer} is not connected any more`);
  switch (order.kind) {
    case 'thread':
      return await takeLenaThreads(order, taking, { peer, at: now() });
    case 'service':
      return await takeLenaServices(order, taking, { peer, at: now() });
    case 'histogram':
    case 'heap':
    case 'status':
      throw appError('DUMP_FAILED', `an advertiser is never asked for a ${order.kind}`);
  }
}

interface LenaTake {
  readonly peer: LenaPeer;
  readonly at: number;
}

const queryOf = ({ maxBytes, timeoutMs }: DumpOrder, { signal, report }: DumpTaking): LenaQuery => ({
  maxBytes: Math.min(maxBytes, MAX_REPLY_BYTES),
  timeoutMs,
  signal,
  onBytes: (bytes) => report(received(bytes)),
});
const received = (bytes: number): Text => text(`${sizeText(bytes)} received`, `${sizeText(bytes)} 수신`);

async function takeLenaThreads(
  order: DumpOrder,
  taking: DumpTaking,
  { peer, at }: LenaTake,
): Promise<TakenDump> {
  const packs = await peer.ask('OBJECT_THREAD_DUMP', queryOf(order, taking));
  const dump = lenaThreadDump(packs);
  if (dump === undefined || dump.threads.length === 0) throw noAnswer(peer, 'OBJECT_THREAD_DUMP');
  await writeText(lenaThreadDumpText(dump, headOf(order, peer, at)), taking);
  return { how: 'OBJECT_THREAD_DUMP', missing: LENA_MISSING.thread };
}

const headOf = ({ server, by }: DumpOrder, peer: LenaPeer, at: number): TakenFrom => ({
  server: server.name,
  context: server.context,
  through: `LENA advertiser ${peer.address}`,
  by,
  at,
});

async function takeLenaServices(
  order: DumpOrder,
  taking: DumpTaking,
  { peer, at }: LenaTake,
): Promise<TakenDump> {
  const query = queryOf(order, taking);
  // It says nothing at all where nothing runs.
  const services = lenaActiveServices(await peer.ask('OBJECT_ACTIVE_SERVICE_LIST', query)) ?? [];
  const threads = services.length === 0 ? [] : lenaThreads(await peer.ask('OBJECT_THREAD_LIST', query));
  const { name: server } = order.server;
  const dump = lenaServiceDump({ server, at, services, threads });
  await writeText([encodeServiceDump(dump)], taking);
  return {
    how:
      services.length === 0 ? 'OBJECT_ACTIVE_SERVICE_LIST' : 'OBJECT_ACTIVE_SERVICE_LIST, OBJECT_THREAD_LIST',
    missing: [...LENA_MISSING.service, ...(threads === undefined ? [LENA_MISSING.noThreads] : [])],
  };
}

const noAnswer = (peer: LenaPeer, command: string) =>
  appError('DUMP_FAILED', `LENA advertiser ${peer.address} answers nothing to ${command}`, {
    hint: 'Its version may not know it: take the dump by another way.',
  });

async function writeText(pieces: Iterable<string>, { write }: DumpTaking): Promise<void> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    await write(Buffer.from(waiting.join('')));
    waiting = [];
    length = 0;
  }
  if (length > 0) await write(Buffer.from(waiting.join('')));
}

async function takeAgent(order: DumpOrder, taking: DumpTaking, { book }: TakeOptions): Promise<TakenDump> {
  const agent = book.agent(order.peer);
  const { id } = order.server;
  if (agent === undefined || id === undefined) {
    throw appError('CONNECTION_LOST', `${order.peer} is not connected any more`);
  }
  const { kind: what, isLive, maxBytes, timeoutMs } = order;
  const done = await agent.ask({ server: id, what, options: { isLive, maxBytes }, timeoutMs }, taking);
  return { how: done.how, missing: done.missing.map(missingWords), sha256: done.sha256 };
}
