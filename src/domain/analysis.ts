import type { HealthLevel } from './health.ts';
import type { Ref } from './ref.ts';
import type { SourceFailure } from './source-status.ts';
import type { Text, Words } from './text.ts';

/** One sentence of what an analysis found, worst first. */
export interface VerdictLine {
  /** Stable kebab-case name, e.g. `deadlock`, `pool-exhausted`, `root-blocker`, `busy-thread`. */
  readonly code: string;
  readonly level: HealthLevel;
  readonly text: Text;
  /** What to look at or do next. */
  readonly next?: Text | undefined;
}

/** What evidence is about, in the order it is shown. */
export const EVIDENCE_PARTS = [
  'verdict',
  'lock',
  'request',
  'pool',
  'group',
  'still',
  'busy',
  'state',
  'class',
  'thread',
  'note',
] as const;
export type EvidencePart = (typeof EVIDENCE_PARTS)[number];

/** Preformatted text with a title: a stack, a chain of locks, the threads of a group. */
export interface EvidenceBlock {
  readonly title: Words;
  /** As they stand in the dump, or said of it. */
  readonly lines: readonly Words[];
}

/** One row of an analysis: what was found, and the stacks that show it. */
export interface Evidence {
  /** Context of the dump; the id is unique in the analysis. */
  readonly ref: Ref<'evidence'>;
  /** Id of the {@link Analysis} it belongs to. */
  readonly analysis: string;
  readonly part: EvidencePart;
  /** Where it stands among all, from 0. */
  readonly order: number;
  readonly level?: HealthLevel | undefined;
  /** Names what the row is about: a thread, a lock, a pool, a class, the code of a verdict. */
  readonly subject: string;
  readonly text: Text;
  /** Threads, requests or instances. */
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  /** A thread's. */
  readonly state?: string | undefined;
  /** Of a thread since it began or between the dumps, of a request while it ran. */
  readonly cpuMs?: number | undefined;
  /** Of a request, or of the longest of several; never of the worker, which lives through many. */
  readonly elapsedMs?: number | undefined;
  /** Since the thread began. */
  readonly ageMs?: number | undefined;
  /** Against the dump before: `+12`, `-3`. */
  readonly change?: number | undefined;
  readonly blocks: readonly EvidenceBlock[];
}

/** One dump read, several of a series, or two compared. */
export interface Analysis {
  /** Context of its dumps; the id is their file names joined by `+`, oldest first. */
  readonly ref: Ref<'analysis'>;
  readonly dumps: readonly Ref<'dump'>[];
  /** In the crumbs. */
  readonly name: string;
  readonly state: 'reading' | 'done' | 'failed';
  /** Bytes read of how many. */
  readonly progress?: { readonly readBytes: number; readonly sizeBytes: number } | undefined;
  readonly verdict: readonly VerdictLine[];
  /** What could not be read of the files: counted, with the first line of each kind. */
  readonly problems: readonly Text[];
  readonly error?: SourceFailure | undefined;
}
