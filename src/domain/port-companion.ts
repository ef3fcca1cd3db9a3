import type { Sink } from './ports.ts';

/** An address and a port of this host. */
export interface PortAddress {
  readonly host: string;
  readonly port: number;
}
/** The receiver's port, while this process owns it. */
export interface OwnedPort extends PortAddress {
  /** Who may connect: the same ranges as for datagrams. */
  readonly isAllowed: (address: string) => boolean;
  readonly sink: Pick<Sink, 'changes'>;
}
/** Another l9s of this host, as it says of itself. */
export interface PortOwnerFacts {
  readonly pid: number;
  readonly role: string;
  readonly takesTcp: boolean;
}

/**
 * What else lives on the receiver's port and goes with it from process to process. Nothing of it rejects or throws,
 * and none of it delays datagrams.
 */
export interface PortCompanion {
  /** While this process owns the port; returns within a second of the abort, with the port free. */
  own(port: OwnedPort, signal: AbortSignal): Promise<void>;
  /** While another process of this host owns it. */
  follow(port: PortAddress, sink: Pick<Sink, 'changes'>, signal: AbortSignal): Promise<void>;
  /** What is to be said of the process whose stream is read meanwhile. */
  ownerNotes(owner: PortOwnerFacts): readonly string[];
  /** For the receiver's facts. */
  counts(): Readonly<Record<string, number>>;
  notes(): readonly string[];
}
