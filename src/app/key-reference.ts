import { ACTIONS } from '../actions/index.ts';
import type { Language } from '../domain/text.ts';
import { type Binding, SCOPE_TITLES } from '../ui/keymap/binding.ts';
import { BINDINGS, viewBindings } from '../ui/keymap/keymap.ts';
import { VIEWS } from '../views/index.ts';

/** One line of `l9s keys` and of the README. */
export interface KeyLine {
  /** Where it holds, e.g. `On a table` or a view's title. */
  readonly where: string;
  readonly keys: string;
  /** Command name, for rebinding. */
  readonly id: string;
  readonly title: string;
}

/** Every key the console knows, from its own table and from what the views bring. */
export function keyReference(language: Language): readonly KeyLine[] {
  const line =
    (where: string) =>
    (binding: Binding): KeyLine => ({
      where,
      keys: binding.keys.join(' '),
      id: binding.id,
      title: binding.title[language],
    });
  const common = BINDINGS.map((binding) => line(SCOPE_TITLES[binding.scope][language])(binding));
  const own = VIEWS.flatMap((view) => viewBindings(view, 'table', ACTIONS).map(line(view.title[language])));
  return [...common, ...own];
}
