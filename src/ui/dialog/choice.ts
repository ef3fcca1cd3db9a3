import type { InputOption } from '../../actions/action.ts';
import { cleanLine } from '../../core/text.ts';
import { inLanguage, text } from '../../domain/text.ts';
import { createPrompt, insertText, type Prompt } from '../../store/shell/prompt.ts';
import { say } from '../../views/words.ts';
import { editText } from '../input/edit-text.ts';
import type { KeyName } from '../input/keys.ts';
import { part } from '../kit/styled-line.ts';
import { displayWidth, fit } from '../kit/width.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { failureOfThrown } from './failure.ts';
import { fieldParts } from './field-parts.ts';
import { saidLines } from './said-lines.ts';

/** Options in sight at once. */
const LISTED = 8;

export interface ChoiceOptions {
  readonly load: (signal: AbortSignal) => Promise<readonly InputOption[]>;
  /** Takes what was typed too. */
  readonly isOpen: boolean;
  readonly initial: string | undefined;
  /** Something came that no key asked for. */
  readonly changed: () => void;
}

type Loaded =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly options: readonly InputOption[] }
  | { readonly state: 'failed'; readonly why: string };

/** A list to choose from, with a filter; its options come from a remote. */
export function createChoice({ load, isOpen, initial, changed }: ChoiceOptions) {
  const ended = new AbortController();
  let loaded: Loaded = { state: 'loading' };
  let filter: Prompt = createPrompt('filter', '');
  let chosen = initial;
  /** Else only what is chosen is shown, and letters mean nothing. */
  let isListed = false;
  const start = () => {
    loaded = { state: 'loading' };
    load(ended.signal).then(
      (options) => {
        loaded = { state: 'ready', options: options.filter(({ isUnlisted }) => isUnlisted !== true) };
        changed();
      },
      (thrown: unknown) => {
        loaded = { state: 'failed', why: failureOfThrown(thrown) };
        changed();
      },
    );
  };
  start();

  const shown = (): readonly InputOption[] => {
    if (loaded.state !== 'ready') return [];
    const typed = filter.text.trim();
    const wanted = typed.toLowerCase();
    const matching = loaded.options.filter(({ value, label, detail = '' }) =>
      `${value} ${label} ${inLanguage(detail, 'en')} ${inLanguage(detail, 'ko')}`
        .toLowerCase()
        .includes(wanted),
    );
    const isNew = isOpen && typed !== '' && !loaded.options.some(({ value }) => value === typed);
    return isNew ? [...matching, { value: typed, label: typed }] : matching;
  };
  const place = (): number => {
    const options = shown();
    const at = options.findIndex(({ value }) => value === chosen);
    // What the plan would refuse is chosen by nobody who has not asked for it.
    return at >= 0
      ? at
      : Math.max(
          0,
          options.findIndex(({ unfit }) => unfit === undefined),
        );
  };
  const move = (by: number) => {
    const options = shown();
    chosen = options[Math.min(options.length - 1, Math.max(0, place() + by))]?.value ?? chosen;
  };
  const edit = (next: Prompt) => {
    if (next.text !== filter.text) {
      filter = next;
      const [first] = shown();
      if (!shown().some(({ value }) => value === chosen)) chosen = first?.value;
      // What was typed in full is meant, whatever else it is part of.
      if (shown().some(({ value }) => value === next.text.trim())) chosen = next.text.trim();
    } else filter = next;
  };
  const moves: Readonly<Record<KeyName, () => void>> = {
    down: () => move(1),
    up: () => move(-1),
    pgdn: () => move(LISTED),
    pgup: () => move(-LISTED),
  };

  const optionLines = ({ width, world }: DialogRoom): readonly DialogLine[] => {
    const options = shown();
    const at = place();
    const from = Math.max(0, Math.min(at - Math.floor(LISTED / 2), options.length - LISTED));
    const window = options.slice(from, from + LISTED);
    const labelWidth = Math.min(
      Math.floor(width / 2),
      Math.max(0, ...window.map(({ label }) => displayWidth(cleanLine(label)))),
    );
    if (options.length === 0)
      return [
        [part(`    ${say(world.settings, text('nothing to choose from', '선택할 것이 없음'))}`, 'muted')],
      ];
    const left = options.length - window.length;
    return [
      ...window.map(({ label, detail = '' }, index): DialogLine => {
        const isChosen = from + index === at;
        return [
          part(isChosen ? '  ▸ ' : '    ', 'accent'),
          part(fit(label, labelWidth, { cut: 'middle' }), isChosen ? 'inverse' : 'normal'),
          part(`  ${inLanguage(detail, world.settings.language)}`, 'muted'),
        ];
      }),
      ...(left > 0
        ? [
            [
              part(
                `    ${say(world.settings, text(`${left} more: ↑ ↓, or type to narrow`, `${left}개 더: ↑ ↓, 입력해 좁히기`))}`,
                'muted',
              ),
            ],
          ]
        : []),
    ];
  };
  return {
    value: (): string => (loaded.state === 'ready' ? (shown()[place()]?.value ?? '') : ''),
    /** Takes what was typed too, so that there is always something to type at. */
    takesText: isOpen,
    isListed: () => isListed || loaded.state !== 'ready',
    /** Opens and closes the list. */
    list(next: boolean): void {
      isListed = next;
    },
    state: () => loaded.state,
    isLoading: () => loaded.state === 'loading',
    press(key: KeyName): boolean {
      if (!isListed) {
        isListed = key === 'down' || key === 'up' || key === 'space';
        return isListed;
      }
      const next = moves[key];
      if (next !== undefined) {
        next();
        return true;
      }
      const edited = editText(filter, key);
      if (edited !== undefined) edit(edited);
      return edited !== undefined;
    },
    paste(pasted: string): void {
      if (isListed) edit(insertText(filter, pasted));
    },
    /** True where it asks again after a failure. */
    retry(): boolean {
      if (loaded.state !== 'failed') return false;
      start();
      return true;
    },
    /** What is chosen, in one line, where the field is not the one worked on. */
    summary: (): string => shown()[place()]?.label ?? '',
    lines(room: DialogRoom): readonly DialogLine[] {
      const { settings } = room.world;
      switch (loaded.state) {
        case 'loading':
          return [
            [part(`    ${room.spinner} `), part(say(settings, text('reading …', '읽는 중 …')), 'muted')],
          ];
        case 'failed':
          return [
            ...saidLines({ ...room, width: room.width - 2 }, loaded.why, { role: 'bad', sign: '✖' }).map(
              (line) => [part('  '), ...line],
            ),
          ];
        case 'ready':
          return [
            [
              part(`    ${say(settings, text('filter', '필터'))}: `, 'muted'),
              ...fieldParts(filter, true, room.width - 14),
            ],
            ...optionLines(room),
          ];
      }
    },
    end: () => ended.abort(),
  };
}
export type Choice = ReturnType<typeof createChoice>;
