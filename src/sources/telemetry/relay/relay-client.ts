import type { Socket } from 'node:net';
import type { Sender } from '../../../domain/sender.ts';
import { decodeRelayLine } from '../../../wire/relay/decode.ts';
import { encodeFrame } from '../../../wire/relay/encode.ts';
import type { RelayFrame, RelayHello } from '../../../wire/relay/frames.ts';
import { RelayLines } from '../../../wire/relay/lines.ts';

/** Unsent, a reader is too slow. */
const MAX_UNSENT_BYTES = 8 * 1_048_576;
/** A reader says hello and nothing else. */
const MAX_HEARD_BYTES = 8_192;
const FAREWELL_MS = 5_000;
/** Written at once before others get a turn. */
const TURN_BYTES = 131_072;

export interface RelayClientOptions {
  readonly socket: Socket;
  readonly maxUnsentBytes?: number | undefined;
  readonly onHello: (hello: RelayHello) => void;
  /** It did not keep up and is cut off. */
  readonly onSlow: () => void;
  readonly onClosed: (client: RelayClient) => void;
}

/** One process that reads along: first everything there is, paced by how fast it takes it, then what changes. */
export class RelayClient {
  readonly #options: RelayClientOptions;
  readonly #socket: Socket;
  readonly #lines = new RelayLines();
  #heardBytes = 0;
  #isEnding: boolean = false;
  /** Ids whose sender it will still be told as a whole; changes of them are not sent. */
  readonly #waiting = new Set<string>();
  #resume: (() => void) | undefined;

  constructor(options: RelayClientOptions) {
    this.#options = options;
    this.#socket = options.socket;
    const { socket } = options;
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => this.#resume?.());
    socket.on('close', () => {
      this.#isEnding = true;
      this.#resume?.();
      options.onClosed(this);
    });
  }
  /** It was told of every sender there was when it came. */
  get isCaughtUp(): boolean {
    return this.#waiting.size === 0;
  }
  isWaitingFor(id: string): boolean {
    return this.#waiting.has(id);
  }
  forget(id: string): void {
    this.#waiting.delete(id);
  }
  /** Something live; a reader that does not keep up is told so and cut off. */
  send(lines: string): void {
    if (this.#isEnding || lines === '') return;
    if (this.#socket.writableLength > (this.#options.maxUnsentBytes ?? MAX_UNSENT_BYTES)) {
      this.#options.onSlow();
      this.bye('slow');
    } else this.#socket.write(lines);
  }
  /** Everything there is, in lines; `ids` are told by `lines` one after the other. */
  async sendStock(senders: ReadonlyMap<string, Sender>, lines: StockLines): Promise<void> {
    for (const id of senders.keys()) this.#waiting.add(id);
    for (const { text, ids } of lines) {
      if (this.#isEnding) return;
      for (const id of ids) this.#waiting.delete(id);
      const isTaken = this.#socket.write(text);
      if (!isTaken || this.#socket.writableLength > TURN_BYTES) await this.#drained();
    }
  }
  bye(reason: Extract<RelayFrame, { readonly type: 'bye' }>['reason'], farewellMs = FAREWELL_MS): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.end(encodeFrame({ type: 'bye', reason }));
    const timer = setTimeout(() => this.#socket.destroy(), farewellMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }
  destroy(): void {
    this.#socket.destroy();
  }
  #drained(): Promise<void> {
    if (this.#isEnding || !this.#socket.writableNeedDrain) {
      return new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
    });
  }
  #hear(bytes: Buffer): void {
    this.#heardBytes += bytes.length;
    if (this.#heardBytes > MAX_HEARD_BYTES) {
      this.#socket.destroy();
      return;
    }
    for (const text of this.#lines.push(bytes)) {
      const line = decodeRelayLine(text);
      if (line.kind === 'frame' && line.frame.type === 'hello') this.#options.onHello(line.frame);
    }
  }
}

/** Pieces of a stock as they are made; `ids` are the senders the piece tells. */
export type StockLines = Iterable<{ readonly text: string; readonly ids: readonly string[] }>;
