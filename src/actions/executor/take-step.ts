import type { Sent } from '../../domain/call.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { Facts, TakeProgress, TakeStep } from '../../domain/plan.ts';
import { createLimit, orAborted } from './concurrency.ts';
import { failureOf, safeFailure, safeLine, safeText } from './failure.ts';
import type { TargetRun } from './send-step.ts';
import { auditTake } from './shown.ts';

/** What a take that was left gets to clear away after itself. */
const CLEAR_MS = 5_000;

/** Takes one thing, with its intent in the audit first. Never rejects. */
export async function takeStep(run: TargetRun, step: TakeStep, place: number | undefined): Promise<Sent> {
  const { request, timeoutMs } = step;
  run.update({ step: safeText(request.title), detail: undefined, parts: undefined });
  const listed = run.entry?.place(place);
  try {
    if (run.entry !== undefined && listed !== undefined) {
      await run.entry.sending(listed, auditTake(request));
    }
  } catch (thrown) {
    return { outcome: 'notSent', error: failureOf(thrown) };
  }
  const sent = await take(run, step, timeoutMs);
  if (run.entry !== undefined && listed !== undefined) {
    await run.entry.sent(listed, {
      outcome: sent.outcome,
      ...(sent.outcome === 'done' ? {} : { error: `${sent.error.code}: ${safeLine(sent.error.message)}` }),
    });
  }
  return sent;
}

async function take(run: TargetRun, step: TakeStep, timeoutMs: number): Promise<Sent> {
  const limit = createLimit(run.stop, timeoutMs, run.clock);
  const last = new AbortController();
  let cancelLast: (() => void) | undefined;
  const giveUpSoon = () => {
    cancelLast = run.clock.after(CLEAR_MS, () => last.abort(limit.signal.reason));
  };
  if (limit.signal.aborted) giveUpSoon();
  else limit.signal.addEventListener('abort', giveUpSoon, { once: true });
  let isEnded = false;
  const report = ({ detail, taken }: TakeProgress) => {
    // Of a way that did not listen: how the target ended has been told.
    if (isEnded) return;
    run.update({
      ...(detail === undefined
        ? {}
        : { detail: typeof detail === 'string' ? safeLine(detail) : safeText(detail) }),
      ...(taken === undefined ? {} : { taken }),
    });
  };
  try {
    await orAborted(step.run(report, limit.signal, { reason: run.reason }), last.signal);
    return { outcome: 'done', answer: answerOf(step.result()) };
  } catch (thrown) {
    if (limit.isOver()) {
      const seconds = Math.round(timeoutMs / 1_000);
      const message = safeLine(`${step.request.title.en}: not done after ${seconds} s`);
      return { outcome: 'failed', error: sourceFailure('TIMEOUT', message) };
    }
    // It was begun: that it was left does not make it unasked.
    return { outcome: 'failed', error: safeFailure(failureOf(thrown)) };
  } finally {
    isEnded = true;
    limit.clear();
    cancelLast?.();
  }
}

const answerOf = (facts: Facts) => ({ ...facts });
