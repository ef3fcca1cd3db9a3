import { AppError, describeThrown, systemCode } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { appError } from '../../../domain/errors.ts';
import { checkGivenSocket } from '../../socket-directory.ts';
import { connectTo } from '../../socket-listener.ts';
import { readerHello } from './reader-hello.ts';
import type { RelayTransport } from './relay-transport.ts';

export interface SocketTransportOptions {
  readonly path: string;
  /** Version of l9s. */
  readonly program: string;
  readonly pid: number;
  readonly clock: Clock;
}

/** A socket on this host that was named. */
export function createSocketTransport(options: SocketTransportOptions): RelayTransport {
  const { path, program, pid, clock } = options;
  const place = `socket ${path}`;
  const refused = (error: unknown) => {
    if (error instanceof AppError) return error;
    const code = systemCode(error);
    const why =
      code === 'ENOENT'
        ? 'it is not there'
        : code === 'ECONNREFUSED'
          ? 'nobody listens on it any more'
          : code === 'EACCES'
            ? 'this user (or group) may not open it'
            : describeThrown(error);
    return appError('ATTACH_FAILED', `${place}: ${why}`, { cause: error });
  };
  return {
    place,
    isRemote: false,
    async open(onBytes, signal) {
      const socket = await Promise.resolve()
        .then(() => {
          checkGivenSocket(path);
          return connectTo(path, signal);
        })
        .catch((error: unknown) => {
          throw refused(error);
        });
      await new Promise<void>((resolve) => {
        const end = () => {
          socket.destroy();
          resolve();
        };
        socket.on('data', onBytes);
        socket.on('error', end);
        socket.on('close', end);
        signal.addEventListener('abort', end, { once: true });
        socket.write(readerHello({ program, pid, at: clock.now() }));
        if (signal.aborted) end();
      });
      if (!signal.aborted) throw appError('CONNECTION_LOST', `${place}: its owner left`);
    },
  };
}
