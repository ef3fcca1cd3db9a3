import { type Text, text } from '../domain/text.ts';

/** `gc-overhead` as events are named by the systems they come from: `GC-OVERHEAD`. */
export const alarmType = (code: string): string => code.toUpperCase();

/** A reason as an event says it: its target stands beside it, so a sentence that begins with its name need not. */
export const besideTarget = ({ en, ko }: Text, name: string): Text => {
  const without = (words: string, lead: string) =>
    words.startsWith(lead) && words.length > lead.length ? words.slice(lead.length) : words;
  return text(without(en, `${name} `), without(ko, `${name}: `));
};

/** That it is over, after how long, and what it was; of a server that is not heard nobody knows. */
export function pastAlarm(
  { en, ko }: Text,
  { lastedMs, isHeard }: { readonly lastedMs: number; readonly isHeard: boolean },
): Text {
  if (!isHeard)
    return text(`Not known any more, as it is not heard: ${en}`, `수신이 끊겨 더는 알 수 없음: ${ko}`);
  const lasted = durationOf(lastedMs);
  return text(`Over after ${lasted.en}: ${en}`, `${lasted.ko} 만에 해소: ${ko}`);
}

/** That a server began anew, and how often it did so far. */
export const beganAnew = (restarts: number | undefined): Text =>
  restarts === undefined || restarts < 2
    ? text('began anew', '다시 시작함')
    : text(`began anew, ${restarts} times so far`, `다시 시작함, 지금까지 ${restarts}회`);

/** That its server is gone, and what was up then, and how long. */
export function goneWithAlarms(alarms: readonly Text[], lastedMs: number): Text {
  const lasted = durationOf(lastedMs);
  return text(
    `is gone, ${lasted.en} after: ${alarms.map(({ en }) => en).join('; ')}`,
    `사라짐, 경보 ${lasted.ko} 후: ${alarms.map(({ ko }) => ko).join('; ')}`,
  );
}

function durationOf(lastedMs: number): Text {
  const [amount, unit, unitKo] =
    lastedMs < 120_000
      ? [Math.round(lastedMs / 1_000), 's', '초']
      : lastedMs < 7_200_000
        ? [Math.round(lastedMs / 60_000), 'min', '분']
        : [Math.round(lastedMs / 3_600_000), 'h', '시간'];
  return text(`${amount} ${unit}`, `${amount}${unitKo}`);
}

/** Alarms that were there when we began to look, by their codes. */
export function foldedAlarms(servers: number, codes: readonly string[]): Text {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const list = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${alarmType(code)} ${count}`)
    .join(', ');
  return text(
    `${servers} servers had alarms when l9s began to look: ${list}`,
    `l9s가 보기 시작했을 때 서버 ${servers}대에 경보: ${list}`,
  );
}

/** Alarms beyond what one second can tell. */
export function restOfAlarms(raised: number, cleared: number): Text {
  const en = [
    raised === 0 ? '' : `${raised} more alarms raised`,
    cleared === 0 ? '' : `${cleared} more cleared`,
  ];
  const ko = [raised === 0 ? '' : `경보 ${raised}건 더 발생`, cleared === 0 ? '' : `${cleared}건 더 해소`];
  return text(
    `${en.filter(Boolean).join(', ')} in the same second: :servers shows them`,
    `같은 1초 동안 ${ko.filter(Boolean).join(', ')}: :servers에서 확인하십시오`,
  );
}
