import type { Clock } from '../../../core/clock.ts';
import type { DumpPeer } from '../../../domain/dump.ts';
import type { PeerListener } from './peer-book.ts';

export interface GonePeer {
  readonly peer: DumpPeer;
  readonly agoMs: number;
}

const REMEMBERED_MS = 600_000;
const MAX_REMEMBERED = 256;

/** Who was connected until a while ago, here or with another owner of the port: whoever asks in vain is told so. */
export class GonePeers {
  readonly #clock: Clock;
  readonly #here = new Map<string, DumpPeer>();
  readonly #gone = new Map<string, { readonly peer: DumpPeer; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  readonly tell: PeerListener = (put, drop) => {
    for (const id of drop) this.#leave(id);
    for (const peer of put) this.#here.set(peer.ref.id, peer);
  };
  /** Nobody tells of them any more. */
  clear(): void {
    for (const id of [...this.#here.keys()]) this.#leave(id);
  }
  /** Who went last, first. */
  rows(): readonly GonePeer[] {
    const now = this.#clock.now();
    return [...this.#gone.values()]
      .map(({ peer, at }) => ({ peer, agoMs: now - at }))
      .filter(({ agoMs }) => agoMs < REMEMBERED_MS)
      .reverse();
  }
  #leave(id: string): void {
    const peer = this.#here.get(id);
    if (!this.#here.delete(id) || peer === undefined) return;
    this.#gone.delete(id);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size >= MAX_REMEMBERED && oldest !== undefined) this.#gone.delete(oldest);
    this.#gone.set(id, { peer, at: this.#clock.now() });
  }
}
