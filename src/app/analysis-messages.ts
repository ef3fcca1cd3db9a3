import type { EvidenceRow } from '../diagnosis/dump-analysis/evidence-row.ts';
import type { VerdictLine } from '../domain/analysis.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { Text } from '../domain/text.ts';

/** A file to read; the name is shown. */
export interface AnalysisFile {
  readonly path: string;
  readonly name: string;
  /** Epoch ms. */
  readonly takenAt?: number | undefined;
  readonly server?: string | undefined;
  /** Of a class histogram: only what is reachable. */
  readonly isLive?: boolean | undefined;
}

/** What an analysis is asked for, as the thread's data. */
export interface AnalysisStart {
  readonly files: readonly AnalysisFile[];
  /** The rows too, not only the verdict. */
  readonly withEvidence: boolean;
}

export interface AnalysisResult {
  readonly verdict: readonly VerdictLine[];
  /** Empty where they were not asked for. */
  readonly evidence: readonly EvidenceRow[];
  readonly problems: readonly Text[];
}

/** What the thread says: how far it is, and last how it ended. */
export type AnalysisMessage =
  | { readonly kind: 'progress'; readonly readBytes: number; readonly sizeBytes: number }
  | { readonly kind: 'done'; readonly result: AnalysisResult }
  | { readonly kind: 'failed'; readonly failure: SourceFailure };
