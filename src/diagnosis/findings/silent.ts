import type { Heartbeat } from '../../domain/jvm-sample.ts';
import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

/** Eight missed intervals are silence; three are merely stale. */
const SILENT_INTERVALS = 8;
const GOODBYE_MS = 60_000;

/** From when on what came last at `at`, in the rhythm of this heartbeat, is silent; epoch ms. */
export const silentFrom = (at: number, { intervalMs }: Heartbeat): number =>
  at + SILENT_INTERVALS * intervalMs;

export const silent: FindingRule = {
  code: 'silent',
  readsDatagrams: true,
  raisesAlarm: true,
  check({ server, instance, sender, receiver, now, lookAgainAt }) {
    if (sender === undefined || server.state !== 'ready') return undefined;
    // A receiver that does not listen hears nobody.
    if (receiver !== undefined && receiver.state !== 'live' && receiver.state !== 'connecting')
      return undefined;
    const { at } = sender.heartbeat;
    const silentAt = silentFrom(at, sender.heartbeat);
    if (now < silentAt) {
      lookAgainAt(silentAt);
      return undefined;
    }
    if (sender.byeAt !== undefined && instance?.deletingSince !== undefined) {
      const explainedUntil = sender.byeAt + GOODBYE_MS;
      if (now < explainedUntil) {
        lookAgainAt(explainedUntil);
        return undefined;
      }
    }
    return {
      level: 'warn',
      text: text(
        `${server.name} is ready, but its datagrams stopped`,
        `${server.name}: 준비 상태이지만 데이터그램이 끊김`,
      ),
      next: text(
        'See whether it still answers requests: the JVM may hang; check advertiser.conf and the way to UDP 16100 (l9s doctor shows what arrives)',
        '요청에 응답하는지 보고(JVM이 멈췄을 수 있음), advertiser.conf와 UDP 16100 경로를 확인하십시오(l9s doctor가 수신 상태를 보여 줌)',
      ),
      since: at,
    };
  },
};
