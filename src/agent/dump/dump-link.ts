import { connect, type TLSSocket } from 'node:tls';
import { AppError, describeThrown, systemCode } from '../../core/app-error.ts';
import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { hostPort } from '../../core/host-port.ts';
import { encodeMessage, framesToAgent } from '../../wire/dump-channel/frames.ts';
import {
  CHANNEL_MAGIC,
  CHANNEL_VERSION,
  type ChannelServer,
  type ToAgent,
} from '../../wire/dump-channel/messages.ts';
import { CHANNEL_TLS } from '../../wire/dump-channel/tls.ts';
import type { Destination } from '../datagram-socket.ts';
import { SaidOnce } from '../said-once.ts';
import type { DumpAnswers, SendFrame } from './dump-answers.ts';
import type { DumpServer } from './dump-job.ts';

export interface DumpLinkOptions {
  readonly to: Destination;
  /** `context/workload` */
  readonly identity: string;
  /** Derived for that identity; read anew for each dialling. Throws an AppError. */
  readonly key: () => Uint8Array;
  /** Version of l9s. */
  readonly program: string;
  readonly answers: DumpAnswers;
  /** The JVMs there are at this moment. */
  readonly servers: () => readonly DumpServer[];
  readonly clock: Clock;
  /** Ms of a clock that only goes forward. */
  readonly monotonic: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly say: (line: string) => void;
  /** @default 60000 */
  readonly longestPauseMs?: number | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Where nothing listens: a command on that host owns the port for some seconds only, and asking costs nobody anything. */
const LONGEST_CLOSED_PAUSE_MS = 4_000;
/** A connection that lasted so long was a good one: the next is dialled soon, for another owner may have the port. */
const GOOD_AFTER_MS = 5_000;
const LOOK_EVERY_MS = 2_000;
const HUNG_UP =
  'the receiver hung up at once: it takes no agents (its telemetry.agentKey), not this address (telemetry.allow), or is none';
/** The highest number of servers a receiver takes in one hello. */
const MAX_SERVERS = 256;

/** The agent's connection to whoever asks for dumps; dials again for as long as it runs. */
export class DumpLink {
  readonly #options: DumpLinkOptions;
  readonly #where: string;
  readonly #answering = new Set<Promise<void>>();

