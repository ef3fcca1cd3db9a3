import type { CallOutcome } from '../../domain/call.ts';
import type { ResultState } from '../../domain/job.ts';
import type { CallStep, PlanTarget } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import { safeText } from './failure.ts';

const LEFT: ReadonlySet<ResultState> = new Set(['cancelled', 'interrupted', 'timedOut']);

/**
 * What is true of a target that was left after something of it was sent: to stop watching stops nothing. `undefined`
 * where nothing was sent, or the target ended otherwise.
 */
export function leftWords(
  state: ResultState,
  { steps, wayBack }: PlanTarget,
  sendings: ReadonlyMap<CallStep, CallOutcome>,
): Text | undefined {
  if (!LEFT.has(state)) return undefined;
  const calls = steps.flatMap((step) => (step.type === 'call' ? step : []));
  const isOut = (step: CallStep) => sendings.get(step) === 'done' || sendings.get(step) === 'unknown';
  if (!calls.some(isOut)) return undefined;
  const unsent = calls.filter((step) => !isOut(step)).map(({ call }) => call.title);
  const en = ['no longer watched; what was sent goes on'];
  const ko = ['더 이상 지켜보지 않음; 보낸 것은 계속 진행됨'];
  if (unsent.length > 0) {
    en.push(`not sent: ${unsent.map((title) => title.en).join(', ')}`);
    ko.push(`보내지 않음: ${unsent.map((title) => title.ko).join(', ')}`);
  }
  if (wayBack !== undefined) {
    en.push(`to go back: ${wayBack.en}`);
    ko.push(`되돌리려면: ${wayBack.ko}`);
  }
  return safeText(text(en.join('; '), ko.join('; ')));
}
