import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Instance, render } from 'ink';
import { systemCode } from '../core/app-error.ts';
import { systemClock } from '../core/clock.ts';
import { hasUnicode } from '../core/locale.ts';
import { makeDirectory } from '../core/make-directory.ts';
import { Console } from '../ui/console.tsx';
import type { ConsoleOptions } from '../ui/create-console.ts';
import type { ConsoleSettings } from '../ui/settings.ts';
import type { Opened } from './open.ts';
import { createRelated } from './view-context.ts';

export interface ConsoleAppOptions {
  readonly opened: Opened;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False with --no-color. */
  readonly isColor: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Aborted by SIGTERM, SIGHUP and when the terminal is gone: leave at once. */
  readonly signal: AbortSignal;
  /** Hands over a SIGTERM; `ask` tells whether the user is asked instead of ended. */
  readonly onTerminate: (ask: () => boolean) => () => void;
}

/** Shows the console until the user or a signal leaves it; the terminal is restored in every case. */
export async function showConsole(options: ConsoleAppOptions): Promise<number> {
  const { opened, stdin, stdout, signal, environment } = options;
  const { store, runtime } = opened;
  const leave = new AbortController();
  const ended = AbortSignal.any([signal, leave.signal]);
  // The terminal went away (a closed window, a cut SSH connection): there is nobody to ask.
  stdin.once('end', () => leave.abort());
  stdin.once('error', () => leave.abort());
  let askToLeave: (() => void) | undefined;
  const stopTerminating = options.onTerminate(() => {
    const isBusy = opened.acting.executor.jobs().some(({ state }) => state === 'running');
    if (!isBusy || askToLeave === undefined) return false;
    askToLeave();
    return true;
  });
  const consoleOptions: ConsoleOptions = {
    store,
    acting: opened.acting,
    related: createRelated(store),
    clock: systemClock,
    settings: screenSettings(options),
    onQuit: () => leave.abort(),
    onStarted(quit) {
      askToLeave = quit;
    },
    onRefresh: () => runtime.refresh(),
    onLook: (servers, own) => opened.probing.look(servers, own),
    onAnalysis: (analysis) => opened.dumps.look(analysis),
    saveFile: (name, text) => saveFile(path.join(opened.stateDirectory, 'saved'), name, text),
    copy: (text) => stdout.write(osc52(text, environment)),
  };
  // Before the first frame: a ^c typed as soon as it shows is a key, not a signal.
  stdin.setRawMode(true);
  const app = render(<Console {...consoleOptions} />, {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // A key's frame must not wait for the one before; data asks for frames at its own, far slower pace.
    maxFps: 250,
    // A terminal is known to be there; CI variables must not switch the console off.
    interactive: true,
  });
  const crash = watchForCrash();
  let stopDumps: (() => void) | undefined;
  try {
    runtime.start();
    opened.probing.startRules();
    stopDumps = opened.dumps.follow();
    const following = opened.acting.follow(ended);
    const aborted = new Promise<void>((resolve) => {
      if (ended.aborted) resolve();
      ended.addEventListener('abort', () => resolve(), { once: true });
    });
    // A render error rejects waitUntilExit; without awaiting it the screen would go blank and exit 0.
    await Promise.race([aborted, app.waitUntilExit(), crash.happened]);
    leave.abort();
    await following;
  } finally {
    crash.stopWatching();
    stopTerminating();
    stopDumps?.();
    leaveScreen(app, stdin);
    await opened.close();
  }
  return 0;
}

/** Restores the terminal; one that is gone (a closed window) has nothing to restore. */
function leaveScreen(app: Instance, stdin: NodeJS.ReadStream): void {
  try {
    app.unmount();
    stdin.setRawMode(false);
  } catch (error) {
    if (systemCode(error) !== 'EIO') throw error;
  }
}

/** Rejects with what nobody caught: then the screen is left first and the error printed where it can be read. */
function watchForCrash(): { readonly happened: Promise<never>; stopWatching(): void } {
  const { promise: happened, reject } = Promise.withResolvers<never>();
  process.on('uncaughtException', reject);
  process.on('unhandledRejection', reject);
  return {
    happened,
    stopWatching() {
      process.off('uncaughtException', reject);
      process.off('unhandledRejection', reject);
    },
  };
}

const screenSettings = ({ opened, environment, ...options }: ConsoleAppOptions): ConsoleSettings => ({
  language: opened.settings.language,
  isUtc: opened.settings.config.ui.utc,
  isColor: options.isColor && (environment['NO_COLOR'] ?? '') === '',
  colorDepth: options.stdout.getColorDepth(),
  theme: opened.settings.config.ui.theme,
  levels: opened.settings.config.levels,
  mode: opened.settings.mode,
  refreshMs: opened.settings.config.ui.refreshMs,
  version: options.version,
  isDemo: opened.isDemo,
  configuredContexts: opened.settings.targets.map(({ name }) => name),
  ...(opened.settings.targets.length === 0 &&
  opened.settings.telemetry === undefined &&
  opened.settings.attach.length === 0
    ? { homeView: 'contexts' }
    : {}),
  ...(opened.namespaces === undefined ? {} : { namespaces: opened.namespaces }),
  isUnicode: hasUnicode(environment),
});

function saveFile(directory: string, name: string, text: string): Promise<string> {
  makeDirectory(directory);
  const file = path.join(directory, path.basename(name));
  writeFileSync(file, text, { mode: 0o600 });
  return Promise.resolve(file);
}

/** The sequence that puts text on the clipboard of the user's own terminal, through tmux where that is between. */
function osc52(text: string, environment: ConsoleAppOptions['environment']): string {
  const sequence = `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;
  return environment['TMUX'] === undefined ? sequence : `\u001bPtmux;\u001b${sequence}\u001b\\`;
}
