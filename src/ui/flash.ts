import type { Clock } from '../core/clock.ts';
import type { Text } from '../domain/text.ts';
import type { FlashTone, Shell } from '../store/shell/shell.ts';

const FLASH_MS = 5_000;

/** Shows one line at a time; each goes away by itself. */
export function createFlasher(shell: Shell, clock: Clock) {
  let cancel: (() => void) | undefined;
  const clear = () => {
    cancel?.();
    cancel = undefined;
    if (shell.getState().flash !== undefined) shell.setState({ flash: undefined });
  };
  return {
    show(words: Text, tone: FlashTone = 'info'): void {
      cancel?.();
      shell.setState({ flash: { text: words, tone } });
      cancel = clock.after(FLASH_MS, clear);
    },
    /** Keys take the old line away, so that what stands there is about the last key. */
    clear,
  };
}
export type Flasher = ReturnType<typeof createFlasher>;
