import { isAccomplished, type Job, type JobTarget } from '../domain/job.ts';
import { refOf } from '../domain/ref.ts';
import { inLanguage, text, type Words } from '../domain/text.ts';
import { isActedOn } from './acted-on.ts';
import { callLooks, formatDuration, OUTCOMES, outcomeInFull, outcomeText } from './acted-words.ts';
import { callsSection } from './audit-sections.ts';
import { noJobs } from './empty-words.ts';
import { formatAge } from './format-age.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn } from './shared-columns.ts';
import { type Column, type DetailSection, defineView, type ViewContext } from './view.ts';
import { line, lineIfKnown, say, WORDS } from './words.ts';

const isOver = ({ state }: JobTarget): boolean => state !== 'waiting' && state !== 'running';
const elapsedMs = ({ startedAt, endedAt }: Job, { now }: ViewContext): number =>
  Math.max(0, (endedAt ?? now) - startedAt);
const inContext = ({ language }: ViewContext, words: Words | undefined): string | undefined =>
  words === undefined ? undefined : inLanguage(words, language);
/** The target worked on, else the one that went wrong, else one that was left. */
const mainTarget = ({ targets }: Job): JobTarget | undefined =>
  targets.find(({ state }) => state === 'running') ??
  targets.find(({ error }) => error !== undefined) ??
  targets.find(({ state, detail: left }) => !isAccomplished(state) && left !== undefined);

/** `waits for rollout: 2 of 5 pods`, or why it failed. */
function progressText(job: Job, context: ViewContext): string {
  const target = mainTarget(job);
  if (target === undefined) return '';
  const parts = target.parts ?? [];
  const done = parts.filter(({ state }) => state === 'done').length;
  return [
    target.error?.message,
    target.error === undefined && target.step !== undefined ? say(context, target.step) : undefined,
    inContext(context, target.detail),
    parts.length === 0 ? undefined : `${done}/${parts.length}`,
  ]
    .filter((words) => words !== undefined && words !== '')
    .join(' · ');
}

const columns: readonly Column<Job>[] = [
  ageColumn(({ startedAt }) => startedAt, { dropOrder: 15 }),
  {
    id: 'state',
    title: 'STATE',
    width: 24,
    min: 10,
    dropOrder: 3,
    sortKey: 'S',
    value: ({ state }) => state,
    text: ({ state, isCancelling }, context) =>
      isCancelling && state === 'running'
        ? `◐ ${say(context, text('cancelling', '취소 중'))}`
        : outcomeText(OUTCOMES[state], context),
    tone: ({ state }) => OUTCOMES[state].tone,
  },
  {
    id: 'done',
    title: 'TARGETS',
    width: 8,
    align: 'right',
    dropOrder: 10,
    unit: 'count',
    value: ({ targets }) => targets.filter(isOver).length,
    // Under way how many are over, then how many were done.
    text: ({ targets, endedAt }) =>
      `${targets.filter((target) => (endedAt === undefined ? isOver(target) : isAccomplished(target.state))).length}/${targets.length}`,
  },
  {
    id: 'elapsed',
    title: 'ELAPSED',
    width: 8,
    align: 'right',
    dropOrder: 12,
    unit: 'age',
    value: elapsedMs,
    text: (job, context) =>
      job.endedAt === undefined
        ? formatAge(elapsedMs(job, context))
        : formatDuration(elapsedMs(job, context)),
  },
  contextColumn(({ ref }) => ref.context, 20),
  {
    id: 'name',
    title: 'JOB',
    width: 'grow',
    min: 16,
    sortKey: 'N',
    value: (job, context) => say(context, job.title),
  },
  { id: 'progress', title: 'PROGRESS', width: 'grow', dropOrder: 5, value: progressText },
  { id: 'reason', title: 'REASON', width: 24, wide: true, dropOrder: 60, value: ({ reason }) => reason },
];

