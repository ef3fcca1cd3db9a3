import type { CallOutcome } from '../domain/call.ts';
import type { Facts } from '../domain/plan.ts';
import type { Effect } from '../domain/policy.ts';
import { type Text, text } from '../domain/text.ts';
import type { Tone } from './view.ts';

/** Every word that ends an action or stands for one under way. */
type Outcome =
  | 'waiting'
  | 'running'
  | 'done'
  | 'sent'
  | 'failed'
  | 'unknown'
  | 'timedOut'
  | 'notStarted'
  | 'cancelled'
  | 'interrupted'
  | 'partial'
  | 'refused'
  | 'unfinished';

interface Looks {
  readonly sign: string;
  readonly tone: Tone;
  readonly words: Text;
  /** True where somebody should look. */
  readonly isFault: boolean;
}
const looks = (sign: string, tone: Tone, words: Text, isFault = false): Looks => ({
  sign,
  tone,
  words,
  isFault,
});

/** How results of jobs, targets and audit entries are shown; the sign says it without colour. */
export const OUTCOMES: Readonly<Record<Outcome, Looks>> = {
  waiting: looks('○', 'muted', text('waiting', '대기')),
  running: looks('◐', 'accent', text('running', '실행 중')),
  done: looks('●', 'good', text('done', '완료')),
  sent: looks('◌', 'normal', text('sent, not waited for', '보냄, 끝을 기다리지 않음')),
  failed: looks('✖', 'bad', text('failed', '실패'), true),
  unknown: looks('?', 'bad', text('sent, outcome unknown', '보냄, 결과 불명'), true),
  timedOut: looks('▲', 'bad', text('not finished in time', '시간 초과'), true),
  notStarted: looks('–', 'muted', text('not started', '시작 안 됨')),
  cancelled: looks('–', 'warn', text('cancelled', '취소됨')),
  interrupted: looks('▲', 'warn', text('interrupted', '중단됨'), true),
  partial: looks('▲', 'warn', text('partly done', '일부 완료'), true),
  refused: looks('⊘', 'warn', text('refused', '거부됨')),
  unfinished: looks('‼', 'bad', text('begun, end unknown', '시작됨, 끝 불명'), true),
};

export const CALL_OUTCOMES: Readonly<Record<CallOutcome, Looks>> = {
  done: OUTCOMES.done,
  failed: OUTCOMES.failed,
  unknown: OUTCOMES.unknown,
  notSent: looks('–', 'muted', text('not sent', '보내지 않음')),
};

export const EFFECT_TONES: Readonly<Record<Effect, Tone>> = {
  observe: 'muted',
  diagnose: 'normal',
  change: 'normal',
  destroy: 'bad',
};

/** `replicas 2, image a:1`. */
export const factsText = (facts: Facts | undefined): string | undefined =>
  facts === undefined || Object.keys(facts).length === 0
    ? undefined
    : Object.entries(facts)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ');

/** `4.2 s`, `3 m 12 s`: how long something took. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} m ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}
