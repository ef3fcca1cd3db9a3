import type { Clock } from '../../core/clock.ts';
import { isAccomplished, type Job, type JobTarget, type ResultState } from '../../domain/job.ts';
import { type Facts, isAsking, type PlanTarget } from '../../domain/plan.ts';
import type { Ref } from '../../domain/ref.ts';
import type { Remote } from '../../domain/remote.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import type { Words } from '../../domain/text.ts';
import type { RunOptions } from '../acting.ts';
import type { OpenEntry } from '../audit/audit-log.ts';
import { stateOfTargets } from '../jobs.ts';
import { createLimit, mapBounded, orAborted } from './concurrency.ts';
import { safeFailure, safeText } from './failure.ts';
import type { RealPlan } from './make-plan.ts';
import { NOT_RESTORED } from './restore.ts';
import { runTarget } from './run-target.ts';
import type { Leaving } from './send-step.ts';
import { safeFacts } from './shown.ts';

/** Of one job; the next begins when one is over. */
export const TARGETS_AT_ONCE = 3;
/** What is on its way when we stop gets this long. */
const GRACE_MS = 5_000;
const AFTER_TIMEOUT_MS = 10_000;

export interface JobStart {
  readonly ref: Ref<'job'>;
  readonly real: RealPlan;
  readonly reason: string | undefined;
  readonly options: RunOptions;
  /** Absent for what is not audited. */
  readonly entry: OpenEntry | undefined;
  readonly auditProblem: () => SourceFailure | undefined;
  readonly openRemote: (context: string) => Promise<Remote>;
  readonly clock: Clock;
  readonly put: (job: Job) => void;
}
export interface JobInHand {
  readonly done: Promise<Job>;
  leave(why: Exclude<Leaving, undefined>): void;
}

/** Carries out a plan: several targets at once, each on its own; those of one group one after another. */
export function startJob(start: JobStart): JobInHand {
  const { real, options, entry, clock } = start;
  const { plan } = real;
  const stop = new AbortController();
  const hardStop = new AbortController();
  let leaving: Leaving;
  let isStopped = false;
  let cancelTimers: (() => void)[] = [];
  let job: Job = {
    ref: start.ref,
    action: plan.action,
    title: safeText(plan.title),
    state: 'running',
    isCancelling: false,
    startedAt: clock.now(),
    ...(start.reason === undefined ? {} : { reason: start.reason }),
    targets: plan.targets.map(({ ref, context, name }) => ({
      ref,
      context,
      name,
      state: 'waiting',
      outcomes: [],
    })),
  };
  const change = (next: Partial<Job>) => {
    job = { ...job, ...next };
    start.put(job);
  };
  const update = (at: number, next: Partial<JobTarget>) =>
    change({ targets: job.targets.map((target, index) => (index === at ? { ...target, ...next } : target)) });

  function leave(why: Exclude<Leaving, undefined>): void {
    if (leaving !== undefined || job.endedAt !== undefined) return;
    leaving = why;
    cancelTimers.push(clock.after(GRACE_MS, () => hardStop.abort()));
    stop.abort();
    change({ isCancelling: true });
  }

  async function runOne({ target, at, places }: Numbered, isLast: boolean): Promise<ResultState> {
    if (leaving !== undefined || isStopped) return end(at, { state: 'notStarted' });
    update(at, { state: 'running', startedAt: clock.now() });
    const { state, error } = await runTarget({
      target,
      places,
      openRemote: start.openRemote,
      entry,
      clock,
      reason: start.reason,
      waitsAfterLastCall: options.waits !== false || !isLast,
      leaving: () => leaving,
      stop: stop.signal,
      hardStop: hardStop.signal,
      update: (next) => update(at, next),
    });
    if (!isAccomplished(state) && options.stopsAtFailure === true) isStopped = true;
    return end(at, { state, ...(error === undefined ? {} : { error: safeFailure(error) }) });
  }
  function end(at: number, result: { readonly state: ResultState; readonly error?: SourceFailure }) {
    update(at, { ...result, endedAt: clock.now() });
    return result.state;
  }

  async function runGroup(group: readonly Numbered[]): Promise<void> {
    let hasFailed = false;
    for (const [at, numbered] of group.entries()) {
      // The next one of a group may be begun only when this one has come to its end, waited for or not.
      if (hasFailed) end(numbered.at, { state: 'notStarted' });
      else hasFailed = !isAccomplished(await runOne(numbered, at === group.length - 1));
    }
  }

  async function runAll(): Promise<Job> {
    await mapBounded(groupsOf(plan.targets), TARGETS_AT_ONCE, runGroup);
    const results = await Promise.all(
      job.targets.map(async ({ state, error, detail, outcomes }, at) => {
        const target = plan.targets[at];
        const isTouched = outcomes.length > 0 && leaving !== 'interrupted';
        const after = isTouched && target !== undefined ? await lookAfter(real, target, start) : undefined;
        return {
          result: state === 'waiting' || state === 'running' ? ('notStarted' as const) : state,
          ...errorOf(error, detail),
          ...(after === undefined ? {} : { after: safeFacts(after) }),
        };
      }),
    );
    for (const cancel of cancelTimers) cancel();
    cancelTimers = [];
    const endedAt = clock.now();
    const state = stateOfTargets(job.targets);
    await entry?.end({ at: endedAt, result: state, targets: results });
    const auditError = entry === undefined ? undefined : start.auditProblem();
    change({
      state,
      endedAt,
      isCancelling: false,
      ...(auditError === undefined ? {} : { auditError }),
    });
    return job;
  }

  if (options.timeoutMs !== undefined) {
    cancelTimers.push(clock.after(options.timeoutMs, () => leave('timedOut')));
  }
  start.put(job);
  return { done: runAll(), leave };
}

interface Numbered {
  readonly target: PlanTarget;
  readonly at: number;
  /** Of its calls in the audit's entry. */
  readonly places: readonly number[];
}

/** Targets in the order of the plan, those of one group together; calls are numbered as the audit lists them. */
function groupsOf(targets: readonly PlanTarget[]): readonly (readonly Numbered[])[] {
  const groups = new Map<string, Numbered[]>();
  let place = 0;
  for (const [at, target] of targets.entries()) {
    const places = target.steps.flatMap((step) => (isAsking(step) ? place++ : []));
    const key = target.group === undefined ? `alone\n${at}` : `group\n${target.group}`;
    groups.set(key, [...(groups.get(key) ?? []), { target, at, places }]);
  }
  return [...groups.values()];
}

/** Of the audit: what failed, and what was not put back, be it after a failure or a cancel. */
function errorOf(error: SourceFailure | undefined, detail: Words | undefined): { readonly error?: string } {
  const left = typeof detail === 'string' && detail.startsWith(NOT_RESTORED) ? detail : undefined;
  if (error === undefined) return left === undefined ? {} : { error: left };
  return { error: `${error.code}: ${error.message}${left === undefined ? '' : ` (${left})`}` };
}

/** What the target is afterwards, for the audit; absent where it cannot be read in time. */
async function lookAfter(
  { plannedBy }: RealPlan,
  target: PlanTarget,
  { clock }: Pick<JobStart, 'clock'>,
): Promise<Facts | undefined> {
  const limit = createLimit(new AbortController().signal, AFTER_TIMEOUT_MS, clock);
  try {
    const reading = plannedBy.get(target)?.after(target, limit.signal);
    return reading === undefined ? undefined : await orAborted(reading, limit.signal);
  } catch {
    return undefined;
  } finally {
    limit.clear();
  }
}
