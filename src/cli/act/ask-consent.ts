import { createInterface } from 'node:readline/promises';
import type { Consent, Prepared } from '../../actions/acting.ts';
import { sleep, systemClock } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { Language } from '../../domain/text.ts';
import type { CommandEnvironment } from '../environment.ts';
import { renderPlan } from './render-plan.ts';

export interface ConsentCall {
  readonly prepared: Prepared;
  readonly options: {
    readonly yes?: boolean;
    readonly confirm?: string;
    readonly reason?: string;
  };
  readonly env: CommandEnvironment;
  /** Patterns chose the targets, so nobody has written their names yet. */
  readonly isByPattern: boolean;
  readonly language: Language;
}

/**
 * The operator's yes: `--yes` (with `--confirm` where a name is asked for that no argument gave), else asked for on
 * the terminal after the plan was shown; without either CONSENT_MISSING.
 */
export async function askConsent(call: ConsentCall): Promise<Consent> {
  const { prepared, options, env, isByPattern, language } = call;
  const { plan, verdict } = prepared;
  if (verdict.state === 'refused' || verdict.confirm === 'none') return { reason: options.reason };
  const name = plan.nameToType;
  const isTyped = verdict.confirm === 'type-name';
  if (verdict.needsReason && options.reason === undefined) {
    throw appError('CONSENT_MISSING', `${plan.title[language]}: a rule asks for a reason`, {
      hint: 'Give --reason TEXT.',
    });
  }
  if (options.yes === true) {
    if (isTyped && isByPattern && options.confirm !== name) {
      throw appError('CONSENT_MISSING', `${plan.title[language]}: a pattern chose the targets`, {
        hint: `Give --confirm '${name}' beside --yes.`,
      });
    }
    return { typedName: name, reason: options.reason };
  }
  if (!env.stdin.isTTY || !env.stdout.isTTY) {
    throw appError('CONSENT_MISSING', `${plan.title[language]}: nobody can be asked without a terminal`, {
      hint: 'Look at it with --dry-run, then give --yes.',
    });
  }
  env.output.warn(renderPlan(prepared, language));
  const question = isTyped ? `Type ${cleanLine(name, 200)} to go on: ` : 'Go on? [y/N] ';
  const answer = await ask(question, env);
  const isYes = isTyped ? answer === name : /^y(es)?$/i.test(answer);
  if (!isYes)
    throw appError('CONSENT_MISSING', 'not confirmed: nothing was changed', {
      hint: 'Repeat it to confirm.',
    });
  return { typedName: isTyped ? answer : undefined, reason: options.reason };
}

/** Longer than a terminal takes to hand over what it holds, too short to be seen. */
const TYPED_AHEAD_MS = 50;

/** The line answered; an empty one where the terminal's input ends. Rejects with the signal's reason. */
async function ask(question: string, env: CommandEnvironment): Promise<string> {
  await dropTypedAhead(env);
  const lines = createInterface({ input: env.stdin, output: process.stderr });
  lines.on('SIGINT', interrupt);
  try {
    return (await lines.question(question, { signal: env.signal })).trim();
  } catch (thrown) {
    if (env.signal.aborted) throw thrown;
    // ^d
    return '';
  } finally {
    lines.close();
  }
}

/** What was typed before the question stood there is no answer to it. */
async function dropTypedAhead({ stdin, signal }: CommandEnvironment): Promise<void> {
  const drop = (chunk: Buffer | string) => {
    if (chunk.toString().includes('\u0003')) interrupt();
  };
  stdin.setRawMode(true);
  stdin.on('data', drop);
  await sleep(systemClock, TYPED_AHEAD_MS, signal);
  stdin.off('data', drop);
  stdin.pause();
  stdin.setRawMode(false);
  signal.throwIfAborted();
}

/** A terminal that reads key by key gives ^c as a key: here it means what it means everywhere. */
const interrupt = () => process.kill(process.pid, 'SIGINT');
