import { type Clock, sleep } from '../core/clock.ts';
import type { Call, CallOutcome, CallRequest, JsonValue, Sent } from '../domain/call.ts';
import { appError, sourceFailure } from '../domain/errors.ts';
import type { JobTarget, ResultState } from '../domain/job.ts';
import type { CallStep, PlanTarget, Progress, ProgressPart, WaitStep } from '../domain/plan.ts';
import type { Remote } from '../domain/remote.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { OpenEntry } from './audit/audit-log.ts';
import { createLimit, orAborted } from './executor-concurrency.ts';
import { failureOf, safeFailure, safeLine, safeText } from './executor-failure.ts';
import { auditCall } from './executor-shown.ts';

/** No answer of a remote is waited for longer, whatever its own limits say. */
const SEND_TIMEOUT_MS = 60_000;
const CHECK_TIMEOUT_MS = 30_000;
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
  readonly waitsAfterLastCall: boolean;
  readonly leaving: () => Leaving;
  /** Aborts when no further step is to be begun. */
  readonly stop: AbortSignal;
  /** Aborts 5 s later: what is on its way is given up. */
  readonly hardStop: AbortSignal;
  readonly update: (change: Partial<JobTarget>) => void;
}

interface TargetResult {
  readonly state: ResultState;
  readonly error?: SourceFailure | undefined;
}

/** Carries out the steps of one target, in order, each call once. Never rejects. */
export async function runTarget(run: TargetRun): Promise<TargetResult> {
  const outcomes: CallOutcome[] = [];
  const note = (outcome: CallOutcome) => {
    outcomes.push(outcome);
    run.update({ outcomes: [...outcomes] });
  };
  let result: TargetResult;
  try {
    result = await runSteps(run, note);
  } catch (thrown) {
    result = { state: outcomes.includes('unknown') ? 'unknown' : 'failed', error: failureOf(thrown) };
  }
  if (result.state !== 'done' && outcomes.includes('done')) await restore(run, note);
  return result;
}

async function runSteps(run: TargetRun, note: (outcome: CallOutcome) => void): Promise<TargetResult> {
  const { steps } = run.target;
  const lastCall = steps.findLastIndex((step) => step.type === 'call');
  const answers: JsonValue[] = [];
  let callNumber = 0;
  for (const [at, step] of steps.entries()) {
    const leaving = run.leaving();
    if (leaving !== undefined) return leftResult(leaving);
    if (step.type === 'call') {
      const place = run.places[callNumber++];
      const sent = await sendStep(run, { step, place, answers });
      note(sent.outcome);
      if (sent.outcome === 'done') answers.push(sent.answer);
      else return resultOf(sent, run.leaving());
    } else {
      if (at > lastCall && !run.waitsAfterLastCall) continue;
      const result = await waitStep(run, step);
      if (result.state !== 'done') return result;
    }
  }
  return { state: 'done' };
}

/** Puts back what the plan says; the state of the target stays what it was. */
async function restore(run: TargetRun, note: (outcome: CallOutcome) => void): Promise<void> {
  for (const step of run.target.restore ?? []) {
    if (run.hardStop.aborted) {
      run.update({ detail: 'not restored: we had to leave' });
      return;
    }
    const sent = await sendStep(run, { step, place: undefined, answers: [] });
    note(sent.outcome);
    if (sent.outcome !== 'done') {
      run.update({ detail: safeLine(`not restored: ${sent.error.message}`) });
      return;
    }
    run.update({ detail: 'restored' });
  }
}

interface CallToSend {
  readonly step: CallStep;
  readonly place: number | undefined;
  readonly answers: readonly JsonValue[];
}

async function sendStep(run: TargetRun, { step, place, answers }: CallToSend): Promise<Sent> {
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

function resultOf({ outcome, error }: Exclude<Sent, { outcome: 'done' }>, leaving: Leaving): TargetResult {
  if (outcome === 'notSent' && leaving !== undefined) return leftResult(leaving);
  return { state: outcome === 'unknown' ? 'unknown' : 'failed', error };
}

const leftResult = (leaving: Exclude<Leaving, undefined>): TargetResult =>
  leaving === 'timedOut'
    ? { state: 'timedOut', error: sourceFailure('ACTION_TIMEOUT', 'the time given for the job is over') }
    : { state: leaving };

async function waitStep(run: TargetRun, step: WaitStep): Promise<TargetResult> {
  run.update({ step: safeText(step.title), detail: undefined, parts: undefined });
  const limit = createLimit(run.stop, step.timeoutMs, run.clock);
  try {
    for (;;) {
      const progress = await look(run, step, limit.signal);
      if (progress !== undefined) {
        run.update(shownProgress(progress));
        if (progress.state === 'done') return { state: 'done' };
        if (progress.state === 'failed') return { state: 'failed', error: safeFailure(progress.error) };
      }
      await sleep(run.clock, step.everyMs, limit.signal);
      if (!limit.signal.aborted) continue;
      const leaving = run.leaving();
      if (leaving !== undefined) return leftResult(leaving);
      const seconds = Math.round(step.timeoutMs / 1_000);
      return {
        state: 'timedOut',
        error: sourceFailure('ACTION_TIMEOUT', safeLine(`${step.title.en}: not so after ${seconds} s`)),
      };
    }
  } finally {
    limit.clear();
  }
}

/** One look; what it throws is shown, and counts as not yet. `undefined` when we stopped looking meanwhile. */
async function look(run: TargetRun, step: WaitStep, stop: AbortSignal): Promise<Progress | undefined> {
  const limit = createLimit(stop, CHECK_TIMEOUT_MS, run.clock);
  try {
    return await orAborted(step.check(limit.signal), limit.signal);
  } catch (thrown) {
    if (stop.aborted) return undefined;
    return { state: 'waiting', detail: failureOf(thrown).message };
  } finally {
    limit.clear();
  }
}

function shownProgress(progress: Progress): Partial<JobTarget> {
  return {
    detail:
      progress.state === 'failed' || progress.detail === undefined ? undefined : safeLine(progress.detail),
    ...(progress.parts === undefined ? {} : { parts: progress.parts.map(shownPart) }),
  };
}

const shownPart = ({ name, state, detail }: ProgressPart): ProgressPart => ({
  name: safeLine(name, 300),
  state,
  ...(detail === undefined ? {} : { detail: safeLine(detail) }),
});
