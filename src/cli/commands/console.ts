import { type Command, Option } from 'commander';
import { suggest } from '../../core/suggest.ts';
import { appError } from '../../domain/errors.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { openTargets } from '../observe.ts';
import { type SharedOptions, withSharedFlags } from '../shared-flags.ts';

/** `l9s` and `l9s demo`. */
export function addConsole(program: Command, run: CommandRunner): void {
  withSharedFlags(program)
    .allowExcessArguments(true)
    .action((options: SharedOptions) =>
      run((env) => {
        const [written] = program.args;
        if (written !== undefined) throw unknownCommand(program, written);
        return runConsole(options, env);
      }),
    );
  program
    .command('demo')
    .description('open the console on the simulated fleet')
    .addOption(
      new Option('--size <size>', 'size of the fleet').choices(['small', 'large', 'huge']).default('small'),
    )
    .action(({ size }: { readonly size: string }, command: Command) =>
      run((env) => runConsole({ ...command.optsWithGlobals<SharedOptions>(), demo: size }, env)),
    );
}

function unknownCommand(program: Command, written: string) {
  const names = program.commands.map((command) => command.name());
  const near = suggest(written, names);
  return appError(
    'USAGE',
    `no command "${written}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    {
      hint: `Commands: ${names.join(', ')}.`,
    },
  );
}

async function runConsole(options: SharedOptions, env: CommandEnvironment): Promise<number> {
  if (!env.stdin.isTTY || !env.stdout.isTTY) {
    throw appError('NO_TERMINAL', 'the console needs a terminal on stdin and stdout');
  }
  // The screen's libraries are needed by this command alone.
  const ui = import('../../app/console-app.tsx');
  const observed = await openTargets(options, env, { isLookedAt: true });
  const { showConsole } = await ui;
  return await showConsole({
    opened: observed,
    version: env.version,
    environment: env.environment,
    isColor: options.color,
    stdin: env.stdin,
    stdout: env.stdout,
    signal: env.signal,
    onTerminate: env.onTerminate,
  });
}
