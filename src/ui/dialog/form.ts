import type { InputOption } from '../../actions/action.ts';
import { type Text, text } from '../../domain/text.ts';
import { createPrompt, insertText, type Prompt } from '../../store/shell/prompt.ts';
import { say } from '../../views/words.ts';
import { editText } from '../input/edit-text.ts';
import type { KeyName } from '../input/keys.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { displayWidth, fit, truncate } from '../kit/width.ts';
import { type Choice, createChoice } from './choice.ts';
import { type CountText, editCount, givenCount, pasteCount, stepCount } from './count-text.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { fieldParts } from './field-parts.ts';

interface FieldBase {
  readonly id: string;
  readonly title: Text;
  readonly isRequired: boolean;
  readonly initial: string | undefined;
}
/** One thing to fill in. */
export type FormField = FieldBase &
  (
    | { readonly type: 'text'; readonly hint: Text }
    | { readonly type: 'count'; readonly least: number; readonly most: number }
    | {
        readonly type: 'choice';
        readonly load: (signal: AbortSignal) => Promise<readonly InputOption[]>;
        readonly isOpen: boolean;
      }
  );

type Entry =
  | { readonly kind: 'line'; readonly field: FormField; prompt: Prompt }
  | { readonly kind: 'count'; readonly field: FormField & { readonly type: 'count' }; count: CountText }
  | { readonly kind: 'choice'; readonly field: FormField; readonly choice: Choice };

const promptOf = (entry: Exclude<Entry, { readonly kind: 'choice' }>): Prompt =>
  entry.kind === 'count' ? entry.count.prompt : entry.prompt;

export interface FormOptions {
  readonly fields: readonly FormField[];
  readonly changed: () => void;
  readonly submit: (values: Readonly<Record<string, string>>) => void;
}

function entryOf(field: FormField, changed: () => void): Entry {
  const { initial } = field;
  switch (field.type) {
    case 'choice': {
      const { load, isOpen } = field;
      return { kind: 'choice', field, choice: createChoice({ load, isOpen, initial, changed }) };
    }
    case 'count':
      return { kind: 'count', field, count: givenCount(initial ?? '') };
    case 'text':
      return { kind: 'line', field, prompt: createPrompt('command', initial ?? '') };
  }
}

