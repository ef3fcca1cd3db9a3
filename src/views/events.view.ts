import type { EventLevel, OpsEvent } from '../domain/event.ts';
import { isSameRef, refOf } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn, targetColumn } from './shared-columns.ts';
import { EVENT_SIGNS, EVENT_TONES, messageOf } from './target-events.ts';
import { type Column, defineView } from './view.ts';
import { line, say, WORDS } from './words.ts';

const RANKS: Readonly<Record<EventLevel, number>> = { info: 0, warning: 1, error: 2, critical: 3 };
const LEVELS: readonly EventLevel[] = ['info', 'warning', 'error', 'critical'];

/** Half a line of an 80-column terminal: what happened says more than long names do. */
const MESSAGE_CELLS = 40;

const columns: readonly Column<OpsEvent>[] = [
  ageColumn(({ at }) => at, { dropOrder: 2 }),
  {
    id: 'level',
    title: 'LEVEL',
    width: 10,
    dropOrder: 10,
    sortKey: 'S',
    sortsDown: true,
    value: ({ level }) => level,
    order: ({ level }) => RANKS[level],
    levels: LEVELS,
    text: ({ level }) => `${EVENT_SIGNS[level]} ${level}`,
    tone: ({ level }) => EVENT_TONES[level],
  },
  { id: 'type', title: 'TYPE', width: 24, min: 12, dropOrder: 5, value: ({ type }) => type },
  targetColumn(20),
  { ...contextColumn<OpsEvent>(({ ref }) => ref.context, 30), goesWhenUniform: true },
  {
    id: 'count',
    title: 'COUNT',
    width: 5,
    align: 'right',
    dropOrder: 40,
    goesWhenUniform: true,
    unit: 'count',
    sortsDown: true,
    value: ({ count }) => count,
    text: ({ count }) => (count === undefined ? '' : String(count)),
  },
  { id: 'message', title: 'MESSAGE', width: 'grow', min: MESSAGE_CELLS, value: messageOf },
];

export const eventsView = defineView({
  id: 'events',
  kind: 'event',
  title: text('Events', '이벤트'),
  aliases: ['ev', 'event'],
  help: text('What happened in every context, newest first', '모든 컨텍스트의 이벤트, 최신순'),
  columns,
  sort: { column: 'age' },
  isFault: ({ level }) => level !== 'info',
  isIn: (event, scope, context) => {
    if (scope.kind === 'context') return event.ref.context === scope.id;
    if (isSameRef(event.target, scope)) return true;
    // An orchestrator names its own object (a pod, a task); the server's row is joined from it.
    if (scope.kind !== 'server' || event.target === undefined) return false;
    const server = context.related.get(refOf('server', scope.context, scope.id));
    return (
      isSameRef(server?.records.instance, event.target) ||
      isSameRef(server?.records.registration, event.target)
    );
  },
  whenEmpty: (scope) =>
    scope === undefined ? undefined : text('No events about it were heard', '이 대상의 이벤트 없음'),
  note: (event, context) => ({ text: messageOf(event, context), tone: EVENT_TONES[event.level] }),
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('the whole event', '이벤트 전체'),
  links: [
    {
      id: 'owner',
      key: 'o',
      title: text('what it is about', '대상'),
      target: ({ target, targetName }, { related }) => {
        if (target === undefined || related.get(target) === undefined)
          return {
            disabledReason: text(`${targetName} is not a known row`, `${targetName}: 알려진 행이 아님`),
          };
        return { detail: target };
      },
    },
  ],
  favourites: ['level=critical', 'level=error', 'level=warning', 'age<10m'],
  detail: (event, context) => [
    {
      title: text('Event', '이벤트'),
      lines: [
        line(say(context, text('At', '시각')), formatInstant(event.at, context.isUtc)),
        line(
          say(context, text('Level', '수준')),
          `${EVENT_SIGNS[event.level]} ${event.level}`,
          EVENT_TONES[event.level],
        ),
        line(say(context, WORDS.type), event.type),
        line(say(context, text('Target', '대상')), event.targetName),
        line(say(context, WORDS.context), event.ref.context),
        ...(event.count === undefined
          ? []
          : [line(say(context, text('Count', '횟수')), String(event.count))]),
        line(say(context, text('Message', '메시지')), messageOf(event, context)),
      ],
    },
  ],
  contextOf: ({ ref }) => ref.context,
  nameOf: ({ targetName }) => targetName,
  json: (event) =>
    known({
      at: isoTime(event.at),
      level: event.level,
      type: event.type,
      target: event.targetName,
      context: event.ref.context,
      count: event.count,
      message: event.message,
    }),
});
