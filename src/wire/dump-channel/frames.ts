import { decodeFromAgent, decodeToAgent } from './decode.ts';
import { type FromAgent, MAX_FRAME_BYTES, type ToAgent } from './messages.ts';

/** One frame as it came: a message, or bytes of the answer a `chunk` announced. */
export type ChannelFrame<M> =
  | { readonly kind: 'message'; readonly message: M }
  /** Request they belong to. The bytes are the taker's. */
  | { readonly kind: 'bytes'; readonly id: number; readonly bytes: Uint8Array };

const HEAD_BYTES = 4;
/** A hello of two hundred servers has forty thousand. */
const MAX_MESSAGE_BYTES = 262_144;

/**
 * Cuts a stream into frames and checks each; holds one frame at most. The first thing that is wrong is `failure`, and
 * nothing is read after it: whoever lies about one length can be believed in nothing that follows.
 */
export class ChannelFrames<M> {
  readonly #decode: (value: unknown) => M | undefined;
  readonly #announcedBy: (message: M) => { readonly id: number; readonly bytes: number } | undefined;
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Of the frame that is being read; `undefined` while its head is. */
  #length: number | undefined;
  #announced: { readonly id: number; readonly bytes: number } | undefined;
  /** Why this is no such stream; words of ours only. */
  failure: string | undefined;

  constructor(
    decode: (value: unknown) => M | undefined,
    announcedBy: (message: M) => { readonly id: number; readonly bytes: number } | undefined,
  ) {
    this.#decode = decode;
    this.#announcedBy = announcedBy;
  }
  /** Frames completed by these bytes, in their order. */
  push(bytes: Uint8Array): readonly ChannelFrame<M>[] {
    const frames: ChannelFrame<M>[] = [];
    let at = 0;
    while (this.failure === undefined) {
      const wanted = (this.#length ?? HEAD_BYTES) - this.#held;
      const taken = bytes.subarray(at, at + wanted);
      at += taken.length;
      if (taken.length > 0) this.#keep(taken);
      if (taken.length < wanted) break;
      const whole = this.#take();
      if (this.#length === undefined) this.#begin(whole);
      else {
        this.#length = undefined;
        const frame = this.#frameOf(whole);
        if (frame !== undefined) frames.push(frame);
      }
    }
    return frames;
  }
  /** In the middle of a frame, or before the bytes that were announced. */
  get isWithin(): boolean {
    return this.#held > 0 || this.#length !== undefined || this.#announced !== undefined;
  }
  #keep(part: Uint8Array): void {
    // A copy: the stream may use its memory again.
    this.#parts.push(Buffer.from(part));
    this.#held += part.length;
  }
  #take(): Buffer {
    const whole = Buffer.concat(this.#parts, this.#held);
    this.#parts = [];
    this.#held = 0;
    return whole;
  }
  #begin(head: Buffer): void {
    const length = head.readUInt32BE(0);
    const most = this.#announced === undefined ? MAX_MESSAGE_BYTES : MAX_FRAME_BYTES;
    if (length === 0 || length > most) this.failure = `a frame of impossible length (${length} bytes)`;
    else if (this.#announced !== undefined && length !== this.#announced.bytes) {
      this.failure = `${length} bytes where ${this.#announced.bytes} were announced`;
    } else this.#length = length;
  }
  #frameOf(whole: Buffer): ChannelFrame<M> | undefined {
    const announced = this.#announced;
    if (announced !== undefined) {
      this.#announced = undefined;
      return { kind: 'bytes', id: announced.id, bytes: whole };
    }
    const message = this.#decode(parsed(whole));
    if (message === undefined) {
      this.failure = 'a frame that is no message';
      return undefined;
    }
    this.#announced = this.#announcedBy(message);
    return { kind: 'message', message };
  }
}

/** What an agent says, on the receiver's side. */
export const framesFromAgent = (): ChannelFrames<FromAgent> =>
  new ChannelFrames<FromAgent>(decodeFromAgent, (message) =>
    message.type === 'chunk' ? { id: message.id, bytes: message.bytes } : undefined,
  );
/** What the receiver says, on the agent's side. */
export const framesToAgent = (): ChannelFrames<ToAgent> =>
  new ChannelFrames<ToAgent>(decodeToAgent, () => undefined);

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** One message as a frame. Throws a RangeError where it is longer than a receiver takes. */
export const encodeMessage = (message: ToAgent | FromAgent): Uint8Array => encodeJson(message);

/** As {@link encodeMessage}, for streams with messages of their own. */
export function encodeJson(message: { readonly type: string }): Uint8Array {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  if (body.length > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${body.length} bytes`);
  return framed(body);
}

/** Bytes of an answer with the `chunk` before them; 1 to {@link MAX_FRAME_BYTES} of them. */
export function encodeChunk(id: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes.length > MAX_FRAME_BYTES) {
    throw new RangeError(`a chunk of ${bytes.length} bytes`);
  }
  return Buffer.concat([encodeMessage({ type: 'chunk', id, bytes: bytes.length }), framed(bytes)]);
}

/** A body behind its length. */
export function framed(body: Uint8Array): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}
