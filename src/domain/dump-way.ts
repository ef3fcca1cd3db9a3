import type { DumpKind, DumpWayId } from './dump.ts';
import type { Instance } from './instance.ts';
import type { Sender } from './sender.ts';
import type { Server } from './server.ts';
import type { Text, Words } from './text.ts';

/** What is asked for. */
export interface DumpAsk {
  readonly kind: DumpKind;
  /** Histogram and heap: only what is reachable, which collects first: a change. @default false */
  readonly isLive?: boolean | undefined;
  /** Largest answer taken. */
  readonly maxBytes: number;
  /** Longest until the answer is whole. */
  readonly timeoutMs: number;
}

/** A server with what its ways need to reach it. */
export interface DumpTarget {
  readonly server: Server;
  readonly instance?: Instance | undefined;
  readonly sender?: Sender | undefined;
}

/** What a way would do, told before anything is sent. */
export interface DumpOffer {
  readonly way: DumpWayId;
  /** With whom, e.g. `LENA advertiser 10.0.0.3`, `pod exec in shop/was-1 (lena-was)`. */
  readonly through: string;
  /** The requests or commands, in their order; those after the first are tried where the one before cannot be had. */
  readonly asks: readonly string[];
  readonly isAuthenticated: boolean;
  /** What such a dump lacks. */
  readonly missing: readonly Text[];
  /** Besides: a pause of the JVM, a line in the server's own log … */
  readonly notes?: readonly Text[] | undefined;
}
/** Why a way does not lead there. */
export interface NoOffer {
  readonly way: DumpWayId;
  readonly why: Text;
  /** What would open it. */
  readonly next?: Text | undefined;
  /** It waits for a connection the server has not opened yet: a moment later it may lead there. */
  readonly mayDialIn?: true | undefined;
}
export const isOffer = (answer: DumpOffer | NoOffer): answer is DumpOffer => 'asks' in answer;

/** What the taking of one dump is given. */
export interface DumpTaking {
  /** Takes the next bytes; resolves when there is room for more, rejects where they cannot be kept. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** What it is at, e.g. `12 MiB of 300 MiB`. */
  readonly report: (detail: Words) => void;
  readonly signal: AbortSignal;
}
/** What was taken. */
export interface TakenDump {
  /** The command or request that answered. */
  readonly how: string;
  readonly missing: readonly Text[];
  /** As whoever sent it computed it, lower-case hex; what was kept must have it. */
  readonly sha256?: string | undefined;
}

/** One way to dumps. */
export interface DumpWay {
  readonly id: DumpWayId;
  /**
   * What it would do for a server, from what is known and from questions about our own rights; runs nothing on the
   * server. Never rejects.
   */
  offer(target: DumpTarget, ask: DumpAsk, signal: AbortSignal): Promise<DumpOffer | NoOffer>;
  /** Takes one dump. Rejects with an AppError (DUMP_FAILED, NO_JVM, PERMISSION_DENIED, TIMEOUT …). */
  take(target: DumpTarget, ask: DumpAsk, taking: DumpTaking): Promise<TakenDump>;
  /**
   * Of a heap dump: free bytes where the JVM writes it, and about how many it will need; `undefined` where they cannot
   * be told. Only looks.
   */
  room?(target: DumpTarget, signal: AbortSignal): Promise<HeapRoom | undefined>;
  /**
   * Names and sizes of the files a LENA server wrote itself, newest first; `note` hears what is not among them and
   * why. Rejects with an AppError.
   */
  list?(target: DumpTarget, signal: AbortSignal, note?: (what: Text) => void): Promise<readonly ServerFile[]>;
  /** Takes one of them. Rejects with an AppError. */
  fetch?(target: DumpTarget, file: ServerFile, taking: DumpTaking): Promise<TakenDump>;
}
export interface HeapRoom {
  readonly freeBytes: number;
  /** At most: all the heap there is now, used or not. */
  readonly neededBytes: number;
  /** As last heard; absent where only what is committed is known. */
  readonly usedBytes?: number | undefined;
  /** The folder on the server. */
  readonly folder: string;
}
/** A dump file on the server itself. */
export interface ServerFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: DumpKind;
  readonly sizeBytes: number;
}

/** Said of a dump whose sender proved nothing of who it is. */
export const UNAUTHENTICATED: Text = {
  en: 'unauthenticated: whoever has that address could have answered',
  ko: '인증되지 않음: 그 주소를 가진 누구든 응답할 수 있었음',
};
