import { text } from '../../domain/text.ts';
import { HOME_VIEW, VIEWS, viewByName } from '../../views/index.ts';
import { say } from '../../views/words.ts';
import { PLAIN_COMMANDS } from '../command/names.ts';
import { groupOfScope, keyGroups } from '../keymap/listing.ts';
import { displayWidth, fit, wrap } from '../kit/width.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

const COLUMN_GAP = 3;

/** The filter grammar, word for word what the filter takes. */
const FILTER_HELP = [
  [
    '/',
    text(
      'typing replaces the filter in force: esc keeps it, ↑ brings it back to edit, enter on nothing shows all',
      '입력하면 현재 필터를 대신함: esc 유지, ↑ 불러와 편집, 빈 채로 enter 전체',
    ),
  ],
  ['/word', text('rows that match (a regular expression)', '일치하는 행 (정규식)')],
  ['/!word', text('rows that do not', '일치하지 않는 행')],
  ['/-l label=value', text('by label', '레이블로')],
  ['/-f letters', text('fuzzy', '퍼지 검색')],
  ['/heap>80% age<2h state=ready', text('compare columns; spaces mean and', '열 비교, 공백은 그리고')],
  ['/rev!=3 ctx~prod', text('not equal; contains', '다름; 포함')],
  [
    '/health>=warn level>=err',
    text(
      'levels by their order: ok < unknown < warn < error; info < warning < error < critical',
      '수준은 그 순서로: ok < unknown < warn < error; info < warning < error < critical',
    ),
  ],
  ['/heap>600MiB', text('heap in bytes as well as in percent', '힙은 %와 바이트 모두')],
  ['/rollout-rev=4', text('a heading names its column too', '열 제목도 열 이름')],
  [
    '/rev=n/a',
    text(
      'what is not known; it satisfies no other comparison, != neither',
      '알 수 없는 값; 다른 비교는 != 도 만족하지 않음',
    ),
  ],
] as const;

const COMMAND_HELP = [
  [':servers @prod-*', text('only some contexts', '일부 컨텍스트만')],
  [':servers -n shop,pay', text('only some namespaces', '일부 네임스페이스만')],
  [
    ':servers app=web',
    text(
      'only a label; a column where it has one of that name',
      '레이블로 좁히기, 같은 이름의 열이 있으면 열',
    ),
  ],
  [':workloads shop', text('a word alone is a filter', '단어만 쓰면 필터')],
  [':servers /heap>80%', text('with a filter', '필터와 함께')],
] as const;

/** Help made from the key table: the view it was asked on first, then everything else. */
export function helpLines(world: World, viewName: string | undefined): string[] {
  const { settings, theme, columns } = world;
  const view = viewName === undefined ? HOME_VIEW : viewByName(viewName);
  const lines: string[] = [];
  const add = (title: string, entries: readonly (readonly [string, string])[]) => {
    if (lines.length > 0) lines.push(' ');
    lines.push(titleLine(theme, { title, facts: [], columns }));
    const width = Math.min(28, Math.max(0, ...entries.map(([key]) => displayWidth(key))));
    for (const [key, words] of entries) {
      wrap(words, Math.max(10, columns - width - COLUMN_GAP - 2)).forEach((piece, index) => {
        const head = index === 0 ? theme.paint('key', fit(key, width)) : ' '.repeat(width);
        lines.push(`  ${head}${' '.repeat(COLUMN_GAP)}${piece}`);
      });
    }
  };
  const blocked = world.verbs.filter(({ reason }) => reason !== undefined);
  if (blocked.length > 0) {
    add(
      say(settings, text('What cannot be done to this row now', '이 행에 지금 할 수 없는 것')),
      blocked.map(
        ({ key, title, reason = title }) =>
          [key, `${say(settings, title)}: ${say(settings, reason)}`] as const,
      ),
    );
  }
  const groups = keyGroups(VIEWS, view, world.acting?.executor.actions);
  const { content } = world.page;
  if (content.kind === 'help' && content.isOfCharts === true) {
    const { title, keys } = groupOfScope('charts');
    add(
      say(settings, title),
      keys.map((key) => [key.keys, say(settings, key.title)] as const),
    );
  }
  groups.forEach((group, index) => {
    add(
      say(settings, group.title),
      group.keys.map(({ keys, title }) => [keys, say(settings, title)] as const),
    );
    const favourites = view?.favourites ?? [];
    if (index > 0 || view === undefined || favourites.length === 0) return;
    add(say(settings, text(`Favourite filters of :${view.id}`, `:${view.id} 즐겨찾기 필터`)), [
      ...favourites.map((filter, place) => [String(place + 1), `/${filter}`] as const),
      ['0', say(settings, text('shows all', '전체 보기'))],
    ]);
  });
  add(say(settings, text('Views', '화면')), [
    ...VIEWS.map(
      ({ id, aliases, help }) =>
        [[id, ...aliases].map((name) => `:${name}`).join(' '), say(settings, help)] as const,
    ),
    ...PLAIN_COMMANDS.map(
      ({ name, aliases, title }) =>
        [[name, ...aliases].map((alias) => `:${alias}`).join(' '), say(settings, title)] as const,
    ),
  ]);
  add(
    say(settings, text('Narrowing', '좁히기')),
    COMMAND_HELP.map(([key, title]) => [key, say(settings, title)] as const),
  );
  add(
    say(settings, text('Filter', '필터')),
    FILTER_HELP.map(([key, title]) => [key, say(settings, title)] as const),
  );
  return lines;
}
