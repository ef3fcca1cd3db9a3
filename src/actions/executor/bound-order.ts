import type { Entities } from '../../domain/entities.ts';
import type { Facts, PlanDraft, PlanTarget } from '../../domain/plan.ts';
import type { JudgedTarget } from '../../domain/policy-judgement.ts';
import { type Ref, refKey, refOf } from '../../domain/ref.ts';
import type { KubeAccess } from '../../domain/remote.ts';
import type { Text } from '../../domain/text.ts';
import type { ActionKind, ActionSpec, AnyAction, InputField, InputOption, Reach } from '../action.ts';
import type { ActionTools } from '../tools.ts';

/** A verb on one row, its kind settled: what is generic in a verb's declaration is plain from here on. */
export interface BoundTarget {
  readonly ref: Ref<ActionKind>;
  readonly name: string;
  /** What rules can look at before a plan is made. */
  readonly judged: readonly JudgedTarget[];
  readonly backEnd: Reach | undefined;
  /** A way for its back end is declared. */
  readonly hasWay: boolean;
  /** Where there is no back end. */
  whyNoBackEnd(): Text | undefined;
  disabledReason(): Text | undefined;
  needs(): readonly KubeAccess[];
  plan(input: Readonly<Record<string, string>>, signal: AbortSignal): Promise<PlanDraft>;
  after(target: PlanTarget, signal: AbortSignal): Promise<Facts>;
  /** Of a field whose answers are a choice. */
  options(field: string, signal: AbortSignal): Promise<readonly InputOption[]>;
}
export interface BoundOrder {
  readonly targets: readonly BoundTarget[];
  /** Rows that are not there any more, or of another kind. */
  readonly gone: readonly Ref<ActionKind>[];
}

export function bindOrder(
  action: AnyAction,
  refs: readonly Ref<ActionKind>[],
  tools: ActionTools,
): BoundOrder {
  switch (action.kind) {
    case 'server':
      return bindKind(action, refs, tools);
    case 'workload':
      return bindKind(action, refs, tools);
    case 'serviceCluster':
      return bindKind(action, refs, tools);
  }
}

function bindKind<K extends ActionKind>(
  action: ActionSpec<K>,
  refs: readonly Ref<ActionKind>[],
  tools: ActionTools,
): BoundOrder {
  const rows: Entities[K][] = [];
  const gone: Ref<ActionKind>[] = [];
  for (const ref of new Map(refs.map((each) => [refKey(each), each])).values()) {
    const row =
      ref.kind === action.kind ? tools.lookup.get(refOf(action.kind, ref.context, ref.id)) : undefined;
    if (row === undefined) gone.push(ref);
    else rows.push(row);
  }
  return { targets: rows.map((row) => bindRow(action, row, { together: rows, tools })), gone };
}

function bindRow<K extends ActionKind>(
  action: ActionSpec<K>,
  row: Entities[K],
  { together, tools }: { readonly together: readonly Entities[K][]; readonly tools: ActionTools },
): BoundTarget {
  const { lookup } = tools;
  const backEnd = action.backEndOf(row, lookup);
  const way = backEnd === undefined ? undefined : action.ways[backEnd];
  const noWay = () => Promise.reject(new Error(`${action.id} has no way to act on ${row.name}`));
  return {
    ref: row.ref,
    name: row.name,
    judged: judgedOf(row, backEnd),
    backEnd,
    hasWay: way !== undefined,
    whyNoBackEnd: () => action.whyNoBackEnd?.(row, lookup),
    disabledReason: () => way?.disabledReason?.(row, lookup),
    needs: () => way?.needs?.(row, lookup) ?? [],
    plan: (input, signal) => way?.plan({ target: row, together, input, signal }, tools) ?? noWay(),
    after: (target, signal) => way?.after(target, tools, signal) ?? noWay(),
    options(id, signal) {
      const field: InputField<K> | undefined = action.inputs.find((input) => input.id === id);
      return field?.type === 'choice' ? field.options(row, tools, signal) : Promise.resolve([]);
    },
  };
}

/** As plans name the kinds of what they act on. */
const SERVER_KINDS: Record<Reach, string> = {
  kube: 'Pod',
  ecs: 'Task',
  manager: 'Server',
  channel: 'Server',
};

function judgedOf(row: Entities[ActionKind], backEnd: Reach | undefined): readonly JudgedTarget[] {
  if ('contexts' in row) {
    return [...new Set(row.contexts.length === 0 ? [row.ref.context] : row.contexts)].map((context) => ({
      context,
    }));
  }
  const kind = 'kind' in row ? row.kind : backEnd === undefined ? undefined : SERVER_KINDS[backEnd];
  const namespace = row.place?.kind === 'namespace' ? row.place.name : undefined;
  const { context } = row.ref;
  if (backEnd !== 'manager' || !('records' in row)) return [{ context, namespace, kind }];
  // A machine's server is acted on through the Manager that has it registered, wherever its row stands.
  const through = row.records.registration?.context ?? context;
  return [{ context: through, rowContext: context, namespace, kind }];
}
