import type { Entities } from '../domain/entities.ts';
import type { Facts, PlanDraft, PlanTarget } from '../domain/plan.ts';
import type { Effect } from '../domain/policy.ts';
import type { BackEnd, KubeAccess } from '../domain/remote.ts';
import type { Text, Words } from '../domain/text.ts';
import type { ActionTools, Lookup } from './tools.ts';

/** Kinds of rows a verb can act on. */
export type ActionKind = 'server' | 'workload' | 'serviceCluster';

/** One answer of a choice. */
export interface InputOption {
  /** Empty for one that only says what is left out: it cannot be chosen. */
  readonly value: string;
  readonly label: string;
  /** Beside the label: age, image, "running now" … */
  readonly detail?: Words | undefined;
  /** Why the plan would refuse it, e.g. what runs now; shown, and another one is chosen at first. */
  readonly unfit?: Text | undefined;
  /** Not listed, but taken where it is given outright: the gate says what keeps it back. @default false */
  readonly isUnlisted?: true | undefined;
}
interface InputBase<K extends ActionKind> {
  /** Key in `PlanRequest.input`. */
  readonly id: string;
  readonly title: Text;
  /** The command line's option, e.g. `--replicas <n>`, and its help. */
  readonly flag: { readonly spelling: string; readonly help: string };
  readonly isRequired: boolean;
  /** Names of the fact of a target that it changes, first known one; a plan tells it as `from → to`. @default none */
  readonly replaces?: readonly string[] | undefined;
  /** Where the dialog asks for it; the command line takes it everywhere. @default always */
  readonly asked?: 'always' | 'from-menu' | 'never' | undefined;
  /** What stands in the field at first. */
  readonly initial?: ((target: Entities[K], lookup: Lookup) => string | undefined) | undefined;
}
/** Something the verb must be told before it can plan; asked for in the dialog, or given as an option. */
export type InputField<K extends ActionKind = ActionKind> = InputBase<K> &
  (
    | { readonly type: 'count'; readonly least: number; readonly most: number }
    | { readonly type: 'text'; readonly hint: Text }
    | {
        readonly type: 'choice';
        /** Rejects with an AppError where they cannot be read. A value typed by hand is taken too if `isOpen`. */
        readonly options: (
          target: Entities[K],
          tools: ActionTools,
          signal: AbortSignal,
        ) => Promise<readonly InputOption[]>;
        readonly isOpen: boolean;
      }
  );

export interface PlanRequest<K extends ActionKind> {
  readonly target: Entities[K];
  /** All targets of the order, this one among them. */
  readonly together: readonly Entities[K][];
  readonly input: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What acts on a row: a back end, or the connection the server itself opened to us, where it has no other. */
export type Reach = BackEnd | 'channel';

/** How a verb is done on one kind of back end. */
export interface Way<K extends ActionKind> {
  /** Why it cannot be done to this target, as known without asking anybody. */
  readonly disabledReason?: ((target: Entities[K], lookup: Lookup) => Text | undefined) | undefined;
  /** Rights it needs, where the back end can be asked for them. */
  readonly needs?: ((target: Entities[K], lookup: Lookup) => readonly KubeAccess[]) | undefined;
  /**
   * Reads what it must and says what would be done. Changes nothing. Rejects with an AppError where it cannot be
   * done; never reads datagrams.
   */
  readonly plan: (request: PlanRequest<K>, tools: ActionTools) => Promise<PlanDraft>;
  /** What the audit records of the target when it is over; `before` is in the plan. */
  readonly after: (target: PlanTarget, tools: ActionTools, signal: AbortSignal) => Promise<Facts>;
}

/** Several verbs behind one key: it opens a list of them. */
export interface VerbMenu {
  readonly key: string;
  readonly title: Text;
}

/** A verb. Views, keys, help, the command line and the README derive from it. */
export interface ActionSpec<K extends ActionKind = ActionKind> {
  /** Stable name for keys, rules and the audit, e.g. `restart`. Unique within its kind. */
  readonly id: string;
  /** The command line's verb; several actions may share one. */
  readonly command: string;
  /** The word after it, where the verbs of a command are told apart by it (`thread` of `dump thread`). */
  readonly subcommand?: string | undefined;
  readonly kind: K;
  readonly effect: Effect;
  /** Default key. Several actions of a kind may share one: the first that can act on the row does. */
  readonly key: string;
  /** A list it stands in as well; one whose key is the list's has no other key. */
  readonly menu?: VerbMenu | undefined;
  readonly title: Text;
  readonly help: Text;
  /** May be given several targets at once. */
  readonly takesMany: boolean;
  readonly inputs: readonly InputField<K>[];
  /** The back end that acts on a target; `undefined` where there is none. */
  readonly backEndOf: (target: Entities[K], lookup: Lookup) => Reach | undefined;
  /** Why there is none, to be read after the verb's and the row's name. @default nothing is configured for it */
  readonly whyNoBackEnd?: ((target: Entities[K], lookup: Lookup) => Text | undefined) | undefined;
  readonly ways: { readonly [R in Reach]?: Way<K> };
}
export type AnyAction = { [K in ActionKind]: ActionSpec<K> }[ActionKind];
export const defineAction = <K extends ActionKind>(spec: ActionSpec<K>): ActionSpec<K> => spec;
