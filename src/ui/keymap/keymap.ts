import type { AnyAction } from '../../actions/action.ts';
import { text } from '../../domain/text.ts';
import type { Page } from '../../store/shell/page.ts';
import type { LooseView } from '../../views/view.ts';
import { chartsOn } from '../chart-pages.ts';
import type { KeyName } from '../input/keys.ts';
import type { World } from '../screen/world.ts';
import { sharedTitle, verbKeys } from '../verb-targets.ts';
import type { Binding, Scope } from './binding.ts';
import { chartBindings } from './charts.ts';
import { everywhereBindings } from './everywhere.ts';
import { scrollBindings } from './scroll.ts';
import { tableBindings } from './table.ts';

/** Every binding that does not come from a view; a key is bound once in a scope. */
export const BINDINGS: readonly Binding[] = [
  ...everywhereBindings,
  ...tableBindings,
  ...scrollBindings,
  ...chartBindings,
];

/** The verbs of a view's rows; several may share a key. */
const verbBindings = (view: LooseView, scope: Scope, actions: readonly AnyAction[]): readonly Binding[] =>
  verbKeys(actions, view.kind).map(
    ({ key, actions: own, menu }): Binding => ({
      id: [...new Set(own.filter((action) => action.key === key).map(({ id }) => id))].join(' '),
      keys: [key],
      scope,
      title: menu?.title ?? sharedTitle(own),
      run: (controller) => controller.act(own, menu),
    }),
  );

/** The keys a view brings itself: where its rows lead, what can be done to them, and (on tables) its sorts. */
export function viewBindings(
  view: LooseView,
  scope: 'table' | 'detail',
  actions: readonly AnyAction[] = [],
): readonly Binding[] {
  const links = (view.links ?? []).map(
    (link): Binding => ({
      id: link.id,
      keys: [link.key],
      scope,
      title: link.title,
      run: (controller) => controller.follow(link.id),
    }),
  );
  const offers = (view.offers ?? []).map(
    (offer): Binding => ({
      id: offer.id,
      keys: [offer.key],
      scope,
      title: offer.title,
      run: (controller) => controller.offer(offer.id),
    }),
  );
  const own = [...links, ...verbBindings(view, scope, actions), ...offers];
  if (scope === 'detail') return own;
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
  return [...own, ...sorts];
}

const SCOPES: Readonly<Record<Page['content']['kind'], readonly Scope[]>> = {
  table: ['table', 'everywhere'],
  detail: ['detail', 'scroll', 'everywhere'],
  compare: ['scroll', 'everywhere'],
  help: ['scroll', 'everywhere'],
  report: ['scroll', 'everywhere'],
};

/** All bindings that hold on a page, the nearest first. */
export function bindingsOn(
  { page, acting }: Pick<World, 'page' | 'acting'>,
  view: LooseView | undefined,
): readonly Binding[] {
  const { kind } = page.content;
  const actions = acting?.executor.actions;
  const own =
    view === undefined || (kind !== 'table' && kind !== 'detail') ? [] : viewBindings(view, kind, actions);
  const isCharts = view !== undefined && chartsOn(view, page.content) !== undefined;
  const scopes: readonly Scope[] = [...(isCharts ? (['charts'] as const) : []), ...SCOPES[kind]];
  return [...own, ...scopes.flatMap((scope) => BINDINGS.filter((binding) => binding.scope === scope))];
}

export const findBinding = (
  world: Pick<World, 'page' | 'acting'>,
  view: LooseView | undefined,
  key: KeyName,
): Binding | undefined => bindingsOn(world, view).find(({ keys }) => keys.includes(key));
