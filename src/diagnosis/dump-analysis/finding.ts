import type { EvidenceBlock } from '../../domain/analysis.ts';
import type { HealthLevel } from '../../domain/health.ts';
import type { Text } from '../../domain/text.ts';
import type { DumpReading } from './dump-reading.ts';

/** What a rule found in one dump or in a series; the worst become the verdict. */
export interface Finding {
  /** Stable kebab-case name. */
  readonly code: string;
  /** What it is about, so that it is known again in another dump: threads, a lock, a pool. */
  readonly subject: string;
  readonly level: Exclude<HealthLevel, 'unknown'>;
  readonly text: Text;
  readonly next?: Text | undefined;
  /** Threads concerned; among equals the larger comes first. */
  readonly weight: number;
  /** Of threads, requests or objects, where one is told. @default the weight */
  readonly count?: number | undefined;
  /** Told behind the sentence: those who wait behind others may be more or fewer from dump to dump. */
  readonly behind?: Behind | undefined;
  /** Only asked for what is shown. */
  readonly blocks: () => readonly EvidenceBlock[];
}

export interface Behind {
  readonly count: number;
  /** `2 more wait behind them` */
  readonly text: Text;
}

/** Judges one dump. */
export type DumpRule = (reading: DumpReading) => readonly Finding[];
