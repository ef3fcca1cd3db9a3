import { type Text, text } from '../../domain/text.ts';
import type { LooseView } from '../../views/view.ts';
import { keyLabel } from '../input/keys.ts';
import { type Binding, SCOPE_TITLES, type Scope } from './binding.ts';
import { BINDINGS, viewBindings } from './keymap.ts';

/** A titled part of the key list, for help, the README and `l9s keys`. */
export interface KeyGroup {
  readonly title: Text;
  readonly keys: readonly { readonly keys: string; readonly id: string; readonly title: Text }[];
}

const listed = ({ id, keys, title }: Binding) => ({
  id,
  title,
  keys: isDigits(keys) ? '0–9' : keys.map(keyLabel).join(' '),
});
const isDigits = (keys: readonly string[]): boolean =>
  keys.length === 10 && keys.every((key) => /^\d$/.test(key));

export const groupOfScope = (scope: Scope): KeyGroup => ({
  title: SCOPE_TITLES[scope],
  keys: BINDINGS.filter((binding) => binding.scope === scope).map(listed),
});

/** What a view adds: `enter` as it means there, its links and sorts. */
export function groupOfView(view: LooseView): KeyGroup {
  const enter =
    view.enter === undefined || view.enterTitle === undefined
      ? []
      : [{ id: 'open', keys: 'enter', title: view.enterTitle }];
  return {
    title: text(`:${view.id} — ${view.title.en}`, `:${view.id} — ${view.title.ko}`),
    keys: [...enter, ...viewBindings(view, 'table').map(listed)],
  };
}

/** Keys while a prompt is open; they edit text and cannot be rebound. */
export const PROMPT_KEYS: KeyGroup = {
  title: text('In a prompt', '입력 중'),
  keys: [
    {
      id: 'prompt-accept',
      keys: 'enter',
      title: text('run the command, keep the filter', '명령 실행, 필터 적용'),
    },
    { id: 'prompt-cancel', keys: 'esc', title: text('cancel', '취소') },
    { id: 'prompt-complete', keys: 'tab', title: text('complete', '자동 완성') },
    { id: 'prompt-recall', keys: '↑ ↓', title: text('earlier entries', '이전 입력') },
    { id: 'prompt-move', keys: '← → ^a ^e', title: text('move', '이동') },
    { id: 'prompt-erase', keys: 'backspace delete ^w ^u', title: text('erase', '지우기') },
  ],
};

/** The whole key list; `first` puts one view's keys at the top. */
export function keyGroups(views: readonly LooseView[], first?: LooseView): readonly KeyGroup[] {
  const others = views.filter((view) => view !== first);
  return [
    ...(first === undefined ? [] : [groupOfView(first)]),
    groupOfScope('everywhere'),
    groupOfScope('table'),
    groupOfScope('scroll'),
    groupOfScope('detail'),
    PROMPT_KEYS,
    ...others.map(groupOfView),
  ];
}
