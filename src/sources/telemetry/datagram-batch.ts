import type { SocketAddress } from './receiver-socket.ts';

/** Datagrams on their way between two threads, in the order they came. */
export interface DatagramBatch {
  /** Each: when it came (float64, {@link monotonicMs}), index of its sender, length (uint32), then its bytes. */
  readonly bytes: ArrayBuffer;
  /** The senders first heard in this batch; the indices go on from those of the batch before. */
  readonly senders: readonly SocketAddress[];
  /** The indices begin anew with this batch. */
  readonly isReset: boolean;
}

/** A batch is handed over once it holds so much. */
const FULL_BYTES = 65_536;
const HEAD_BYTES = 16;
const LONGEST_DATAGRAM = 65_535;
/** Senders known by their index; forged addresses make it begin anew. */
const MAX_SENDERS = 16_384;

/** Milliseconds of the machine's monotonic clock: the same in all threads of a process. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export class BatchWriter {
  readonly #buffer = Buffer.allocUnsafeSlow(FULL_BYTES + HEAD_BYTES + LONGEST_DATAGRAM);
  readonly #indices = new Map<string, number>();
  #senders: SocketAddress[] = [];
  #used = 0;
  #isReset: boolean = true;

  get isFull(): boolean {
    return this.#used >= FULL_BYTES;
  }
  /** Not when it is full. */
  add(bytes: Uint8Array, from: SocketAddress, at: number): void {
    const index = this.#indexOf(from);
    this.#buffer.writeDoubleLE(at, this.#used);
    this.#buffer.writeUInt32LE(index, this.#used + 8);
    this.#buffer.writeUInt32LE(bytes.length, this.#used + 12);
    this.#buffer.set(bytes, this.#used + HEAD_BYTES);
    this.#used += HEAD_BYTES + bytes.length;
  }
  /** What was added since it was last asked for. */
  take(): DatagramBatch | undefined {
    if (this.#used === 0) return undefined;
    const bytes = new ArrayBuffer(this.#used);
    new Uint8Array(bytes).set(this.#buffer.subarray(0, this.#used));
    const batch = { bytes, senders: this.#senders, isReset: this.#isReset };
    this.#used = 0;
    this.#senders = [];
    this.#isReset = this.#indices.size >= MAX_SENDERS;
    if (this.#isReset) this.#indices.clear();
    return batch;
  }
  #indexOf({ address, port }: SocketAddress): number {
    const key = `${address} ${port}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(key, index);
    this.#senders.push({ address, port });
    return index;
  }
}

/** Reads batches one behind the other. */
export class BatchReader {
  readonly #batches: DatagramBatch[] = [];
  #senders: SocketAddress[] = [];
  #current: Buffer | undefined;
  #offset = 0;

  get isEmpty(): boolean {
    return this.#current === undefined && this.#batches.length === 0;
  }
  push(batch: DatagramBatch): void {
    this.#batches.push(batch);
  }
  /**
   * Hands over the next datagram: a view into its batch. Answers how many bytes of batches are done with by that.
   */
  read(take: (bytes: Buffer, from: SocketAddress, at: number) => void): number {
    const buffer = this.#current ?? this.#open();
    if (buffer === undefined) return 0;
    const at = buffer.readDoubleLE(this.#offset);
    const from = this.#senders[buffer.readUInt32LE(this.#offset + 8)];
    const start = this.#offset + HEAD_BYTES;
    const end = start + buffer.readUInt32LE(this.#offset + 12);
    this.#offset = end;
    const isDone = end >= buffer.length;
    if (isDone) this.#current = undefined;
    if (from !== undefined) take(buffer.subarray(start, end), from, at);
    return isDone ? buffer.length : 0;
  }
  /** Leaves out what was not read, and counts it. */
  drop(): number {
    let count = 0;
    const ignore = () => {
      count++;
    };
    while (!this.isEmpty) this.read(ignore);
    return count;
  }
  #open(): Buffer | undefined {
    const batch = this.#batches.shift();
    if (batch === undefined) return undefined;
    this.#senders = batch.isReset ? [...batch.senders] : this.#senders;
    if (!batch.isReset) for (const sender of batch.senders) this.#senders.push(sender);
    this.#offset = 0;
    this.#current = Buffer.from(batch.bytes);
    return this.#current;
  }
}
