import type { JvmSample } from '../../domain/jvm-sample.ts';

/** Collectors that do nearly all of their work while the program runs, as `java.lang.management` names them. */
const CONCURRENT = /^(ZGC|Shenandoah|GPGC)\b/;

/**
 * Whether a JVM's collections run beside its program, so that their time is no pause and a cycle of the old generation
 * is nothing unusual; `undefined` where its collectors are not told of (a LENA advertiser sends only their sums).
 */
export function isConcurrentlyCollected({ collectors }: JvmSample): boolean | undefined {
  if (collectors === undefined || collectors.length === 0) return undefined;
  for (const { name } of collectors) if (CONCURRENT.test(name)) return true;
  return false;
}
