import type { Executor, Order } from '../actions/acting.ts';
import type { ActionKind, AnyAction, VerbMenu } from '../actions/action.ts';
import type { Lookup } from '../actions/tools.ts';
import type { Ref } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import type { AnyRow } from '../views/any-view.ts';
import type { FormField } from './dialog/form.ts';

/** Verbs that one key stands for on rows of one kind. */
export interface VerbKey {
  readonly key: string;
  readonly actions: readonly AnyAction[];
  /** The key opens a list of them. */
  readonly menu?: VerbMenu | undefined;
}

/** The verbs for rows of a kind, by their keys, in their order; behind a menu's key those that have one of their own too. */
export function verbKeys(actions: readonly AnyAction[], kind: string): readonly VerbKey[] {
  const ofKind = actions.filter((action) => action.kind === kind);
  return Array.from(
    Map.groupBy(ofKind, ({ key }) => key),
    ([key, own]): VerbKey => {
      const menu = own.find((action) => action.menu?.key === key)?.menu;
      return menu === undefined
        ? { key, actions: own }
        : { key, actions: ofKind.filter((action) => action.menu === menu), menu };
    },
  );
}

export const isActionRef = (ref: Ref): ref is Ref<ActionKind> =>
  ref.kind === 'server' || ref.kind === 'workload' || ref.kind === 'serviceCluster';

/** One verb on the rows it can act on, and the rows it cannot, each with the reason. */
export interface Choice {
  readonly action: AnyAction;
  readonly targets: readonly Ref<ActionKind>[];
  readonly blocked: readonly { readonly ref: Ref<ActionKind>; readonly reason: Text }[];
}

/** The first of the verbs of a key that can act on any of the rows; where none can, the first with its reasons. */
export function chooseVerb(
  executor: Executor,
  actions: readonly AnyAction[],
  refs: readonly Ref<ActionKind>[],
): Choice | undefined {
  const choices = actions.map((action): Choice => {
    const judged = refs.map((ref) => ({ ref, reason: executor.disabledReason(action, ref) }));
    return {
      action,
      targets: judged.filter(({ reason }) => reason === undefined).map(({ ref }) => ref),
      blocked: judged.flatMap(({ ref, reason }) => (reason === undefined ? [] : [{ ref, reason }])),
    };
  });
  return choices.find(({ targets }) => targets.length > 0) ?? choices[0];
}

/** What stands in a field at first: its answer for the first target. */
function initialOf(
  action: AnyAction,
  { initial }: AnyAction['inputs'][number],
  { row, lookup }: { readonly row: AnyRow | undefined; readonly lookup: Lookup },
): string | undefined {
  if (initial === undefined || row === undefined || row.ref.kind !== action.kind) return undefined;
  return initial(row as never, lookup);
}

/** The inputs of a verb as fields of a form. */
export function formFields(
  order: Omit<Order, 'input'>,
  {
    executor,
    lookup,
    row,
    isFromMenu = false,
  }: {
    readonly executor: Executor;
    readonly lookup: Lookup;
    readonly row: AnyRow | undefined;
    /** Asks for more than what the verb's own key asks for. */
    readonly isFromMenu?: boolean;
  },
): readonly FormField[] {
  const { action } = order;
  const base = (field: AnyAction['inputs'][number]) => ({
    id: field.id,
    title: field.title,
    isRequired: field.isRequired,
    initial: initialOf(action, field, { row, lookup }),
  });
  const fieldOf = (field: AnyAction['inputs'][number]): FormField => {
    switch (field.type) {
      case 'text':
        return { ...base(field), type: 'text', hint: field.hint };
      case 'count':
        return { ...base(field), type: 'count', least: field.least, most: field.most };
      case 'choice':
        return {
          ...base(field),
          type: 'choice',
          isOpen: field.isOpen,
          load: (signal) => executor.options({ ...order, input: {} }, field.id, signal),
        };
    }
  };
  const inputs: readonly AnyAction['inputs'][number][] = action.inputs;
  return inputs
    .filter(({ asked = 'always' }) => asked === 'always' || (isFromMenu && asked === 'from-menu'))
    .map(fieldOf);
}

/** A verb as a hint shows it: why it cannot act now, where it cannot. */
export interface VerbHint {
  readonly key: string;
  readonly title: Text;
  readonly reason?: Text | undefined;
}
export function verbHints(executor: Executor, ref: Ref): readonly VerbHint[] {
  if (!isActionRef(ref)) return [];
  return verbKeys(executor.actions, ref.kind).flatMap(({ key, actions, menu }): VerbHint[] => {
    const choice = chooseVerb(executor, actions, [ref]);
    if (choice === undefined) return [];
    return [{ key, title: menu?.title ?? choice.action.title, reason: choice.blocked[0]?.reason }];
  });
}

/** The title of a key several verbs share. */
export const sharedTitle = (actions: readonly AnyAction[]): Text =>
  text(
    [...new Set(actions.map(({ title }) => title.en))].join(', '),
    [...new Set(actions.map(({ title }) => title.ko))].join(', '),
  );
