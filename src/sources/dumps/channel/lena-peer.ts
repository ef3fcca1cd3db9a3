import { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { appError } from '../../../domain/errors.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { LenaCommand } from '../../../wire/lena/tcp/command.ts';
import type { LenaQuery, LenaSocket } from './lena-socket.ts';

/** It redials a second after a connection ends. */
const REDIAL_MS = 4_000;

/** One advertiser: all connections of one address that say the same number. */
export class LenaPeer {
  readonly id: string;
  readonly objHash: number;
  readonly address: string;
  readonly connectedAt: number;
  /** Of the connection that came last. */
  port = 0;
  readonly #clock: Clock;
  readonly #sockets = new Set<LenaSocket>();
  readonly #waiting = new Set<(socket: LenaSocket) => void>();

  constructor(objHash: number, address: string, clock: Clock) {
    this.id = lenaPeerId(objHash, address);
    this.objHash = objHash;
    this.address = address;
    this.connectedAt = clock.now();
    this.#clock = clock;
  }
  get sockets(): ReadonlySet<LenaSocket> {
    return this.#sockets;
  }
  add(socket: LenaSocket): void {
    this.#sockets.add(socket);
    this.port = socket.port;
    this.serve();
  }
  remove(socket: LenaSocket): void {
    this.#sockets.delete(socket);
  }
  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
  /** A connection may have become idle. */
  serve(): void {
    for (const socket of this.#sockets) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      if (!socket.isIdle) continue;
      this.#waiting.delete(next);
      next(socket);
    }
  }
  /**
   * Asks over the first connection that is free, and once more where that one was closed before anything was said: the
   * advertiser closes idle ones at its own time. Rejects with an AppError, or with the signal's reason.
   */
  async ask(command: LenaCommand, query: LenaQuery): Promise<readonly LenaMap[]> {
    const until = this.#clock.now() + query.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      const socket = await this.#free(command, query, attempt === 1 ? query.timeoutMs : REDIAL_MS);
      let hasHeard = false;
      const timeoutMs = Math.max(1, until - this.#clock.now());
      try {
        return await socket.ask(command, {
          ...query,
          timeoutMs,
          onBytes(bytes) {
            hasHeard = true;
            query.onBytes?.(bytes);
          },
        });
      } catch (error) {
        const isLost = error instanceof AppError && error.code === 'CONNECTION_LOST';
        if (!isLost || hasHeard || attempt > 1) throw error;
      }
    }
  }
  #free(command: LenaCommand, { signal }: LenaQuery, withinMs: number): Promise<LenaSocket> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(take);
      };
      const take = (socket: LenaSocket) => {
        end();
        socket.reserve();
        resolve(socket);
      };
      const abort = () => {
        end();
        reject(signal.reason);
      };
      const cancel = this.#clock.after(withinMs, () => {
        end();
        const why = this.#sockets.size === 0 ? 'is not connected any more' : 'has no connection free';
        reject(appError('TIMEOUT', `LENA advertiser ${this.address} ${why} for ${command}`));
      });
      this.#waiting.add(take);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else this.serve();
    });
  }
}

export const lenaPeerId = (objHash: number, address: string): string =>
  `lena/${(objHash >>> 0).toString(16).padStart(8, '0')}@${address}`;
