import type { CallOutcome } from '../../domain/call.ts';
import type { CallStep } from '../../domain/plan.ts';
import { safeLine } from './failure.ts';
import { type NoteOutcome, sendStep, type TargetRun } from './send-step.ts';

/** What a target's `detail` begins with where something was not put back. */
export const NOT_RESTORED = 'not restored';

/**
 * Puts back what the plan says of what was done, as far as it may be; the state of the target stays what it was, its
 * `detail` says what came of it. False where there is nothing to put back.
 */
export async function restore(
  run: TargetRun,
  sendings: ReadonlyMap<CallStep, CallOutcome>,
  note: NoteOutcome,
): Promise<boolean> {
  const due = dueOf(run, sendings);
  if (due.length === 0) return false;
  const doubt = doubtOf(sendings);
  const failures = doubt === undefined ? await sendAll(run, due, note) : [doubt];
  run.update({
    detail: failures.length === 0 ? 'restored' : safeLine(`${NOT_RESTORED}: ${failures.join('; ')}`),
  });
  return true;
}

function dueOf({ target }: TargetRun, sendings: ReadonlyMap<CallStep, CallOutcome>): readonly CallStep[] {
  const hasReturn = ![...sendings].some(([step, outcome]) => step.isNoReturn === true && outcome === 'done');
  if (!hasReturn) return [];
  const isAnyDone = [...sendings.values()].includes('done');
  return (target.restore ?? []).filter(({ undoes }) => {
    if (undoes === undefined) return isAnyDone;
    const outcome = sendings.get(undoes);
    return outcome === 'done' || outcome === 'unknown';
  });
}

/** Where what rolls may have been carried out, putting back would mix what its members start with. */
function doubtOf(sendings: ReadonlyMap<CallStep, CallOutcome>): string | undefined {
  const step = [...sendings].find(
    ([{ isNoReturn }, outcome]) => isNoReturn === true && outcome === 'unknown',
  )?.[0];
  return step === undefined ? undefined : `whether it did "${step.call.title.en}" cannot be told`;
}

/** What could not be put back, in words. */
async function sendAll(
  run: TargetRun,
  due: readonly CallStep[],
  note: NoteOutcome,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const step of due) {
    if (run.hardStop.aborted) return [...failures, 'we had to leave'];
    const sent = await sendStep(run, { step, place: undefined, answers: [] });
    note(step, sent.outcome);
    if (sent.outcome === 'done') continue;
    failures.push(`${step.call.title.en}: ${sent.error.message}`);
    if (step.undoes === undefined) break;
  }
  return failures;
}
