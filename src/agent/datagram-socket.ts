import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { describeThrown, systemCode } from '../core/app-error.ts';
import { cleanLine } from '../core/text.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
}
/** How sending goes; said when it changes. */
export interface SendState {
  readonly sent: number;
  readonly failed: number;
  /** Why the last one did not leave; absent while they leave. */
  readonly failure?: string | undefined;
}

/** A name may come to mean another address: a collector's pod moves. */
const NAME_LASTS_MS = 30_000;
const NAME_FAILED_LASTS_MS = 5_000;

interface Known {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Sends datagrams to one receiver, all of them from one port: a receiver tells servers of one id apart by it. A name is
 * looked up beside the sending, never in its way.
 */
export class DatagramSocket {
  readonly to: Destination;
  readonly #sockets = new Map<4 | 6, Socket>();
  #known: Known | undefined = undefined;
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #lookingUp: Promise<void> | undefined = undefined;
  #lookupFailure: string | undefined = undefined;
  #sent = 0;
  #failed = 0;
  #failure: string | undefined = undefined;

  constructor(to: Destination) {
    this.to = to;
    const family = isIP(to.host);
    if (family === 4 || family === 6) this.#known = { address: to.host, family };
  }
  get state(): SendState {
    return { sent: this.#sent, failed: this.#failed, failure: this.#failure };
  }
  /** Hands one datagram to the system; what becomes of it shows in {@link state}. */
  async send(bytes: Uint8Array, monotonicMs: number): Promise<void> {
    if (isIP(this.to.host) === 0) {
      const lasts = this.#lookupFailure === undefined ? NAME_LASTS_MS : NAME_FAILED_LASTS_MS;
      if (monotonicMs - this.#lookedUpAt > lasts) {
        const looking = this.#lookUp(monotonicMs);
        if (this.#known === undefined) await looking;
      }
    }
    const known = this.#known;
    if (known === undefined) {
      this.#fail(this.#lookupFailure ?? 'the name is still being looked up');
      return;
    }
    await new Promise<void>((resolve) => {
      this.#socket(known.family).send(bytes, this.to.port, known.address, (error) => {
        if (error === null) {
          this.#sent++;
          this.#failure = undefined;
        } else {
          this.#fail(systemCode(error) ?? describeThrown(error));
        }
        resolve();
      });
    });
  }
  async close(): Promise<void> {
    const open = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(open.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }
  #fail(why: string): void {
    this.#failed++;
    this.#failure = cleanLine(why, 256);
  }
  #lookUp(monotonicMs: number): Promise<void> {
    this.#lookedUpAt = monotonicMs;
    this.#lookingUp ??= this.#lookUpNow().finally(() => {
      this.#lookingUp = undefined;
    });
    return this.#lookingUp;
  }
  async #lookUpNow(): Promise<void> {
    try {
      const { address, family } = await lookup(this.to.host);
      this.#known = { address, family: family === 6 ? 6 : 4 };
      this.#lookupFailure = undefined;
    } catch (thrown) {
      // The address of before goes on being used: a name service may be away for a while.
      this.#lookupFailure = `${this.to.host}: ${systemCode(thrown) ?? describeThrown(thrown)}`;
    }
  }
  #socket(family: 4 | 6): Socket {
    const known = this.#sockets.get(family);
    if (known !== undefined) return known;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // What is sent to is an address already.
      lookup: (address, _options, done) => done(null, address, family),
    });
    socket.on('error', (error) => this.#fail(systemCode(error) ?? error.message));
    this.#sockets.set(family, socket);
    return socket;
  }
}
