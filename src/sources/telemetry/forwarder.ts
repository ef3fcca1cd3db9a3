import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { addressText } from './listen-text.ts';
import type { ListenAddress } from './receiver-socket.ts';

/** A name that failed, or a target that refused, is looked up again after this. */
const AGAIN_MS = 5_000;
const PROBLEM_MS = 2 * AGAIN_MS;
/** Handed to the kernel and not yet taken; more are counted as failed. */
const MAX_PENDING = 2_048;

/** One target; datagrams go out on a connected socket, so that a refusal is seen. */
class ForwardTarget {
  readonly #to: ListenAddress;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #isOpening: boolean = false;
  #openAgainAt = 0;
  #pending = 0;
  forwarded = 0;
  failed = 0;
  #problem: { readonly text: string; readonly at: number } | undefined;

  constructor(to: ListenAddress, clock: Clock) {
    this.#to = to;
    this.#clock = clock;
  }
  get text(): string {
    return addressText(this.#to);
  }
  /** Why some were not passed on a moment ago: a refusal is told only with the datagram after it. */
  get problem(): string | undefined {
    const problem = this.#problem;
    return problem !== undefined && this.#clock.now() - problem.at < PROBLEM_MS ? problem.text : undefined;
  }
  /** `own`: where we receive; what would come back to it is not sent. */
  async open(own: ListenAddress, signal: AbortSignal): Promise<void> {
    if (this.#isOpening || signal.aborted || this.#clock.now() < this.#openAgainAt) return;
    this.#isOpening = true;
    this.#openAgainAt = this.#clock.now() + AGAIN_MS;
    try {
      const { address, family } = await lookup(this.#to.host);
      if (signal.aborted) return;
      if (isOwn({ host: address, port: this.#to.port }, own)) {
        this.close();
        this.#note('it is our own address');
        return;
      }
      const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      await connected(socket, { host: address, port: this.#to.port });
      if (signal.aborted) {
        socket.close();
        return;
      }
      socket.on('error', (error) => this.#fail(error));
      socket.unref();
      this.#socket?.close();
      this.#socket = socket;
    } catch (error) {
      this.#note(describeThrown(error));
    } finally {
      this.#isOpening = false;
    }
  }
  /** False where the target must be opened (again) first. */
  send(bytes: Buffer): boolean {
    if (this.#socket === undefined || this.#pending >= MAX_PENDING) {
      this.failed++;
      return this.#socket !== undefined;
    }
    this.#pending++;
    this.#socket.send(bytes, (error) => {
      this.#pending--;
      if (error !== null) this.#fail(error);
      else this.forwarded++;
    });
    return this.problem === undefined;
  }
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
  #fail(error: Error): void {
    this.failed++;
    const isRefused = systemCode(error) === 'ECONNREFUSED';
    this.#note(isRefused ? 'nothing listens there (ECONNREFUSED)' : describeThrown(error));
  }
  #note(text: string): void {
    this.#problem = { text, at: this.#clock.now() };
  }
}

function connected(socket: Socket, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.connect(port, host, () => {
      socket.off('error', fail);
      resolve();
    });
  });
}

const WILDCARDS = new Set(['0.0.0.0', '::']);
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** What is sent there arrives at our own socket. */
function isOwn(to: ListenAddress, own: ListenAddress): boolean {
  if (to.port !== own.port) return false;
  if (to.host === own.host) return true;
  if (!WILDCARDS.has(own.host)) return false;
  if (LOOPBACK.test(to.host) || WILDCARDS.has(to.host)) return true;
  const ours = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ours.some(({ address }) => address === to.host);
}

/** Passes datagrams on unchanged, by UDP; what goes wrong is counted and told and holds nothing up. */
export class Forwarder {
  readonly #targets: readonly ForwardTarget[];
  readonly #own: ListenAddress;
  readonly #closing = new AbortController();

  constructor(targets: readonly ListenAddress[], own: ListenAddress, clock: Clock) {
    this.#targets = targets.map((to) => new ForwardTarget(to, clock));
    this.#own = own;
    for (const target of this.#targets) void target.open(own, this.#closing.signal);
  }
  send(bytes: Buffer): void {
    for (const target of this.#targets)
      if (!target.send(bytes)) void target.open(this.#own, this.#closing.signal);
  }
  counts(): Readonly<Record<string, number>> {
    if (this.#targets.length === 0) return {};
    const sum = (of: (target: ForwardTarget) => number) =>
      this.#targets.reduce((total, target) => total + of(target), 0);
    return { forwarded: sum(({ forwarded }) => forwarded), forwardFailed: sum(({ failed }) => failed) };
  }
  notes(): readonly string[] {
    return this.#targets.flatMap(({ problem, text, failed }) =>
      problem === undefined
        ? []
        : [`FORWARD_FAILED: not passed on to ${text} (${failed} so far): ${problem}`],
    );
  }
  close(): void {
    this.#closing.abort();
    for (const target of this.#targets) target.close();
  }
}
