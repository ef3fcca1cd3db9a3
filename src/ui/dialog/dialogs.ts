import type { Clock } from '../../core/clock.ts';
import type { KeyName } from '../input/keys.ts';
import type { Dialog } from './dialog.ts';

/** Keys this close to the appearance of something to confirm were typed at something else. */
export const GUARD_MS = 300;
const SPIN_MS = 250;

/** How far a dialog is scrolled; drawing holds it within what there is. */
export interface DialogScroll {
  top: number;
  /** Lines in sight, of the last drawing. */
  height: number;
  /** A line asked for is brought into sight once, so that scrolling away from it stays possible. */
  focusLine: number | undefined;
}

/** The one dialog that is open, if any. */
export interface Dialogs {
  current(): Dialog | undefined;
  readonly scroll: DialogScroll;
  open(dialog: Dialog): void;
  /** Closes it if it is (still) the one open. */
  close(dialog?: Dialog): void;
  /** Closes it after it did what was asked; keys on their way were meant for it, not for the page below. */
  finish(dialog: Dialog): void;
  /** True for a key typed at a dialog that just did what was asked; `^c` is always meant. */
  isLate(key: KeyName): boolean;
  /** Something new stands to be confirmed: keys on their way were meant for something else. */
  guard(): void;
  /** Draws again after something that no store tells. */
  changed(): void;
  press(key: KeyName): void;
  subscribe(listener: () => void): () => void;
}

export function createDialogs(clock: Clock): Dialogs {
  const listeners = new Set<() => void>();
  const scroll: DialogScroll = { top: 0, height: 1, focusLine: undefined };
  let current: Dialog | undefined;
  let guardedUntil = Number.NEGATIVE_INFINITY;
  let lateUntil = Number.NEGATIVE_INFINITY;
  let cancelSpin: (() => void) | undefined;
  const spin = () => {
    cancelSpin?.();
    cancelSpin = current?.isWaiting() === true ? clock.after(SPIN_MS, changed) : undefined;
  };
  function changed(): void {
    spin();
    for (const listener of listeners) listener();
  }
  const moves: Readonly<Record<KeyName, () => number>> = {
    down: () => 1,
    j: () => 1,
    up: () => -1,
    k: () => -1,
    pgdn: () => scroll.height,
    '^f': () => scroll.height,
    pgup: () => -scroll.height,
    '^b': () => -scroll.height,
    '^d': () => Math.ceil(scroll.height / 2),
    '^u': () => -Math.ceil(scroll.height / 2),
    g: () => Number.NEGATIVE_INFINITY,
    home: () => Number.NEGATIVE_INFINITY,
    G: () => Number.MAX_SAFE_INTEGER,
    end: () => Number.MAX_SAFE_INTEGER,
  };
  const dialogs: Dialogs = {
    current: () => current,
    scroll,
    open(dialog) {
      current?.end();
      current = dialog;
      scroll.top = 0;
      scroll.focusLine = undefined;
      changed();
    },
    close(dialog = current) {
      if (current === undefined || dialog !== current) return;
      current = undefined;
      dialog.end();
      changed();
    },
    finish(dialog) {
      if (dialog === current) lateUntil = clock.now() + GUARD_MS;
      dialogs.close(dialog);
    },
    isLate(key) {
      if (current !== undefined || key === '^c' || clock.now() >= lateUntil) return false;
      lateUntil = clock.now() + GUARD_MS;
      return true;
    },
    guard() {
      guardedUntil = clock.now() + GUARD_MS;
      scroll.top = 0;
      scroll.focusLine = undefined;
    },
    changed,
    press(key) {
      if (current === undefined) return;
      if (key === 'esc' || key === '^c') return dialogs.close();
      if (clock.now() < guardedUntil) {
        // A burst is dropped as a whole, however long it is.
        guardedUntil = clock.now() + GUARD_MS;
        return;
      }
      if (!current.press(key)) scroll.top = Math.max(0, scroll.top + (moves[key]?.() ?? 0));
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        cancelSpin?.();
      };
    },
  };
  return dialogs;
}
