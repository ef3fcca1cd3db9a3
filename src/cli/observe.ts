import path from 'node:path';
import { LOG_LEVELS, type LogLevel, openLog } from '../app/log-file.ts';
import { type Opened, open } from '../app/open.ts';
import { createViewContext } from '../app/view-context.ts';
import { userPaths } from '../config/paths.ts';
import { sleep, systemClock } from '../core/clock.ts';
import type { ContextView } from '../domain/source-status.ts';
import type { ViewContext } from '../views/view.ts';
import type { CommandEnvironment } from './environment.ts';
import { flagsOf, type SharedOptions } from './shared-flags.ts';

export interface Observed extends Opened {
  viewContext(): ViewContext;
  contexts(): readonly ContextView[];
}

const isLogLevel = (text: string): text is LogLevel => LOG_LEVELS.some((level) => level === text);

/** Composes what the flags say; nothing is started yet. */
export async function openTargets(options: SharedOptions, env: CommandEnvironment): Promise<Observed> {
  const level = options.logLevel ?? 'info';
  const opened = await open({
    flags: flagsOf(options),
    environment: env.environment,
    home: env.home,
    demo: demoSize(options.demo),
    isDemoIfEmpty: options.demoIfEmpty,
    fleetProgram: env.fleetProgram,
    log: openLog({
      file: options.logFile ?? path.join(userPaths(env.home).stateDirectory, 'l9s.log'),
      level: isLogLevel(level) ? level : 'info',
      clock: systemClock,
    }),
    signal: env.signal,
  });
  const { settings, store } = opened;
  for (const warning of settings.warnings) env.output.warn(`l9s: warning: ${warning}`);
  return {
    ...opened,
    viewContext: () =>
      createViewContext(store, systemClock.now(), {
        language: settings.language,
        isUtc: true,
        levels: settings.config.levels,
      }),
    contexts: () => [...store.state.getState().tables.context.rows.values()],
  };
}

function demoSize(demo: SharedOptions['demo']) {
  if (demo === undefined) return undefined;
  return demo === 'large' || demo === 'huge' ? demo : 'small';
}

export interface ReadOptions extends SharedOptions {
  /** Longest wait for the sources, ms. */
  readonly settle: number;
}

/**
 * Starts the sources, waits until each has answered or failed, says on stderr which did not, hands over to `read`
 * and ends everything.
 */
export async function observe<T>(
  options: ReadOptions,
  env: CommandEnvironment,
  read: (observed: Observed) => Promise<T> | T,
): Promise<T> {
  const observed = await openTargets(options, env);
  try {
    observed.runtime.start();
    // Datagrams come when they come: asked for on the command line, they get the whole settling time.
    const forDatagrams = options.listen === undefined ? 0 : options.settle;
    await Promise.all([
      observed.runtime.settled(options.settle, env.signal),
      sleep(systemClock, forDatagrams, env.signal),
    ]);
    observed.runtime.flush();
    warnOfSources(observed.contexts(), env);
    return await read(observed);
  } finally {
    await observed.close();
  }
}

function warnOfSources(contexts: readonly ContextView[], env: CommandEnvironment): void {
  for (const { name, status } of contexts) {
    if (status.state === 'connecting') env.output.warn(`l9s: ${name}: no answer yet`);
    if (status.state === 'failed' || status.state === 'denied') {
      const { code, message, hint } = status.error;
      env.output.warn(`l9s: ${name}: ${code}: ${message} ${hint}`);
    }
  }
}
