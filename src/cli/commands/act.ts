import { type Command, Option } from 'commander';
import type { Executor, Order, Prepared } from '../../actions/acting.ts';
import type { AnyAction } from '../../actions/action.ts';
import { ACTIONS } from '../../actions/index.ts';
import { AppError } from '../../core/app-error.ts';
import { cleanText } from '../../core/text.ts';
import { appError, failureText } from '../../domain/errors.ts';
import type { Job } from '../../domain/job.ts';
import { type Effect, isAllowed } from '../../domain/policy.ts';
import { DIAGNOSE_HINT } from '../../domain/policy-judgement.ts';
import { askConsent } from '../act/ask-consent.ts';
import { exitCodeOfDryRun, exitCodeOfJob } from '../act/exit-of-job.ts';
import { type Candidate, candidatesOf, type Found, findTargets } from '../act/find-targets.ts';
import { inputOf } from '../act/input-of.ts';
import { createProgressPrinter } from '../act/progress.ts';
import { renderDryRun, renderJob, renderPlan } from '../act/render-plan.ts';
import { untilHeard } from '../act/until-heard.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT, hasFailed } from '../exit-code.ts';
import { explain } from '../explain.ts';
import { type Observed, observe, type ReadOptions, type Settled } from '../observe.ts';
import { countArgument, durationArgument } from '../shared-flags.ts';
import { outputOption, withReadFlags } from './get.ts';

export interface ActOptions extends ReadOptions {
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly wait: boolean;
  readonly timeout?: number;
  readonly allMatching?: number;
  readonly stopOnFailure?: boolean;
  readonly output: 'table' | 'json';
  /** Inputs of the verbs, by commander's name. */
  readonly [input: string]: unknown;
}

/** One command for each verb of the registry, with the options its inputs declare. */
export function addActions(program: Command, run: CommandRunner): void {
  // Those with a word after the command have a command of their own.
  const plain = ACTIONS.filter(({ subcommand }) => subcommand === undefined);
  const verbs = Map.groupBy(plain, ({ command }) => command);
  for (const [verb, actions] of verbs) {
    const command = withActFlags(program.command(`${verb} <targets...>`))
      .description([...new Set(actions.map(({ help }) => help.en))].join(' '))
      .addOption(new Option('--wait', 'wait until it is done').default(true))
      .option('--no-wait', 'end when everything is sent')
      .addOption(outputOption(['table', 'json']));
    const fields = new Map(
      actions.flatMap(({ inputs }) => inputs.map(({ flag }) => [flag.spelling, flag.help] as const)),
    );
    for (const [spelling, help] of fields) command.option(spelling, help);
    command.action((targets: readonly string[], _own: unknown, self: Command) =>
      run((env) => act({ verb, actions, targets, options: self.optsWithGlobals<ActOptions>(), env })),
    );
  }
}

/** What every command that acts takes. */
export const withActFlags = (command: Command): Command =>
  withReadFlags(command)
    .option('-y, --yes', 'go on without asking')
    .option(
      '--confirm <name>',
      'the words the plan asks to be typed; beside --yes where patterns chose the targets',
    )
    .option('--dry-run', 'show the plan, let the remotes check it, change nothing')
    .option('--reason <text>', 'why; goes into the audit')
    .option('--timeout <duration>', 'longest for the whole', durationArgument)
    .option('--all-matching <n>', 'take patterns, for at most so many targets', countArgument)
    .option('--stop-on-failure', 'begin no further target after a failure');

export interface ActCall {
  readonly verb: string;
  readonly actions: readonly AnyAction[];
  readonly targets: readonly string[];
  readonly options: ActOptions;
  readonly env: CommandEnvironment;
  /** What is printed when it is over. @default the result of every target */
  readonly show?: (job: Job, observed: Observed) => Promise<void>;
}

/** Finds, plans, asks, runs and tells; the exit code. */
export async function act(call: ActCall): Promise<number> {
  const { options, env } = call;
  return await observe(
    { ...options, waitsForDatagrams: false, beforeStart: (observed) => refuseByMode(observed, call) },
    env,
    async (observed) => {
      return await carryOut(await find(observed, call), observed, call);
    },
  );
}

/** A name nobody knows may be known to a target that did not answer: that is another thing than a wrong name. */
async function find(observed: Settled, { actions, targets, options, env }: ActCall): Promise<Found> {
  const look = () =>
    findTargets(candidatesOf(actions, observed.viewContext()), targets, {
      namespaces: options.namespace ?? [],
      allMatching: options.allMatching,
    });
  try {
    // Whoever is known by its datagrams alone is reached by nothing but what it opened to us.
    if (!actions.some(({ ways }) => 'channel' in ways)) return look();
    return await untilHeard({
      observed,
      env,
      written: targets,
      find: look,
      countOf: ({ isByPattern, targets: found }) =>
        isByPattern && found.some((target) => isOnlyHeard(target, observed)) ? found.length : undefined,
    });
  } catch (error) {
    const silent = observed.contexts().filter(hasFailed);
    if (!(error instanceof AppError) || error.code !== 'TARGET_UNKNOWN' || silent.length === 0) throw error;
    const names = silent.map(({ name }) => name).join(', ');
    throw appError('TARGET_UNSEEN', `${error.message} among what answered; ${names} did not`, {
      cause: error,
    });
  }
}

