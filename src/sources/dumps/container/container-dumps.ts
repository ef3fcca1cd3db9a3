import type { DumpAsk, DumpTaking, HeapRoom, ServerFile, TakenDump } from '../../../domain/dump-way.ts';
import type { Text } from '../../../domain/text.ts';

/** What a container's dumps would ask, told before anything runs there. */
export interface ContainerOffer {
  readonly asks: readonly string[];
  readonly missing: readonly Text[];
  readonly notes: readonly Text[];
}

/** Dumps of the JVM in one container, by the tools there are. */
export interface ContainerDumps {
  /** Runs nothing; a text says why this kind cannot be had there. */
  offer(ask: DumpAsk): ContainerOffer | Text;
  take(ask: DumpAsk, taking: DumpTaking): Promise<TakenDump>;
  /** Of a heap dump. */
  room(signal: AbortSignal): Promise<HeapRoom | undefined>;
  /** Dumps the LENA server took itself, newest first; `note` hears of those that are not offered. */
  list(signal: AbortSignal, note?: (what: Text) => void): Promise<readonly ServerFile[]>;
  fetch(file: ServerFile, taking: DumpTaking): Promise<TakenDump>;
}
