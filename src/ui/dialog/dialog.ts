import type { KeyName } from '../input/keys.ts';
import type { Part } from '../kit/styled-line.ts';
import type { World } from '../screen/world.ts';

export type DialogLine = readonly Part[];

/** What a dialog shows, before it is framed and cut to the terminal. */
export interface DialogContent {
  readonly title: string;
  /** At the right of the title: mode and contexts. */
  readonly facts: readonly Part[];
  /** Scrolls where it is longer than the room. */
  readonly body: readonly DialogLine[];
  /** Line of the body that must be in sight. */
  readonly focusLine?: number | undefined;
  /** Always in sight: fields and buttons. */
  readonly footer: readonly DialogLine[];
  /** What the keys do; goes first where there is no room. */
  readonly hint: string;
}

export interface DialogRoom {
  readonly world: World;
  /** Cells of a line inside the frame. */
  readonly width: number;
  /** One cell that turns while something is waited for. */
  readonly spinner: string;
}

/** Something asked of the operator over the page. `esc` and `^c` always leave it, without doing anything. */
export interface Dialog {
  draw(room: DialogRoom): DialogContent;
  /** False where the key means nothing to it; then it may scroll. */
  press(key: KeyName): boolean;
  paste(pasted: string): void;
  /** True while it waits for an answer. */
  isWaiting(): boolean;
  /** It was left: ends what it waits for. */
  end(): void;
}
