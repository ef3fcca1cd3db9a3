import { type Text, text } from './text.ts';

/** What an act does to the remote. */
export type Effect = 'observe' | 'diagnose' | 'change' | 'destroy';

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
