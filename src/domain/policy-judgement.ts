import { createGlobMatcher } from '../core/glob.ts';
import { sourceFailure } from './errors.ts';
import {
  type Effect,
  isAllowed,
  MODE_TITLES,
  type ModeInForce,
  type PolicyRule,
  type PolicySettings,
} from './policy.ts';
import type { SourceFailure } from './source-status.ts';
import { type Text, text } from './text.ts';

/** What rules look at; `undefined` where it is not known yet, and then no rule that names it matches. */
export interface JudgedTarget {
  /** What it is acted on through. */
  readonly context: string;
  /** Where its row stands, where that is another one: rules, protection and mode of both hold. */
  readonly rowContext?: string | undefined;
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
}

/** Every context whose say counts for a target. */
export const contextsOf = ({ context, rowContext }: JudgedTarget): readonly string[] =>
  rowContext === undefined || rowContext === context ? [context] : [context, rowContext];

export interface JudgedAct {
  /** Id and command of the action; a rule that names either matches. */
  readonly names: readonly string[];
  readonly title: Text;
  readonly effect: Effect;
  readonly targets: readonly JudgedTarget[];
  /** Warnings of the plan that ask for the name. */
  readonly dangers: readonly Text[];
}

/** What holds now; read at every judgement, because a lift may have begun or ended. */
export interface Gate {
  readonly policy: Pick<PolicySettings, 'rules'>;
  readonly modeOf: (context: string) => ModeInForce;
  readonly isProtected: (context: string) => boolean;
}

export type Confirmation = 'none' | 'confirm' | 'type-name';

export type Judgement =
  | { readonly state: 'refused'; readonly error: SourceFailure; readonly why: Text }
  | {
      readonly state: 'allowed';
      readonly confirm: Confirmation;
      readonly needsReason: boolean;
      readonly because: readonly Text[];
    };

const BASE: Record<Effect, Confirmation> = {
  observe: 'none',
  diagnose: 'none',
  change: 'confirm',
  destroy: 'type-name',
};
const ORDER: readonly Confirmation[] = ['none', 'confirm', 'type-name'];
const stricter = (a: Confirmation, b: Confirmation): Confirmation =>
  ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;

/** Mode, rules and protection for one act on all its targets; the strictest of everything that matches. */
export function judge(act: JudgedAct, gate: Gate): Judgement {
  const byMode = judgeMode(act, gate);
  if (byMode !== undefined) return byMode;
  let confirm = BASE[act.effect];
  let needsReason = false;
  const because: Text[] = [];
  if (act.effect === 'destroy') because.push(text('it ends what runs there', '실행 중인 것을 종료합니다'));
  for (const rule of gate.policy.rules) {
    const matching = countMatching(rule, act);
    if (matching === 0) continue;
    const refusal = refuseByRule(rule, { act, matching });
    if (refusal !== undefined) return refusal;
    if (rule.confirm === 'confirm' || rule.confirm === 'type-name') {
      if (ORDER.indexOf(rule.confirm) > ORDER.indexOf(BASE[act.effect])) because.push(ruleText(rule));
      confirm = stricter(confirm, rule.confirm);
    }
    if (rule.requireReason === true) {
      needsReason = true;
      because.push(text(`a reason is required by ${ruleText(rule).en}`, `사유 필요: ${ruleText(rule).ko}`));
    }
  }
  if (act.effect === 'change' || act.effect === 'destroy') {
    for (const context of new Set(act.targets.flatMap(contextsOf))) {
      if (!gate.isProtected(context)) continue;
      confirm = 'type-name';
      because.push(text(`context ${context} is protected`, `컨텍스트 ${context}은(는) 보호되어 있습니다`));
    }
  }
  for (const danger of act.dangers) {
    confirm = 'type-name';
    because.push(danger);
  }
  return { state: 'allowed', confirm, needsReason, because };
}

/** It only looks, so that a mode which changes nothing may still allow it. */
export const DIAGNOSE_HINT =
  'Triage allows it: start l9s with --triage instead of --readonly, or ask who set the mode.';

function judgeMode(
  { effect, targets, title }: JudgedAct,
  { modeOf }: Pick<Gate, 'modeOf'>,
): Judgement | undefined {
  for (const context of targets.flatMap(contextsOf)) {
    const { mode, origin } = modeOf(context);
    if (isAllowed(mode, effect)) continue;
    const { en, ko } = MODE_TITLES[mode];
    return {
      state: 'refused',
      error: sourceFailure(
        'MODE_REFUSED',
        `${title.en} is refused in ${context}: the mode is ${en} (${origin})`,
        effect === 'diagnose' ? DIAGNOSE_HINT : undefined,
      ),
      why: text(
        `${en} mode in ${context} (${origin})${effect === 'diagnose' ? '; --triage allows it' : ''}`,
        `${context}: ${ko} 모드 (${origin})${effect === 'diagnose' ? '; --triage는 허용' : ''}`,
      ),
    };
  }
  return undefined;
}

function countMatching(rule: PolicyRule, { names, targets }: JudgedAct): number {
  const isNamed = (patterns: readonly string[] | undefined, values: readonly (string | undefined)[]) => {
    if (patterns === undefined) return true;
    const matches = createGlobMatcher(patterns);
    return values.some((value) => value !== undefined && matches(value));
  };
  if (!isNamed(rule.actions, names)) return 0;
  const kinds = rule.kinds?.map((kind) => kind.toLowerCase());
  return targets.filter(
    (target) =>
      isNamed(rule.contexts, contextsOf(target)) &&
      isNamed(rule.namespaces, [target.namespace]) &&
      isNamed(kinds, [target.kind?.toLowerCase()]),
  ).length;
}

function refuseByRule(
  rule: PolicyRule,
  { act, matching }: { readonly act: JudgedAct; readonly matching: number },
): Judgement | undefined {
  const named = ruleText(rule);
  const refuse = (why: Text): Judgement => ({
    state: 'refused',
    error: sourceFailure('POLICY_REFUSED', `${act.title.en} is refused: ${why.en}`),
    why,
  });
  if (rule.confirm === 'deny') return refuse(text(`denied by ${named.en}`, `금지됨: ${named.ko}`));
  if (rule.maxTargets !== undefined && matching > rule.maxTargets) {
    return refuse(
      text(
        `${matching} targets, at most ${rule.maxTargets} by ${named.en}`,
        `대상 ${matching}개, 최대 ${rule.maxTargets}개: ${named.ko}`,
      ),
    );
  }
  return undefined;
}

function ruleText({ origin, reason }: PolicyRule): Text {
  const suffix = reason === undefined ? '' : `: ${reason}`;
  return text(`a rule of ${origin}${suffix}`, `${origin}의 규칙${suffix}`);
}
