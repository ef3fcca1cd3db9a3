import type { ServiceDump } from '../../domain/service-dump.ts';
import type { ClassHistogram, DumpProblem, ThreadDump } from '../../domain/thread-dump.ts';

/** What a file held, told by its content; the dumps stand in the order of the file. */
export type DumpContent =
  | { readonly kind: 'threads'; readonly dumps: readonly ThreadDump[] }
  | { readonly kind: 'histogram'; readonly histograms: readonly ClassHistogram[] }
  | { readonly kind: 'service'; readonly dump: ServiceDump; readonly problems: readonly DumpProblem[] };
