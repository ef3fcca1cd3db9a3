import { type Analysis, EVIDENCE_PARTS, type Evidence, type EvidencePart } from '../domain/analysis.ts';
import { failureText } from '../domain/errors.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import { inLanguage, type Text, text } from '../domain/text.ts';
import { formatSpan } from './format-age.ts';
import { formatBytes, formatNumber } from './format-number.ts';
import { known } from './known.ts';
import { type Column, type DetailSection, defineView, type ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, line, say } from './words.ts';

const PART_TITLES: Readonly<Record<EvidencePart, Text>> = {
  verdict: text('verdict', '판정'),
  lock: text('lock', '락'),
  request: text('request', '요청'),
  pool: text('pool', '풀'),
  group: text('same stack', '같은 스택'),
  still: text('not moved', '그대로'),
  busy: text('CPU', 'CPU'),
  state: text('state', '상태'),
  class: text('class', '클래스'),
  thread: text('thread', '스레드'),
  note: text('note', '참고'),
};

/** A count is shown where it is known; most rows know only some of them. */
const columns: readonly Column<Evidence>[] = [
  {
    id: 'order',
    title: '#',
    width: 4,
    align: 'right',
    dropOrder: 90,
    unit: 'count',
    value: ({ order }) => order,
    text: ({ order }) => String(order + 1),
  },
  {
    id: 'part',
    title: 'PART',
    width: 11,
    dropOrder: 6,
    sortKey: 'S',
    value: ({ part }) => part,
    order: ({ part }) => EVIDENCE_PARTS.indexOf(part),
    text: ({ part, level }, context) =>
      `${level === undefined ? ' ' : HEALTH_SIGNS[level]} ${say(context, PART_TITLES[part])}`,
    tone: ({ level }) => (level === undefined ? 'normal' : HEALTH_TONES[level]),
  },
  {
    id: 'count',
    title: 'COUNT',
    width: 6,
    align: 'right',
    dropOrder: 8,
    goesWhenUniform: true,
    unit: 'count',
    sortKey: 'C',
    sortsDown: true,
    value: ({ count }) => count,
    text: ({ count }) => (count === undefined ? '' : formatNumber(count)),
  },
  {
    id: 'change',
    title: '+/-',
    width: 6,
    align: 'right',
    dropOrder: 74,
    goesWhenUniform: true,
    unit: 'count',
    value: ({ change }) => change,
    text: ({ change }) => (change === undefined ? '' : `${change > 0 ? '+' : ''}${formatNumber(change)}`),
  },
  {
    id: 'bytes',
    title: 'BYTES',
    width: 9,
    align: 'right',
    dropOrder: 21,
    goesWhenUniform: true,
    unit: 'bytes',
    sortKey: 'H',
    sortsDown: true,
    value: ({ bytes }) => bytes,
    text: ({ bytes }) => (bytes === undefined ? '' : formatBytes(bytes)),
  },
  {
    id: 'state',
    title: 'STATE',
    width: 13,
    dropOrder: 80,
    goesWhenUniform: true,
    value: ({ state }) => state,
    text: ({ state }) => state ?? '',
  },
  {
    id: 'cpu',
    title: 'CPU',
    width: 5,
    align: 'right',
    dropOrder: 78,
    goesWhenUniform: true,
    unit: 'age',
    value: ({ cpuMs }) => cpuMs,
    text: ({ cpuMs }) => (cpuMs === undefined ? '' : formatSpan(cpuMs)),
  },
  {
    id: 'elapsed',
    title: 'ELAPSED',
    width: 7,
    align: 'right',
    dropOrder: 20,
    goesWhenUniform: true,
    unit: 'age',
    value: ({ elapsedMs }) => elapsedMs,
    text: ({ elapsedMs }) => (elapsedMs === undefined ? '' : formatSpan(elapsedMs)),
  },
  {
    id: 'age',
    title: 'THREAD AGE',
    width: 10,
    align: 'right',
    wide: true,
    unit: 'age',
    value: ({ ageMs }) => ageMs,
    text: ({ ageMs }) => (ageMs === undefined ? '' : formatSpan(ageMs)),
  },
  {
    id: 'name',
    title: 'WHAT',
    width: 20,
    min: 10,
    cut: 'middle',
    dropOrder: 12,
    sortKey: 'N',
    value: ({ subject }) => subject,
  },
  {
    id: 'text',
    title: 'FOUND',
    width: 'grow',
    // The verdict stands in it.
    min: 60,
    value: (row, context) => say(context, row.text),
    tone: ({ level }) => (level === undefined ? 'normal' : HEALTH_TONES[level]),
  },
];

