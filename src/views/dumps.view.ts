import { DUMP_TITLES, DUMP_WAY_TITLES, type Dump, isLiveHistogram } from '../domain/dump.ts';
import { UNAUTHENTICATED } from '../domain/dump-way.ts';
import type { HealthLevel } from '../domain/health.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { dumpFigureLines } from './dump-figures.ts';
import { formatBytes, NOT_KNOWN } from './format-number.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn } from './shared-columns.ts';
import { verdictJson } from './verdict-json.ts';
import { type Column, type DetailSection, defineView, type ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, line, lineIfKnown, say, WORDS } from './words.ts';

/** The analysis of some dumps of one context, oldest first. */
export function analysisOf(dumps: readonly Dump[]): Ref<'analysis'> | undefined {
  const [first] = dumps;
  if (first === undefined) return undefined;
  const sorted = dumps.toSorted((a, b) => a.takenAt - b.takenAt || a.ref.id.localeCompare(b.ref.id));
  return refOf('analysis', first.ref.context, sorted.map(({ ref }) => ref.id).join('+'));
}

/** Heaps are for tools of their own. */
const canBeAnalysed = ({ kind }: Dump): boolean => kind !== 'heap';

const seriesOf = ({ series }: Dump, { related }: ViewContext): readonly Dump[] =>
  series === undefined ? [] : [...related.all('dump')].filter((other) => other.series?.id === series.id);

const levelOf = ({ verdict }: Dump): HealthLevel | undefined => verdict?.[0]?.level;

/** Who could have answered in the server's place is told wherever the way is. */
function wayText({ way, isAuthenticated }: Dump, context: ViewContext): string {
  if (way === undefined) return NOT_KNOWN;
  const title = say(context, DUMP_WAY_TITLES[way]);
  return isAuthenticated ? title : `▲ ${title}`;
}

const columns: readonly Column<Dump>[] = [
  ageColumn(({ takenAt }) => takenAt, { dropOrder: 2 }),
  {
    id: 'kind',
    title: 'KIND',
    width: 14,
    dropOrder: 4,
    sortKey: 'S',
    value: ({ kind }) => kind,
    text: (dump) => (isLiveHistogram(dump) === true ? `${dump.kind} live` : dump.kind),
  },
  {
    id: 'name',
    title: 'SERVER',
    width: 28,
    min: 14,
    cut: 'middle',
    sortKey: 'N',
    value: ({ serverName }) => serverName,
  },
  contextColumn(({ ref }) => ref.context, 20),
  {
    id: 'series',
    title: 'SERIES',
    width: 6,
    align: 'right',
    dropOrder: 25,
    goesWhenUniform: true,
    value: ({ series }) => series?.id,
    text: ({ series }) => (series === undefined ? '' : `${series.number}/${series.count}`),
    order: ({ series }) => series && `${series.id} ${series.number}`,
  },
  {
    id: 'size',
    title: 'SIZE',
    width: 8,
    align: 'right',
    unit: 'bytes',
    dropOrder: 15,
    value: ({ sizeBytes }) => sizeBytes,
    text: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    id: 'verdict',
    title: 'VERDICT',
    width: 'grow',
    min: 20,
    dropOrder: 3,
    value: ({ verdict = [] }, context) => verdict.map((found) => say(context, found.text)).join(' '),
    text({ verdict, kind }, context) {
      const [first] = verdict ?? [];
      if (first !== undefined) return `${HEALTH_SIGNS[first.level]} ${say(context, first.text)}`;
      return kind === 'heap' ? say(context, text('for a heap analyser', '힙 분석 도구용')) : '';
    },
    tone: (dump) => HEALTH_TONES[levelOf(dump) ?? 'unknown'],
    order: (dump) => levelOf(dump),
    levels: ['ok', 'unknown', 'warn', 'error'],
  },
  {
    id: 'way',
    title: 'WAY',
    width: 16,
    min: 8,
    dropOrder: 30,
    value: ({ way }) => way,
    text: (dump, context) => wayText(dump, context),
    tone: ({ isAuthenticated }) => (isAuthenticated ? 'normal' : 'warn'),
  },
  { id: 'by', title: 'BY', width: 16, min: 8, dropOrder: 40, cut: 'middle', value: ({ by }) => by },
  { id: 'reason', title: 'REASON', width: 24, wide: true, dropOrder: 60, value: ({ reason }) => reason },
  {
    id: 'file',
    title: 'FILE',
    width: 50,
    wide: true,
    cut: 'middle',
    dropOrder: 61,
    value: ({ ref }) => ref.id,
  },
];

