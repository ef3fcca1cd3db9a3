import { isAccomplished, type Job } from '../domain/job.ts';
import { inLanguage, type Language, type Text, text } from '../domain/text.ts';
import type { FlashTone } from '../store/shell/shell.ts';

const WORDS: Readonly<Record<Exclude<Job['state'], 'running'>, Text>> = {
  done: text('done', '완료'),
  sent: text('sent, not waited for', '보냄, 끝을 기다리지 않음'),
  failed: text('failed', '실패'),
  partial: text('partly done', '일부 완료'),
  unknown: text(
    'sent, outcome unknown: look before you do anything again',
    '보냄, 결과 불명: 다시 하기 전에 확인',
  ),
  timedOut: text('not finished in time', '시간 안에 끝나지 않음'),
  notStarted: text('not started', '시작 안 됨'),
  cancelled: text('cancelled', '취소됨'),
  interrupted: text('interrupted', '중단됨'),
};

/** How a job ended, in one line: `restart was-1: failed 2 of 10; J shows jobs`. */
export function jobEndWords({ title, state, targets }: Job): {
  readonly words: Text;
  readonly tone: FlashTone;
} {
  if (state === 'running') return { words: title, tone: 'info' };
  const bad = targets.filter((target) => !isAccomplished(target.state)).length;
  const count = targets.length > 1 && !isAccomplished(state);
  const why = targets.find(({ error }) => error !== undefined)?.error?.message;
  // What was cancelled and goes on all the same must not read as if it had been stopped.
  // Of a dump, what is in it is what was asked for.
  const isTold = ({ detail, taken = [] }: Job['targets'][number]) =>
    detail !== undefined && (!isAccomplished(state) || taken.length > 0);
  const left = targets.find(isTold)?.detail;
  const { en, ko } = WORDS[state];
  const hasTaken = targets.some(({ taken = [] }) => taken.length > 0);
  const where =
    state !== 'done'
      ? text('; J shows jobs', '; J: 작업')
      : hasTaken
        ? text('; U shows dumps', '; U: 덤프')
        : text('', '');
  const tailIn = (language: Language) => {
    const said = [why, left === undefined ? undefined : inLanguage(left, language)].filter(
      (words) => words !== undefined && words !== '',
    );
    return said.length === 0 ? '' : ` (${said.join('; ')})`;
  };
  return {
    words: text(
      `${title.en}: ${en}${count ? `, ${bad} of ${targets.length} not done` : ''}${tailIn('en')}${where.en}`,
      `${title.ko}: ${ko}${count ? `, ${targets.length}개 중 ${bad}개 미완료` : ''}${tailIn('ko')}${where.ko}`,
    ),
    tone: isAccomplished(state) ? 'info' : state === 'cancelled' ? 'warn' : 'error',
  };
}
