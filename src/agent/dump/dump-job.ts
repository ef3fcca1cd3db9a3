import type { DumpKind } from '../../domain/dump.ts';
import type { AttachTarget } from '../attach/attach-target.ts';

/** A JVM of this host that can be asked for dumps. */
export interface DumpServer {
  /** As in its datagrams. */
  readonly id: string;
  readonly target: AttachTarget;
  /** As last read, bytes. */
  readonly heap?: { readonly used?: number | undefined; readonly committed?: number | undefined } | undefined;
  /** Its Tomcat's manager answers this agent. */
  readonly hasTomcat: boolean;
}

/** One dump to take. */
export interface DumpJob {
  readonly server: DumpServer;
  /** Only what is reachable: collects first. */
  readonly isLive: boolean;
  readonly maxBytes: number;
  /** Given up, or its time is over. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for more; rejects with DUMP_TOO_LARGE. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Bytes passed on, of how many: for whoever waits. */
  readonly report: (doneBytes: number, sizeBytes?: number) => void;
  /** What goes on after the answer, good or bad: until it resolves the server is busy with it. It must not reject. */
  readonly linger: (rest: Promise<void>) => void;
}
export interface MadeDump {
  /** What was asked of the JVM. */
  readonly how: string;
  /** Names of what the dump lacks. */
  readonly missing: readonly string[];
}
/** Takes one kind of dump. Rejects with an AppError, or with the signal's reason. */
export type DumpMaker = (job: DumpJob) => Promise<MadeDump>;
export type DumpMakers = Readonly<Record<DumpKind, DumpMaker>>;
