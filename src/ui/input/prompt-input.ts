import {
  erase,
  insertText,
  moveCursor,
  PROMPT_LIMIT,
  type Prompt,
  recall,
  remember,
} from '../../store/shell/prompt.ts';
import type { Shell } from '../../store/shell/shell.ts';
import { applyCompletion } from '../command/complete.ts';
import { unknownInFilter } from '../command/known-names.ts';
import type { Controller } from '../controller.ts';
import type { Screen } from '../screen/screen.ts';
import type { TableCommands } from '../table-commands.ts';
import { editText } from './edit-text.ts';
import type { KeyName } from './keys.ts';

export interface PromptInputOptions {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly controller: Controller;
  readonly table: TableCommands;
}

/** Longest run of pasted text looked at; the prompt keeps less. */
const PASTE_LIMIT = 4 * PROMPT_LIMIT;

/** Keys while a prompt is open: they edit its text; a filter works while it is typed. */
export function createPromptInput({ shell, screen, controller, table }: PromptInputOptions) {
  const edit = (next: Prompt) => {
    const before = shell.getState().prompt;
    shell.setState({ prompt: next });
    if (next.kind !== 'filter' || next.text === before?.text) return;
    // What cannot be read yet leaves the filter in force that was there when the prompt opened.
    table.setFilter(screen.filterError() === undefined ? next.text : next.before);
  };
  const recent = ({ kind }: Prompt): readonly string[] =>
    kind === 'command' ? shell.getState().recentCommands : shell.getState().recentFilters;
  const accept = (prompt: Prompt) => {
    const entry = prompt.text.trim();
    if (prompt.kind === 'filter') {
      // A filter that cannot be read keeps the prompt open, with the reason beside it.
      if (screen.filterError() !== undefined) return;
      if (entry === '') table.setFilter('');
      const { namespace } = unknownInFilter(entry, screen.knownNames);
      if (namespace !== undefined) controller.flash(namespace, 'warn');
      shell.setState(({ recentFilters }) => ({
        prompt: undefined,
        recentFilters: remember(recentFilters, entry),
      }));
      return;
    }
    shell.setState(({ recentCommands }) => ({
      prompt: undefined,
      recentCommands: remember(recentCommands, entry),
    }));
    if (entry !== '') controller.runCommand(entry);
  };
  const cancel = (prompt: Prompt) => {
    shell.setState({ prompt: undefined });
    if (prompt.kind === 'filter') table.setFilter(prompt.before);
  };
  const completed = (prompt: Prompt): Prompt => {
    const found = screen.completion();
    if (found === undefined) return prompt;
    const head = applyCompletion(prompt.text.slice(0, prompt.cursor), found);
    const text = (head + prompt.text.slice(prompt.cursor)).slice(0, PROMPT_LIMIT);
    const stem = prompt.stem ?? prompt.text.slice(0, prompt.cursor);
    return { ...prompt, text, cursor: Math.min(head.length, text.length), recall: 0, draft: text, stem };
  };
  const edits: Readonly<Record<KeyName, (prompt: Prompt) => Prompt>> = {
    right: (prompt) =>
      prompt.cursor === prompt.text.length ? completed(prompt) : moveCursor(prompt, 'right'),
    up: (prompt) => recall(prompt, recent(prompt), 1),
    down: (prompt) => recall(prompt, recent(prompt), -1),
    tab: completed,
  };
  return {
    press(key: KeyName): void {
      const { prompt } = shell.getState();
      if (prompt === undefined) return;
      if (key === 'enter') accept(prompt);
      else if (key === 'esc') cancel(prompt);
      else if (key === 'backspace') {
        if (prompt.text === '') cancel(prompt);
        else edit(erase(prompt, 'before'));
      } else {
        const next = edits[key]?.(prompt) ?? editText(prompt, key);
        if (next !== undefined) edit(next);
      }
    },
    paste(pasted: string): void {
      const { prompt } = shell.getState();
      if (prompt !== undefined) edit(insertText(prompt, pasted.slice(0, PASTE_LIMIT)));
    },
  };
}
export type PromptInput = ReturnType<typeof createPromptInput>;
