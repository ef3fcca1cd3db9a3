import type { Clock } from '../../core/clock.ts';
import type { Actor, AuditEntry, AuditPlan, AuditTarget } from '../../domain/audit-entry.ts';
import { isAsking, type Plan } from '../../domain/plan.ts';
import { type ModeInForce, strictestMode } from '../../domain/policy.ts';
import { type Ref, refOf } from '../../domain/ref.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import type { Order } from '../acting.ts';
import type { AnyAction } from '../action.ts';
import type { Lookup } from '../tools.ts';
import { safeLine } from './failure.ts';
import type { RealPlan } from './make-plan.ts';
import { auditAsking, auditTarget, shownPlan } from './shown.ts';

/** Longest diff kept in an audit, in lines; the calls are there in full. */
const MAX_DIFF_LINES = 500;

export interface EntryMaker {
  /** Of a plan about to be carried out. */
  begun(real: RealPlan, id: string, more: BegunFacts): AuditEntry;
  /** Of a plan that policy refused. */
  refusedPlan(real: RealPlan, id: string, error: SourceFailure): AuditEntry;
  /** Of an order that was refused before it was planned. */
  refusedOrder(order: Order, id: string, error: SourceFailure): AuditEntry;
  /** Of what was asked for in words, refused before its targets were known. */
  refusedWords(action: AnyAction, id: string, said: RefusedWords): AuditEntry;
}
export interface BegunFacts {
  readonly reason: string | undefined;
  /** By context. */
  readonly identities: Readonly<Record<string, string>>;
}
export interface RefusedWords {
  readonly title: string;
  readonly error: SourceFailure;
}

export interface EntryMakerOptions {
  readonly actor: Omit<Actor, 'identities'>;
  readonly modeOf: (context: string) => ModeInForce;
  readonly lookup: Lookup;
  readonly clock: Clock;
}

/** Makes the audit's entries of what passes the executor; nothing in them is a secret. */
export function createEntryMaker({ actor, modeOf, lookup, clock }: EntryMakerOptions): EntryMaker {
  const modeFor = (contexts: readonly string[]) =>
    strictestMode(contexts.map((context) => modeOf(context).mode));

  function targetOf(ref: Ref): AuditTarget {
    const row =
      ref.kind === 'server' || ref.kind === 'workload'
        ? lookup.get(refOf(ref.kind, ref.context, ref.id))
        : undefined;
    return {
      ref,
      context: ref.context,
      ...(row?.place?.kind === 'namespace' ? { namespace: row.place.name } : {}),
      kind: ref.kind,
      name: safeLine(row?.name ?? ref.id, 300),
      before: {},
    };
  }

  function refused(
    { id: action, effect }: Pick<AnyAction, 'id' | 'effect'>,
    id: string,
    { title, targets, error }: RefusedWords & { readonly targets: readonly AuditTarget[] },
  ): AuditEntry {
    const at = clock.now();
    const contexts = targets.map(({ context }) => context);
    return {
      ref: refOf('audit', contexts[0] ?? '', id),
      at,
      endedAt: at,
      actor: { ...actor, identities: {} },
      mode: modeFor(contexts.length === 0 ? [''] : contexts),
      action,
      effect,
      title: safeLine(title),
      targets: targets.map((target) => ({ ...target, result: 'notStarted' })),
      calls: [],
      result: 'refused',
      error: safeLine(`${error.code}: ${error.message}`),
    };
  }

  return {
    begun({ plan }, id, { reason, identities }) {
      const shown = shownPlan(plan);
      const contexts = plan.targets.map(({ context }) => context);
      return {
        ref: refOf('audit', contexts[0] ?? '', id),
        at: clock.now(),
        actor: { ...actor, identities },
        mode: modeFor([...contexts, ...plan.targets.map(({ ref }) => ref.context)]),
        action: plan.action,
        effect: plan.effect,
        title: shown.title.en,
        ...(reason === undefined ? {} : { reason }),
        targets: plan.targets.map(auditTarget),
        calls: plan.targets.flatMap(({ steps }) => steps.filter(isAsking).map(auditAsking)),
        plan: auditPlan(shown),
        result: 'running',
      };
    },
    refusedPlan: ({ action, plan }, id, error) =>
      refused(action, id, {
        title: shownPlan(plan).title.en,
        targets: plan.targets.map(auditTarget),
        error,
      }),
    refusedOrder({ action, targets: refs }, id, error) {
      const targets = refs.map(targetOf);
      const [first] = targets;
      const what = targets.length === 1 && first !== undefined ? first.name : `${targets.length} targets`;
      return refused(action, id, { title: `${action.title.en} ${what}`, targets, error });
    },
    refusedWords: (action, id, said) => refused(action, id, { ...said, targets: [] }),
  };
}

const auditPlan = ({ input, warnings, diff }: Plan): AuditPlan => ({
  input,
  warnings: warnings.map(({ level, code, text: said }) => `${level} ${code}: ${said.en}`),
  diff: diff.flatMap(({ title, lines }) => [title, ...lines]).slice(0, MAX_DIFF_LINES),
});
