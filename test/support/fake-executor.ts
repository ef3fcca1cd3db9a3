import type {
  Consent,
  DryRunResult,
  Executor,
  Order,
  Prepared,
  RunningJob,
  Verdict,
} from '../../src/actions/acting.ts';
import type { ActionKind, AnyAction, InputOption } from '../../src/actions/action.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { appError } from '../../src/domain/errors.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import { type Text, text } from '../../src/domain/text.ts';
import { FAKE_ACTIONS } from './fake-actions.ts';

export const ALLOWED: Extract<Verdict, { readonly state: 'allowed' }> = {
  state: 'allowed',
  confirm: 'confirm',
  needsReason: false,
  because: [],
};

/** Answers that wait until the test gives them. */
interface Held<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A gate that sends nothing: it records what the console asks of it, and answers as the test says. */
export function createFakeExecutor(actions: readonly AnyAction[] = FAKE_ACTIONS) {
  const jobListeners = new Set<(job: Job) => void>();
  const auditListeners = new Set<(entry: AuditEntry) => void>();
  const jobs = new Map<string, { job: Job; readonly held: Held<Job> }>();
  const calls = {
    prepared: [] as Order[],
    dryRuns: 0,
    runs: [] as { readonly prepared: Prepared; readonly consent: Consent }[],
    cancelled: [] as string[],
    prechecked: [] as string[],
  };
  const answers = {
    verdict: ALLOWED as Verdict,
    /** Put over the plan made from the order. */
    plan: {} as Partial<Plan>,
    disabled: (_action: AnyAction, _target: Ref<ActionKind>): Text | undefined => undefined,
    prepareError: undefined as Error | undefined,
    runError: undefined as Error | undefined,
    options: [] as readonly InputOption[],
    optionsError: undefined as Error | undefined,
    dryRun: [] as readonly DryRunResult[],
    /** While set, answers of its kind wait for `release`. */
    holds: { prepare: false, options: false, run: false },
  };
  const waiting: (() => void)[] = [];
  const prechecks: (() => void)[] = [];
  const maybeHold = (isHeld: boolean, signal?: AbortSignal): Promise<void> =>
    isHeld
      ? new Promise((resolve, reject) => {
          waiting.push(resolve);
          signal?.addEventListener('abort', () => reject(signal.reason));
        })
      : Promise.resolve();
  const publish = (job: Job) => {
    for (const listener of jobListeners) listener(job);
  };
  const executor: Executor = {
    actions,
    disabledReason: (action, target) => answers.disabled(action, target),
    precheck(action, target, changed) {
      prechecks.push(changed);
      calls.prechecked.push(`${action.id} ${target.id}`);
    },
    async options(_order, _field, signal) {
      await maybeHold(answers.holds.options, signal);
      if (answers.optionsError !== undefined) throw answers.optionsError;
      return answers.options;
    },
    async prepare(order, signal) {
      calls.prepared.push(order);
      await maybeHold(answers.holds.prepare, signal);
      if (answers.prepareError !== undefined) throw answers.prepareError;
      return { plan: { ...planOf(order), ...answers.plan }, verdict: answers.verdict };
    },
    async dryRun() {
      calls.dryRuns++;
      return answers.dryRun;
    },
    async run(prepared, consent): Promise<RunningJob> {
      calls.runs.push({ prepared, consent });
      await maybeHold(answers.holds.run);
      if (answers.runError !== undefined) throw answers.runError;
      const ref = refOf('job', prepared.plan.targets[0]?.context ?? 'prod', `job-${calls.runs.length}`);
      const held = Promise.withResolvers<Job>();
      const job: Job = {
        ref,
        action: prepared.plan.action,
        title: prepared.plan.title,
        state: 'running',
        isCancelling: false,
        startedAt: 0,
        reason: consent.reason,
        targets: prepared.plan.targets.map(({ ref: target, context, name }) => ({
          ref: target,
          context,
          name,
          state: 'running',
          outcomes: [],
        })),
      };
      jobs.set(ref.id, { job, held });
      publish(job);
      return { ref, done: held.promise };
    },
    noteRefusal: () => Promise.resolve(),
    cancel(ref) {
      calls.cancelled.push(ref.id);
    },
    jobs: () => Array.from(jobs.values(), ({ job }) => job),
    onJob(listener) {
      jobListeners.add(listener);
      return () => jobListeners.delete(listener);
    },
    onAudit(listener) {
      auditListeners.add(listener);
      return () => auditListeners.delete(listener);
    },
    close: () => Promise.resolve(),
  };
  return {
    executor,
    calls,
    answers,
    /** Lets everything held go on. */
    release() {
      for (const go of waiting.splice(0)) go();
    },
    /** Tells that what is dim may be another now. */
    answerPrechecks() {
      for (const changed of prechecks.splice(0)) changed();
    },
    /** Moves a job on; one that does not run any more is done. */
    update(id: string, change: Partial<Job>) {
      const known = jobs.get(id);
      if (known === undefined) throw new Error(`No job ${id}`);
      known.job = { ...known.job, ...change };
      publish(known.job);
      if (known.job.state !== 'running') known.held.resolve(known.job);
    },
    audit(entry: AuditEntry) {
      for (const listener of auditListeners) listener(entry);
    },
  };
}
export type FakeExecutor = ReturnType<typeof createFakeExecutor>;

export const REFUSED = appError('POLICY_REFUSED', 'rule freeze of policy.yaml denies restart in prod');

/** A plan of one patch a target. */
function planOf({ action, targets, input }: Order): Plan {
  const names = targets.map(({ id }) => id.split('/').at(-1) ?? id);
  return {
    action: action.id,
    effect: action.effect,
    title: text(
      `${action.title.en} ${names.join(', ')} in prod`,
      `prod의 ${names.join(', ')} ${action.title.ko}`,
    ),
    nameToType: names.length === 1 ? (names[0] ?? '') : String(names.length),
    input,
    targets: targets.map((ref, index) => ({
      ref,
      context: ref.context,
      namespace: 'shop',
      kind: 'Pod',
      name: names[index] ?? '',
      steps: [
        {
          type: 'call',
          call: {
            context: ref.context,
            title: text(`Evict pod ${names[index]}`, `파드 ${names[index]} 축출`),
            request: {
              system: 'kube',
              method: 'POST',
              path: `/api/v1/namespaces/shop/pods/${names[index]}/eviction`,
              body: { kind: 'Eviction', metadata: { name: names[index] ?? '' } },
            },
          },
        },
        {
          type: 'wait',
          title: text('until its replacement is ready', '대체 서버가 준비될 때까지'),
          everyMs: 1_000,
          timeoutMs: 60_000,
          check: () => Promise.resolve({ state: 'done' }),
        },
      ],
      before: { state: 'ready' },
    })),
    warnings: [],
    diff: [],
  };
}
