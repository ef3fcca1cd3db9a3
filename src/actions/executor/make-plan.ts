import type { Clock } from '../../core/clock.ts';
import { appError } from '../../domain/errors.ts';
import {
  EMPTY_DRAFT,
  isAsking,
  joinDrafts,
  type Plan,
  type PlanDraft,
  type PlanTarget,
  type PlanWarning,
} from '../../domain/plan.ts';
import { gravest } from '../../domain/policy.ts';
import { type Gate, type JudgedTarget, type Judgement, judge } from '../../domain/policy-judgement.ts';
import { refKey } from '../../domain/ref.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Order } from '../acting.ts';
import type { ActionKind, AnyAction, Reach } from '../action.ts';
import type { ActionTools } from '../tools.ts';
import { type BoundTarget, bindOrder } from './bound-order.ts';
import { createLimit, mapBounded, orAborted } from './concurrency.ts';
import { errorOf, safeLine } from './failure.ts';
import { inputFields, validateInput } from './input.ts';
import { accessText, type Permissions } from './permissions.ts';

const PLANS_AT_ONCE = 4;
const PLAN_TIMEOUT_MS = 30_000;

/** A plan that can be carried out, with the row each target was planned for. */
export interface RealPlan {
  readonly action: AnyAction;
  readonly plan: Plan;
  readonly plannedBy: ReadonlyMap<PlanTarget, BoundTarget>;
}

export interface PrepareTools {
  readonly gate: Gate;
  readonly tools: ActionTools;
  readonly permissions: Permissions;
  readonly clock: Clock;
}

/** Everything that is known before anything is asked: rows, mode, rules. Throws an AppError. */
export function checkTargets(
  { action, targets }: Pick<Order, 'action' | 'targets'>,
  { gate, tools }: Pick<PrepareTools, 'gate' | 'tools'>,
): readonly BoundTarget[] {
  if (targets.length === 0) throw appError('INPUT_INVALID', `${action.command}: no target is given`);
  const { targets: bound, gone } = bindOrder(action, targets, tools);
  const refused = prejudge(action, bound, gate) ?? judgeUnknown(action, gone, gate);
  if (refused.state === 'refused') throw errorOf(refused.error);
  const [missing] = gone;
  if (missing !== undefined) {
    throw appError('TARGET_UNKNOWN', `${missing.id} is not in ${missing.context} any more`);
  }
  if (bound.length > 1 && !action.takesMany) {
    throw appError('INPUT_INVALID', `${action.command} takes one target at a time, not ${bound.length}`);
  }
  for (const target of bound) {
    const why = impossible(target);
    if (why !== undefined) {
      throw appError('ACTION_IMPOSSIBLE', `${action.command} ${target.name}: ${why.en}`);
    }
  }
  return bound;
}

/** Plans every target and joins what they say. Rejects with an AppError. */
export async function makePlan(order: Order, signal: AbortSignal, given: PrepareTools): Promise<RealPlan> {
  const { action } = order;
  const bound = checkTargets(order, given);
  const input = validateInput(action, order.input);
  const limit = createLimit(signal, PLAN_TIMEOUT_MS, given.clock);
  try {
    const work = async () => {
      await checkChoices(order, bound, limit.signal);
      const rights = await mapBounded(bound, PLANS_AT_ONCE, (target) =>
        checkRights(action, target, { permissions: given.permissions, signal: limit.signal }),
      );
      const drafts = await mapBounded(bound, PLANS_AT_ONCE, async (target) => ({
        target,
        draft: await target.plan(input, limit.signal),
      }));
      return assemble({ action, bound, drafts, input, warnings: rights.flat() });
    };
    return await orAborted(work(), limit.signal);
  } catch (thrown) {
    if (limit.isOver()) {
      throw appError('TIMEOUT', `planning ${action.command} took longer than ${PLAN_TIMEOUT_MS / 1_000} s`);
    }
    if (signal.aborted) throw appError('ACTION_IMPOSSIBLE', 'planning was left; nothing was changed');
    throw thrown;
  } finally {
    limit.clear();
  }
}

/** Mode and rules as far as they can be told without a plan; a cluster over contexts, if all of them refuse. */
export function prejudge(
  action: AnyAction,
  bound: readonly BoundTarget[],
  gate: Gate,
): Judgement | undefined {
  const judgeTargets = (targets: readonly JudgedTarget[]) =>
    judgeAction(action, { targets, dangers: [] }, gate);
  const firm = judgeTargets(bound.flatMap(({ judged }) => (judged.length === 1 ? judged : [])));
  if (firm.state === 'refused') return firm;
  for (const { judged } of bound) {
    const each = judged.map((target) => judgeTargets([target]));
    if (each.length > 0 && each.every(({ state }) => state === 'refused')) return each[0];
  }
  return undefined;
}

