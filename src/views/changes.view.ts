import type { RecentChange } from '../domain/recent-change.ts';
import { isSameRef } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import { isActedOn } from './acted-on.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { known } from './known.ts';
import { ageColumn, contextColumn, targetColumn } from './shared-columns.ts';
import { type Column, defineView } from './view.ts';
import { line, lineIfKnown, say, WORDS } from './words.ts';

const WHAT: Readonly<Record<RecentChange['what'], Text>> = {
  rollout: text('rollout', '롤아웃'),
  revision: text('revision', '리비전'),
  config: text('config', '설정'),
  restart: text('restart', '재시작'),
  scale: text('scale', '스케일'),
  action: text('our action', '우리 동작'),
};

const columns: readonly Column<RecentChange>[] = [
  ageColumn(({ at }) => at, { dropOrder: 2 }),
  {
    id: 'what',
    title: 'WHAT',
    width: 10,
    dropOrder: 3,
    value: ({ what }) => what,
    text: ({ what }, context) => say(context, WHAT[what]),
    tone: ({ what }) => (what === 'action' ? 'accent' : what === 'restart' ? 'warn' : 'normal'),
  },
  targetColumn(20),
  contextColumn(({ ref }) => ref.context, 30),
  {
    id: 'text',
    title: 'CHANGE',
    width: 'grow',
    min: 16,
    value: (change, context) => say(context, change.text),
  },
  { id: 'by', title: 'BY', width: 12, dropOrder: 40, value: ({ by }) => by, text: ({ by }) => by ?? '' },
];

/** Rows of `:changes`. JSON: `{at, what, text, target, context, by?}`; `what` is rollout, revision, config, restart, scale or action. */
export const changesView = defineView({
  id: 'changes',
  kind: 'change',
  title: text('Changes of the last hour', '최근 한 시간의 변경'),
  aliases: ['change', 'chg'],
  help: text(
    'Rollouts, revisions, configuration, restarts and our own actions of the last hour',
    '최근 한 시간의 롤아웃, 리비전, 설정, 재시작, 우리 동작',
  ),
  columns,
  sort: { column: 'age' },
  isFault: ({ what }) => what === 'restart',
  isIn: ({ ref, target }, scope, context) =>
    target === undefined
      ? scope.kind === 'context' && ref.context === scope.id
      : isSameRef(target, scope) || isActedOn({ ref: target, context: ref.context }, scope, context),
  whenEmpty: () => text('Nothing seen to change in the last hour', '최근 한 시간에 확인된 변경 없음'),
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('the whole change', '변경 전체'),
  links: [
    {
      id: 'owner',
      key: 'o',
      title: text('what it is about', '대상'),
      target: ({ target, targetName }, { related }) =>
        target === undefined || related.get(target) === undefined
          ? { disabledReason: text(`${targetName} is not a known row`, `${targetName}: 알려진 행이 아님`) }
          : { detail: target },
    },
  ],
  favourites: ['what=action', 'what=rollout', 'what=revision', 'what=config', 'what=restart'],
  detail: (change, context) => [
    {
      title: text('Change', '변경'),
      lines: [
        line(say(context, text('At', '시각')), formatInstant(change.at, context.isUtc)),
        line(say(context, text('Kind', '종류')), say(context, WHAT[change.what])),
        line(say(context, text('Target', '대상')), change.targetName),
        line(say(context, WORDS.context), change.ref.context),
        line(say(context, text('Change', '변경')), say(context, change.text)),
        ...lineIfKnown(say(context, text('By', '수행자')), change.by),
      ],
    },
  ],
  contextOf: ({ ref }) => ref.context,
  nameOf: ({ targetName }) => targetName,
  json: (change, context) =>
    known({
      at: isoTime(change.at),
      what: change.what,
      text: say(context, change.text),
      target: change.targetName,
      context: change.ref.context,
      by: change.by,
    }),
});