function targetSection(target: JobTarget, context: ViewContext): DetailSection {
  const looks = OUTCOMES[target.state];
  const name = `${target.name} (${target.context})`;
  const took =
    target.startedAt === undefined || target.endedAt === undefined
      ? undefined
      : formatDuration(target.endedAt - target.startedAt);
  return {
    title: text(name, name),
    lines: [
      line(say(context, WORDS.state), outcomeInFull(looks, context), looks.tone),
      ...lineIfKnown(say(context, text('Step', '단계')), target.step && say(context, target.step)),
      ...lineIfKnown(say(context, text('Detail', '상세')), inContext(context, target.detail)),
      ...lineIfKnown(
        say(context, text('Error', '오류')),
        target.error && `${target.error.code}: ${target.error.message}`,
        'bad',
      ),
      ...lineIfKnown(say(context, WORDS.next), target.error?.hint, 'accent'),
      ...lineIfKnown(say(context, text('Took', '걸린 시간')), took),
      ...target.outcomes.map((outcome, index) => {
        const looks = callLooks(outcome, target.state);
        return line(
          `${say(context, text('Call', '호출'))} ${index + 1}`,
          outcomeText(looks, context),
          looks.tone,
        );
      }),
      ...(target.parts ?? []).map(({ name: part, state, detail }) =>
        line(
          part,
          `${outcomeText(OUTCOMES[state], context)}${detail === undefined ? '' : `: ${detail}`}`,
          OUTCOMES[state].tone,
        ),
      ),
    ],
  };
}

/** `24 done, 11 failed`, where there are several. */
function countedText({ targets }: Job, context: ViewContext): string | undefined {
  if (targets.length < 2) return undefined;
  const byState = Map.groupBy(targets, ({ state }) => state);
  return Array.from(byState, ([state, own]) => `${own.length} ${say(context, OUTCOMES[state].words)}`).join(
    ', ',
  );
}

function detail(job: Job, context: ViewContext): readonly DetailSection[] {
  const looks = OUTCOMES[job.state];
  const entry = context.related.get(refOf('audit', job.ref.context, job.ref.id));
  return [
    {
      title: text('Job', '작업'),
      lines: [
        line(say(context, text('Job', '작업')), say(context, job.title)),
        line(say(context, WORDS.state), outcomeInFull(looks, context), looks.tone),
        ...lineIfKnown(say(context, text('Targets', '대상')), countedText(job, context)),
        ...lineIfKnown(say(context, text('Reason', '이유')), job.reason),
        line(say(context, WORDS.started), formatInstant(job.startedAt, context.isUtc)),
        ...lineIfKnown(
          say(context, text('Ended', '종료')),
          job.endedAt === undefined ? undefined : formatInstant(job.endedAt, context.isUtc),
        ),
      ],
    },
    ...job.targets.map((target) => targetSection(target, context)),
    ...(entry === undefined || entry.calls.length === 0 ? [] : [callsSection(entry, context)]),
  ];
}

/**
 * Rows of `:jobs`. JSON: `{id, action, title, state, startedAt, endedAt?, reason?, targets: [{name, context, state,
 * step?, detail?, error?: {code, message, hint}, parts?: [{name, state, detail?}], outcomes}]}`.
 */
export const jobsView = defineView({
  id: 'jobs',
  kind: 'job',
  title: text('Jobs', '작업'),
  aliases: ['job'],
  help: text('Our own actions under way and how they ended', '진행 중인 동작과 그 결과'),
  columns,
  sort: { column: 'age' },
  isFault: ({ state }) => OUTCOMES[state].isFault,
  isIn: ({ targets }, scope, context) => targets.some((target) => isActedOn(target, scope, context)),
  whenEmpty: noJobs,
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('steps, calls and parts', '단계, 호출, 부분'),
  offers: [
    {
      id: 'cancel-job',
      key: 'X',
      title: text('cancel: nothing further is begun', '취소: 더 시작하지 않음'),
      disabledReason: ({ state, isCancelling, title }) => {
        if (state !== 'running') return text(`${title.en} is over`, `${title.ko}: 이미 끝남`);
        return isCancelling
          ? text(`${title.en} is being cancelled already`, `${title.ko}: 이미 취소 중`)
          : undefined;
      },
    },
  ],
  note(job, context) {
    const next = mainTarget(job)?.error?.hint;
    return next === undefined ? undefined : { text: `→ ${say(context, text(next, next))}`, tone: 'accent' };
  },
  favourites: ['state=running', 'state=failed', 'state=unknown'],
  detail,
  contextOf: ({ ref }) => ref.context,
  nameOf: ({ title }) => title.en,
  json: (job, context) =>
    known({
      id: job.ref.id,
      action: job.action,
      title: say(context, job.title),
      state: job.state,
      startedAt: isoTime(job.startedAt),
      endedAt: isoTime(job.endedAt),
      reason: job.reason,
      targets: job.targets.map((target) =>
        known({
          name: target.name,
          context: target.context,
          state: target.state,
          step: target.step && say(context, target.step),
          detail: inContext(context, target.detail),
          error: target.error,
          parts: target.parts,
          outcomes: target.outcomes,
        }),
      ),
    }),
});
