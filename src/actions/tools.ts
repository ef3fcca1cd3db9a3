import type { Clock } from '../core/clock.ts';
import type { VerdictLine } from '../domain/analysis.ts';
import type { DumpKind } from '../domain/dump.ts';
import type { DumpFolder } from '../domain/dump-folder.ts';
import type { DumpWay } from '../domain/dump-way.ts';
import type { Entities } from '../domain/entities.ts';
import type { Kind } from '../domain/kind.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { Ref } from '../domain/ref.ts';
import type { BackEnd, RemoteOf } from '../domain/remote.ts';
import type { Text } from '../domain/text.ts';

/** What is known now, read from the store; datagrams are never read through it (`jvm`, `heartbeat` are advice). */
export interface Lookup {
  get<K extends Kind>(ref: Ref<K>): Entities[K] | undefined;
  all<K extends Kind>(kind: K): Iterable<Entities[K]>;
  /** Managers whose `serves` names the context, or that see it without naming any. */
  managersServing(context: string): readonly string[];
  /** Contexts a Manager serves. */
  servedBy(manager: string): readonly string[];
}

/** How long a plan waits for servers that have not dialled in yet; whoever asks once has nothing to look at meanwhile. */
export interface DialInPatience {
  /** Epoch ms. */
  readonly untilAt: number;
  /** Told once for each server that is waited for. */
  readonly tell: (words: Text) => void;
}
/** Ways to dumps and where they are kept; a plan asks for offers, its steps take. */
export interface DumpTools {
  /** Best first. */
  readonly ways: readonly DumpWay[];
  readonly folder: DumpFolder;
  /** user@host, of the files. */
  readonly by: string;
  /** Reads a kept or growing file and says what is in it in a few sentences; `undefined` for what is not analysed. */
  readonly verdict: (
    file: { readonly path: string; readonly kind: DumpKind },
    signal: AbortSignal,
  ) => Promise<readonly VerdictLine[] | undefined>;
  readonly limits: {
    /** Of one thread dump, service dump or histogram. */
    readonly maxBytes: number;
    readonly maxHeapBytes: number;
  };
  /** @default what does not lead there at once does not */
  readonly patience?: DialInPatience | undefined;
}

/** What a plan may use: what is known, and reads of the remotes. Nothing here changes anything. */
export interface ActionTools {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** Absent where none can be taken. */
  readonly dumps?: DumpTools | undefined;
  /** The mode of a context now: the gate judges by it, a verb offers no more than it allows. @default any is allowed */
  readonly modeOf?: ((context: string) => ModeInForce) | undefined;
  /** The remote of a context; rejects with an AppError where it is none of that kind or cannot be opened. */
  remote<B extends BackEnd>(kind: B, context: string): Promise<ReadingOf<B>>;
}
/** A remote without its way to change anything: that is the executor's alone. */
export type ReadingOf<B extends BackEnd> = Omit<RemoteOf<B>, 'send' | 'dryRun' | 'close'>;
