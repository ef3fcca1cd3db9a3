import { Option } from 'commander';
import type { Executor } from '../../actions/acting.ts';
import type { ActionKind, AnyAction } from '../../actions/action.ts';
import { appError } from '../../domain/errors.ts';
import type { Ref } from '../../domain/ref.ts';
import { inLanguage } from '../../domain/text.ts';

export interface InputCall {
  readonly action: AnyAction;
  /** The first target: the answers of a choice are read for it. */
  readonly target: Ref<ActionKind> | undefined;
  /** By commander's names. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly executor: Executor;
  readonly signal: AbortSignal;
}

/** What the options give for the action's inputs; a missing one says what there is to choose from. */
export async function inputOf(call: InputCall): Promise<Readonly<Record<string, string>>> {
  const { action, target, options, executor, signal } = call;
  const input: Record<string, string> = {};
  for (const { id, flag, isRequired, type } of action.inputs) {
    const given = options[new Option(flag.spelling).attributeName()];
    // A flag without a value stands for the answer it is named by: `--live`.
    if (given === true) input[id] = flag.spelling.replace(/^--/, '');
    else if (typeof given === 'string') input[id] = given;
    else if (isRequired) {
      const order = { action, targets: target === undefined ? [] : [target], input };
      const choices = type === 'choice' ? await executor.options(order, id, signal) : [];
      const listed = choices.filter(({ isUnlisted }) => isUnlisted !== true);
      const lines = listed.map(
        ({ value, label, detail }) =>
          `  ${value}${label === value ? '' : `  ${label}`}${detail === undefined ? '' : `  ${inLanguage(detail, 'en')}`}`,
      );
      throw appError('INPUT_INVALID', [`${commandOf(action)} needs ${flag.spelling}`, ...lines].join('\n'), {
        hint: lines.length === 0 ? flag.help : `Give one of these as ${flag.spelling}.`,
      });
    }
  }
  const foreign = foreignInput(call);
  if (foreign !== undefined) {
    throw appError(
      'USAGE',
      `${foreign} has no meaning for ${action.kind === 'serviceCluster' ? 'a service cluster' : `a ${action.kind}`}`,
    );
  }
  return input;
}

/** As it is typed. */
const commandOf = ({ command, subcommand }: AnyAction): string =>
  subcommand === undefined ? command : `${command} ${subcommand}`;

/** An option of another action that shares the verb must not be silently dropped. */
function foreignInput({ action, options, executor }: InputCall): string | undefined {
  const own = new Set(action.inputs.map(({ flag }) => flag.spelling));
  const others = executor.actions.filter(({ command }) => command === action.command);
  return others
    .flatMap(({ inputs }) => inputs.map(({ flag }) => flag.spelling))
    .find((spelling) => !own.has(spelling) && options[new Option(spelling).attributeName()] !== undefined);
}
