import { hostPort } from '../../core/host-port.ts';
import { HeartbeatSender } from './heartbeat-sender.ts';
import type { ReceiverParts } from './receiver-parts.ts';
import type { Peer, TrackedSender } from './tracked-sender.ts';

/** Senders nobody can read have one row a socket, up to this many an address; the rest share one row. */
const PER_ADDRESS = 16;

/** Senders that are heard and never say who they are, by the socket they speak from. */
export class NamelessSenders {
  readonly #parts: ReceiverParts;
  readonly #counts = new Map<string, number>();

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }
  /** The sender of this socket, a nameless one if it never said who it is; `undefined` where there is no room. */
  hear(peer: Peer, now: number): TrackedSender | undefined {
    const { table } = this.#parts;
    const sender = table.holds(peer.sender) ? peer.sender : this.#of(peer, now);
    if (sender === undefined) return undefined;
    peer.sender = sender;
    table.touch(sender);
    return sender;
  }
  /** Who was nameless until now has a row of its own: what was refused from it is counted there. */
  giveWay(nameless: TrackedSender, { sender }: Peer): void {
    if (sender === undefined || nameless.id === sender.id) return;
    sender.pulse.inheritRejects(nameless.pulse);
    this.#parts.table.remove(nameless);
  }
  /** It left the table. */
  forget(sender: TrackedSender): void {
    if (!(sender instanceof HeartbeatSender)) return;
    const count = (this.#counts.get(sender.address) ?? 1) - 1;
    if (count <= 0) this.#counts.delete(sender.address);
    else this.#counts.set(sender.address, count);
  }
  #of({ address, port }: Peer, now: number): TrackedSender | undefined {
    const { table, tallies, limit } = this.#parts;
    const count = this.#counts.get(address) ?? 0;
    const id = count < PER_ADDRESS ? hostPort(address, port) : address;
    const known = table.get(id);
    if (known !== undefined) return known;
    if (!table.hasRoom(now)) {
      tallies.refused++;
      return undefined;
    }
    const created = new HeartbeatSender({ id, address, port, now, limit });
    this.#counts.set(address, count + 1);
    table.put(created);
    return created;
  }
}
