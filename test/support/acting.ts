import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Order } from '../../src/actions/acting.ts';
import type { ActionSpec, Way } from '../../src/actions/action.ts';
import { type AuditLog, createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor, type ExecutorOptions } from '../../src/actions/executor.ts';
import type { Lookup } from '../../src/actions/tools.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { CallRequest, KubeCall, Sent } from '../../src/domain/call.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { Kind } from '../../src/domain/kind.ts';
import type { CallStep, PlanDraft, PlanTarget, Step } from '../../src/domain/plan.ts';
import type { PolicySettings } from '../../src/domain/policy.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import type { KubeAccess, KubeRemote, Permission } from '../../src/domain/remote.ts';
import { text } from '../../src/domain/text.ts';
import type { Workload } from '../../src/domain/workload.ts';

export const NORMAL: PolicySettings = {
  mode: 'normal',
  modeOrigin: 'default',
  fixedMode: 'normal',
  rules: [],
  lift: { isAllowed: false, maxMinutes: 30 },
  syslog: 'off',
};

export function workloadRow(context: string, name: string, place = 'shop'): Workload {
  return {
    ref: refOf('workload', context, `${place}/Deployment/${name}`),
    contextKind: 'kube',
    kind: 'Deployment',
    name,
    place: { kind: 'namespace', name: place },
    desired: 2,
    ready: 2,
    rollout: { state: 'stable' },
    environment: [],
    labels: {},
    ownedBy: [],
    seenAt: 0,
  };
}

/** Rows that can be taken away. */
export function rowsLookup(rows: readonly Entities[Kind][]): Lookup & { remove(ref: Ref): void } {
  let left = [...rows];
  const isOf = <K extends Kind>(kind: K, row: Entities[Kind]): row is Entities[K] => row.ref.kind === kind;
  const all = <K extends Kind>(kind: K): Entities[K][] => left.flatMap((row) => (isOf(kind, row) ? row : []));
  return {
    get: ({ kind, context, id }) => all(kind).find(({ ref }) => ref.context === context && ref.id === id),
    all,
    managersServing: () => [],
    servedBy: () => [],
    remove: (gone) => {
      left = left.filter(({ ref }) => ref.context !== gone.context || ref.id !== gone.id);
    },
  };
}

export const patchRequest = (name: string): KubeCall => ({
  system: 'kube',
  method: 'PATCH',
  path: `/apis/apps/v1/namespaces/shop/deployments/${name}`,
  body: { spec: { replicas: 3 } },
});
export const callStep = (context: string, request: CallRequest, more: Partial<CallStep> = {}): CallStep => ({
  type: 'call',
  call: { context, title: text('patch it', '변경'), request },
  ...more,
});

export function plannedTarget(
  { ref, name, kind, place }: Workload,
  steps: readonly Step[],
  more: Partial<PlanTarget> = {},
): PlanTarget {
  return { ref, context: ref.context, namespace: place.name, kind, name, steps, before: {}, ...more };
}
export const draftOf = (target: PlanTarget, more: Partial<PlanDraft> = {}): PlanDraft => ({
  targets: [target],
  warnings: [],
  diff: [],
  ...more,
});

/** A verb on workloads of Kubernetes that patches each once, unless told otherwise. */
export function patchAction(
  more: Partial<ActionSpec<'workload'>> & { readonly way?: Partial<Way<'workload'>> } = {},
): ActionSpec<'workload'> {
  const { way, ...spec } = more;
  return {
    id: 'rolling-restart',
    command: 'restart',
    kind: 'workload',
    effect: 'change',
    key: 'R',
    title: text('Restart', '재시작'),
    help: text('Restarts it.', '재시작합니다.'),
    takesMany: true,
    inputs: [],
    backEndOf: () => 'kube',
    ways: {
      kube: {
        plan: async ({ target }) =>
          draftOf(plannedTarget(target, [callStep(target.ref.context, patchRequest(target.name))])),
        after: async () => ({}),
        ...way,
      },
    },
    ...spec,
  };
}

export interface FakeRemote extends KubeRemote {
  readonly sent: CallRequest[];
  readonly tried: CallRequest[];
  readonly reviewed: KubeAccess[];
}
export interface FakeRemoteAnswers {
  readonly send?: (request: CallRequest, signal: AbortSignal) => Promise<Sent>;
  readonly mayI?: (access: KubeAccess) => Permission;
  readonly dryRun?: (request: CallRequest) => Sent | undefined;
}
export const DONE: Sent = { outcome: 'done', answer: {} };

export function fakeRemote(context: string, answers: FakeRemoteAnswers = {}): FakeRemote {
  const sent: CallRequest[] = [];
  const tried: CallRequest[] = [];
  const reviewed: KubeAccess[] = [];
  return {
    kind: 'kube',
    context,
    sent,
    tried,
    reviewed,
    identity: async () => `user of ${context}`,
    async send(request, signal) {
      sent.push(request);
      return (await answers.send?.(request, signal)) ?? DONE;
    },
    async dryRun(request) {
      tried.push(request);
      return answers.dryRun === undefined ? DONE : answers.dryRun(request);
    },
    get: async () => ({}),
    async mayI(access) {
      reviewed.push(access);
      return answers.mayI?.(access) ?? { state: 'allowed' };
    },
    exec: async () => ({ exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '' }),
    stream: async () => ({ exitCode: 0, stderr: '' }),
    log: async () => undefined,
    close: async () => undefined,
  };
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-acting-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface ActingOptions extends Partial<Omit<ExecutorOptions, 'actions'>> {
  readonly action?: ActionSpec<'workload'>;
  readonly rows?: readonly Entities[Kind][];
  readonly remote?: FakeRemote;
  readonly clock?: Clock;
}

/** An executor over fake remotes of context `dev`, with a real audit in a directory of its own. */
export function startActing(t: TestContext, given: ActingOptions = {}) {
  const { action = patchAction(), remote = fakeRemote('dev'), clock = systemClock, ...options } = given;
  const rows = given.rows ?? [workloadRow('dev', 'cart')];
  const directory = path.join(temporaryDirectory(t), 'audit');
  const audit: AuditLog = options.audit ?? createAuditLog({ directory, clock });
  const executor = createExecutor({
    lookup: rowsLookup(rows),
    openRemote: async () => remote,
    policy: NORMAL,
    modeOf: () => ({ mode: 'normal', origin: 'default' }),
    isProtected: () => false,
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    ...options,
    actions: [action],
    audit,
    clock,
  });
  t.after(() => executor.close());
  const order = (input: Order['input'] = {}): Order => ({
    action,
    targets: rows.flatMap(({ ref }) =>
      ref.kind === 'workload' ? refOf('workload', ref.context, ref.id) : [],
    ),
    input,
  });
  return { executor, remote, audit, directory, order, action };
}

export const NEVER = new AbortController().signal;
