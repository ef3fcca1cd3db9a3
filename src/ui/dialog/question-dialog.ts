import type { Text } from '../../domain/text.ts';
import { text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import { part } from '../kit/styled-line.ts';
import type { Dialog } from './dialog.ts';
import type { Dialogs } from './dialogs.ts';
import { buttonParts } from './field-parts.ts';
import { saidLines } from './said-lines.ts';

export interface QuestionOptions {
  readonly dialogs: Dialogs;
  readonly title: Text;
  readonly lines: readonly Text[];
  /** Chosen first; does nothing. */
  readonly no: Text;
  readonly yes: Text;
  readonly onYes: () => void;
}

/** A question with two answers, the harmless one chosen first. */
export function createQuestion({ dialogs, title, lines, no, yes, onYes }: QuestionOptions): Dialog {
  let chosen = 0;
  const dialog: Dialog = {
    draw(room) {
      const { settings } = room.world;
      return {
        title: say(settings, title),
        facts: [],
        body: lines.flatMap((words) => saidLines(room, words)),
        footer: [
          [
            part(' '),
            ...buttonParts(
              [no, yes].map((label) => say(settings, label)),
              chosen,
            ),
          ],
        ],
        hint: say(
          settings,
          text('esc leaves · → ← choose · enter answers', 'esc 나가기 · → ← 선택 · enter 대답'),
        ),
      };
    },
    press(key) {
      if (key === 'enter') {
        if (chosen === 1) {
          dialogs.finish(dialog);
          onYes();
        } else dialogs.close(dialog);
        return true;
      }
      if (key === 'tab') chosen = 1 - chosen;
      else if (key === 'left' || key === 'right') chosen = key === 'right' ? 1 : 0;
      else return false;
      return true;
    },
    paste: () => undefined,
    isWaiting: () => false,
    end: () => undefined,
  };
  return dialog;
}
