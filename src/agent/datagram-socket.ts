import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
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

/** So many datagrams in a row without a refusal, and somebody listens again. */
const HEARD_AGAIN = 2;
const REFUSED = 'ECONNREFUSED';

interface Known {
  readonly address: string;
  readonly family: 4 | 6;
}
/** Bound to one receiver, so that the system tells when nobody listens there. */
interface Bound extends Known {
  readonly socket: Socket;
}

/**
 * Sends datagrams to one receiver, all of them from one port: a receiver tells servers of one id apart by it. A name is
 * looked up beside the sending, never in its way.
 */
export class DatagramSocket {
  readonly to: Destination;
  #bound: Bound | undefined = undefined;
  #binding: Promise<Socket> | undefined = undefined;
  /** Datagrams that must leave unrefused before nobody's absence is over. */
  #refusals = 0;
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
    const failure = this.#refusals > 0 ? 'nobody listens there' : this.#failure;
    return { sent: this.#sent, failed: this.#failed, failure };
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
    try {
      const socket = await this.#socketTo(known);
      // The system hands the refusal of the datagram before to the next one, which then does not leave.
      const error = await sendOn(socket, bytes);
      const last = systemCode(error) === REFUSED ? await sendOn(socket, bytes) : error;
      if (systemCode(error) === REFUSED) this.#refusals = HEARD_AGAIN;
      if (last !== undefined) throw last;
      this.#sent++;
      this.#failure = undefined;
      if (error === undefined && this.#refusals > 0) this.#refusals--;
    } catch (thrown) {
      this.#fail(systemCode(thrown) ?? describeThrown(thrown));
    }
  }
  async close(): Promise<void> {
    await this.#binding?.catch(() => undefined);
    const { socket } = this.#bound ?? {};
    this.#bound = undefined;
    if (socket !== undefined) await closed(socket);
  }
  #fail(why: string): void {
    if (why === REFUSED) {
      this.#refusals = HEARD_AGAIN;
      return;
    }
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
  async #socketTo(known: Known): Promise<Socket> {
    await this.#binding?.catch(() => undefined);
    if (this.#bound?.address === known.address) return this.#bound.socket;
    this.#binding ??= this.#bind(known).finally(() => {
      this.#binding = undefined;
    });
    return this.#binding;
  }
  async #bind(known: Known): Promise<Socket> {
    const before = this.#bound;
    this.#bound = undefined;
    const port = before?.family === known.family ? before.socket.address().port : 0;
    if (before !== undefined) await closed(before.socket);
    const socket = createSocket(known.family === 6 ? 'udp6' : 'udp4');
    try {
      await bound(socket, port).catch(() => bound(socket, 0));
      socket.connect(this.to.port, known.address);
      await once(socket, 'connect');
    } catch (thrown) {
      await closed(socket);
      throw thrown;
    }
    socket.on('error', (error) => this.#fail(systemCode(error) ?? error.message));
    this.#bound = { ...known, socket };
    return socket;
  }
}

const sendOn = (socket: Socket, bytes: Uint8Array): Promise<Error | undefined> =>
  new Promise((resolve) => socket.send(bytes, (error) => resolve(error ?? undefined)));
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.close(() => resolve());
  });
async function bound(socket: Socket, port: number): Promise<void> {
  socket.bind(port);
  await once(socket, 'listening');
}
