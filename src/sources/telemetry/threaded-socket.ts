import { AppError, describeThrown } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import {
  type ListenAddress,
  listenError,
  openReceiverSocket,
  type ReceiverSocket,
} from './receiver-socket.ts';
import { ReceivingThread } from './receiving-thread.ts';

export interface ThreadedSocketOptions {
  readonly listen: ListenAddress;
  /** File of the thread's program (`receiver-thread.ts`). */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** A thread that is not there by then is not waited for. */
const START_MS = 10_000;

/**
 * Binds on a thread of its own, which goes on receiving while this one writes to a slow terminal, draws or collects
 * garbage. Where no thread can be had it receives on this one and says so. Rejects as {@link openReceiverSocket}.
 */
export async function openThreadedSocket(options: ThreadedSocketOptions): Promise<ReceiverSocket> {
  const { listen, program, signal } = options;
  let why: string;
  try {
    const thread = new ReceivingThread(program, listen);
    const word = await thread.firstWord(AbortSignal.any([signal, AbortSignal.timeout(START_MS)]));
    if (word.kind === 'bound') {
      const { address, family, receiveBufferBytes } = word;
      return {
        address,
        family,
        receiveBufferBytes,
        note: undefined,
        get overrun() {
          return thread.overrun;
        },
        listen: (listener) => thread.listen(listener),
        close: () => thread.close(),
      };
    }
    await thread.end();
    if (word.kind === 'refused')
      throw listenError(listen, Object.assign(new Error(word.message), { code: word.code }));
    why = word.message;
  } catch (error) {
    if (error instanceof AppError) throw error;
    why = describeThrown(error);
  }
  signal.throwIfAborted();
  const note = `datagrams are received on the main thread, which a slow terminal holds up: no other (${cleanLine(why, 256)})`;
  return { ...(await openReceiverSocket(listen)), note };
}
