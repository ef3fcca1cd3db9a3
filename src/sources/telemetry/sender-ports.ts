/** Ports remembered for one id; more at once are no servers but a sender that changes its port. */
const MAX_PORTS = 8;

export type PortVerdict =
  /** The sender's own, or its new one. */
  | 'own'
  /** Not yet clear whose it is: one datagram is left out rather than mixed in. */
  | 'unclear'
  /** Another server of the same id speaks from there. */
  | 'other';

/**
 * Tells apart who calls itself by one id at one address. A server keeps its port as a rule; one that sends each
 * datagram from a new port is never heard twice from the same. Two servers are: one port, the other, the first again.
 */
export class SenderPorts {
  readonly #aliveMs: number;
  readonly #heard = new Map<number, { readonly firstAt: number; lastAt: number; count: number }>();
  #home: number;

  constructor(port: number, now: number, aliveMs: number) {
    this.#aliveMs = aliveMs;
    this.#home = port;
    this.#note(port, now);
  }
  judge(port: number, now: number): PortVerdict {
    const isNew = !this.#heard.has(port);
    const { firstAt } = this.#note(port, now);
    if (port === this.#home) return 'own';
    const home = this.#heard.get(this.#home);
    // Heard once only, the home port is no sign of a server that keeps it.
    if (home !== undefined && home.count > 1 && now - home.lastAt <= this.#aliveMs) {
      if (isNew) return 'unclear';
      if (home.lastAt >= firstAt) return 'other';
    }
    this.#home = port;
    return 'own';
  }
  #note(port: number, now: number): { readonly firstAt: number } {
    const entry = this.#heard.get(port) ?? { firstAt: now, lastAt: now, count: 0 };
    entry.lastAt = now;
    entry.count++;
    this.#heard.delete(port);
    this.#heard.set(port, entry);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_PORTS && oldest !== undefined) this.#heard.delete(oldest);
    return entry;
  }
}
