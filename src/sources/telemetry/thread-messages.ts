import type { DatagramBatch } from './datagram-batch.ts';
import type { ListenAddress, ReceiverSocket } from './receiver-socket.ts';

/** What a receiving thread begins with. */
export interface ThreadStart {
  readonly listen: ListenAddress;
  /** {@link TAKEN_BYTES} and {@link OVERRUN}, seen by both threads; int32, wrapping. */
  readonly shared: SharedArrayBuffer;
}
/** Index of: bytes of batches the listener is done with. */
export const TAKEN_BYTES = 0;
/** Index of: datagrams given up because too many bytes were not taken. */
export const OVERRUN = 1;
export const SHARED_BYTES = 8;

/** What a receiving thread says. */
export type ThreadMessage =
  | ({ readonly kind: 'bound' } & Pick<ReceiverSocket, 'address' | 'family' | 'receiveBufferBytes'>)
  /** It could not bind, and ends; with the code of the system where it gave one. */
  | { readonly kind: 'refused'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'batch'; readonly batch: DatagramBatch }
  /** The socket broke; what it received before was handed over. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The port is free, and everything was handed over. */
  | { readonly kind: 'closed' };
/** What it is told: to close. */
export const CLOSE = 'close';