  constructor(options: DumpLinkOptions) {
    this.#options = options;
    this.#where = hostPort(options.to.host, options.to.port);
  }
  /** Never rejects; what fails is said, and nothing else of the agent is held up by it. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, monotonic, random, say, longestPauseMs = LONGEST_PAUSE_MS } = this.#options;
    const backoff = createBackoff({
      firstMs: Math.min(FIRST_PAUSE_MS, longestPauseMs),
      maxMs: longestPauseMs,
      random,
    });
    const closed = createBackoff({
      firstMs: Math.min(FIRST_PAUSE_MS, longestPauseMs),
      maxMs: Math.min(LONGEST_CLOSED_PAUSE_MS, longestPauseMs),
      random,
    });
    const said = new SaidOnce(monotonic, say);
    const sayOnce = (line: string) => said.say(line);
    // Each loss and each return is worth a line, but not of a connection that never lasts.
    let isShort = false;
    while (!signal.aborted) {
      let isClosed = false;
      let connectedAt: number | undefined;
      const why = await this.#connection(signal, () => {
        connectedAt = monotonic();
        (isShort ? sayOnce : say)(`dumps: connected to ${this.#where} as ${this.#options.identity}`);
      }).catch((thrown: unknown) => {
        isClosed = systemCode(thrown) === 'ECONNREFUSED';
        return wordsOf(thrown);
      });
      if (signal.aborted) break;
      const isGood = connectedAt !== undefined && monotonic() - connectedAt >= GOOD_AFTER_MS;
      if (connectedAt !== undefined) isShort = !isGood;
      if (why !== undefined) (isGood ? say : sayOnce)(`dumps: ${this.#where}: ${why}; dialling again`);
      if (isGood || why === undefined || isClosed) backoff.reset();
      else closed.reset();
      await sleep(clock, (isClosed ? closed : backoff).next(), signal);
    }
    await Promise.all(this.#answering);
  }
  /** One connection, from dialling to its end; gives why it ended, nothing where we ended it to say a new hello. */
  async #connection(outer: AbortSignal, onConnected: () => void): Promise<string | undefined> {
    const { program } = this.#options;
    const socket = await this.#dial(outer);
    const ended = new AbortController();
    const signal = AbortSignal.any([outer, ended.signal]);
    const end = () => socket.destroy();
    outer.addEventListener('abort', end, { once: true });
    try {
      const servers = this.#hello();
      socket.write(CHANNEL_MAGIC);
      socket.write(encodeMessage({ type: 'hello', version: CHANNEL_VERSION, program, servers }));
      onConnected();
      const talk = new Talk(socket, (message, send, given) =>
        this.#take(message, send, AbortSignal.any([signal, given])),
      );
      return await Promise.race([talk.ended, this.#otherServers(servers, talk, signal)]);
    } finally {
      outer.removeEventListener('abort', end);
      ended.abort();
      socket.destroy();
    }
  }
  async #dial(signal: AbortSignal): Promise<TLSSocket> {
    const { to, identity, key } = this.#options;
    const psk = key();
    const socket = connect({
      host: to.host,
      port: to.port,
      ...CHANNEL_TLS,
      pskCallback: () => ({ identity, psk }),
      // There is no certificate: who has the key is the receiver.
      checkServerIdentity: () => undefined,
    });
    // Whoever reads from it is told; what comes later ends the connection, not the program.
    socket.on('error', () => undefined);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
    const abort = () => socket.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1_000} s`));
    deadline.addEventListener('abort', abort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new Error(HUNG_UP)));
        if (deadline.aborted) abort();
      });
      return socket;
    } catch (thrown) {
      socket.destroy();
      throw systemCode(thrown) === 'ECONNRESET' ? new Error(HUNG_UP) : thrown;
    } finally {
      deadline.removeEventListener('abort', abort);
    }
  }
  #hello(): readonly ChannelServer[] {
    const { servers, answers } = this.#options;
    return servers()
      .slice(0, MAX_SERVERS)
      .map((server) => ({ id: server.id, can: answers.kindsOf(server) }));
  }
  /** Resolves when other servers are here than we said hello for, and no answer is on its way. */
  async #otherServers(said: readonly ChannelServer[], talk: Talk, signal: AbortSignal): Promise<undefined> {
    const before = JSON.stringify(said);
    for (;;) {
      await sleep(this.#options.clock, LOOK_EVERY_MS, signal);
      if (signal.aborted) return undefined;
      if (!talk.isAnswering && JSON.stringify(this.#hello()) !== before) return undefined;
    }
  }
  #take(message: Extract<ToAgent, { type: 'request' }>, send: SendFrame, signal: AbortSignal): Promise<void> {
    const { servers, answers } = this.#options;
    const server = servers().find(({ id }) => id === message.server);
    const answering = answers.answer(message, server, { send, signal });
    this.#answering.add(answering);
    return answering.finally(() => this.#answering.delete(answering));
  }
}

type Take = (
  message: Extract<ToAgent, { type: 'request' }>,
  send: SendFrame,
  signal: AbortSignal,
) => Promise<void>;

/** What goes to and fro on one connection. */
class Talk {
  /** Why it is over. */
  readonly ended: Promise<string>;
  readonly #socket: TLSSocket;
  readonly #take: Take;
  readonly #requests = new Map<number, AbortController>();
  #room: Promise<void> | undefined = undefined;

  constructor(socket: TLSSocket, take: Take) {
    this.#socket = socket;
    this.#take = take;
    this.ended = this.#listen();
  }
  get isAnswering(): boolean {
    return this.#requests.size > 0;
  }
  async #listen(): Promise<string> {
    const frames = framesToAgent();
    try {
      for await (const bytes of this.#socket) {
        if (!Buffer.isBuffer(bytes)) continue;
        for (const frame of frames.push(bytes)) if (frame.kind === 'message') this.#on(frame.message);
        if (frames.failure !== undefined) return `the receiver sent ${frames.failure}`;
      }
      return 'the receiver hung up';
    } catch (thrown) {
      return wordsOf(thrown);
    } finally {
      for (const request of this.#requests.values()) request.abort();
    }
  }
  #on(message: ToAgent): void {
    const { id } = message;
    if (message.type === 'cancel') {
      this.#requests.get(id)?.abort(new Error('the receiver gave it up'));
      return;
    }
    const request = new AbortController();
    // A number that is in use cannot be answered twice.
    if (this.#requests.has(id)) return;
    this.#requests.set(id, request);
    this.#answer(message, request).catch(() => undefined);
  }
  async #answer(message: Extract<ToAgent, { type: 'request' }>, request: AbortController): Promise<void> {
    try {
      await this.#take(message, (frame) => this.#send(frame), request.signal);
    } finally {
      this.#requests.delete(message.id);
    }
  }
  async #send(frame: Uint8Array): Promise<void> {
    // Whoever finds no room waits with all others: what is not sent yet stays with them.
    while (this.#room !== undefined) await this.#room;
    const socket = this.#socket;
    if (socket.destroyed) throw new Error('the connection has ended');
    if (socket.write(frame)) return;
    this.#room ??= new Promise<void>((resolve) => {
      const done = () => {
        socket.off('drain', done);
        socket.off('close', done);
        this.#room = undefined;
        resolve();
      };
      socket.once('drain', done);
      socket.once('close', done);
    });
    await this.#room;
  }
}

/** What OpenSSL says of keys that differ helps nobody. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof AppError) return `${thrown.code}: ${thrown.message}`;
  const code = systemCode(thrown) ?? '';
  if (/^ERR_SSL_|^EPROTO$/.test(code))
    return `the receiver takes no agent of this identity and key (${code}): see --dump-identity, --dump-key and its telemetry.agentKey`;
  if (code === 'ECONNREFUSED') return 'nobody listens there (telemetry.tcp of the receiver?)';
  return code === '' ? describeThrown(thrown) : code;
}
