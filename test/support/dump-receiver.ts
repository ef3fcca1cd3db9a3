import { createHash } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { encodeMessage, framesFromAgent } from '../../src/wire/dump-channel/frames.ts';
import {
  CHANNEL_MAGIC,
  type ChannelError,
  type ChannelHello,
  type ChannelRequest,
  type FromAgent,
} from '../../src/wire/dump-channel/messages.ts';
import { CHANNEL_TLS } from '../../src/wire/dump-channel/tls.ts';

/** What one request was answered. */
export interface Answered {
  readonly bytes: Buffer;
  readonly end: Extract<FromAgent, { type: 'done' | 'error' }>;
  readonly progress: readonly Extract<FromAgent, { type: 'progress' }>[];
}
type Order = Partial<Omit<ChannelRequest, 'type' | 'id'>> & Pick<ChannelRequest, 'what'>;

/** Whom agents dial: a real TLS socket that a test speaks for. */
export class DumpReceiver {
  readonly master: Uint8Array;
  readonly connections: AgentTalk[] = [];
  readonly #server: Server;
  readonly #waiting: ((talk: AgentTalk) => void)[] = [];

  constructor(master: Uint8Array) {
    this.master = master;
    this.#server = createServer(
      { ...CHANNEL_TLS, pskCallback: (_socket, identity) => Buffer.from(agentKey(this.master, identity)) },
      (socket) => {
        const talk = new AgentTalk(socket);
        this.connections.push(talk);
        this.#waiting.shift()?.(talk);
      },
    );
    this.#server.on('tlsClientError', () => undefined);
  }
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.port;
  }
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  /** The next agent that dials. */
  next(): Promise<AgentTalk> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** One agent that dialled. */
export class AgentTalk {
  readonly socket: TLSSocket;
  readonly hello: Promise<ChannelHello>;
  readonly ended: Promise<void>;
  #lastId = 0;
  readonly #asked = new Map<
    number,
    { bytes: Buffer[]; progress: Answered['progress'][number][]; end: (answered: Answered) => void }
  >();

  constructor(socket: TLSSocket) {
    this.socket = socket;
    const frames = framesFromAgent();
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    let sayHello: (hello: ChannelHello) => void = () => undefined;
    this.hello = new Promise((resolve) => {
      sayHello = resolve;
    });
    let magic: Buffer | undefined = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      let rest: Buffer = bytes;
      if (magic !== undefined) {
        magic = Buffer.concat([magic, bytes]);
        if (magic.length < CHANNEL_MAGIC.length) return;
        rest = magic.subarray(CHANNEL_MAGIC.length);
        if (magic.subarray(0, CHANNEL_MAGIC.length).toString('latin1') !== CHANNEL_MAGIC) socket.destroy();
        magic = undefined;
      }
      for (const frame of frames.push(rest)) {
        if (frame.kind === 'bytes') this.#asked.get(frame.id)?.bytes.push(Buffer.from(frame.bytes));
        else if (frame.message.type === 'hello') sayHello(frame.message);
        else this.#take(frame.message);
      }
      if (frames.failure !== undefined) throw new Error(`the agent sent ${frames.failure}`);
    });
  }
  ask(order: Order): Promise<Answered> {
    return this.begin(order).answered;
  }
  begin(order: Order): { readonly id: number; readonly answered: Promise<Answered> } {
    const id = ++this.#lastId;
    const answered = new Promise<Answered>((end) => this.#asked.set(id, { bytes: [], progress: [], end }));
    this.socket.write(
      encodeMessage({
        type: 'request',
        id,
        server: 'host1',
        options: { maxBytes: 268_435_456 },
        deadlineMs: 20_000,
        ...order,
      }),
    );
    return { id, answered };
  }
  cancel(id: number): void {
    this.socket.write(encodeMessage({ type: 'cancel', id }));
  }
  #take(message: Exclude<FromAgent, ChannelHello>): void {
    const asked = this.#asked.get(message.id ?? 0);
    if (asked === undefined) return;
    if (message.type === 'progress') asked.progress.push(message);
    if (message.type === 'done' || message.type === 'error')
      asked.end({ bytes: Buffer.concat(asked.bytes), end: message, progress: asked.progress });
  }
}

/** The text of an answer that came whole: its hash and length are those that were said. */
export function wholeText({ bytes, end }: Answered): string {
  if (end.type === 'error') throw new Error(`${end.code}: ${end.message}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (end.sha256 !== sha256 || end.bytes !== bytes.length) throw new Error('what came is not what was said');
  return bytes.toString('utf8');
}
export function errorOf({ end }: Answered): ChannelError {
  if (end.type === 'error') return end;
  throw new Error('it was answered');
}