const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  observe: 'reading',
  diagnose: 'diagnosis',
  change: 'change',
  destroy: 'change that ends what runs',
};

const isOnlyHeard = ({ context }: Candidate, observed: Observed): boolean =>
  observed.contexts().some(({ name, kind }) => name === context && kind === 'udp');

/** In a mode that allows none of it nothing is asked of anybody, not even where the targets are. */
async function refuseByMode(observed: Observed, { verb, actions, targets }: ActCall): Promise<void> {
  const { mode, modeOrigin } = observed.settings;
  const [action] = actions;
  if (action === undefined || actions.some(({ effect }) => isAllowed(mode, effect))) return;
  const message = `${verb} ${targets.join(' ')}: ${mode} mode (${modeOrigin}) allows no ${EFFECT_WORDS[action.effect]}`;
  const isDiagnosis = actions.every(({ effect }) => effect === 'diagnose');
  const refusal = appError('MODE_REFUSED', message, isDiagnosis ? { hint: DIAGNOSE_HINT } : {});
  await observed.acting.executor.noteRefusal({
    action,
    title: `${verb} ${targets.join(' ')}`,
    error: refusal,
  });
  throw refusal;
}

async function carryOut(found: Found, observed: Observed, call: ActCall): Promise<number> {
  const { options, env } = call;
  const { executor } = observed.acting;
  if (!found.action.takesMany && found.targets.length > 1) {
    throw appError('USAGE', `${call.verb} takes one target at a time; ${found.targets.length} are given`);
  }
  let prepared: Prepared;
  try {
    prepared = await plan(found, observed, call);
  } catch (error) {
    // Nothing was begun; all the same it is the action that failed, not the reading of something.
    const code = explain(error, env.output);
    return code === EXIT.error ? EXIT.actionFailed : code;
  }
  const { verdict } = prepared;
  if (options.dryRun === true) return await dryRun(prepared, { executor, observed, call });
  if (verdict.state === 'refused') {
    // Judged again there, refused again, and written down.
    await executor.run(prepared, {});
    return EXIT.refused;
  }
  const consent = await askConsent({
    prepared,
    options,
    env,
    isByPattern: found.isByPattern,
    language: observed.settings.language,
  });
  const running = await executor.run(prepared, consent, {
    waits: options.wait,
    stopsAtFailure: options.stopOnFailure === true,
    timeoutMs: options.timeout,
  });
  const printer = createProgressPrinter(env.output, observed.settings.language);
  const stopPrinting = executor.onJob((job) => {
    if (job.ref.id === running.ref.id) printer.show(job);
  });
  // ^c is a cancel; when the terminal or the system ends us there is nobody left to show the rest to.
  const cancel = () => {
    if (env.signal.reason === 'SIGINT') executor.cancel(running.ref);
    else executor.close().catch(() => undefined);
  };
  env.signal.addEventListener('abort', cancel, { once: true });
  if (env.signal.aborted) cancel();
  const job: Job = await running.done;
  stopPrinting();
  printer.show(job);
  const { language } = observed.settings;
  if (call.show === undefined) env.output.print(renderJob(job, { format: options.output, language }));
  else await call.show(job, observed);
  if (job.auditError !== undefined) {
    env.output.warn(cleanText(`l9s: ${failureText(job.auditError)}`));
  }
  const code = exitCodeOfJob(job);
  // Left by a signal the program ends as that says, unless something sent may have been done.
  return env.signal.aborted && code !== EXIT.outcomeUnknown ? EXIT.done : code;
}

async function plan({ action, targets }: Found, observed: Observed, call: ActCall): Promise<Prepared> {
  const { options, env } = call;
  const { executor } = observed.acting;
  const input = await inputOf({ action, target: targets[0]?.ref, options, executor, signal: env.signal });
  const order: Order = { action, targets: targets.map(({ ref }) => ref), input };
  return await executor.prepare(order, env.signal);
}

async function dryRun(
  prepared: Prepared,
  { executor, observed, call }: { executor: Executor; observed: Observed; call: ActCall },
): Promise<number> {
  const { options, env } = call;
  const { language } = observed.settings;
  const results = prepared.verdict.state === 'refused' ? [] : await executor.dryRun(prepared, env.signal);
  const shown = { format: options.output, language };
  env.output.print(
    options.output === 'json'
      ? renderDryRun(prepared, results, shown)
      : [renderPlan(prepared, language), renderDryRun(prepared, results, shown)].join('\n'),
  );
  return exitCodeOfDryRun(prepared, results);
}
