import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describeThrown, systemCode } from '../core/app-error.ts';
import { appError } from '../domain/errors.ts';
import { checkSocketPath } from './socket-directory.ts';

const CONNECT_MS = 1_000;
const OWN_MASK = 0o177;
const GROUP_MASK = 0o117;

/** Opens a connection to a socket file; rejects with the system's error. */
export function connectTo(file: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(file);
    const stop = (error: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(error);
    };
    const abort = () => stop(signal.reason);
    const timer = setTimeout(() => stop(new Error(`${file}: no answer`)), CONNECT_MS);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', stop);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      // Whoever gets it may listen for errors a moment later; they close it, and that is heard.
      socket.on('error', () => undefined);
      socket.off('error', stop);
      resolve(socket);
    });
    if (signal.aborted) abort();
  });
}

/** `free`: nothing there; `stale`: what a process left behind that was killed; `live`: somebody listens. */
async function stateOf(file: string, signal: AbortSignal): Promise<'free' | 'stale' | 'live'> {
  try {
    const socket = await connectTo(file, signal);
    socket.destroy();
    return 'live';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return 'free';
    if (code === 'ECONNREFUSED') return 'stale';
    throw error;
  }
}

export interface ListenerOptions {
  readonly file: string;
  /** The group of its directory may connect, not this user alone. */
  readonly isForGroup: boolean;
  readonly onConnection: (socket: Socket) => void;
  readonly signal: AbortSignal;
}

/**
 * Listens on a socket file, in the place of one that nobody listens on any more. Rejects with SOCKET_UNSAFE where it
 * cannot; `undefined` where another process listens there.
 */
export async function listenOn({ file, isForGroup, onConnection, signal }: ListenerOptions) {
  checkSocketPath(file);
  try {
    const state = await stateOf(file, signal);
    if (state === 'live') return undefined;
    if (state === 'stale') {
      // A file refuses connections as a socket does that nobody listens on; it is somebody's and stays.
      if (!lstatSync(file).isSocket()) throw new Error('what lies there is no socket: move it away');
      unlinkSync(file);
    }
    return await listen(file, isForGroup ? GROUP_MASK : OWN_MASK, onConnection);
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE' || signal.aborted) return undefined;
    throw appError('SOCKET_UNSAFE', `cannot listen on ${file}: ${describeThrown(error)}`, { cause: error });
  }
}

function listen(file: string, mask: number, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once('error', reject);
    // The file is made within the call, so it never exists with a wider mode.
    const before = process.umask(mask);
    try {
      server.listen(file, () => {
        server.off('error', reject);
        resolve(server);
      });
    } finally {
      process.umask(before);
    }
  });
}
