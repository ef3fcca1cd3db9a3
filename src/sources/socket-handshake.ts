import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';

const MAX_REFUSAL_BYTES = 65_536;

/** An answer other than 101 to whoever asked for a WebSocket. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
/** What went wrong before the socket opened: the WebSocket itself tells nothing of it. */
export interface Handshake {
  refusal?: Refusal;
  /** Of the lock or the network. */
  error?: unknown;
  /** Of one that opened: lets nothing more in, or again what comes. */
  hold?: (isHeld: boolean) => void;
}

/** Notes in `handshake` why a WebSocket that goes through it does not open. */
export function watchHandshake(outlet: Dispatcher, handshake: Handshake): Dispatcher {
  return outlet.compose((dispatch) => (options, handler) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: Omit<Refusal, 'body'> | undefined;
    const watching: Dispatcher.DispatchHandler = {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade(controller, status, headers, socket) {
        handshake.hold = holding(socket);
        handler.onRequestUpgrade?.(controller, status, headers, socket);
      },
      onResponseStart(_, status, headers) {
        if (status >= 200) head = { status, headers };
      },
      onResponseData(controller, chunk) {
        bytes += chunk.length;
        if (bytes > MAX_REFUSAL_BYTES) controller.abort(new Error('the answer is too long'));
        else chunks.push(chunk);
      },
      onResponseEnd(controller) {
        if (head !== undefined) handshake.refusal = { ...head, body: Buffer.concat(chunks).toString('utf8') };
        handler.onResponseError?.(controller, new Error(`HTTP ${head?.status} instead of a WebSocket`));
      },
      onResponseError(controller, error) {
        handshake.error = error;
        handler.onResponseError?.(controller, error);
      },
    };
    try {
      return dispatch(options, watching);
    } catch (error) {
      handshake.error = error;
      throw error;
    }
  });
}

/**
 * undici's WebSocket has no way to read more slowly, and resumes its connection whenever its own parser has room:
 * while one is held it stays paused whoever asks.
 */
function holding(socket: Duplex): (isHeld: boolean) => void {
  const resume = socket.resume.bind(socket);
  let isHeld = false;
  socket.resume = () => (isHeld ? socket : resume());
  return (hold) => {
    if (hold === isHeld) return;
    isHeld = hold;
    if (hold) socket.pause();
    else resume();
  };
}
