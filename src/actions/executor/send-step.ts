import type { Clock } from '../../core/clock.ts';
import type { Call, CallOutcome, CallRequest, JsonValue, Sent } from '../../domain/call.ts';
import { appError, sourceFailure } from '../../domain/errors.ts';
import type { JobTarget } from '../../domain/job.ts';
import type { CallStep, PlanTarget } from '../../domain/plan.ts';
import type { Remote } from '../../domain/remote.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import type { OpenEntry } from '../audit/audit-log.ts';
import { createLimit, orAborted } from './concurrency.ts';
import { failureOf, safeFailure, safeLine, safeText } from './failure.ts';
import { auditCall } from './shown.ts';

/** No answer of a remote is waited for longer, whatever its own limits say. */
const SEND_TIMEOUT_MS = 60_000;
/** A remote that was told to stop gets this long to say what became of its call. */
const LAST_WORD_MS = 1_000;

/** Why nothing more is begun; `undefined` while work goes on. */
export type Leaving = 'cancelled' | 'interrupted' | 'timedOut' | undefined;

export interface TargetRun {
  readonly target: PlanTarget;
  /** Of the target's call steps, in order: their places in the audit's entry. */
  readonly places: readonly number[];
  readonly openRemote: (context: string) => Promise<Remote>;
  /** Absent for what is not audited. */
  readonly entry: OpenEntry | undefined;
  readonly clock: Clock;
  /** The operator's. */
  readonly reason?: string | undefined;
  readonly waitsAfterLastCall: boolean;
  readonly leaving: () => Leaving;
  /** Aborts when no further step is to be begun. */
  readonly stop: AbortSignal;
  /** Aborts 5 s later: what is on its way is given up. */
  readonly hardStop: AbortSignal;
  readonly update: (change: Partial<JobTarget>) => void;
}

export type NoteOutcome = (step: CallStep, outcome: CallOutcome) => void;

interface CallToSend {
  readonly step: CallStep;
  /** In the audit's entry; absent for what puts back, which is sent although we are leaving. */
  readonly place: number | undefined;
  readonly answers: readonly JsonValue[];
}

/** Sends one call, with its intent in the audit first. Never rejects. */
export async function sendStep(run: TargetRun, { step, place, answers }: CallToSend): Promise<Sent> {
  const { call } = step;
  run.update({ step: safeText(call.title), detail: undefined, parts: undefined });
  let request: CallRequest;
  let remote: Remote;
  try {
    request = step.complete?.(answers) ?? call.request;
    if (request.system !== call.request.system) {
      throw appError('INTERNAL', `${call.title.en} turned into a call of another system`);
    }
    remote = await orAborted(run.openRemote(call.context), run.hardStop);
  } catch (thrown) {
    return { outcome: 'notSent', error: failureOf(thrown) };
  }
  const recorded = await record(run, { call, request, place });
  if ('error' in recorded) return { outcome: 'notSent', error: recorded.error };
  const isReserve = place === undefined;
  const sent =
    run.leaving() !== undefined && !isReserve
      ? notSent('left before it was sent')
      : await send(run, { remote, request });
  await recorded.outcome(sent);
  return sent;
}

type Recorded = { readonly error: SourceFailure } | { readonly outcome: (sent: Sent) => Promise<void> };

/** The audit must hold that the call is about to leave before it leaves. */
async function record(
  { entry }: TargetRun,
  {
    call,
    request,
    place,
  }: { readonly call: Call; readonly request: CallRequest; readonly place?: number | undefined },
): Promise<Recorded> {
  if (entry === undefined) return { outcome: async () => undefined };
  const listed = entry.place(place);
  const tell = (sent: Sent) =>
    entry.sent(listed, {
      outcome: sent.outcome,
      ...(sent.outcome === 'done' ? {} : { error: `${sent.error.code}: ${safeLine(sent.error.message)}` }),
    });
  try {
    await entry.sending(listed, auditCall(call, request));
    return { outcome: tell };
  } catch (thrown) {
    const error = failureOf(thrown);
    await tell({ outcome: 'notSent', error });
    return { error };
  }
}

/** Never rejects; where the remote itself cannot tell in time what became of the call, that is `unknown`. */
async function send(
  run: TargetRun,
  { remote, request }: { readonly remote: Remote; readonly request: CallRequest },
): Promise<Sent> {
  const limit = createLimit(run.hardStop, SEND_TIMEOUT_MS, run.clock);
  const unanswered = new Promise<Sent>((resolve) => {
    const giveUp = () =>
      run.clock.after(LAST_WORD_MS, () =>
        resolve({ outcome: 'unknown', error: sourceFailure('OUTCOME_UNKNOWN', 'no answer came in time') }),
      );
    if (limit.signal.aborted) giveUp();
    else limit.signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    const sent = await Promise.race([remote.send(request, limit.signal), unanswered]);
    return sent.outcome === 'done' ? sent : { ...sent, error: safeFailure(sent.error) };
  } catch (thrown) {
    // It promised never to: whether anything left cannot be told.
    const { message } = failureOf(thrown);
    return { outcome: 'unknown', error: sourceFailure('OUTCOME_UNKNOWN', message) };
  } finally {
    limit.clear();
  }
}

const notSent = (message: string): Sent => ({
  outcome: 'notSent',
  error: sourceFailure('ACTION_IMPOSSIBLE', message),
});
