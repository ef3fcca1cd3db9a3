import type { FullGc, JvmSample } from '../../../domain/jvm-sample.ts';
import type { Sender } from '../../../domain/sender.ts';
import { type HistoryBlock, SERIES_STEPS } from '../../../domain/series.ts';

/** Differences below this are the way, not the clock. */
const SAME_CLOCK_MS = 1_000;

/** What is added to an owner's instants to read them by our clock; 0 where both clocks agree. */
export function shiftOf(ownerAt: number, receivedAt: number): number {
  const offsetMs = receivedAt - ownerAt;
  return Math.abs(offsetMs) > SAME_CLOCK_MS ? offsetMs : 0;
}

const moved = (at: number | undefined, byMs: number): number | undefined =>
  at === undefined ? undefined : at + byMs;

export const shiftFullGc = (gc: FullGc, byMs: number): FullGc => ({ ...gc, at: gc.at + byMs });

const shiftSample = (jvm: JvmSample, byMs: number): JvmSample => ({
  ...jvm,
  at: jvm.at + byMs,
  startedAt: moved(jvm.startedAt, byMs),
  lastFullGc: jvm.lastFullGc && shiftFullGc(jvm.lastFullGc, byMs),
});

export function shiftSender(sender: Sender, byMs: number): Sender {
  if (byMs === 0) return sender;
  const { heartbeat, jvm, byeAt } = sender;
  return {
    ...sender,
    byeAt: moved(byeAt, byMs),
    jvm: jvm && shiftSample(jvm, byMs),
    heartbeat: {
      ...heartbeat,
      at: heartbeat.at + byMs,
      // Sender's clock minus ours = sender's minus the owner's, plus the owner's minus ours.
      clockSkewMs: moved(heartbeat.clockSkewMs, -byMs),
    },
  };
}

/** Moved by whole steps, for a block begins with one. */
export function shiftBlock(block: HistoryBlock, byMs: number): HistoryBlock {
  const { stepMs } = SERIES_STEPS[block.resolution];
  return byMs === 0 ? block : { ...block, fromAt: block.fromAt + Math.round(byMs / stepMs) * stepMs };
}
