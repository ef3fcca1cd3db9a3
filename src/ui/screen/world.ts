import type { Page } from '../../store/shell/page.ts';
import type { ShellState } from '../../store/shell/shell.ts';
import type { ViewContext } from '../../views/view.ts';
import type { Theme } from '../kit/theme.ts';
import type { ConsoleSettings } from '../settings.ts';

/** Everything a part of the screen is drawn from. */
export interface World {
  readonly shell: ShellState;
  readonly page: Page;
  readonly context: ViewContext;
  readonly settings: ConsoleSettings;
  readonly theme: Theme;
  readonly columns: number;
  readonly rows: number;
}
