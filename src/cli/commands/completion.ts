import { Argument, type Command } from 'commander';
import { VIEWS } from '../../views/index.ts';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';

/** What may follow a command: sub-commands, options, and words of its arguments. */
interface Completed {
  /** `l9s`, `config check` … without the program's name. */
  readonly path: string;
  readonly words: readonly string[];
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `l9s completion bash|zsh|fish`: made from the commands themselves, so that it never lags behind them. */
export function addCompletion(program: Command, run: CommandRunner): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .description('print the completion script of a shell')
    .action((shell: Shell) =>
      run((env) => {
        env.output.print(SCRIPTS[shell](completedOf(program)));
        return EXIT.done;
      }),
    );
}

function completedOf(program: Command): readonly Completed[] {
  const common = optionsOf(program);
  const walk = (command: Command, path: readonly string[]): readonly Completed[] => {
    const children = command.commands;
    const words = [
      ...children.map((child) => child.name()),
      ...argumentWords(command),
      ...optionsOf(command),
      ...(command === program ? [] : common),
    ];
    return [
      { path: path.join(' '), words: [...new Set(words)] },
      ...children.flatMap((child) => walk(child, [...path, child.name()])),
    ];
  };
  return walk(program, []);
}

const optionsOf = (command: Command): readonly string[] =>
  command.options.flatMap(({ hidden, long }) =>
    hidden || long === undefined || long === null ? [] : [long],
  );

const argumentWords = (command: Command): readonly string[] =>
  command.registeredArguments.flatMap((argument) =>
    argument.name() === 'kind' ? VIEWS.map(({ id }) => id) : (argument.argChoices ?? []),
  );

const quoted = (words: readonly string[]): string => words.join(' ');

/** The longest command the typed words begin with decides which words are offered. */
function bash(all: readonly Completed[]): string {
  const cases = all.map(({ path, words }) => `    '${path}') words='${quoted(words)}' ;;`);
  return `# bash completion of l9s: source <(l9s completion bash)
_l9s_words() {
  local words=
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
  printf '%s' "$words"
}
_l9s() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path= word found offered
  offered="$(_l9s_words '')"
  local index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    [[ $word == -* ]] && continue
    if found="$(_l9s_words "\${path:+$path }$word")"; then
      path="\${path:+$path }$word"
      offered="$found"
    fi
  done
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _l9s l9s`;
}

function zsh(all: readonly Completed[]): string {
  return `#compdef l9s
# zsh completion of l9s: source <(l9s completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(all)}`;
}

function fish(all: readonly Completed[]): string {
  const lines = all.flatMap(({ path, words }) => {
    const parts = path === '' ? [] : path.split(' ');
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
    const top = all.filter((one) => one.path !== '' && !one.path.includes(' ')).map((one) => one.path);
    const when = seen.length > 0 ? seen.join('; and ') : `not __fish_seen_subcommand_from ${quoted(top)}`;
    const plain = words.filter((word) => !word.startsWith('--'));
    const long = words.flatMap((word) => (word.startsWith('--') ? [word.slice(2)] : []));
    return [
      ...(plain.length > 0 ? [`complete -c l9s -n '${when}' -f -a '${quoted(plain)}'`] : []),
      ...long.map((word) => `complete -c l9s -n '${when}' -l ${word}`),
    ];
  });
  return ['# fish completion of l9s: l9s completion fish | source', ...lines].join('\n');
}

const SCRIPTS: Readonly<Record<Shell, (all: readonly Completed[]) => string>> = { bash, zsh, fish };
