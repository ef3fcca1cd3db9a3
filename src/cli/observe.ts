import path from 'node:path';
import { LOG_LEVELS, type LogLevel, openLog } from '../app/log-file.ts';
import { type Opened, open } from '../app/open.ts';
import { createViewContext } from '../app/view-context.ts';
import { userPaths } from '../config/paths.ts';
import { sleep, systemClock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { appError, failureText, sourceFailure } from '../domain/errors.ts';
import type { ContextView, SourceFailure } from '../domain/source-status.ts';
import type { Language, Text } from '../domain/text.ts';
import type { ViewContext } from '../views/view.ts';
import type { CommandEnvironment } from './environment.ts';
import { flagsOf, type SharedOptions } from './shared-flags.ts';

export interface Observed extends Opened {
  viewContext(): ViewContext;
  contexts(): readonly ContextView[];
}

const isLogLevel = (text: string): text is LogLevel => LOG_LEVELS.some((level) => level === text);

interface OpenTargets {
  readonly isLookedAt?: boolean;
  /** Until when servers that have not dialled in yet are waited for, epoch ms. @default they are not */
  readonly settlesUntil?: number;
}

/** Composes what the flags say; nothing is started yet. */
export async function openTargets(
  options: SharedOptions,
  env: CommandEnvironment,
  { isLookedAt = false, settlesUntil }: OpenTargets = {},
): Promise<Observed> {
  const level = options.logLevel ?? 'info';
  const tell = (words: Text) => env.output.warn(cleanLine(`l9s: ${words[language]}`, 2_048));
  let language: Language = 'en';
  const opened = await open({
    flags: flagsOf(options),
    environment: env.environment,
    home: env.home,
    demo: demoSize(options.demo),
    isDemoIfEmpty: options.demoIfEmpty,
    isLookedAt,
    fleetProgram: env.fleetProgram,
    receiverProgram: env.receiverProgram,
    analysisProgram: env.analysisProgram,
    patience: settlesUntil === undefined ? undefined : { untilAt: settlesUntil, tell },
    log: openLog({
      file: options.logFile ?? path.join(userPaths(env.home).stateDirectory, 'l9s.log'),
      level: isLogLevel(level) ? level : 'info',
      clock: systemClock,
    }),
    version: env.version,
    signal: env.signal,
  });
  const { settings, store } = opened;
  ({ language } = settings);
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
  /** Longest wait for the sources, ms; absent where the command line does not say. */
  readonly settle?: number;
}

export interface ObserveOptions {
  /** Longest wait for the sources where the command line does not say. @default 10000 */
  readonly settleMs?: number;
  /** False where what is printed says it already. @default true */
  readonly warns?: boolean;
  /** False where `read` itself waits for the names it needs. @default true */
  readonly waitsForDatagrams?: boolean;
  /** False where what is read is kept on this machine. @default true */
  readonly needsTargets?: boolean;
  /** Runs when everything is composed and nothing is connected yet; what it throws ends the command. */
  readonly beforeStart?: (observed: Observed) => Promise<void>;
}

/** What is known once the sources have had their time. */
export interface Settled extends Observed {
  /** Until when there is time left to wait, epoch ms. */
  readonly settlesUntil: number;
}

const SETTLE_MS = 10_000;

/**
 * Starts the sources, waits until each has answered or failed, says on stderr which did not, hands over to `read`
 * and ends everything.
 */
export async function observe<T>(
  options: ReadOptions & ObserveOptions,
  env: CommandEnvironment,
  read: (observed: Settled) => Promise<T> | T,
): Promise<T> {
  const settleMs = options.settle ?? options.settleMs ?? SETTLE_MS;
  const settlesUntil = systemClock.now() + settleMs;
  const observed = await openTargets(options, env, { settlesUntil });
  try {
    if (options.needsTargets !== false && observed.contexts().length === 0) throw nothingConfigured();
    await options.beforeStart?.(observed);
    observed.runtime.start();
    // Datagrams come when they come: asked for on the command line, they get the settling time.
    const isAskedFor = options.listen !== undefined && options.waitsForDatagrams !== false;
    const forDatagrams = isAskedFor ? (options.settle ?? SETTLE_MS) : 0;
    await Promise.all([
      // Earlier actions, acknowledged findings and dumps are rows too.
      observed.acting.load(env.signal),
      observed.dumps.load(),
      observed.runtime.settled(settleMs, env.signal),
      untilHeard(observed, forDatagrams, env.signal),
    ]);
    // Interrupted while waiting: what is there by chance is not an answer.
    env.signal.throwIfAborted();
    observed.runtime.flush();
    if (options.warns !== false) warnOfSources(observed.contexts(), { env, settleMs });
    return await read({ ...observed, settlesUntil });
  } finally {
    await observed.close();
  }
}

/** Waits for datagrams; not where another process owns the port, which tells at once what it heard. */
async function untilHeard({ contexts }: Observed, lastsMs: number, signal: AbortSignal): Promise<void> {
  const endAt = systemClock.now() + lastsMs;
  const isTold = ({ name, facts, status }: ContextView) =>
    name === 'udp' &&
    facts.isReadAlong === true &&
    (facts.counts?.['senders'] ?? 0) > 0 &&
    status.state === 'live';
  while (systemClock.now() < endAt && !signal.aborted && !contexts().some(isTold))
    await sleep(systemClock, HEARD_POLL_MS, signal);
}
const HEARD_POLL_MS = 100;

const nothingConfigured = () =>
  appError('USAGE', 'there is nothing to connect to: no target is configured', {
    hint: 'Give --kubeconfig, --region, --manager or --listen, write a file with `l9s config init`, or try --demo.',
  });

interface Waited {
  readonly env: CommandEnvironment;
  readonly settleMs: number;
}

/** One line a target that gives nothing, or nothing fresh. */
function warnOfSources(contexts: readonly ContextView[], { env, settleMs }: Waited): void {
  for (const { name, status } of contexts) {
    const failure = status.state === 'connecting' ? unanswered(settleMs) : failureOf(status);
    if (failure !== undefined) env.output.warn(cleanLine(`l9s: ${name}: ${failureText(failure)}`, 2_048));
  }
}

const failureOf = (status: ContextView['status']): SourceFailure | undefined =>
  'error' in status ? status.error : undefined;

const unanswered = (settleMs: number): SourceFailure =>
  sourceFailure(
    'TIMEOUT',
    `no answer in ${settleMs / 1_000} s`,
    'Wait longer with --settle 30s, or see `l9s doctor`.',
  );
