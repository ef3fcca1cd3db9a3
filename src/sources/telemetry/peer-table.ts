import type { Peer } from './tracked-sender.ts';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** IPv4 that came through an IPv6 socket, as IPv4. */
export const plainAddress = (address: string): string => MAPPED_IPV4.exec(address)?.[1] ?? address;

/** Sockets that datagrams came from, bounded: the one first heard longest ago makes room. */
export class PeerTable {
  readonly #peers = new Map<string, Map<number, Peer>>();
  readonly #maxPeers: number;
  #size = 0;

  constructor(maxPeers: number) {
    this.#maxPeers = maxPeers;
  }
  get(address: string, port: number): Peer {
    let ports = this.#peers.get(address);
    if (ports === undefined) {
      ports = new Map();
      this.#peers.set(address, ports);
    }
    const known = ports.get(port);
    if (known !== undefined) return known;
    if (this.#size >= this.#maxPeers) this.#dropOldest();
    const peer: Peer = { address: plainAddress(address), port, sender: undefined, refusals: 0, refusedAt: 0 };
    ports.set(port, peer);
    if (!this.#peers.has(address)) this.#peers.set(address, ports);
    this.#size++;
    return peer;
  }
  #dropOldest(): void {
    for (const [address, ports] of this.#peers) {
      const oldest = ports.keys().next().value;
      if (oldest !== undefined) {
        ports.delete(oldest);
        this.#size--;
      }
      if (ports.size === 0) this.#peers.delete(address);
      if (oldest !== undefined) return;
    }
  }
}
