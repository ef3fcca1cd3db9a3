import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { LenaMap, LenaValue } from '../pack.ts';
import { readMapPack, writeMapPack } from './map-pack.ts';

const PACK_FOLLOWS = 0x03;
const END = 0x04;
const HEAD_BYTES = 5;

export interface ReplyLimits {
  /** Of the whole reply. */
  readonly maxBytes: number;
  /** @default 64 */
  readonly maxPacks?: number | undefined;
}
/** A JVM that leaks threads has tens of thousands, each with some sixteen facts. */
const ENTRIES = { entries: 100_000, allEntries: 1_000_000 } as const;
const MAX_PACKS = 64;

/**
 * Reads one reply: packs, each behind `03` and its length, up to `04`. The first thing that is wrong is `failure`;
 * the words of it are ours only. Bytes behind the end are wrong too, for nothing was asked that they could answer.
 */
export class LenaReplyReader {
  readonly #limits: ReplyLimits;
  readonly #packs: LenaMap[] = [];
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Of the pack that is being read; `undefined` while its head is. */
  #length: number | undefined;
  #packBytes = 0;
  /** Of the whole reply, so far. */
  bytes = 0;
  isDone: boolean = false;
  failure: string | undefined;
  /** The reply is larger than was asked for. */
  isTooLarge: boolean = false;

  constructor(limits: ReplyLimits) {
    this.#limits = limits;
  }
  /** So far. */
  get packs(): readonly LenaMap[] {
    return this.#packs;
  }
  push(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    let at = 0;
    while (at < bytes.length && this.failure === undefined) {
      if (this.isDone) {
        this.failure = 'bytes after the end of the reply';
        return;
      }
      // The end has no length behind it.
      if (this.#held === 0 && this.#length === undefined && bytes[at] === END) {
        this.isDone = true;
        at++;
        continue;
      }
      const wanted = (this.#length ?? HEAD_BYTES) - this.#held;
      const taken = bytes.subarray(at, at + wanted);
      at += taken.length;
      this.#parts.push(Buffer.from(taken));
      this.#held += taken.length;
      if (this.#length === undefined && this.#parts[0]?.[0] !== PACK_FOLLOWS) {
        this.failure = 'a reply that begins with neither a pack nor its end';
      } else if (taken.length === wanted) this.#complete();
    }
  }
  #complete(): void {
    const whole = Buffer.concat(this.#parts, this.#held);
    this.#parts = [];
    this.#held = 0;
    if (this.#length === undefined) {
      this.#begin(whole.readInt32BE(1));
      return;
    }
    this.#length = undefined;
    const reader = new ByteReader(whole, 0, ENTRIES);
    const pack = readMapPack(reader);
    this.failure = reader.failure ?? (reader.remaining > 0 ? 'bytes after a pack' : undefined);
    if (this.failure === undefined) this.#packs.push(pack);
  }
  #begin(length: number): void {
    const { maxBytes, maxPacks = MAX_PACKS } = this.#limits;
    if (length <= 0) this.failure = `a pack of impossible length (${length} bytes)`;
    else if (this.#packs.length >= maxPacks) this.failure = `more than ${maxPacks} packs in one reply`;
    else if (this.#packBytes + length > maxBytes) {
      this.isTooLarge = true;
      this.failure = `a reply of more than ${maxBytes} bytes`;
    } else {
      this.#packBytes += length;
      this.#length = length;
    }
  }
}

/** An advertiser's side: packs and the end. */
export function encodeLenaReply(packs: readonly ReadonlyMap<string, LenaValue>[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const pack of packs) {
    const body = new ByteWriter();
    writeMapPack(body, pack);
    const bytes = body.toBytes();
    const head = Buffer.alloc(HEAD_BYTES);
    head[0] = PACK_FOLLOWS;
    head.writeInt32BE(bytes.length, 1);
    parts.push(head, bytes);
  }
  parts.push(Uint8Array.of(END));
  return Buffer.concat(parts);
}
