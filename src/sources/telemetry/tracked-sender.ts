import type { Sender } from '../../domain/sender.ts';
import type { Pulse } from './pulse.ts';

/** One sender as the receiver keeps it between flushes; a codec's own kind adds what it knows. */
export interface TrackedSender {
  /** Changes only where two senders turn out to share a name. */
  id: string;
  readonly pulse: Pulse;
  /** When it said goodbye. */
  readonly byeAt: number | undefined;
  /** Only heard, never understood: gives way once its address is. */
  readonly isNameless: boolean;
  /** Gives up what it keeps beyond its figures: it left the table, and comes back empty if it does. */
  release?(): void;
  /** The entity as of now. What happened since the one before is told once: asked for each flush only. */
  toSender(context: string, now: number): Sender;
}

/** Where a datagram came from. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** The sender its last understood datagram named. */
  sender: TrackedSender | undefined;
  /** Datagrams that were refused in the second `refusedAt` of our clock. */
  refusals: number;
  refusedAt: number;
}