function detail(dump: Dump, context: ViewContext): readonly DetailSection[] {
  const { verdict = [], missing, series } = dump;
  return [
    {
      title: text('Dump', '덤프'),
      lines: [
        line(say(context, text('Kind', '종류')), say(context, DUMP_TITLES[dump.kind])),
        line(say(context, text('Server', '서버')), `${dump.serverName} (${dump.server.context})`),
        ...lineIfKnown(say(context, WORDS.namespace), dump.namespace),
        line(say(context, text('Taken', '시각')), formatInstant(dump.takenAt, context.isUtc)),
        ...(series === undefined
          ? []
          : [line(say(context, text('Series', '시리즈')), `${series.number}/${series.count}  ${series.id}`)]),
        line(say(context, text('Size', '크기')), formatBytes(dump.sizeBytes)),
        line(say(context, text('File', '파일')), dump.path),
        ...lineIfKnown('SHA-256', dump.sha256),
      ],
    },
    ...(verdict.length === 0
      ? []
      : [
          {
            title: text('Verdict', '판정'),
            lines: verdict.flatMap((found) => [
              line(HEALTH_SIGNS[found.level], say(context, found.text), HEALTH_TONES[found.level]),
              ...(found.next === undefined ? [] : [line('', `→ ${say(context, found.next)}`, 'accent')]),
            ]),
          },
        ]),
    {
      title: text('How it was taken', '얻은 방법'),
      lines: [
        line(
          say(context, text('Way', '경로')),
          dump.way === undefined ? NOT_KNOWN : say(context, DUMP_WAY_TITLES[dump.way]),
        ),
        line(say(context, text('Asked', '요청')), dump.how),
        ...(dump.isAuthenticated || dump.way === undefined
          ? []
          : [line(say(context, text('Sender', '보낸 쪽')), say(context, UNAUTHENTICATED), 'warn')]),
        ...missing.map((what) => line(say(context, text('Lacks', '없는 것')), say(context, what), 'warn')),
        line(say(context, text('By', '수행자')), dump.by),
        ...lineIfKnown(say(context, text('Reason', '이유')), dump.reason),
      ],
    },
    ...(Object.keys(dump.figures).length === 0
      ? []
      : [
          {
            title: text('The server at that moment', '그 순간의 서버'),
            lines: dumpFigureLines(dump, context),
          },
        ]),
  ];
}

/**
 * Rows of `:dumps`. JSON: `{file, path, kind, server, context, namespace?, takenAt, sizeBytes, sha256?, way, how,
 * authenticated, by, reason?, series?: {id, number, count}, missing: [text], figures, verdict: [{code, level, text,
 * next?}]}`.
 */
export const dumpsView = defineView({
  id: 'dumps',
  kind: 'dump',
  title: text('Dumps', '덤프'),
  aliases: ['dump'],
  isLocal: true,
  help: text(
    'Dumps kept on this machine: of which server, by whom, how, and what they show',
    '이 머신에 보관된 덤프: 어느 서버, 누가, 어떻게, 무엇이 보이는지',
  ),
  columns,
  sort: { column: 'age' },
  tally: { levelOf: (dump) => levelOf(dump), levels: ['error', 'warn'] },
  isFault: (dump) => levelOf(dump) === 'error' || levelOf(dump) === 'warn',
  isIn: ({ server, ref }, scope) =>
    scope.kind === 'context'
      ? ref.context === scope.id
      : scope.kind === 'server' && server.context === scope.context && server.id === scope.id,
  whenEmpty: (scope) =>
    scope === undefined
      ? text(
          'No dumps yet: t on a server takes a thread dump, M shows the other kinds',
          '덤프 없음: 서버에서 t는 스레드 덤프, M은 다른 종류',
        )
      : text('No dumps of it are kept here', '보관된 덤프 없음'),
  enter: (dump) => {
    const analysis = canBeAnalysed(dump) ? analysisOf([dump]) : undefined;
    return analysis === undefined ? { detail: dump.ref } : { view: 'analysis', scope: analysis };
  },
  enterTitle: text('what it shows: verdict, locks, pools, stacks', '분석: 판정, 락, 풀, 스택'),
  links: [
    {
      id: 'dump-series',
      key: 'T',
      title: text('its whole series, analysed together', '시리즈 전체를 함께 분석'),
      target(dump, context) {
        const analysis = analysisOf(seriesOf(dump, context).filter(canBeAnalysed));
        return analysis === undefined
          ? {
              disabledReason: text(
                `${dump.ref.id} is of no series: mark several and press f`,
                `${dump.ref.id}: 시리즈가 아님, 여럿을 표시하고 f`,
              ),
            }
          : { view: 'analysis', scope: analysis };
      },
    },
    {
      id: 'dump-server',
      key: 'o',
      title: text('its server', '서버'),
      target: ({ server, serverName }, { related }) =>
        related.get(server) === undefined
          ? { disabledReason: text(`${serverName} is gone`, `${serverName}: 사라짐`) }
          : { detail: server },
    },
  ],
  offers: [
    {
      id: 'analyze-dumps',
      key: 'f',
      title: text('compare: the marked dumps analysed together', '비교: 표시한 덤프를 함께 분석'),
      disabledReason: (dump) =>
        canBeAnalysed(dump)
          ? undefined
          : text('a heap dump is not analysed here', '힙 덤프는 여기서 분석하지 않음'),
    },
    { id: 'copy-dump-path', key: 'p', title: text('copy its path', '경로 복사') },
    { id: 'delete-dumps', key: 'X', title: text('delete the file', '파일 삭제') },
  ],
  note({ verdict = [] }, context) {
    const [first] = verdict;
    if (first === undefined) return undefined;
    const next = first.next === undefined ? '' : ` → ${say(context, first.next)}`;
    return { text: `${say(context, first.text)}${next}`, tone: HEALTH_TONES[first.level] };
  },
  favourites: ['kind=thread', 'kind=service', 'kind=histogram', 'kind=heap', 'age<1h'],
  detail,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ namespace }) => namespace,
  nameOf: ({ ref }) => ref.id,
  json: (dump, context) =>
    known({
      file: dump.ref.id,
      path: dump.path,
      kind: dump.kind,
      server: dump.serverName,
      serverId: dump.server.id,
      context: dump.server.context,
      namespace: dump.namespace,
      takenAt: isoTime(dump.takenAt),
      sizeBytes: dump.sizeBytes,
      sha256: dump.sha256,
      way: dump.way,
      how: dump.how,
      authenticated: dump.isAuthenticated,
      by: dump.by,
      reason: dump.reason,
      series: dump.series,
      missing: dump.missing.map((what) => say(context, what)),
      figures: dump.figures,
      verdict: dump.verdict && verdictJson(dump.verdict, context.language),
    }),
});
