import { DEFLATED } from '../../wire/l9s/decode.ts';
import type { Peer } from './tracked-sender.ts';

/** A socket that was refused so often within a second sends nothing costly that is read in the rest of it. */
const REFUSALS_PER_SECOND = 50;
/** Larger ones cost their decode, and so does what must be inflated; others are read whoever sends them. */
const LARGE_BYTES = 2_048;

const secondOf = (now: number): number => Math.floor(now / 1_000);

/** True where the decode is worth a look at who sends it. */
export const isCostly = (bytes: Uint8Array): boolean => bytes.length > LARGE_BYTES || bytes[0] === DEFLATED;

/** True where costly datagrams of this socket are not read for the rest of the second. */
export const isBarred = ({ refusals, refusedAt }: Peer, now: number): boolean =>
  refusals >= REFUSALS_PER_SECOND && refusedAt === secondOf(now);

export function noteRefusal(peer: Peer, now: number): void {
  const second = secondOf(now);
  if (peer.refusedAt !== second) peer.refusals = 0;
  peer.refusedAt = second;
  peer.refusals++;
}

/** Costly refusals a second of all sockets that were never understood: a port costs a forger nothing. */
const STRANGERS_PER_SECOND = 100;

/** What strangers were refused of costly datagrams, over all of them: sockets anew for each are no way around. */
export class StrangersBar {
  #second = 0;
  #refusals = 0;

  /** True where no stranger's costly datagram is read for the rest of the second. */
  isDown(now: number): boolean {
    return this.#refusals >= STRANGERS_PER_SECOND && this.#second === secondOf(now);
  }
  note(now: number): void {
    const second = secondOf(now);
    if (this.#second !== second) this.#refusals = 0;
    this.#second = second;
    this.#refusals++;
  }
}
