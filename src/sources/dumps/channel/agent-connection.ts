import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../core/clock.ts';
import { hostPort } from '../../../core/host-port.ts';
import { sizeText } from '../../../core/size-text.ts';
import { counted } from '../../../core/text.ts';
import type { DumpTaking } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import { MAX_DEADLINE_MS } from '../../../wire/dump-channel/decode.ts';
import { type ChannelFrame, encodeMessage, framesFromAgent } from '../../../wire/dump-channel/frames.ts';
import {
  CHANNEL_MAGIC,
  CHANNEL_VERSION,
  type ChannelDone,
  type ChannelHello,
  type ChannelRequest,
  type FromAgent,
} from '../../../wire/dump-channel/messages.ts';
import { agentError } from './agent-error.ts';

export interface AgentConnectionOptions {
  readonly socket: TLSSocket;
  readonly address: string;
  readonly port: number;
  /** As it proved by its key. */
  readonly identity: string;
  readonly clock: Clock;
  /** It may be asked from now on. */
  readonly onHello: () => void;
  /** What it said cannot be; the connection is closed then. */
  readonly onLie: (what: string) => void;
  readonly onClosed: () => void;
}
export interface AgentOrder extends Pick<ChannelRequest, 'server' | 'what' | 'options'> {
  readonly timeoutMs: number;
}

/** Until it has said hello. */
const HELLO_MS = 10_000;
const PING_MS = 20_000;
const PING_ANSWER_MS = 15_000;
const PING_BYTES = 65_536;
/** What it gets beyond its own deadline to say that it did not keep it. */
const GRACE_MS = 5_000;
/** Frames read and not yet taken; the socket waits meanwhile. */
const MAX_QUEUED = 4;

interface Running {
  readonly what: string;
  readonly maxBytes: number;
  readonly hash: ReturnType<typeof createHash>;
  readonly taking: Pick<DumpTaking, 'write' | 'report'>;
  readonly settle: (end: ChannelDone | Error) => void;
  bytes: number;
}
const NOTHING: Pick<DumpTaking, 'write' | 'report'> = {
  write: () => Promise.resolve(),
  report: () => undefined,
};

/** One agent of ours that dialled in and proved who it is. */
export class AgentConnection {
  readonly #options: AgentConnectionOptions;
  readonly #frames = framesFromAgent();
  readonly #running = new Map<number, Running>();
  /** Requests given up, whose answers are still on their way. */
  readonly #abandoned = new Set<number>();
  readonly #queue: ChannelFrame<FromAgent>[] = [];
  readonly connectedAt: number;
  #magic: Buffer = Buffer.alloc(0);
  #hello: ChannelHello | undefined;
  #isTaking: boolean = false;
  #isClosed: boolean = false;
  #nextId = 1;
  #heardAt: number;
  #cancelTimer: () => void;
  /** It did not answer a ping. */
  wasDead: boolean = false;

