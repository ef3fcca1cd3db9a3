/** Forms of a line: counter, gauge, timer, histogram, distribution, set, meter (counted like a counter). */
export type StatsdType = 'c' | 'g' | 'ms' | 'h' | 'd' | 's' | 'm';

/** Tag names and values, in turn; a bare tag has an empty value. */
export type StatsdTags = readonly (readonly [name: string, value: string])[];

/** One line: `name:value[:value]|type|@rate|#tags`, or a form with its tags in the name. */
export interface StatsdMetric {
  /** Without tags: `jvm.memory.used`, `jvm_memory_used`; a hierarchical name keeps the tags it is made of. */
  readonly name: string;
  readonly type: StatsdType;
  /** Empty for a set, whose value is a text. */
  readonly values: readonly number[];
  /** Written with its sign: for a gauge of plain StatsD a change, not a value. */
  readonly isSigned: boolean;
  /** Share of the occurrences that were sent, above 0 and at most 1. */
  readonly sampleRate: number;
  readonly tags: StatsdTags;
  /** Tags behind `#`, as Datadog has them: a sign is then part of the number. */
  readonly isDogStatsd: boolean;
  readonly container: string | undefined;
}

export interface StatsdDatagram {
  readonly metrics: readonly StatsdMetric[];
  /** Tags of events and service checks, which say no more here than that their sender lives. */
  readonly signs: readonly StatsdTags[];
  /** Why lines were left out, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}
