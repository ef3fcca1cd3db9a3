import type { VerdictLine } from './analysis.ts';
import type { Dump, DumpFacts } from './dump.ts';
import type { Ref } from './ref.ts';

/** Where dumps are kept: files named as the middleware names them, each with its facts beside it. */
export interface DumpFolder {
  /**
   * Begins a file that nobody sees until it is kept. Rejects with DISK_FULL where less than `expectBytes` is free,
   * with STATE_UNWRITABLE where the folder cannot be written.
   */
  create(of: NewDump): Promise<DumpFile>;
  /** Free bytes of the disk it (or another directory) is on; `undefined` where that cannot be told. */
  freeBytes(directory?: string): Promise<number | undefined>;
  /** What there is, newest first. Rejects with an AppError where the folder cannot be read. */
  list(): Promise<readonly Dump[]>;
  remove(dump: Ref<'dump'>): Promise<void>;
  /** Told at first, and whenever a file came or went, of other processes of this user too; the answer ends it. */
  onChange(listener: (dumps: readonly Dump[]) => void): () => void;
}
export interface NewDump {
  readonly facts: Omit<DumpFacts, 'how' | 'missing'>;
  /** Host name and the server's own name, of the file's name. */
  readonly host: string;
  readonly serverName: string;
  /** Where the file goes instead; @default the state directory */
  readonly directory?: string | undefined;
  readonly maxBytes: number;
  /** @default 1 MiB */
  readonly expectBytes?: number | undefined;
}
export interface DumpFile {
  /** Of the file when it is kept. */
  readonly name: string;
  /** So far. */
  readonly sizeBytes: number;
  /** Rejects with DISK_FULL, or DUMP_TOO_LARGE above the limit. */
  write(bytes: Uint8Array): Promise<void>;
  /** Where it can be read before it is kept. */
  readonly temporaryPath: string;
  /** Syncs, checks the hash where one is given (DUMP_DAMAGED), gives it its name, writes its facts, prunes old files. */
  keep(end: Pick<DumpFacts, 'how' | 'missing'> & KeepMore): Promise<Dump>;
  /** Leaves nothing. Never rejects. */
  discard(): Promise<void>;
}
interface KeepMore {
  readonly sha256?: string | undefined;
  readonly verdict?: readonly VerdictLine[] | undefined;
}
