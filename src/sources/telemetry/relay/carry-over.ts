import { sumOf } from '../../../core/sum.ts';
import type { Heartbeat, JvmSample } from '../../../domain/jvm-sample.ts';
import type { Sender } from '../../../domain/sender.ts';

/** What a receiver looks back on for its shares and rates. */
export const WINDOW_MS = 60_000;
/** The slowest counters of the LENA advertiser come every five minutes. */
const COUNTERS_MS = 330_000;
/** Start times of one JVM, computed by two receivers, agree to this. */
const SAME_START_MS = 2_500;
const MAX_REASONS = 8;

interface Entry {
  readonly before: Sender;
  /** The JVM heard first by the new receiver is another one than the last of the one before. */
  isRestarted: boolean | undefined;
  /** Full collections are counted by the receiver, not by the JVM: the new one began at zero. */
  countsFullGcs: boolean | undefined;
}

/**
 * A receiver that took over begins to count anew. This adds what the one before had counted, and lets its shares and
 * rates fade into the new ones while those still cover less than their minute, so that nothing jumps.
 */
export class CarryOver {
  readonly #at: number;
  readonly #entries: Map<string, Entry>;

  constructor(senders: ReadonlyMap<string, Sender>, at: number) {
    this.#at = at;
    this.#entries = new Map(
      [...senders].map(([id, before]) => [id, { before, isRestarted: undefined, countsFullGcs: undefined }]),
    );
  }
  forget(id: string): void {
    this.#entries.delete(id);
  }
  apply(sender: Sender, now: number): Sender {
    const entry = this.#entries.get(sender.ref.id);
    if (entry === undefined) return sender;
    const { before } = entry;
    entry.isRestarted ??= isOtherStart(before, sender);
    const restarts = before.restarts + sender.restarts + (entry.isRestarted === true ? 1 : 0);
    const elapsedMs = Math.max(0, now - this.#at);
    const heartbeat = heartbeatOf(before.heartbeat, sender.heartbeat, elapsedMs);
    const isSameJvm = entry.isRestarted !== true && sender.restarts === 0 && before.codec === sender.codec;
    if (!isSameJvm) return { ...sender, restarts, heartbeat };
    const counters = elapsedMs < COUNTERS_MS ? { ...before.counters, ...sender.counters } : sender.counters;
    const collected = collectedOf(entry, sender.jvm);
    if (elapsedMs >= WINDOW_MS) {
      return { ...sender, restarts, heartbeat, counters, jvm: collected };
    }
    const jvm = sampleOf(before.jvm, collected, elapsedMs / WINDOW_MS);
    return { ...known(before, sender), byeAt: sender.byeAt, restarts, heartbeat, counters, jvm };
  }
}

/** `undefined` as long as one of the two start times is not known. */
function isOtherStart(before: Sender, sender: Sender): boolean | undefined {
  const was = before.jvm?.startedAt;
  const is = sender.jvm?.startedAt;
  if (was === undefined || is === undefined) return undefined;
  return Math.abs(was - is) > SAME_START_MS;
}

/** The newer of each field, where it is known. */
function known<T extends object>(before: T, now: T): T {
  const fields = Object.entries(now).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(fields) };
}

function heartbeatOf(before: Heartbeat, now: Heartbeat, elapsedMs: number): Heartbeat {
  const faded = before.perMinute * Math.max(0, 1 - elapsedMs / WINDOW_MS);
  return {
    ...now,
    perMinute: Math.round(now.perMinute + faded),
    lost: sumOf([before.lost, now.lost]),
    rejected: before.rejected + now.rejected,
    rejectReasons: reasonsOf(before.rejectReasons, now.rejectReasons),
  };
}

function reasonsOf(
  before: Heartbeat['rejectReasons'],
  now: Heartbeat['rejectReasons'],
): Heartbeat['rejectReasons'] {
  if (before === undefined || before.length === 0) return now;
  const counts = new Map(before.map(({ reason, count }) => [reason, count]));
  for (const { reason, count } of now ?? []) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_REASONS);
}

/** `share` of the new one's window is filled. */
function blend(before: number | undefined, now: number | undefined, share: number): number | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return before * (1 - share) + now * share;
}

function sampleOf(
  before: JvmSample | undefined,
  now: JvmSample | undefined,
  share: number,
): JvmSample | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return {
    ...known(before, now),
    // Without a sample before it nothing is known of the time between.
    gcInterval: now.gcInterval,
    gcPerMinute: blend(before.gcPerMinute, now.gcPerMinute, share),
    gcTimePercent: blend(before.gcTimePercent, now.gcTimePercent, share),
    heap: now.heap && known(before.heap ?? {}, now.heap),
  };
}

/** What is known of full collections holds until the next one, however long ago it was. */
function collectedOf(entry: Entry, now: JvmSample | undefined): JvmSample | undefined {
  const before = entry.before.jvm;
  if (now === undefined || before === undefined) return now;
  if (now.fullGcs !== undefined) entry.countsFullGcs ??= now.fullGcs < (before.fullGcs ?? 0);
  const heap = now.heap && {
    ...now.heap,
    afterGcBytes: now.heap.afterGcBytes ?? before.heap?.afterGcBytes,
  };
  const fullGcs =
    entry.countsFullGcs === true ? sumOf([before.fullGcs, now.fullGcs]) : (now.fullGcs ?? before.fullGcs);
  return { ...now, heap, fullGcs, lastFullGc: now.lastFullGc ?? before.lastFullGc };
}
