import type { TelemetryStock } from '../../../domain/ports.ts';
import type { SocketDirectory, UserId } from '../../socket-directory.ts';

/** How the processes of one host share one port. */
export interface RelayOptions {
  /** A console leaves the port to a collector. */
  readonly role: 'console' | 'collector';
  /** Version of l9s. */
  readonly program: string;
  readonly pid: number;
  readonly uid: UserId;
  /** Where this process serves others while it owns the port. */
  readonly serveIn: SocketDirectory;
  /** Where an owner is looked for, first the collector's. */
  readonly lookIn: readonly SocketDirectory[];
  /** What newcomers are told of the time before. */
  readonly stock: TelemetryStock | undefined;
}
