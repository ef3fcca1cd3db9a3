import type { AnyAction } from '../../actions/action.ts';
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
export function groupOfView(view: LooseView, actions: readonly AnyAction[] = []): KeyGroup {
  const enter =
    view.enter === undefined || view.enterTitle === undefined
      ? []
      : [{ id: 'open', keys: 'enter', title: view.enterTitle }];
  return {
    title: text(`:${view.id} — ${view.title.en}`, `:${view.id} — ${view.title.ko}`),
    keys: [...enter, ...viewBindings(view, 'table', actions).map(listed)],
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

/** Keys while something is asked; they cannot be rebound, so that nothing is confirmed by a key with another meaning. */
export const DIALOG_KEYS: KeyGroup = {
  title: text('In a dialog', '대화 상자에서'),
  keys: [
    {
      id: 'dialog-leave',
      keys: 'esc ^c',
      title: text('leave; nothing is done', '나가기, 아무것도 하지 않음'),
    },
    {
      id: 'dialog-confirm',
      keys: '→ enter',
      title: text('choose the button after Cancel, then confirm', '취소 다음 버튼을 고르고 확인'),
    },
    { id: 'dialog-next', keys: 'tab shift-tab', title: text('next field or button', '다음 입력란이나 버튼') },
    {
      id: 'dialog-dry-run',
      keys: 'D',
      title: text('dry run: what would be answered', '모의 실행: 어떤 답이 올지'),
    },
    {
      id: 'dialog-calls',
      keys: '^x x',
      title: text(
        'bodies of the calls and ids; x where no field is typed into',
        '호출 본문과 식별자, x는 입력란 밖에서',
      ),
    },
    { id: 'dialog-scroll', keys: '↑ ↓ PgUp PgDn', title: text('scroll', '이동') },
  ],
};

/** The whole key list; `first` puts one view's keys at the top. */
export function keyGroups(
  views: readonly LooseView[],
  first?: LooseView,
  actions: readonly AnyAction[] = [],
): readonly KeyGroup[] {
  const others = views.filter((view) => view !== first);
  return [
    ...(first === undefined ? [] : [groupOfView(first, actions)]),
    groupOfScope('everywhere'),
    groupOfScope('table'),
    groupOfScope('scroll'),
    groupOfScope('detail'),
    groupOfScope('charts'),
    PROMPT_KEYS,
    ...(actions.length === 0 ? [] : [DIALOG_KEYS]),
    ...others.map((view) => groupOfView(view, actions)),
  ];
}