const nextOf = (row: Evidence, { related }: ViewContext): Text | undefined =>
  row.part === 'verdict'
    ? related
        .get(refOf('analysis', row.ref.context, row.analysis))
        ?.verdict.find(({ code, text: said }) => code === row.subject && said.en === row.text.en)?.next
    : undefined;

function detail(row: Evidence, context: ViewContext): readonly DetailSection[] {
  const next = nextOf(row, context);
  return [
    {
      title: text(row.subject, row.subject),
      lines: [
        line(
          `${row.level === undefined ? '' : HEALTH_SIGNS[row.level]} ${say(context, PART_TITLES[row.part])}`.trim(),
          say(context, row.text),
          row.level === undefined ? undefined : HEALTH_TONES[row.level],
        ),
        ...(next === undefined ? [] : [line('→', say(context, next), 'accent')]),
      ],
    },
    ...row.blocks.map(
      ({ title, lines }): DetailSection => ({
        title: typeof title === 'string' ? text(title, title) : title,
        lines: [],
        text: lines.map((words) => inLanguage(words, context.language)),
      }),
    ),
  ];
}

/** How an analysis that has no rows yet stands. */
function standing({ state, progress, error, problems }: Analysis): Text | undefined {
  if (error !== undefined) return text(failureText(error), failureText(error));
  if (state === 'reading' && progress !== undefined) {
    const read = `${formatBytes(progress.readBytes)} / ${formatBytes(progress.sizeBytes)}`;
    return text(`Reading ${read}`, `읽는 중 ${read}`);
  }
  if (state === 'reading') return text('Reading', '읽는 중');
  return problems[0];
}

function whenEmpty(scope: Ref | undefined, { related }: ViewContext): Text | undefined {
  if (scope?.kind !== 'analysis')
    return text(
      'No analysis yet: enter on a dump (U), or `l9s analyze FILE`',
      '분석 없음: 덤프(U)에서 enter, 또는 `l9s analyze FILE`',
    );
  const analysis = related.get({ ...scope, kind: scope.kind });
  return analysis === undefined ? text('Reading', '읽는 중') : standing(analysis);
}

/**
 * Rows of `:analysis`. JSON: `{analysis, part, subject, level?, text, count?, change?, bytes?, state?, cpuMs?,
 * elapsedMs?, ageMs?, blocks: [{title, lines}]}`.
 */
export const analysisView = defineView({
  id: 'analysis',
  kind: 'evidence',
  title: text('Analysis', '분석'),
  aliases: ['evidence'],
  help: text(
    'What dumps show: the verdict first, then locks, requests, pools, equal stacks, threads',
    '덤프 분석: 판정, 락, 요청, 풀, 같은 스택, 스레드',
  ),
  columns,
  sort: { column: 'order' },
  tally: {
    levelOf: ({ part, level }) => (part === 'verdict' ? level : undefined),
    levels: ['error', 'warn'],
  },
  isFault: ({ level }) => level === 'error' || level === 'warn',
  isIn: (row, scope) =>
    scope.kind === 'analysis' && scope.id === row.analysis && scope.context === row.ref.context,
  whenEmpty,
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('the stacks that show it', '근거가 되는 스택'),
  note(row, context) {
    const next = nextOf(row, context);
    const words = say(context, row.text);
    return {
      text: next === undefined ? words : `${words} → ${say(context, next)}`,
      tone: row.level === undefined ? 'normal' : HEALTH_TONES[row.level],
      isWhole: true,
    };
  },
  favourites: [
    'part=verdict',
    'part=lock',
    'part=request',
    'part=pool',
    'part=group',
    'part=still',
    'part=busy',
    'part=class',
    'part=thread',
  ],
  detail,
  contextOf: ({ ref }) => ref.context,
  nameOf: ({ subject }) => subject,
  json: (row, context) =>
    known({
      analysis: row.analysis,
      part: row.part,
      subject: row.subject,
      level: row.level,
      text: say(context, row.text),
      count: row.count,
      change: row.change,
      bytes: row.bytes,
      state: row.state,
      cpuMs: row.cpuMs,
      elapsedMs: row.elapsedMs,
      ageMs: row.ageMs,
      blocks: row.blocks.map(({ title, lines }) => ({
        title: inLanguage(title, context.language),
        lines: lines.map((words) => inLanguage(words, context.language)),
      })),
    }),
});
