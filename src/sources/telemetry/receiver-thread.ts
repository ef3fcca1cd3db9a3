import { parentPort, workerData } from 'node:worker_threads';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { BatchWriter, monotonicMs } from './datagram-batch.ts';
import { openReceiverSocket } from './receiver-socket.ts';
import { OVERRUN, TAKEN_BYTES, type ThreadMessage, type ThreadStart } from './thread-messages.ts';

/**
 * Run as a thread of its own by `threaded-socket.ts`: receives, whatever the main thread is busy with, and hands
 * over batches. It decodes nothing.
 */
const { listen, shared }: ThreadStart = workerData;

/** A datagram waits no longer for others to go with it. */
const BATCH_MS = 5;
/** Two seconds of a flood; with more not taken, what comes is given up. */
const MAX_UNTAKEN_BYTES = 64 * 1_048_576;

const counters = new Int32Array(shared);
const writer = new BatchWriter();
let sentBytes = 0;
let isDue = false;

function say(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
function handOver(): void {
  const batch = writer.take();
  if (batch === undefined) return;
  sentBytes = (sentBytes + batch.bytes.byteLength) | 0;
  say({ kind: 'batch', batch }, [batch.bytes]);
}
function handOverInTime(): void {
  isDue = false;
  handOver();
}

try {
  const socket = await openReceiverSocket(listen);
  const { address, family, receiveBufferBytes } = socket;
  socket.listen({
    onDatagram(bytes, from) {
      if (((sentBytes - Atomics.load(counters, TAKEN_BYTES)) | 0) > MAX_UNTAKEN_BYTES) {
        Atomics.add(counters, OVERRUN, 1);
        return;
      }
      writer.add(bytes, from, monotonicMs());
      if (writer.isFull) handOver();
      else if (!isDue) {
        isDue = true;
        setTimeout(handOverInTime, BATCH_MS);
      }
    },
    onError(cause) {
      handOver();
      say({ kind: 'failed', message: describeThrown(cause) });
    },
  });
  say({ kind: 'bound', address, family, receiveBufferBytes });
  parentPort?.once('message', () => {
    void socket
      .close()
      .catch(() => undefined)
      .then(() => {
        handOver();
        say({ kind: 'closed' });
      });
  });
} catch (error) {
  // As the system said it: the main thread finds the words.
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  say({ kind: 'refused', code: systemCode(cause), message: describeThrown(cause) });
}
