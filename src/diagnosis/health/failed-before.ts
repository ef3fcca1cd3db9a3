import { text } from '../../domain/text.ts';
import type { HealthInput, HealthRule } from './health-input.ts';

/** How long a failure counts while its server is not ready again. */
const REMEMBERED_MS = 300_000;
/** How long it must stay ready after that: what crashes once a minute is ready in between. */
const SETTLED_MS = 60_000;

/** Its last failure, epoch ms; asked with every datagram, so it builds nothing. */
function lastFailureOf({ history, instance, now }: HealthInput): number | undefined {
  let last = history.failedAt.at(-1);
  // Before we looked, only the last end is known.
  if (instance === undefined) return last;
  for (const { lastTermination: end } of instance.containers) {
    if (end?.at === undefined || (end.exitCode ?? 0) === 0) continue;
    last = Math.max(last ?? 0, Math.min(now, end.at));
  }
  return last;
}

/** Quick to raise, slow to clear: a crash loop is no healthy server between two crashes. */
export const failedBefore: HealthRule = {
  code: 'failed-before',
  check(input) {
    const { state, history, instance, now, name, lookAgainAt } = input;
    if (state !== 'starting' && state !== 'notReady' && state !== 'ready') return undefined;
    const last = lastFailureOf(input);
    if (last === undefined) return undefined;
    const isUp = state === 'ready';
    // Whoever failed long before it became ready has settled.
    if (isUp && history.stateSince - last >= REMEMBERED_MS) return undefined;
    const until = isUp ? Math.max(last, history.stateSince) + SETTLED_MS : last + REMEMBERED_MS;
    if (now >= until) return undefined;
    lookAgainAt(until);
    const isAgain = history.failedAt.filter((at) => now - at < REMEMBERED_MS).length > 1;
    const minutes = Math.floor((now - last) / 60_000);
    return {
      level: !isUp && (isAgain || (instance?.restarts ?? 0) > 1) ? 'error' : 'warn',
      text:
        minutes < 1
          ? text(`${name} failed less than a minute ago`, `${name}: 1분 이내에 실패함`)
          : text(`${name} failed ${minutes} min ago`, `${name}: ${minutes}분 전에 실패함`),
      next: text(
        'Read the log of its previous run and its last exit code',
        '이전 실행의 로그와 마지막 종료 코드를 확인하십시오',
      ),
      since: last,
    };
  },
};
