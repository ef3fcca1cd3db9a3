import { text } from '../../domain/text.ts';
import type { Page } from '../../store/shell/page.ts';
import type { LooseView } from '../../views/view.ts';
import type { KeyName } from '../input/keys.ts';
import type { Binding, Scope } from './binding.ts';
import { everywhereBindings } from './everywhere.ts';
import { scrollBindings } from './scroll.ts';
import { tableBindings } from './table.ts';

/** Every binding that does not come from a view; a key is bound once in a scope. */
export const BINDINGS: readonly Binding[] = [...everywhereBindings, ...tableBindings, ...scrollBindings];

/** The keys a view brings itself: where its rows lead, and (on tables) sorting by its columns. */
export function viewBindings(view: LooseView, scope: 'table' | 'detail'): readonly Binding[] {
  const links = (view.links ?? []).map(
    (link): Binding => ({
      id: link.id,
      keys: [link.key],
      scope,
      title: link.title,
      run: (controller) => controller.follow(link.id),
    }),
  );
  if (scope === 'detail') return links;
  const sorts = view.columns.flatMap((column): Binding[] =>
    column.sortKey === undefined
      ? []
      : [
          {
            id: `sort-${column.id}`,
            keys: [column.sortKey],
            scope,
            title: text(
              `sort by ${column.title}, again to reverse`,
              `${column.title} 기준 정렬, 다시 누르면 역순`,
            ),
            run: (controller) => controller.sortBy(column.id),
          },
        ],
  );
  return [...links, ...sorts];
}

const SCOPES: Readonly<Record<Page['content']['kind'], readonly Scope[]>> = {
  table: ['table', 'everywhere'],
  detail: ['detail', 'scroll', 'everywhere'],
  help: ['scroll', 'everywhere'],
};

/** All bindings that hold on a page, the nearest first. */
export function bindingsOn(page: Page, view: LooseView | undefined): readonly Binding[] {
  const { kind } = page.content;
  const own = view === undefined || kind === 'help' ? [] : viewBindings(view, kind);
  return [...own, ...SCOPES[kind].flatMap((scope) => BINDINGS.filter((binding) => binding.scope === scope))];
}

export const findBinding = (page: Page, view: LooseView | undefined, key: KeyName): Binding | undefined =>
  bindingsOn(page, view).find(({ keys }) => keys.includes(key));
