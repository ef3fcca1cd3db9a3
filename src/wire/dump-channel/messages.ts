import type { DumpKind } from '../../domain/dump.ts';

/** Frames of the agents' dump channel (TCP 16100, TLS-PSK): each a 4-byte big-endian length, then JSON or bytes. */
export const MAX_FRAME_BYTES = 1_048_576;
/** Behind TLS the agent begins with these four bytes, so that a stray TLS client is told from an agent. */
export const CHANNEL_MAGIC = 'l9s1';
export const CHANNEL_VERSION = 1;

/** `status`: which requests run, what it can do; changes nothing. */
export type ChannelWhat = DumpKind | 'status';

export interface ChannelRequest {
  readonly type: 'request';
  /** Unique on the connection. */
  readonly id: number;
  /** Id of the server, one of those said hello for. */
  readonly server: string;
  readonly what: ChannelWhat;
  readonly options: { readonly isLive?: boolean | undefined; readonly maxBytes: number };
  readonly deadlineMs: number;
}
/** Gives up a request that was sent; what is left of its answer is thrown away. */
export interface ChannelCancel {
  readonly type: 'cancel';
  readonly id: number;
}
export interface ChannelServer {
  /** As in the datagrams of that server. */
  readonly id: string;
  readonly can: readonly DumpKind[];
}
/** First frame of an agent. */
export interface ChannelHello {
  readonly type: 'hello';
  readonly version: number;
  /** Version of l9s. */
  readonly program: string;
  readonly servers: readonly ChannelServer[];
}
export interface ChannelProgress {
  readonly type: 'progress';
  readonly id: number;
  readonly doneBytes: number;
  readonly sizeBytes?: number | undefined;
}
/** The next frame is that many bytes of the answer. */
export interface ChannelChunk {
  readonly type: 'chunk';
  readonly id: number;
  readonly bytes: number;
}
export interface ChannelDone {
  readonly type: 'done';
  readonly id: number;
  /** Of the whole answer, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** The request that was answered on the JVM, e.g. `attach threaddump -l`. */
  readonly how: string;
  /** Columns or parts it lacks, by name. */
  readonly missing: readonly string[];
}
export interface ChannelError {
  readonly type: 'error';
  /** Absent where no request is meant: the connection ends. */
  readonly id?: number | undefined;
  /** `busy`, `denied`, `noJvm`, `tooLarge`, `timeout`, `unknownServer`, `unsupported`, `failed` */
  readonly code: string;
  readonly message: string;
}
export type ToAgent = ChannelRequest | ChannelCancel;
export type FromAgent = ChannelHello | ChannelProgress | ChannelChunk | ChannelDone | ChannelError;
