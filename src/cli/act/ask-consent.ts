import { createInterface } from 'node:readline/promises';
import type { Consent, Prepared } from '../../actions/acting.ts';
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

async function ask(question: string, env: CommandEnvironment): Promise<string> {
  const lines = createInterface({ input: env.stdin, output: process.stderr });
  try {
    return (await lines.question(question, { signal: env.signal })).trim();
  } finally {
    lines.close();
  }
}
