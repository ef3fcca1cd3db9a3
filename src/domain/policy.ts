import { type Text, text } from './text.ts';

/** What an act does to the remote. */
export type Effect = 'observe' | 'diagnose' | 'change' | 'destroy';
const EFFECTS: readonly Effect[] = ['observe', 'diagnose', 'change', 'destroy'];
export const gravest = (one: Effect, other: Effect): Effect =>
  EFFECTS.indexOf(one) >= EFFECTS.indexOf(other) ? one : other;

/** From loosest to strictest. */
export const MODES = ['normal', 'triage', 'readonly'] as const;
export type Mode = (typeof MODES)[number];

const ALLOWED: Record<Mode, readonly Effect[]> = {
  normal: ['observe', 'diagnose', 'change', 'destroy'],
  triage: ['observe', 'diagnose'],
  readonly: ['observe'],
};

export const isAllowed = (mode: Mode, effect: Effect): boolean => ALLOWED[mode].includes(effect);

export const strictestMode = (modes: readonly Mode[]): Mode =>
  MODES[Math.max(0, ...modes.map((mode) => MODES.indexOf(mode)))] ?? 'normal';

export const MODE_TITLES: Record<Mode, Text> = {
  normal: text('NORMAL', '일반'),
  triage: text('TRIAGE', '진단'),
  readonly: text('READ-ONLY', '읽기 전용'),
};

/** One rule of the configuration or of /etc; an absent list matches everything. Lists are globs. */
export interface PolicyRule {
  readonly contexts?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  /** Of targets: Deployment, Pod, EcsService … */
  readonly kinds?: readonly string[] | undefined;
  /** Ids of actions. */
  readonly actions?: readonly string[] | undefined;
  readonly confirm?: 'deny' | 'confirm' | 'type-name' | undefined;
  readonly maxTargets?: number | undefined;
  /** Refuses an action without a reason of the operator. */
  readonly requireReason?: boolean | undefined;
  /** Why the rule is there; shown. */
  readonly reason?: string | undefined;
  /** File and line it stands at. */
  readonly origin: string;
}

export interface PolicySettings {
  /** The strictest of everything given. */
  readonly mode: Mode;
  readonly modeOrigin: string;
  /** The strictest of flag, environment and /etc: no lift goes below it. */
  readonly fixedMode: Mode;
  readonly rules: readonly PolicyRule[];
  readonly lift: { readonly isAllowed: boolean; readonly maxMinutes: number };
  readonly syslog: 'off' | 'on' | 'required';
}

/** The mode that holds for one context now, and who set it (file, flag, variable). */
export interface ModeInForce {
  readonly mode: Mode;
  readonly origin: string;
}
