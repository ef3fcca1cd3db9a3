import type { Health } from '../../domain/health.ts';

/** Reasons that further series of the JVM explain. */
const JVM_REASONS: ReadonlySet<string> = new Set([
  'heap-after-gc',
  'heap-growth',
  'gc-overhead',
  'full-gcs',
  'slow-requests',
  'stuck-threads',
  'connectors-full',
  'pool-full',
  'error-rate',
  'oom-killed',
]);

export const isJvmTrouble = ({ level, reasons }: Health): boolean =>
  level !== 'ok' &&
  reasons.some(({ code, level: of }) => (of === 'warn' || of === 'error') && JVM_REASONS.has(code));
