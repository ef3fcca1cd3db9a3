import type { AuditEntry } from '../domain/audit-entry.ts';
import { text } from '../domain/text.ts';
import { isActedOn } from './acted-on.ts';
import { EFFECT_TONES, formatDuration, OUTCOMES, outcomeInFull, outcomeText } from './acted-words.ts';
import { callsSection, targetSections } from './audit-sections.ts';
import { nothingDone } from './empty-words.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn } from './shared-columns.ts';
import { type Column, type DetailSection, defineView, type ViewContext } from './view.ts';
import { line, lineIfKnown, say, WORDS } from './words.ts';

const whoOf = ({ actor }: AuditEntry): string =>
  `${actor.user}@${actor.host}${actor.sshFrom === undefined ? '' : ` (${actor.sshFrom})`}`;

const columns: readonly Column<AuditEntry>[] = [
  ageColumn(({ at }) => at, { dropOrder: 2 }),
  {
    id: 'result',
    title: 'RESULT',
    width: 20,
    min: 10,
    dropOrder: 3,
    sortKey: 'S',
    value: ({ result }) => result,
    text: ({ result }, context) => outcomeText(OUTCOMES[result], context),
    tone: ({ result }) => OUTCOMES[result].tone,
  },
  {
    id: 'action',
    title: 'ACTION',
    width: 16,
    min: 8,
    dropOrder: 20,
    value: ({ action }) => action,
    tone: ({ effect }) => EFFECT_TONES[effect],
  },
  contextColumn(({ ref }) => ref.context, 30),
  { id: 'name', title: 'WHAT', width: 'grow', min: 16, sortKey: 'N', value: ({ title }) => title },
  { id: 'user', title: 'USER', width: 12, min: 6, dropOrder: 10, value: ({ actor }) => actor.user },
  {
    id: 'reason',
    title: 'REASON',
    width: 24,
    min: 8,
    dropOrder: 40,
    value: ({ reason, error }) => reason ?? error,
    text: ({ reason, error }) => reason ?? error ?? '',
  },
  { id: 'mode', title: 'MODE', width: 8, wide: true, dropOrder: 60, value: ({ mode }) => mode },
  { id: 'host', title: 'HOST', width: 14, wide: true, dropOrder: 61, value: ({ actor }) => actor.host },
  { id: 'ssh', title: 'SSH FROM', width: 16, wide: true, dropOrder: 62, value: ({ actor }) => actor.sshFrom },
];

function detail(entry: AuditEntry, context: ViewContext): readonly DetailSection[] {
  const looks = OUTCOMES[entry.result];
  return [
    {
      title: text('Action', '동작'),
      lines: [
        line(say(context, text('What', '내용')), entry.title),
        line(say(context, text('Result', '결과')), outcomeInFull(looks, context), looks.tone),
        ...lineIfKnown(say(context, text('Error', '오류')), entry.error, 'bad'),
        ...(entry.result === 'unfinished'
          ? [
              line(
                say(context, WORDS.next),
                say(
                  context,
                  text(
                    'Look at the targets: what was sent may have been done',
                    '대상을 확인하세요: 보낸 것은 수행됐을 수 있음',
                  ),
                ),
                'accent',
              ),
            ]
          : []),
        ...lineIfKnown(say(context, text('Reason', '이유')), entry.reason),
        line(
          say(context, text('Action', '동작')),
          `${entry.action} (${entry.effect})`,
          EFFECT_TONES[entry.effect],
        ),
        line(say(context, text('Mode', '모드')), entry.mode),
        line(say(context, text('Begun', '시작')), formatInstant(entry.at, context.isUtc)),
        ...(entry.endedAt === undefined
          ? []
          : [
              line(
                say(context, text('Ended', '종료')),
                `${formatInstant(entry.endedAt, context.isUtc)} (${formatDuration(entry.endedAt - entry.at)})`,
              ),
            ]),
      ],
    },
    {
      title: text('Who', '수행자'),
      lines: [
        line(say(context, text('User', '사용자')), whoOf(entry)),
        line(say(context, text('Process', '프로세스')), String(entry.actor.pid)),
        ...Object.entries(entry.actor.identities).map(([name, identity]) => line(name, identity)),
      ],
    },
    ...targetSections(entry, context),
    ...(entry.calls.length === 0 ? [] : [callsSection(entry, context)]),
  ];
}

/**
 * Rows of `:audit`. JSON: `{id, at, endedAt?, result, action, effect, title, mode, reason?, error?, actor: {user, host,
 * pid, sshFrom?, identities}, targets: [{kind, context, namespace?, name, before, after?, result?, error?}], calls:
 * [{at?, context, title, request, outcome?}]}`.
 */
export const auditView = defineView({
  id: 'audit',
  kind: 'audit',
  title: text('Audit', '감사'),
  aliases: ['log'],
  isLocal: true,
  help: text(
    'Every action begun from here: who, when, what was sent, how it ended',
    '여기서 시작한 모든 동작: 누가, 언제, 무엇을 보냈고 어떻게 끝났는지',
  ),
  columns,
  sort: { column: 'age' },
  isFault: ({ result }) => OUTCOMES[result].isFault,
  isIn: (entry, scope, context) =>
    scope.kind === 'job'
      ? entry.ref.id === scope.id
      : entry.targets.some((target) => isActedOn(target, scope, context)),
  whenEmpty: nothingDone,
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('who, plan, calls, before and after', '수행자, 계획, 호출, 이전과 이후'),
  favourites: ['result=unfinished', 'result=unknown', 'result=failed', 'result=refused'],
  detail,
  contextOf: ({ ref }) => ref.context,
  nameOf: ({ title }) => title,
  json: (entry) =>
    known({
      id: entry.ref.id,
      at: isoTime(entry.at),
      endedAt: isoTime(entry.endedAt),
      result: entry.result,
      action: entry.action,
      effect: entry.effect,
      title: entry.title,
      mode: entry.mode,
      reason: entry.reason,
      error: entry.error,
      actor: entry.actor,
      targets: entry.targets.map(({ ref: _ref, ...target }) => known(target)),
      calls: entry.calls.map((call) => known({ ...call, at: isoTime(call.at) })),
    }),
});
