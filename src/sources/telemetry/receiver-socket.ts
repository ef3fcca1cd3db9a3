import { DgramAsPromised } from 'dgram-as-promised';
import type { AppError } from '../../core/app-error.ts';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { hostPort } from '../../core/host-port.ts';
import { appError, type ErrorCode } from '../../domain/errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}
/** Who sent a datagram. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}
export interface SocketListener {
  /** The bytes are the caller's to read and never change; `ageMs` is how long ago they came off the socket. */
  onDatagram(bytes: Buffer, from: SocketAddress, ageMs: number): void;
  /** It receives nothing more. */
  onError(cause: unknown): void;
}
/** A bound socket. */
export interface ReceiverSocket {
  readonly address: ListenAddress;
  readonly family: 'udp4' | 'udp6';
  /** What the kernel granted of what was asked for. */
  readonly receiveBufferBytes: number | undefined;
  /** Datagrams given up because whoever listens fell too far behind; undefined where the kernel alone drops. */
  readonly overrun: number | undefined;
  /** In what it falls short of what was asked for. */
  readonly note: string | undefined;
  /** Once, right after it was opened. */
  listen(listener: SocketListener): void;
  /** The port is free then, and the listener was told what had come before. */
  close(): Promise<void>;
}

/** Holds two hundred milliseconds of a busy loop at ten thousand datagrams a second. */
const RECEIVE_BUFFER_BYTES = 4 * 1_048_576;
/** Linux tells twice what it was asked for: the other half is for its own bookkeeping. */
const TOLD_TIMES = process.platform === 'linux' ? 2 : 1;

const CODES: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'PORT_TAKEN',
  EACCES: 'PORT_DENIED',
  EPERM: 'PORT_DENIED',
  EADDRNOTAVAIL: 'ADDRESS_UNAVAILABLE',
  ENOTFOUND: 'NAME_UNKNOWN',
  EAI_AGAIN: 'NAME_UNKNOWN',
};

export function listenError(listen: ListenAddress, cause: unknown): AppError<ErrorCode> {
  const code = CODES[systemCode(cause) ?? ''] ?? 'INTERNAL';
  const where = hostPort(listen.host, listen.port);
  return appError(code, `cannot receive datagrams on UDP ${where}: ${describeThrown(cause)}`, { cause });
}

const attempt = <T>(task: () => T): T | undefined => {
  try {
    return task();
  } catch {
    return undefined;
  }
};

/** Binds; the error is one of the table. */
export async function openReceiverSocket(listen: ListenAddress): Promise<ReceiverSocket> {
  const family = listen.host.includes(':') ? 'udp6' : 'udp4';
  const socket = DgramAsPromised.createSocket({ type: family, reuseAddr: false });
  try {
    const { address, port } = await socket.bind({ address: listen.host, port: listen.port, exclusive: true });
    // A system may grant less, or refuse: datagrams are then lost earlier, and the kernel's drops show it.
    attempt(() => socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES));
    return {
      address: { host: address, port },
      family,
      receiveBufferBytes: attempt(() => socket.getRecvBufferSize() / TOLD_TIMES),
      overrun: undefined,
      note: undefined,
      listen({ onDatagram, onError }) {
        // On the socket itself: the promise wrapper's own `recv` has no queue and loses datagrams.
        socket.socket.on('message', (bytes, from) => onDatagram(bytes, from, 0));
        socket.socket.once('error', onError);
      },
      close: () => socket.close(),
    };
  } catch (cause) {
    await socket.close().catch(() => undefined);
    throw listenError(listen, cause);
  }
}