/** Fields one below the other; `tab` goes on, `enter` too, and on the last it submits. */
export function createForm({ fields, changed, submit }: FormOptions) {
  const entries = fields.map((field) => entryOf(field, changed));
  let focus = 0;
  const [first] = entries;
  if (first?.kind === 'choice') first.choice.list(true);
  let problem: { readonly at: number; readonly words: Text } | undefined;

  const answerOf = (entry: Entry): string =>
    entry.kind === 'choice' ? entry.choice.value() : promptOf(entry).text.trim();
  const go = (by: number) => {
    moveTo((focus + by + entries.length) % entries.length);
  };
  /** A choice that is answered already is shown as its answer until it is asked to open. */
  const moveTo = (next: number) => {
    if (next === focus) return;
    const [left, entered] = [entries[focus], entries[next]];
    if (left?.kind === 'choice') left.choice.list(false);
    focus = next;
    if (entered?.kind === 'choice')
      entered.choice.list(entered.choice.takesText || entered.choice.value() === '');
  };
  const accept = () => {
    const entry = entries[focus];
    if (entry?.kind === 'choice' && (entry.choice.isLoading() || entry.choice.retry())) return;
    problem = entry === undefined ? undefined : problemAt(entry, focus);
    if (problem !== undefined) return;
    if (focus < entries.length - 1) return go(1);
    for (const [at, other] of entries.entries()) {
      problem ??= problemAt(other, at);
    }
    if (problem !== undefined) {
      moveTo(problem.at);
      return;
    }
    const values = entries.map((one) => [one.field.id, answerOf(one)] as const);
    submit(Object.fromEntries(values.filter(([, value]) => value !== '')));
  };
  const problemAt = (entry: Entry, at: number) => {
    const words = problemOf(entry.field, answerOf(entry));
    return words === undefined ? undefined : { at, words };
  };

  /** What is no digit changes nothing, and what is asked for is said. */
  const takeCount = (entry: Entry & { readonly kind: 'count' }, next: CountText | 'refused') => {
    if (next === 'refused') problem = { at: focus, words: wholeNumber(entry.field) };
    else entry.count = next;
  };

  const lineOf = (entry: Entry, at: number, room: DialogRoom): readonly DialogLine[] => {
    const { settings } = room.world;
    const isFocused = at === focus;
    const labelWidth = Math.min(
      Math.floor(room.width / 2),
      Math.max(...entries.map(({ field }) => displayWidth(say(settings, field.title)))),
    );
    const head: readonly Part[] = [
      part(isFocused ? '▸ ' : '  ', 'accent'),
      part(fit(say(settings, entry.field.title), labelWidth), 'key'),
      part('  '),
    ];
    const width = room.width - labelWidth - 4;
    const wrong: readonly DialogLine[] =
      problem?.at === at ? [[part(`  ✖ ${say(settings, problem.words)}`, 'bad')]] : [];
    if (entry.kind === 'choice') {
      return [
        [...head, part(entry.choice.summary(), isFocused ? 'accent' : 'normal')],
        ...(isFocused && entry.choice.isListed() ? entry.choice.lines(room) : []),
        ...wrong,
      ];
    }
    const hint = hintOf(entry.field);
    const side = hint === undefined ? [] : [part(`  ${say(settings, hint)}`, 'muted')];
    const isReplaced = entry.kind === 'count' && entry.count.isGiven && isFocused;
    const parts = isReplaced
      ? [part(truncate(entry.count.prompt.text, width), 'inverse'), part(' ')]
      : fieldParts(promptOf(entry), isFocused, width);
    return [[...head, ...parts, ...side], ...wrong];
  };
  return {
    lines(room: DialogRoom): { readonly lines: readonly DialogLine[]; readonly focusLine: number } {
      const blocks = entries.map((entry, at) => lineOf(entry, at, room));
      const before = blocks.slice(0, focus).reduce((sum, block) => sum + block.length, 0);
      return { lines: blocks.flat(), focusLine: before };
    },
    /** What the keys do on the field worked on; `last` is what enter does on the last one. */
    hint(last: Text): Text {
      const entry = entries[focus];
      const isLast = focus === entries.length - 1;
      const enter = isLast
        ? text(`enter ${last.en}`, `enter ${last.ko}`)
        : text('enter goes to the next field', 'enter 다음 입력란');
      const doing = entry?.kind === 'choice' ? choiceHints(entry.choice, enter) : [enter];
      const tab = entries.length > 1 ? text('tab next', 'tab 다음') : undefined;
      const said = [text('esc leaves', 'esc 나가기'), ...doing, tab].filter((words) => words !== undefined);
      return text(said.map(({ en }) => en).join(' · '), said.map(({ ko }) => ko).join(' · '));
    },
    press(key: KeyName): boolean {
      const entry = entries[focus];
      if (entry === undefined) return false;
      if (key === 'enter') {
        accept();
        return true;
      }
      if (key === 'tab' || key === 'shift-tab') {
        go(key === 'tab' ? 1 : -1);
        return true;
      }
      problem = undefined;
      if (entry.kind === 'choice') return entry.choice.press(key);
      if (entry.kind === 'count') {
        const isStep = key === 'up' || key === 'down';
        const next = isStep ? stepCount(entry.count, entry.field, key) : editCount(entry.count, key);
        if (next !== undefined) takeCount(entry, next);
        return next !== undefined;
      }
      if (key === 'up' || key === 'down') {
        go(key === 'down' ? 1 : -1);
        return true;
      }
      const next = editText(entry.prompt, key);
      if (next !== undefined) entry.prompt = next;
      return next !== undefined;
    },
    paste(pasted: string): void {
      const entry = entries[focus];
      if (entry?.kind === 'choice') entry.choice.paste(pasted);
      else if (entry?.kind === 'count') takeCount(entry, pasteCount(pasted));
      else if (entry !== undefined) entry.prompt = insertText(entry.prompt, pasted.slice(0, 1_024));
    },
    isWaiting: () => entries.some((entry) => entry.kind === 'choice' && entry.choice.isLoading()),
    end(): void {
      for (const entry of entries) if (entry.kind === 'choice') entry.choice.end();
    },
  };
}
export type Form = ReturnType<typeof createForm>;

function problemOf(field: FormField, value: string): Text | undefined {
  if (value === '') return field.isRequired ? text('Needed', '필요함') : undefined;
  if (field.type !== 'count') return undefined;
  const count = Number(value);
  const isFine = /^\d+$/.test(value) && count >= field.least && count <= field.most;
  return isFine ? undefined : wholeNumber(field);
}

const wholeNumber = ({ least, most }: { readonly least: number; readonly most: number }): Text =>
  text(`A whole number from ${least} to ${most}`, `${least}부터 ${most}까지의 정수`);

/** What the keys do on a choice; `enter` is what enter does once there is something chosen. */
function choiceHints(choice: Choice, enter: Text): readonly Text[] {
  switch (choice.state()) {
    case 'loading':
      return [];
    case 'failed':
      return [text('enter reads again', 'enter 다시 읽기')];
    case 'ready':
      return choice.isListed()
        ? [enter, text('↑ ↓ choose, letters narrow', '↑ ↓ 선택, 글자로 좁히기')]
        : [enter, text('↓ opens the list', '↓ 목록 열기')];
  }
}

function hintOf(field: FormField): Text | undefined {
  switch (field.type) {
    case 'text':
      return field.isRequired
        ? text(`required, ${field.hint.en}`, `필수, ${field.hint.ko}`)
        : text(`optional, ${field.hint.en}`, `선택, ${field.hint.ko}`);
    case 'count':
      return text(`${field.least}–${field.most}, ↑ ↓`, `${field.least}–${field.most}, ↑ ↓`);
    case 'choice':
      return undefined;
  }
}
