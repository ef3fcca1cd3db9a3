import type { Clock } from '../core/clock.ts';
import { NO_NARROWING } from '../store/shell/page.ts';
import { createShell, updatePage } from '../store/shell/shell.ts';
import type { ConsoleStore } from '../store/state.ts';
import { HOME_VIEW } from '../views/index.ts';
import type { Related } from '../views/view.ts';
import type { Acting } from './acting.ts';
import { type ConsoleActions, createController } from './create-controller.ts';
import { createDialogs } from './dialog/dialogs.ts';
import { createFlasher } from './flash.ts';
import { createDispatcher } from './input/dispatcher.ts';
import { createPromptInput } from './input/prompt-input.ts';
import { loadInkTable } from './kit/ink-table.ts';
import { createTheme } from './kit/theme.ts';
import { watchAnalysis, watchLook } from './look.ts';
import { watchCursor } from './precheck.ts';
import { createScreen } from './screen/screen.ts';
import type { ConsoleSettings } from './settings.ts';
import { createTableCommands } from './table-commands.ts';
import { tellUnfinished } from './unfinished.ts';

export interface ConsoleOptions extends ConsoleActions {
  readonly store: ConsoleStore;
  /** Looks up in the same store. */
  readonly related: Related;
  readonly clock: Clock;
  readonly settings: ConsoleSettings;
  /** Without it the console only shows. */
  readonly acting?: Acting | undefined;
  /** Told, once keys are taken, how to leave as `q` at the root does: it asks where a job runs. */
  readonly onStarted?: ((quit: () => void) => void) | undefined;
}

/** Puts the parts of the console together; `start` returns what ends it. */
export function createConsole(options: ConsoleOptions) {
  const { store, related, clock, settings, acting, onStarted, ...actions } = options;
  const { isColor, colorDepth, theme: name } = settings;
  const theme = createTheme({ isColor, colorDepth, name });
  const shell = createShell({ homeView: settings.homeView ?? HOME_VIEW.id, isUtc: settings.isUtc });
  const { namespaces = [] } = settings;
  if (namespaces.length > 0) updatePage(shell, { narrowing: { ...NO_NARROWING, namespaces } });
  const dialogs = createDialogs(clock);
  const screen = createScreen({ store, related, shell, clock, settings, theme, dialogs, acting });
  const flasher = createFlasher(shell, clock);
  const table = createTableCommands({ shell, screen, flasher });
  const controller = createController({ shell, screen, flasher, table, dialogs, clock, acting, actions });
  const prompt = createPromptInput({ shell, screen, controller, table });
  const dispatcher = createDispatcher({ shell, screen, controller, flasher, prompt, dialogs });
  return {
    screen,
    dispatcher,
    start(): () => void {
      // Only the server page draws with it, so the first frame does not wait for it.
      loadInkTable().then(screen.invalidate, () => undefined);
      const stopWatching = acting === undefined ? undefined : watchCursor(acting, { screen, clock });
      const stopTelling = tellUnfinished(store, flasher);
      const { onLook, onAnalysis } = actions;
      const stopLooking = onLook === undefined ? undefined : watchLook(shell, screen, onLook);
      const stopReading = onAnalysis === undefined ? undefined : watchAnalysis(shell, onAnalysis);
      onStarted?.(controller.quit);
      return () => {
        stopWatching?.();
        stopTelling();
        stopLooking?.();
        stopReading?.();
        dialogs.close();
        flasher.clear();
        screen.close();
      };
    },
  };
}
