import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import type { Change } from '../../src/domain/ports.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { jvmSampleOf, MIB, MINUTE_MS, NOW, putOf, senderOf } from './store-entities.ts';

const STEP_MS = 2_000;
const SAW_STEPS = 40;

export interface HistoryOptions {
  readonly address: string;
  /** @default 4 */
  readonly minutes?: number;
  /** Added to every level, 0–1, so that servers differ. @default 0 */
  readonly shift?: number;
  readonly endAt?: number;
  /** Beside what every sample holds. */
  readonly sample?: (at: number, step: number) => Partial<JvmSample>;
  readonly sender?: Partial<Sender>;
}

/** The datagrams of a sender up to now, one every two seconds: a heap like a saw, a full collection in its middle. */
export function datagramsOf(name: string, options: HistoryOptions): readonly Change[] {
  const { address, minutes = 4, shift = 0, endAt = NOW, sample, sender } = options;
  const steps = Math.round((minutes * MINUTE_MS) / STEP_MS);
  return Array.from({ length: steps + 1 }, (_, index) => {
    const at = endAt - (steps - index) * STEP_MS;
    const isLate = index >= steps / 2;
    const used = 300 + shift * 400 + ((index % SAW_STEPS) / SAW_STEPS) * 300;
    const fullGc = {
      at: endAt - Math.floor(steps / 2) * STEP_MS,
      beforeBytes: 800 * MIB,
      afterBytes: 200 * MIB,
    };
    const base = senderOf(name, { sourceAddress: address });
    return putOf('sender', {
      ...base,
      heartbeat: { ...base.heartbeat, at },
      ...sender,
      jvm: jvmSampleOf({
        at,
        heap: {
          usedBytes: Math.round(used * MIB),
          committedBytes: 900 * MIB,
          maxBytes: 1_024 * MIB,
          afterGcBytes: Math.round((200 + shift * 200) * MIB),
        },
        gcTimePercent: 0.5 + shift,
        gcInterval: {
          coveredMs: STEP_MS,
          count: index % SAW_STEPS === 0 ? 1 : 0,
          timeMs: index % SAW_STEPS === 0 ? 14 : 0,
        },
        tps: 40 + shift * 20,
        active: { total: 3 + (index % 3), under3s: 3, under8s: 0, over8s: 0 },
        fullGcs: isLate ? 1 : 0,
        ...(isLate ? { lastFullGc: fullGc } : {}),
        ...sample?.(at, index),
      }),
    });
  });
}
