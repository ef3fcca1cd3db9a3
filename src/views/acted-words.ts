import type { CallOutcome } from '../domain/call.ts';
import type { Facts } from '../domain/plan.ts';
import type { Effect } from '../domain/policy.ts';
import { type Text, text } from '../domain/text.ts';
import type { Tone, ViewContext } from './view.ts';
import { say } from './words.ts';

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
  /** In English the word filters and `l9s audit --result` take. */
  readonly words: Text;
  /** What the word means, where it does not say. */
  readonly meaning?: Text | undefined;
  /** True where somebody should look. */
  readonly isFault: boolean;
}
const looks = (
  sign: string,
  tone: Tone,
  words: Text,
  more: { readonly meaning?: Text; readonly isFault?: true } = {},
): Looks => ({ sign, tone, words, meaning: more.meaning, isFault: more.isFault === true });

/** How results of jobs, targets and audit entries are shown; the sign says it without colour. */
export const OUTCOMES: Readonly<Record<Outcome, Looks>> = {
  waiting: looks('○', 'muted', text('waiting', '대기')),
  running: looks('◐', 'accent', text('running', '실행 중')),
  done: looks('●', 'good', text('done', '완료')),
  sent: looks('◌', 'normal', text('sent', '보냄, 끝을 기다리지 않음'), {
    meaning: text('accepted, and as was asked not waited for', '접수됨, 지정한 대로 끝을 보지 않음'),
  }),
  failed: looks('✖', 'bad', text('failed', '실패'), { isFault: true }),
  unknown: looks('?', 'bad', text('unknown', '보냄, 결과 불명'), {
    isFault: true,
    meaning: text(
      'sent, and nobody can tell whether it was done; look before you do it again',
      '수행 여부를 알 수 없음, 다시 하기 전에 확인',
    ),
  }),
  timedOut: looks('▲', 'bad', text('timedOut', '시간 초과'), {
    isFault: true,
    meaning: text('sent, and not finished in time; it may still go on', '제때 끝나지 않음, 계속될 수 있음'),
  }),
  notStarted: looks('–', 'muted', text('notStarted', '시작 안 됨'), {
    meaning: text('nothing was sent', '보낸 것 없음'),
  }),
  cancelled: looks('–', 'warn', text('cancelled', '취소됨'), {
    meaning: text('nothing further was begun; what was sent stays', '더 시작하지 않음, 보낸 것은 그대로'),
  }),
  interrupted: looks('▲', 'warn', text('interrupted', '중단됨'), {
    isFault: true,
    meaning: text('the program was left while it ran', '실행 중에 프로그램이 종료됨'),
  }),
  partial: looks('▲', 'warn', text('partial', '일부 완료'), {
    isFault: true,
    meaning: text('done on some of the targets, not on all', '대상 일부만 완료'),
  }),
  refused: looks('⊘', 'warn', text('refused', '거부됨'), {
    meaning: text('not allowed; nothing was sent', '허용되지 않음, 보낸 것 없음'),
  }),
  unfinished: looks('‼', 'bad', text('unfinished', '시작됨, 끝 불명'), {
    isFault: true,
    meaning: text(
      'begun, and its program ended without a word of how it went',
      '시작했으나 결과를 남기지 않고 프로그램이 끝남',
    ),
  }),
};

export const CALL_OUTCOMES: Readonly<Record<CallOutcome, Looks>> = {
  done: OUTCOMES.done,
  failed: OUTCOMES.failed,
  unknown: looks('?', 'bad', text('sent, outcome unknown', '보냄, 결과 불명')),
  notSent: looks('–', 'muted', text('not sent', '보내지 않음')),
};

/** A call that somebody cancelled did not fail. */
export const callLooks = (outcome: CallOutcome, state: string): Looks =>
  outcome === 'failed' && state === 'cancelled' ? OUTCOMES.cancelled : CALL_OUTCOMES[outcome];

export const outcomeText = ({ sign, words }: Looks, context: ViewContext): string =>
  `${sign} ${say(context, words)}`;

/** The word and what it means, for detail pages. */
export const outcomeInFull = (outcome: Looks, context: ViewContext): string =>
  outcome.meaning === undefined
    ? outcomeText(outcome, context)
    : `${outcomeText(outcome, context)}: ${say(context, outcome.meaning)}`;

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
