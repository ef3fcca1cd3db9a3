import type { LenaFragment } from './decode.ts';

export interface AssemblyLimits {
  /** Packs in assembly a sender; the oldest makes room. @default 8 */
  readonly packs?: number;
  /** A pack not complete by then is given up. @default 5000 */
  readonly timeoutMs?: number;
  /** Bytes held for one sender; the oldest packs make room. @default 2097152 */
  readonly senderBytes?: number;
  /** Bytes held over all senders; the oldest packs make room. @default 33554432 */
  readonly totalBytes?: number;
  /** Packs in assembly over all senders; the oldest make room. @default 4096 */
  readonly totalPacks?: number;
}

/** Puts JMTU chunks together, within bounds of time, number and bytes. */
export interface LenaAssembly {
  /** The whole pack once its last chunk is in. */
  add(sender: string, fragment: LenaFragment, now: number): Uint8Array | undefined;
  /** Packs given up so far: too old, too many or too large. */
  readonly abandoned: number;
  /** Bytes held now, over all senders. */
  readonly heldBytes: number;
}

interface Unfinished {
  readonly sender: string;
  readonly startedAt: number;
  readonly chunks: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
}
interface SenderPacks {
  /** Keys of its packs, oldest first. */
  readonly keys: Set<string>;
  bytes: number;
}

/** 256 chunks of 60 000 bytes: far more than any bound on bytes lets through. */
const MAX_CHUNKS = 256;

/** All packs stand in one row by age, so that what a flood of chunks costs does not grow with what is held. */
export function createLenaAssembly(limits: AssemblyLimits = {}): LenaAssembly {
  const {
    packs: maxPacks = 8,
    timeoutMs = 5_000,
    senderBytes = 2_097_152,
    totalBytes = 33_554_432,
    totalPacks = 4_096,
  } = limits;
  const packs = new Map<string, Unfinished>();
  const senders = new Map<string, SenderPacks>();
  let abandoned = 0;
  let heldBytes = 0;

  const remove = (key: string, pack: Unfinished): void => {
    packs.delete(key);
    heldBytes -= pack.bytes;
    const sender = senders.get(pack.sender);
    if (sender === undefined) return;
    sender.keys.delete(key);
    sender.bytes -= pack.bytes;
    if (sender.keys.size === 0) senders.delete(pack.sender);
  };
  const giveUp = (key: string, pack: Unfinished): void => {
    remove(key, pack);
    abandoned++;
  };
  const giveUpOld = (now: number): void => {
    for (const [key, pack] of packs) {
      if (now - pack.startedAt <= timeoutMs) return;
      giveUp(key, pack);
    }
  };
  const giveUpOldestOf = (sender: SenderPacks): void => {
    const [key] = sender.keys;
    const pack = key === undefined ? undefined : packs.get(key);
    if (key !== undefined && pack !== undefined) giveUp(key, pack);
  };
  const makeRoom = (name: string, size: number): void => {
    const own = senders.get(name);
    while (own !== undefined && own.keys.size > 0 && own.bytes + size > senderBytes) giveUpOldestOf(own);
    for (const [key, pack] of packs) {
      if (heldBytes + size <= totalBytes) return;
      giveUp(key, pack);
    }
  };
  const begin = (name: string, key: string, { total, now }: { total: number; now: number }): Unfinished => {
    const own = senders.get(name);
    if (own !== undefined && own.keys.size >= maxPacks) giveUpOldestOf(own);
    const [oldest] = packs;
    if (packs.size >= totalPacks && oldest !== undefined) giveUp(...oldest);
    const created: Unfinished = {
      sender: name,
      startedAt: now,
      chunks: new Array<Uint8Array | undefined>(total),
      missing: total,
      bytes: 0,
    };
    packs.set(key, created);
    const sender = senders.get(name) ?? { keys: new Set<string>(), bytes: 0 };
    sender.keys.add(key);
    senders.set(name, sender);
    return created;
  };

  return {
    add(name, fragment, now) {
      giveUpOld(now);
      const size = fragment.chunk.length;
      if (fragment.total > MAX_CHUNKS || size > senderBytes) {
        abandoned++;
        return undefined;
      }
      makeRoom(name, size);
      const key = `${name} ${fragment.objHash}/${fragment.packetId}/${fragment.total}`;
      const pack = packs.get(key) ?? begin(name, key, { total: fragment.total, now });
      if (pack.chunks[fragment.index] !== undefined) return undefined;
      pack.chunks[fragment.index] = fragment.chunk;
      pack.missing--;
      pack.bytes += size;
      heldBytes += size;
      const sender = senders.get(name);
      if (sender !== undefined) sender.bytes += size;
      if (pack.missing > 0) return undefined;
      remove(key, pack);
      return Buffer.concat(pack.chunks.filter((chunk) => chunk !== undefined));
    },
    get abandoned() {
      return abandoned;
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}
