import type { Finding } from '../domain/finding.ts';
import { HEALTH_LEVELS, healthRank } from '../domain/health.ts';
import { isSameRef } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { noFindings } from './empty-words.ts';
import { formatAge } from './format-age.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn, targetColumn } from './shared-columns.ts';
import { type Column, type DetailLine, defineView, type ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, instantWithAge, line, say, WORDS } from './words.ts';

const columns: readonly Column<Finding>[] = [
  {
    id: 'level',
    title: 'LEVEL',
    width: 9,
    dropOrder: 10,
    sortKey: 'S',
    sortsDown: true,
    value: ({ level }) => level,
    // What was acknowledged comes last, by its level still.
    order: ({ level, acknowledged }) => healthRank(level) - (acknowledged === undefined ? 0 : 10),
    levels: HEALTH_LEVELS,
    text: ({ level }) => `${HEALTH_SIGNS[level]} ${level}`,
    tone: ({ level }) => HEALTH_TONES[level],
  },
  { id: 'code', title: 'FINDING', width: 24, min: 14, dropOrder: 5, value: ({ code }) => code },
  targetColumn(8),
  contextColumn(({ target }) => target.context, 9),
  ageColumn(({ since }) => since, { dropOrder: 15, width: 4 }),
  { id: 'text', title: 'REASON', width: 'grow', value: (finding, context) => say(context, finding.text) },
  {
    id: 'ack',
    title: 'ACKNOWLEDGED',
    width: 30,
    wide: true,
    dropOrder: 55,
    value: ({ acknowledged }) =>
      acknowledged === undefined ? undefined : `${acknowledged.by}: ${acknowledged.reason}`,
    text: ({ acknowledged }) =>
      acknowledged === undefined ? '' : `${acknowledged.by}: ${acknowledged.reason}`,
  },
  {
    id: 'next',
    title: 'NEXT',
    width: 50,
    wide: true,
    dropOrder: 60,
    value: (finding, context) => say(context, finding.next),
  },
];

function acknowledgedLines({ acknowledged }: Finding, context: ViewContext): readonly DetailLine[] {
  if (acknowledged === undefined) return [];
  const { by, reason, at, until } = acknowledged;
  return [
    line(
      say(context, text('Acknowledged', '확인 처리')),
      `${by}, ${formatInstant(at, context.isUtc)}: ${reason}`,
    ),
    line(say(context, text('Until', '기한')), formatInstant(until, context.isUtc)),
  ];
}

const isAcknowledged = ({ acknowledged }: Finding): boolean => acknowledged !== undefined;

export const findingsView = defineView({
  id: 'findings',
  kind: 'finding',
  title: text('Findings', '발견 사항'),
  aliases: ['find', 'finding'],
  help: text(
    'Where orchestrator, Manager and JVM disagree, with the next step',
    '오케스트레이터, Manager, JVM이 어긋나는 곳과 다음 단계',
  ),
  columns,
  sort: { column: 'level', descending: true },
  isOutdated: isAcknowledged,
  tally: {
    levelOf: (finding) => (isAcknowledged(finding) ? undefined : finding.level),
    levels: ['error', 'warn', 'ok'],
  },
  isFault: (finding) => !isAcknowledged(finding) && (finding.level === 'warn' || finding.level === 'error'),
  isIn: ({ target }, scope) =>
    scope.kind === 'context' ? target.context === scope.id : isSameRef(target, scope),
  whenEmpty: (_scope, context) => noFindings(context),
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('reason and next step', '이유와 다음 단계'),
  links: [
    {
      id: 'owner',
      key: 'o',
      title: text('what it is about', '대상'),
      target: ({ target, targetName }, { related }) =>
        related.get(target) === undefined
          ? { disabledReason: text(`${targetName} is gone`, `${targetName}: 사라짐`) }
          : { detail: target },
    },
  ],
  note: (finding, context) => ({ text: `→ ${say(context, finding.next)}`, tone: 'accent' }),
  offers: [
    {
      id: 'acknowledge',
      key: 'K',
      title: text('acknowledge for a while', '잠시 확인 처리'),
    },
  ],
  favourites: ['level=error', 'level=warn', 'ack=n/a'],
  detail: (finding, context) => [
    {
      title: text('Finding', '발견 사항'),
      part: 'reasons',
      lines: [
        line(
          say(context, text('Level', '수준')),
          `${HEALTH_SIGNS[finding.level]} ${finding.level}`,
          HEALTH_TONES[finding.level],
        ),
        line(say(context, text('Finding', '발견 사항')), finding.code),
        line(say(context, text('Target', '대상')), `${finding.target.context}: ${finding.targetName}`),
        line(say(context, text('Reason', '이유')), say(context, finding.text)),
        line(say(context, WORDS.next), say(context, finding.next), 'accent'),
        line(
          say(context, text('Since', '발생')),
          instantWithAge(finding.since, context, formatInstant, formatAge) ?? '',
        ),
        ...acknowledgedLines(finding, context),
      ],
    },
  ],
  contextOf: ({ target }) => target.context,
  nameOf: ({ targetName }) => targetName,
  json: (finding, context) =>
    known({
      code: finding.code,
      level: finding.level,
      text: say(context, finding.text),
      next: say(context, finding.next),
      target: { kind: finding.target.kind, context: finding.target.context, name: finding.targetName },
      since: isoTime(finding.since),
      acknowledged:
        finding.acknowledged === undefined
          ? undefined
          : {
              ...finding.acknowledged,
              at: isoTime(finding.acknowledged.at),
              until: isoTime(finding.acknowledged.until),
            },
    }),
});