  constructor(options: AgentConnectionOptions) {
    this.#options = options;
    const { socket, clock } = options;
    this.connectedAt = clock.now();
    this.#heardAt = this.connectedAt;
    this.#cancelTimer = clock.after(HELLO_MS, () => this.#lied(`no hello within ${HELLO_MS / 1_000} s`));
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }
  get identity(): string {
    return this.#options.identity;
  }
  get address(): string {
    return this.#options.address;
  }
  get port(): number {
    return this.#options.port;
  }
  get place(): string {
    return hostPort(this.#options.address, this.#options.port);
  }
  get hello(): ChannelHello | undefined {
    return this.#hello;
  }
  close(): void {
    this.#options.socket.destroy();
  }
  /**
   * Asks for one dump; its bytes are written as they come, checked against length and hash at the end. Rejects with an
   * AppError (DUMP_BUSY, DUMP_DAMAGED, DUMP_TOO_LARGE, TIMEOUT, CONNECTION_LOST …), what writing rejected with, or
   * the signal's reason.
   */
  ask(order: AgentOrder, taking: DumpTaking): Promise<ChannelDone> {
    const { signal } = taking;
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const abort = () => this.#abandon(id, signal.reason);
      const words = `${this.#name()}: no whole answer to ${order.what} in time`;
      const cancelDeadline = this.#options.clock.after(order.timeoutMs + GRACE_MS, () =>
        this.#abandon(id, appError('TIMEOUT', words)),
      );
      const settle = (end: ChannelDone | Error) => {
        this.#running.delete(id);
        cancelDeadline();
        signal.removeEventListener('abort', abort);
        if (end instanceof Error) reject(end);
        else resolve(end);
      };
      this.#running.set(id, {
        what: order.what,
        maxBytes: order.options.maxBytes,
        hash: createHash('sha256'),
        taking,
        settle,
        bytes: 0,
      });
      signal.addEventListener('abort', abort, { once: true });
      const { server, what, options, timeoutMs } = order;
      if (signal.aborted) abort();
      else if (this.#isClosed) settle(this.#lost());
      else {
        const deadlineMs = Math.min(timeoutMs, MAX_DEADLINE_MS);
        this.#send({ type: 'request', id, server, what, options, deadlineMs });
      }
    });
  }
  #name(): string {
    return `l9s agent ${this.#options.identity} at ${this.place}`;
  }
  #lost(): Error {
    return appError('CONNECTION_LOST', `${this.#name()}: the connection ended before its answer was whole`);
  }
  #send(message: Parameters<typeof encodeMessage>[0]): void {
    if (!this.#isClosed) this.#options.socket.write(encodeMessage(message));
  }
  /** Its answer, as far as it still comes, is thrown away. */
  #abandon(id: number, reason: unknown): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#abandoned.add(id);
    this.#send({ type: 'cancel', id });
    running.settle(reason instanceof Error ? reason : appError('DUMP_FAILED', 'given up'));
  }
  #hear(bytes: Buffer): void {
    this.#heardAt = this.#options.clock.now();
    const rest = this.#takeMagic(bytes);
    if (rest === undefined || rest.length === 0) return;
    this.#queue.push(...this.#frames.push(rest));
    if (this.#queue.length >= MAX_QUEUED) this.#options.socket.pause();
    // A fault of ours costs one connection, which comes again.
    this.#takeQueued().catch(() => this.close());
  }
  /** What stands behind the first four bytes; `undefined` until they are there, or where they are others. */
  #takeMagic(bytes: Buffer): Buffer | undefined {
    if (this.#magic.length === CHANNEL_MAGIC.length) return bytes;
    const heard = Buffer.concat([this.#magic, bytes]);
    this.#magic = heard.subarray(0, CHANNEL_MAGIC.length);
    if (this.#magic.length < CHANNEL_MAGIC.length) return undefined;
    if (this.#magic.toString('latin1') === CHANNEL_MAGIC) return heard.subarray(CHANNEL_MAGIC.length);
    this.#lied('it does not begin as an agent does');
    return undefined;
  }
  async #takeQueued(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    for (
      let frame = this.#queue.shift();
      frame !== undefined && !this.#isClosed;
      frame = this.#queue.shift()
    ) {
      const lie = await this.#takeFrame(frame);
      if (lie !== undefined) {
        this.#lied(lie);
        return;
      }
      if (this.#queue.length === 0) this.#options.socket.resume();
    }
    this.#isTaking = false;
    if (this.#frames.failure !== undefined) this.#lied(this.#frames.failure);
  }
  /** What about it cannot be. */
  async #takeFrame(frame: ChannelFrame<FromAgent>): Promise<string | undefined> {
    if (frame.kind === 'bytes') return await this.#takeBytes(frame.id, frame.bytes);
    const { message } = frame;
    return message.type === 'hello' ? this.#takeHello(message) : this.#takeAnswer(message);
  }
  #takeAnswer(message: Exclude<FromAgent, ChannelHello>): string | undefined {
    if (this.#hello === undefined) return `${message.type} before hello`;
    if (message.type === 'error' && message.id === undefined) {
      this.close();
      return undefined;
    }
    const id = message.id ?? 0;
    const running = this.#running.get(id);
    if (running === undefined) {
      if (!this.#abandoned.has(id)) return `${message.type} of a request nobody made`;
      if (message.type === 'done' || message.type === 'error') this.#abandoned.delete(id);
      return undefined;
    }
    if (message.type === 'progress') {
      running.taking.report(progressWords(message.doneBytes, message.sizeBytes));
    } else if (message.type === 'error') {
      running.settle(agentError(this.#name(), running.what, message));
    } else if (message.type === 'done') return this.#takeDone(running, message);
    return undefined;
  }
  #takeHello(hello: ChannelHello): string | undefined {
    if (this.#hello !== undefined) return 'a second hello';
    if (hello.version !== CHANNEL_VERSION) return `version ${hello.version} of the channel`;
    if (new Set(hello.servers.map(({ id }) => id)).size !== hello.servers.length) return 'one server twice';
    this.#hello = hello;
    // That one waited for this hello.
    this.#cancelTimer();
    this.#pingLater();
    this.#options.onHello();
    return undefined;
  }
  async #takeBytes(id: number, bytes: Uint8Array): Promise<string | undefined> {
    const running = this.#running.get(id);
    if (running === undefined) return this.#abandoned.has(id) ? undefined : 'bytes of a request nobody made';
    running.bytes += bytes.length;
    if (running.bytes > running.maxBytes) {
      const words = `${this.#name()}: its answer to ${running.what} is larger than ${running.maxBytes} bytes`;
      this.#abandon(id, appError('DUMP_TOO_LARGE', words));
      return undefined;
    }
    running.hash.update(bytes);
    try {
      await running.taking.write(bytes);
    } catch (error) {
      this.#abandon(id, error);
    }
    return undefined;
  }
  #takeDone(running: Running, done: ChannelDone): string | undefined {
    const sha256 = running.hash.digest('hex');
    if (done.bytes === running.bytes && done.sha256 === sha256) {
      running.settle(done);
      return undefined;
    }
    const what =
      done.bytes === running.bytes
        ? 'the hash of what came is another than the one it said'
        : `${counted(running.bytes, 'byte')} came, ${done.bytes} were said`;
    running.settle(appError('DUMP_DAMAGED', `${this.#name()}: ${running.what}: ${what}`));
    return `${running.what}: ${what}`;
  }
  #lied(what: string): void {
    if (this.#isClosed) return;
    for (const running of [...this.#running.values()]) {
      running.settle(appError('DUMP_DAMAGED', `${this.#name()}: ${running.what}: ${what}`));
    }
    this.#options.onLie(what);
    this.close();
  }
  /** Whoever said nothing for a while is asked how it is; any answer will do. */
  #pingLater(): void {
    this.#cancelTimer = this.#options.clock.after(PING_MS, () => {
      const quietMs = this.#options.clock.now() - this.#heardAt;
      const [server] = this.#hello?.servers ?? [];
      // What is held back by us, for it is written slowly, is not quiet.
      if (quietMs < PING_MS || server === undefined || this.#isTaking) this.#pingLater();
      else this.#ping(server.id);
    });
  }
  #ping(server: string): void {
    const { clock } = this.#options;
    const askedAt = clock.now();
    const order: AgentOrder = {
      server,
      what: 'status',
      options: { maxBytes: PING_BYTES },
      timeoutMs: PING_ANSWER_MS,
    };
    const ended = new AbortController();
    // Its own errors are answers too.
    this.ask(order, { ...NOTHING, signal: ended.signal }).catch(() => undefined);
    this.#cancelTimer = clock.after(PING_ANSWER_MS, () => {
      if (this.#heardAt < askedAt && !this.#isTaking) {
        this.wasDead = true;
        this.close();
      } else this.#pingLater();
    });
  }
  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    for (const running of [...this.#running.values()]) running.settle(this.#lost());
    this.#queue.length = 0;
    this.#options.onClosed();
  }
}

const progressWords = (doneBytes: number, sizeBytes: number | undefined): Text =>
  sizeBytes === undefined
    ? text(`${sizeText(doneBytes)} so far`, `${sizeText(doneBytes)} 진행`)
    : text(
        `${sizeText(doneBytes)} of ${sizeText(sizeBytes)}`,
        `${sizeText(sizeBytes)} 중 ${sizeText(doneBytes)}`,
      );
