import { text } from '../../domain/text.ts';
import { isConcurrentlyCollected } from '../gc/collectors.ts';
import type { HealthRule } from './health-input.ts';
import { MAX_COLLECTIONS } from './old-collections.ts';

/** Full collections that follow each other: the heap has no room left, or its maker is at it again. */
export const fullGcs: HealthRule = {
  code: 'full-gcs',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, history, levels, now, name, lookAgainAt }) {
    const seen = history.oldCollections;
    if (jvm === undefined || seen === undefined) return undefined;
    const from = now - levels.fullGcWindowMs;
    const limit = Math.min(levels.fullGcs, MAX_COLLECTIONS);
    const count = seen.countSince(from);
    if (count < limit) return undefined;
    const isConcurrent = isConcurrentlyCollected(jvm);
    // Their cycles of the old generation follow each other whenever there is work.
    if (isConcurrent === true) return undefined;
    const since = seen.firstSince(from) ?? now;
    lookAgainAt(since + levels.fullGcWindowMs);
    const left = jvm.heap?.afterGcBytes ?? jvm.lastFullGc?.afterBytes;
    const max = jvm.heap?.maxBytes;
    const isFull = left !== undefined && max !== undefined && max > 0 && left >= levels.afterGcError * max;
    const seconds = Math.round(levels.fullGcWindowMs / 1_000);
    const asked = seen.askedForSince(from);
    return {
      level: isFull || count >= limit * 2 ? 'error' : 'warn',
      text: text(
        `${name} had ${count} full collections within ${seconds} s${asked === 0 ? '' : `, and ${asked} that were asked for`}`,
        `${name}: ${seconds}초 안에 Full GC ${count}회${asked === 0 ? '' : ` (요청된 ${asked}회 제외)`}`,
      ),
      next: text(
        `See what they leave on its JVM page (m): much left means a heap too small or a leak, little left means System.gc() or metaspace${isConcurrent === undefined ? '; under ZGC these are its ordinary cycles' : ''}`,
        `JVM 화면(m)에서 남는 양을 보십시오: 많이 남으면 힙 부족이나 누수, 적게 남으면 System.gc()나 메타스페이스${isConcurrent === undefined ? '; ZGC라면 정상적인 주기입니다' : ''}`,
      ),
      since,
    };
  },
};
