import type { ServerState } from '../../domain/server-type.ts';
import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** How long a state is normal, and how long until it is an error. */
const PATIENCE: Partial<Record<ServerState, { readonly warnMs: number; readonly errorMs: number }>> = {
  starting: { warnMs: 180_000, errorMs: 600_000 },
  notReady: { warnMs: 0, errorMs: 300_000 },
};

export const notReady: HealthRule = {
  code: 'not-ready',
  check({ state, now, history, name, context, lookAgainAt, stateReason }) {
    const patience = PATIENCE[state];
    if (patience === undefined) return undefined;
    const since = history.stateSince;
    const heldMs = now - since;
    if (heldMs < patience.errorMs)
      lookAgainAt(since + (heldMs < patience.warnMs ? patience.warnMs : patience.errorMs));
    if (heldMs < patience.warnMs) return undefined;
    const minutes = Math.floor(heldMs / 60_000);
    const why = stateReason === undefined ? '' : ` (${stateReason})`;
    return {
      level: heldMs >= patience.errorMs ? 'error' : 'warn',
      text:
        minutes < 1
          ? text(`${name} in ${context} is not ready${why}`, `${context}의 ${name}: 준비되지 않음${why}`)
          : text(
              `${name} in ${context} has not been ready for over ${minutes} min${why}`,
              `${context}의 ${name}: ${minutes}분 넘게 준비되지 않음${why}`,
            ),
      next: text(
        'Look at its readiness probe, its events and its log',
        'readiness 프로브와 이벤트, 로그를 확인하십시오',
      ),
      since,
    };
  },
};
