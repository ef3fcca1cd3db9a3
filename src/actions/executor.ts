import type { Clock } from '../core/clock.ts';
import type { Actor } from '../domain/audit-entry.ts';
import type { Sent } from '../domain/call.ts';
import { appError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import type { ModeInForce, PolicySettings } from '../domain/policy.ts';
import type { Gate } from '../domain/policy-judgement.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import type { Remote } from '../domain/remote.ts';
import { type Text, text } from '../domain/text.ts';
import type {
  Consent,
  DryRunResult,
  Executor,
  Order,
  Prepared,
  RunningJob,
  RunOptions,
  Verdict,
} from './acting.ts';
import type { ActionKind, AnyAction } from './action.ts';
import { createAuditId } from './audit/audit-id.ts';
import type { AuditLog, OpenEntry } from './audit/audit-log.ts';
import { createEntryMaker } from './executor/audit-entries.ts';
import { bindOrder } from './executor/bound-order.ts';
import { createLimit, mapBounded, orAborted } from './executor/concurrency.ts';
import { errorOf, failureOf, safeFailure, safeLine, safeRefusal } from './executor/failure.ts';
import {
  checkTargets,
  impossible,
  judgePlan,
  makePlan,
  onlyContext,
  type PrepareTools,
  prejudge,
  type RealPlan,
} from './executor/make-plan.ts';
import { accessText, createPermissions } from './executor/permissions.ts';
import { createRemotes } from './executor/remotes.ts';
import { type JobInHand, startJob } from './executor/run-job.ts';
import { shownPlan } from './executor/shown.ts';
import { createJobTable } from './jobs.ts';
import { maskDeep } from './mask.ts';
import type { DumpTools, Lookup } from './tools.ts';

const DRY_RUNS_AT_ONCE = 3;
/** Leaving waits no longer than this, even for a disk that does not answer. */
const CLOSE_TIMEOUT_MS = 10_000;
const MAX_REASON = 500;
const RECORDED_REFUSALS: ReadonlySet<string> = new Set([
  'MODE_REFUSED',
  'POLICY_REFUSED',
  'PERMISSION_DENIED',
]);

export interface ExecutorOptions {
  readonly actions: readonly AnyAction[];
  readonly lookup: Lookup;
  /** May reject with an AppError; asked again at the next need then. The executor closes what it opened. */
  readonly openRemote: (context: string) => Promise<Remote>;
  readonly policy: PolicySettings;
  /** Of a context now; a lift changes it. */
  readonly modeOf: (context: string) => ModeInForce;
  readonly isProtected: (context: string) => boolean;
  /** Absent where no dumps can be taken. */
  readonly dumps?: DumpTools | undefined;
  readonly audit: AuditLog;
  /** Who acts on this machine; see `localActor`. */
  readonly actor: Omit<Actor, 'identities'>;
  readonly clock: Clock;
  /** Of jobs and their audit, unique over all processes. @default the time and 6 random bytes */
  readonly createId?: () => string;
}

/** The one gate every change of a remote passes. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { actions, lookup, policy, modeOf, isProtected, audit, clock, actor } = options;
  const createId = options.createId ?? (() => createAuditId(clock.now()));
  const remotes = createRemotes(options.openRemote, clock);
  const permissions = createPermissions(remotes, clock);
  const gate: Gate = { policy, modeOf, isProtected };
  const given: PrepareTools = {
    gate,
    tools: remotes.tools(lookup, { dumps: options.dumps, modeOf }),
    permissions,
    clock,
  };
  const entries = createEntryMaker({ actor, modeOf, lookup, clock });
  const table = createJobTable();
  const leaving = new AbortController();
  /** What a shown plan stands for; it is taken out when it is carried out, so that it is carried out once. */
  const plans = new WeakMap<Prepared, RealPlan>();
  const inHand = new Map<string, JobInHand>();
  const starting = new Set<Promise<unknown>>();

  function bindOne(action: AnyAction, target: Ref<ActionKind>) {
    return bindOrder(action, [target], given.tools).targets[0];
  }

  function disabledReason(action: AnyAction, target: Ref<ActionKind>): Text | undefined {
    const bound = bindOne(action, target);
    if (bound === undefined) return text('it is not there any more', '더 이상 존재하지 않음');
    const judged = prejudge(action, [bound], gate);
    if (judged?.state === 'refused') return judged.why;
    const why = impossible(bound);
    if (why !== undefined) return why;
    const context = onlyContext(bound);
    const denial = context === undefined ? undefined : permissions.knownDenial(context, bound.needs());
    if (denial === undefined) return undefined;
    const right = accessText(denial.access);
    return text(`no right to ${right}`, `권한 없음: ${right}`);
  }

  function assertKnown(action: AnyAction): void {
    if (!actions.includes(action)) throw appError('ACTION_UNKNOWN', `there is no action "${action.id}"`);
    if (leaving.signal.aborted) throw appError('ACTION_IMPOSSIBLE', 'l9s is being left; nothing is begun');
  }

  /** What was ordered and refused by mode, rule or missing right is a record; what was merely asked wrongly is not. */
  async function recordRefusal(order: Order, thrown: unknown): Promise<void> {
    const failure = failureOf(thrown);
    if (!RECORDED_REFUSALS.has(failure.code) || order.action.effect === 'observe') return;
    await audit.refused(entries.refusedOrder(order, createId(), failure));
  }

  async function prepare(order: Order, signal: AbortSignal): Promise<Prepared> {
    assertKnown(order.action);
    try {
      const real = await makePlan(order, AbortSignal.any([signal, leaving.signal]), given);
      const judged = judgePlan(real, gate);
      const prepared: Prepared = { plan: shownPlan(real.plan), verdict: verdictOf(judged) };
      if (judged.state === 'allowed') plans.set(prepared, real);
      else await recordRefusal(order, errorOf(judged.error));
      return prepared;
    } catch (thrown) {
      await recordRefusal(order, thrown);
      throw safeRefusal(thrown);
    }
  }

  async function identitiesOf(plan: Plan): Promise<Readonly<Record<string, string>>> {
    const contexts = [...new Set(plan.targets.map(({ context }) => context))];
    const known = await Promise.all(
      contexts.map(async (context) => [context, await remotes.identity(context)] as const),
    );
    return Object.fromEntries(
      known.flatMap(([context, identity]) => (identity === undefined ? [] : [[context, identity]])),
    );
  }

  async function begin(prepared: Prepared, consent: Consent, runOptions: RunOptions): Promise<RunningJob> {
    const real = plans.get(prepared);
    if (real === undefined) {
      const { verdict } = prepared;
      if (verdict.state === 'refused') throw errorOf(verdict.error);
      throw appError('CONFLICT', 'this plan was carried out already, or is none of ours');
    }
    assertKnown(real.action);
    const judged = judgePlan(real, gate);
    if (judged.state === 'refused') {
      await audit.refused(entries.refusedPlan(real, createId(), safeFailure(judged.error)));
      throw errorOf(judged.error);
    }
    const reason = reasonOf(consent);
    assertConsent(prepared.plan, judged, { ...consent, reason });
    plans.delete(prepared);
    const id = createId();
    const entry = real.plan.effect === 'observe' ? undefined : await beginEntry(real, id, reason);
    const ref = refOf('job', real.plan.targets[0]?.context ?? '', id);
    const job = startJob({
      ref,
      real,
      reason,
      options: runOptions,
      entry,
      auditProblem: () => audit.problem(),
      openRemote: remotes.open,
      clock,
      put: table.put,
    });
    inHand.set(id, job);
    if (leaving.signal.aborted) job.leave('interrupted');
    const done = job.done.finally(() => inHand.delete(id));
    return { ref, done };
  }

  async function beginEntry(real: RealPlan, id: string, reason: string | undefined): Promise<OpenEntry> {
    return audit.begin(entries.begun(real, id, { reason, identities: await identitiesOf(real.plan) }));
  }

  async function dryRun(prepared: Prepared, signal: AbortSignal): Promise<readonly DryRunResult[]> {
    const real = plans.get(prepared);
    if (real === undefined)
      throw appError('ACTION_IMPOSSIBLE', 'this plan cannot be tried: it was refused or used');
    const judged = judgePlan(real, gate);
    if (judged.state === 'refused') throw errorOf(judged.error);
    const steps = real.plan.targets.flatMap((target) =>
      target.steps.flatMap((step) => (step.type === 'call' ? step : [])),
    );
    return mapBounded(steps, DRY_RUNS_AT_ONCE, async ({ call, complete }) => {
      const title = safeLine(call.title.en);
      // What hangs on an earlier answer has no request yet.
      if (complete !== undefined) return { call: title, context: call.context, sent: undefined };
      try {
        const remote = await orAborted(remotes.open(call.context), signal);
        const sent = await orAborted(remote.dryRun(call.request, signal), signal);
        return { call: title, context: call.context, sent: sent === undefined ? undefined : shownSent(sent) };
      } catch (thrown) {
        return { call: title, context: call.context, sent: { outcome: 'notSent', error: failureOf(thrown) } };
      }
    });
  }

  return {
    actions,
    disabledReason,
    precheck(action, target, changed) {
      if (disabledReason(action, target) !== undefined) return;
      const bound = bindOne(action, target);
      const context = bound === undefined ? undefined : onlyContext(bound);
      if (bound === undefined || context === undefined || bound.backEnd !== 'kube') return;
      void permissions.ask(context, bound.needs(), leaving.signal).then((isNew) => {
        if (isNew) changed();
      });
    },
    async options(order, field, signal) {
      assertKnown(order.action);
      const bound = checkTargets(order, given);
      try {
        return (await bound[0]?.options(field, signal)) ?? [];
      } catch (thrown) {
        throw errorOf(failureOf(thrown));
      }
    },
    prepare,
    dryRun,
    run(prepared, consent, runOptions = {}) {
      const begun = begin(prepared, consent, runOptions);
      starting.add(begun);
      return begun.finally(() => starting.delete(begun));
    },
    noteRefusal: ({ action, title, error }) =>
      audit.refused(entries.refusedWords(action, createId(), { title, error })),
    cancel: (job) => inHand.get(job.id)?.leave('cancelled'),
    jobs: table.list,
    onJob: table.onJob,
    onAudit: audit.onEntry,
    async close() {
      leaving.abort(appError('ACTION_IMPOSSIBLE', 'l9s is being left'));
      for (const job of inHand.values()) job.leave('interrupted');
      const limit = createLimit(new AbortController().signal, CLOSE_TIMEOUT_MS, clock);
      const finish = async () => {
        await Promise.allSettled(starting);
        await Promise.allSettled([...inHand.values()].map(({ done }) => done));
        await remotes.close();
        await audit.close();
      };
      await orAborted(finish(), limit.signal).catch(() => undefined);
      limit.clear();
    },
  };
}

const shownSent = (sent: Sent): Sent =>
  sent.outcome === 'done'
    ? { outcome: 'done', answer: maskDeep(sent.answer) }
    : { ...sent, error: safeFailure(sent.error) };

const verdictOf = (judged: ReturnType<typeof judgePlan>): Verdict =>
  judged.state === 'refused'
    ? { state: 'refused', error: safeFailure(judged.error) }
    : { ...judged, because: judged.because.map(({ en, ko }) => ({ en: safeLine(en), ko: safeLine(ko) })) };

function assertConsent(
  { nameToType, title }: Plan,
  { confirm, needsReason }: Extract<Verdict, { state: 'allowed' }>,
  { typedName, reason }: Consent,
): void {
  if (confirm === 'type-name' && typedName !== nameToType) {
    throw appError('CONSENT_MISSING', `${title.en}: "${nameToType}" was not typed`);
  }
  if (needsReason && reason === undefined) {
    throw appError('CONSENT_MISSING', `${title.en}: a reason is asked for`);
  }
}

function reasonOf({ reason }: Consent): string | undefined {
  const written = reason?.trim();
  return written === undefined || written === '' ? undefined : safeLine(written, MAX_REASON);
}
