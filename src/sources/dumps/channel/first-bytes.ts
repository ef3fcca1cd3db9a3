import type { Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { TLS_HANDSHAKE } from '../../../wire/dump-channel/tls.ts';
import { decodeLenaGreeting, LENA_GREETING_BYTES, LENA_TCP_MAGIC } from '../../../wire/lena/tcp/greeting.ts';

/** Who a connection is from, by what it says first. */
export type Caller =
  | {
      readonly kind: 'lena';
      readonly objHash: number;
      /** What came behind the greeting. */
      readonly rest: Uint8Array;
    }
  /** What it said was put back into the socket. */
  | { readonly kind: 'tls' }
  | { readonly kind: 'unknown' }
  /** It said nothing, or not enough, in time. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'gone' };

const begins = (bytes: Uint8Array, magic: readonly number[]): boolean => {
  for (let i = 0; i < Math.min(bytes.length, magic.length); i++) if (bytes[i] !== magic[i]) return false;
  return true;
};

/** Reads until it is known who that is; the socket is paused then. Never rejects. */
export function readCaller(socket: Socket, clock: Clock, withinMs: number): Promise<Caller> {
  return new Promise((resolve) => {
    let heard: Buffer = Buffer.alloc(0);
    const end = (caller: Caller) => {
      cancel();
      socket.off('data', take);
      socket.off('close', gone);
      socket.pause();
      resolve(caller);
    };
    const gone = () => end({ kind: 'gone' });
    const cancel = clock.after(withinMs, () => end({ kind: 'silent' }));
    const take = (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      if (begins(heard, TLS_HANDSHAKE)) {
        if (heard.length < TLS_HANDSHAKE.length) return;
        socket.off('data', take);
        socket.pause();
        socket.unshift(heard);
        end({ kind: 'tls' });
      } else if (begins(heard, LENA_TCP_MAGIC)) {
        const objHash = decodeLenaGreeting(heard.subarray(0, LENA_GREETING_BYTES));
        if (objHash !== undefined) end({ kind: 'lena', objHash, rest: heard.subarray(LENA_GREETING_BYTES) });
      } else end({ kind: 'unknown' });
    };
    socket.on('data', take);
    socket.on('close', gone);
  });
}
