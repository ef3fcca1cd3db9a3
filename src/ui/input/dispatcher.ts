import { text } from '../../domain/text.ts';
import type { Shell } from '../../store/shell/shell.ts';
import type { Controller } from '../controller.ts';
import type { Dialogs } from '../dialog/dialogs.ts';
import type { Flasher } from '../flash.ts';
import { findBinding } from '../keymap/keymap.ts';
import type { Screen } from '../screen/screen.ts';
import { type KeyName, keyLabel } from './keys.ts';
import type { PromptInput } from './prompt-input.ts';

export interface DispatcherOptions {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly controller: Controller;
  readonly flasher: Flasher;
  readonly prompt: PromptInput;
  readonly dialogs: Dialogs;
}

/** The one place where keys come in; a chunk of several is worked off in order and drawn once. */
export function createDispatcher({ shell, screen, controller, flasher, prompt, dialogs }: DispatcherOptions) {
  const press = (key: KeyName) => {
    if (dialogs.current() !== undefined) {
      flasher.clear();
      // A question nobody can read is only left.
      if (!screen.isTooSmall() || key === 'esc' || key === '^c') dialogs.press(key);
      return;
    }
    if (dialogs.isLate(key)) return;
    if (shell.getState().prompt !== undefined && key !== '^c') {
      prompt.press(key);
      return;
    }
    flasher.clear();
    const binding = findBinding(screen.world(), screen.view(), key);
    if (binding !== undefined) {
      binding.run(controller, key);
      return;
    }
    const name = keyLabel(key);
    flasher.show(
      text(`${name} has no meaning here; ? lists the keys`, `${name}: 여기서는 쓰이지 않음, ?로 키 목록`),
      'warn',
    );
  };
  return {
    press(keys: readonly KeyName[]): void {
      screen.batch(() => {
        for (const key of keys) {
          const before = dialogs.current();
          press(key);
          // What was typed on in the same breath was not typed at the dialog.
          const now = dialogs.current();
          if (now !== undefined && now !== before) break;
        }
      });
    },
    /** A paste is text, never keys: a prompt takes it as one cleaned line, anything else refuses it. */
    paste(pasted: string): void {
      screen.batch(() => {
        const dialog = dialogs.current();
        if (dialog !== undefined) {
          dialog.paste(pasted);
          dialogs.changed();
        } else if (shell.getState().prompt !== undefined) prompt.paste(pasted);
        else {
          flasher.show(
            text(
              'Paste ignored: open : or / first to paste into it',
              '붙여넣기 무시: 먼저 : 또는 / 를 여세요',
            ),
            'warn',
          );
        }
      });
    },
  };
}
export type Dispatcher = ReturnType<typeof createDispatcher>;
