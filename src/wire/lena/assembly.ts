import type { LenaFragment } from './decode.ts';

export interface AssemblyLimits {
  /** Packs in assembly a sender; the oldest makes room. @default 8 */
  readonly packs?: number;
  /** A pack not complete by then is given up. @default 5000 */
  readonly timeoutMs?: number;
  /** Bytes held for one sender; the oldest packs make room. @default 2097152 */
  readonly senderBytes?: number;
  /** Bytes held over all senders; the oldest senders make room. @default 33554432 */
  readonly totalBytes?: number;
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
  readonly startedAt: number;
  readonly chunks: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
}
interface SenderPacks {
  readonly unfinished: Map<string, Unfinished>;
  bytes: number;
}

/** 256 chunks of 60 000 bytes: far more than any bound on bytes lets through. */
const MAX_CHUNKS = 256;

export function createLenaAssembly(limits: AssemblyLimits = {}): LenaAssembly {
  const { packs = 8, timeoutMs = 5_000, senderBytes = 2_097_152, totalBytes = 33_554_432 } = limits;
  const senders = new Map<string, SenderPacks>();
  let abandoned = 0;
  let heldBytes = 0;

  const remove = (sender: SenderPacks, key: string): void => {
    const bytes = sender.unfinished.get(key)?.bytes ?? 0;
    sender.unfinished.delete(key);
    sender.bytes -= bytes;
    heldBytes -= bytes;
  };
  const giveUp = (sender: SenderPacks, key: string): void => {
    remove(sender, key);
    abandoned++;
  };
  const giveUpOld = (now: number): void => {
    for (const [name, sender] of senders) {
      for (const [key, pack] of sender.unfinished) if (now - pack.startedAt > timeoutMs) giveUp(sender, key);
      if (sender.unfinished.size === 0) senders.delete(name);
    }
  };
  const makeRoom = (name: string, size: number): void => {
    const own = senders.get(name);
    for (const key of own?.unfinished.keys() ?? []) {
      if (own === undefined || own.bytes + size <= senderBytes) break;
      giveUp(own, key);
    }
    for (const [other, sender] of senders) {
      if (heldBytes + size <= totalBytes) return;
      if (other === name) continue;
      for (const key of sender.unfinished.keys()) giveUp(sender, key);
      senders.delete(other);
    }
  };
  const packOf = (sender: SenderPacks, fragment: LenaFragment, now: number): [string, Unfinished] => {
    const key = `${fragment.objHash}/${fragment.packetId}/${fragment.total}`;
    const known = sender.unfinished.get(key);
    if (known !== undefined) return [key, known];
    const oldest = sender.unfinished.size >= packs ? sender.unfinished.keys().next().value : undefined;
    if (oldest !== undefined) giveUp(sender, oldest);
    const chunks = new Array<Uint8Array | undefined>(fragment.total);
    const created: Unfinished = { startedAt: now, chunks, missing: fragment.total, bytes: 0 };
    sender.unfinished.set(key, created);
    return [key, created];
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
      const sender = senders.get(name) ?? { unfinished: new Map<string, Unfinished>(), bytes: 0 };
      senders.set(name, sender);
      const [key, pack] = packOf(sender, fragment, now);
      if (pack.chunks[fragment.index] !== undefined) return undefined;
      pack.chunks[fragment.index] = fragment.chunk;
      pack.missing--;
      pack.bytes += size;
      sender.bytes += size;
      heldBytes += size;
      if (pack.missing > 0) return undefined;
      remove(sender, key);
      if (sender.unfinished.size === 0) senders.delete(name);
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
