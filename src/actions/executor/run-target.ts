import { sleep } from '../../core/clock.ts';
import type { CallOutcome, JsonValue, Sent } from '../../domain/call.ts';
import { sourceFailure } from '../../domain/errors.ts';
import { isAccomplished, type JobTarget, type ResultState } from '../../domain/job.ts';
import {
  type CallStep,
  isAsking,
  type Progress,
  type ProgressPart,
  type WaitStep,
} from '../../domain/plan.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import { createLimit, orAborted } from './concurrency.ts';
import { failureOf, safeFailure, safeLine, safeText } from './failure.ts';
import { leftWords } from './left-words.ts';
import { restore } from './restore.ts';
import { type Leaving, type NoteOutcome, sendStep, type TargetRun } from './send-step.ts';
import { takeStep } from './take-step.ts';

const CHECK_TIMEOUT_MS = 30_000;

interface TargetResult {
  readonly state: ResultState;
  readonly error?: SourceFailure | undefined;
}

/** Carries out the steps of one target, in order, each call once. Never rejects. */
export async function runTarget(run: TargetRun): Promise<TargetResult> {
  const sendings = new Map<CallStep, CallOutcome>();
  const takes: CallOutcome[] = [];
  const tell = () => run.update({ outcomes: [...sendings.values(), ...takes] });
  const note = (step: CallStep, outcome: CallOutcome) => {
    sendings.set(step, outcome);
    tell();
  };
  const noteTake = (outcome: CallOutcome) => {
    takes.push(outcome);
    tell();
  };
  let result: TargetResult;
  try {
    result = await runSteps(run, note, noteTake);
  } catch (thrown) {
    const isUnknown = [...sendings.values()].includes('unknown');
    result = { state: isUnknown ? 'unknown' : 'failed', error: failureOf(thrown) };
  }
  if (isAccomplished(result.state)) return result;
  const isPutBack = await restore(run, sendings, note);
  const left = isPutBack ? undefined : leftWords(result.state, run.target, sendings);
  if (left !== undefined) run.update({ detail: left });
  return result;
}

async function runSteps(
  run: TargetRun,
  note: NoteOutcome,
  noteTake: (outcome: CallOutcome) => void,
): Promise<TargetResult> {
  const { steps } = run.target;
  const lastCall = steps.findLastIndex(isAsking);
  const answers: JsonValue[] = [];
  let callNumber = 0;
  let isWatched = true;
  for (const [at, step] of steps.entries()) {
    const leaving = run.leaving();
    if (leaving !== undefined) return leftResult(leaving);
    if (step.type === 'call') {
      const place = run.places[callNumber++];
      const sent = await sendStep(run, { step, place, answers });
      note(step, sent.outcome);
      if (sent.outcome === 'done') answers.push(sent.answer);
      else return resultOf(sent, run.leaving());
    } else if (step.type === 'take') {
      const sent = await takeStep(run, step, run.places[callNumber++]);
      noteTake(sent.outcome);
      if (sent.outcome !== 'done') {
        const left = run.leaving();
        return left === undefined ? resultOf(sent, left) : leftResult(left);
      }
      answers.push(sent.answer);
    } else {
      if (at > lastCall && !run.waitsAfterLastCall) {
        isWatched = false;
        continue;
      }
      const result = await waitStep(run, step);
      if (result.state !== 'done') return result;
    }
  }
  return { state: isWatched ? 'done' : 'sent' };
}

function resultOf({ outcome, error }: Exclude<Sent, { outcome: 'done' }>, leaving: Leaving): TargetResult {
  if (outcome === 'notSent' && leaving !== undefined) return leftResult(leaving);
  return { state: outcome === 'unknown' ? 'unknown' : 'failed', error };
}

const leftResult = (leaving: Exclude<Leaving, undefined>, last = ''): TargetResult =>
  leaving === 'timedOut'
    ? {
        state: 'timedOut',
        error: sourceFailure('ACTION_TIMEOUT', safeLine(`the time given for the job is over${last}`)),
      }
    : { state: leaving };

async function waitStep(run: TargetRun, step: WaitStep): Promise<TargetResult> {
  run.update({ step: safeText(step.title), detail: undefined, parts: undefined });
  const limit = createLimit(run.stop, step.timeoutMs, run.clock);
  /** How it stood when last seen: what a time-out has to say beside the time. */
  let last = '';
  try {
    for (;;) {
      const progress = await look(run, step, limit.signal);
      if (progress !== undefined) {
        run.update(shownProgress(progress));
        if (progress.state === 'done') return { state: 'done' };
        if (progress.state === 'failed') return { state: 'failed', error: safeFailure(progress.error) };
        last =
          progress.detail === undefined || progress.detail === '' ? '' : `; last seen: ${progress.detail}`;
      }
      await sleep(run.clock, step.everyMs, limit.signal);
      if (!limit.signal.aborted) continue;
      const leaving = run.leaving();
      if (leaving !== undefined) return leftResult(leaving, last);
      const seconds = Math.round(step.timeoutMs / 1_000);
      const message = safeLine(`${step.title.en}: not so after ${seconds} s${last}`);
      return { state: 'timedOut', error: sourceFailure('ACTION_TIMEOUT', message) };
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