/** Rows that are gone are judged too, so that a refusal does not depend on what is known of them. */
const judgeUnknown = (action: AnyAction, gone: readonly { readonly context: string }[], gate: Gate) =>
  judgeAction(action, { targets: gone.map(({ context }) => ({ context })), dangers: [] }, gate);

export const judgePlan = ({ action, plan }: RealPlan, gate: Gate): Judgement =>
  judgeAction(
    { ...action, effect: plan.effect },
    {
      targets: plan.targets.map(({ ref, context, namespace, kind }) => ({
        context,
        rowContext: ref.context,
        namespace,
        kind,
      })),
      dangers: plan.warnings.flatMap(({ level, text: said }) => (level === 'danger' ? said : [])),
    },
    gate,
  );

const judgeAction = (
  { id, command, title, effect }: Pick<AnyAction, 'id' | 'command' | 'title' | 'effect'>,
  about: { readonly targets: readonly JudgedTarget[]; readonly dangers: readonly Text[] },
  gate: Gate,
): Judgement => judge({ names: [id, command], title, effect, ...about }, gate);

const NO_WAY: Record<Reach, Text> = {
  kube: text('Kubernetes cannot do that', 'Kubernetes에서는 할 수 없음'),
  ecs: text('ECS cannot do that', 'ECS에서는 할 수 없음'),
  manager: text('a Manager cannot do that', 'Manager로는 할 수 없음'),
  channel: text('nothing it sends to us can do that', '서버가 연결해 오는 통로로는 할 수 없음'),
};

/**
 * Why a row cannot be acted on, as far as it can be told without asking anybody: what follows the verb's and the
 * row's name and a colon.
 */
export function impossible(target: BoundTarget): Text | undefined {
  if (target.backEnd === undefined) {
    return (
      target.whyNoBackEnd() ??
      text('nothing that can act on it is configured', '작업을 수행할 수 있는 대상이 설정되어 있지 않음')
    );
  }
  return target.hasWay ? target.disabledReason() : NO_WAY[target.backEnd];
}

/** An answer of a closed choice must be one of those offered for the first row; the plans of the others see to theirs. */
async function checkChoices(
  { action, input }: Order,
  [first]: readonly BoundTarget[],
  signal: AbortSignal,
): Promise<void> {
  for (const field of inputFields(action)) {
    const answer = input[field.id]?.trim();
    if (field.type !== 'choice' || field.isOpen || first === undefined) continue;
    if (answer === undefined || answer === '') continue;
    const options = await first.options(field.id, signal);
    if (options.some(({ value }) => value === answer)) continue;
    const listed = options.filter(({ isUnlisted }) => isUnlisted !== true);
    const offered = listed.slice(0, 10).map(({ value, label }) => (value === '' ? `(${label})` : value));
    throw appError(
      'INPUT_INVALID',
      safeLine(`${field.flag.spelling}: "${answer}" is none of ${offered.join(', ')}`),
    );
  }
}

async function checkRights(
  { command }: AnyAction,
  target: BoundTarget,
  { permissions, signal }: { readonly permissions: Permissions; readonly signal: AbortSignal },
): Promise<readonly PlanWarning[]> {
  const context = onlyContext(target);
  if (context === undefined || target.backEnd !== 'kube') return [];
  const answers = await Promise.all(
    target.needs().map(async (access) => ({
      access,
      permission: await permissions.answer(context, access, signal),
    })),
  );
  const denied = answers.find(({ permission }) => permission.state === 'denied');
  if (denied !== undefined) {
    const { reason } = denied.permission;
    const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
    throw appError(
      'PERMISSION_DENIED',
      safeLine(`${command} ${target.name}: no right to ${accessText(denied.access)} (${context})${why}`),
    );
  }
  return answers.flatMap(({ access, permission }) =>
    permission.state === 'unknown' ? [unknownRight(context, accessText(access))] : [],
  );
}

/** Where a row spans contexts no single one can be asked; its plan does. */
export const onlyContext = ({ judged }: BoundTarget): string | undefined =>
  judged.length === 1 ? judged[0]?.context : undefined;

