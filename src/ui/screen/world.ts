import type { Page } from '../../store/shell/page.ts';
import type { ShellState } from '../../store/shell/shell.ts';
import type { ViewContext } from '../../views/view.ts';
import type { Acting } from '../acting.ts';
import type { Theme } from '../kit/theme.ts';
import type { ConsoleSettings } from '../settings.ts';
import type { VerbHint } from '../verb-targets.ts';

/** Everything a part of the screen is drawn from. */
export interface World {
  readonly shell: ShellState;
  readonly page: Page;
  readonly context: ViewContext;
  readonly settings: ConsoleSettings;
  readonly theme: Theme;
  readonly columns: number;
  readonly rows: number;
  /** Absent where the console only shows. */
  readonly acting: Acting | undefined;
  /** Verbs of the row keys act on; on the help page, of the page it was asked on. */
  readonly verbs: readonly VerbHint[];
}