const unknownRight = (context: string, right: string): PlanWarning => ({
  level: 'warn',
  code: 'right-unknown',
  text: text(
    `whether we may ${right} could not be asked (${context})`,
    `${right} 권한을 확인할 수 없었습니다 (${context})`,
  ),
});

interface Assembly {
  readonly action: AnyAction;
  readonly bound: readonly BoundTarget[];
  readonly drafts: readonly { readonly target: BoundTarget; readonly draft: PlanDraft }[];
  readonly input: Readonly<Record<string, string>>;
  readonly warnings: readonly PlanWarning[];
}

function assemble({ action, bound, drafts, input, warnings }: Assembly): RealPlan {
  const plannedBy = new Map<PlanTarget, BoundTarget>();
  const seen = new Map<string, PlanTarget>();
  for (const { target, draft } of drafts) {
    for (const planned of draft.targets) {
      const key = `${planned.ref.kind}\n${refKey(planned.ref)}\n${planned.kind}\n${planned.name}`;
      const same = seen.get(key);
      if (same === undefined) {
        seen.set(key, planned);
        plannedBy.set(planned, target);
      } else if (callsOf(same) !== callsOf(planned)) {
        throw appError('ACTION_IMPOSSIBLE', `${action.command}: ${planned.name} would be changed twice`);
      }
    }
  }
  const joined = joinDrafts([{ ...EMPTY_DRAFT, warnings }, ...drafts.map(({ draft }) => draft)]);
  const targets = [...seen.values()];
  assertPlan(action, targets);
  const plan: Plan = {
    targets,
    warnings: distinct(joined.warnings, ({ level, code, text: said }) => JSON.stringify([level, code, said])),
    diff: distinct(joined.diff, (block) => JSON.stringify(block)),
    action: action.id,
    effect: gravest(action.effect, joined.effect ?? action.effect),
    title: titleOf(action, bound, targets),
    nameToType: nameToType(bound, targets),
    input,
  };
  return { action, plan, plannedBy };
}

/** What a plan must hold whatever the verb; a verb that breaks it is wrong, and is not carried out. */
function assertPlan({ command, effect }: AnyAction, targets: readonly PlanTarget[]): void {
  const contexts = new Set(targets.map(({ context }) => context));
  const steps = targets.flatMap((target) => [...target.steps, ...(target.restore ?? [])]);
  const calls = steps
    .filter(isAsking)
    .map((step): { readonly context: string } => (step.type === 'call' ? step.call : step.request));
  const stray = calls.find(({ context }) => !contexts.has(context));
  if (stray !== undefined) {
    throw appError(
      'INTERNAL',
      `${command}: a call goes to ${stray.context}, which holds none of its targets`,
    );
  }
  if (effect === 'observe' && calls.length > 0) {
    throw appError('INTERNAL', `${command} is said to observe, and plans a call`);
  }
  if (steps.length === 0) throw appError('ACTION_IMPOSSIBLE', `${command}: there is nothing to do`);
}

const callsOf = ({ steps }: PlanTarget): string =>
  JSON.stringify(
    steps.filter(isAsking).map((step) => (step.type === 'call' ? step.call.request : step.request)),
  );

const distinct = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];

/**
 * One row asked for: its name. Several: how many things are changed and where, which a habit of the fingers does
 * not know.
 */
function nameToType(bound: readonly BoundTarget[], targets: readonly PlanTarget[]): string {
  const [only] = bound;
  if (bound.length === 1 && only !== undefined) return safeLine(only.name, 300);
  const contexts = [...new Set(targets.map(({ context }) => context))];
  return contexts.length === 1 ? `${targets.length} in ${contexts[0]}` : `${targets.length} targets`;
}

/** More than so many are counted: names that are cut off tell less than their number. */
const MAX_NAMED = 2;

const COUNTED: Record<ActionKind, (count: number) => Text> = {
  server: (count) => text(`${count} servers`, `서버 ${count}개`),
  workload: (count) => text(`${count} workloads`, `워크로드 ${count}개`),
  serviceCluster: (count) => text(`${count} service clusters`, `서비스 클러스터 ${count}개`),
};

function titleOf(action: AnyAction, bound: readonly BoundTarget[], targets: readonly PlanTarget[]): Text {
  const contexts = [...new Set(targets.map(({ context }) => context))].join(', ');
  const names = bound.map(({ name }) => name).join(', ');
  const what = bound.length > MAX_NAMED ? COUNTED[action.kind](bound.length) : text(names, names);
  return text(`${action.title.en} ${what.en} (${contexts})`, `${what.ko} ${action.title.ko} (${contexts})`);
}
