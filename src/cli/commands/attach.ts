import type { Command } from 'commander';
import { appError } from '../../domain/errors.ts';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';
import { flagsOf, type SharedOptions } from '../shared-flags.ts';

interface AttachFlags extends SharedOptions {
  readonly stdio?: boolean;
  readonly socket?: string;
}

/** `l9s attach --stdio`: what a console elsewhere runs here, through pod exec or ssh, to read a collector. */
export function addAttach(program: Command, run: CommandRunner): void {
  program
    .command('attach')
    .description(
      'copy what the collector (or console) of this host receives to stdout, for a console elsewhere (telemetry.attach)',
    )
    .option('--stdio', 'the stream goes to stdout')
    .option('--socket <path>', 'socket of its owner, where it is not looked for')
    .action((_own: unknown, command: Command) =>
      run(async (env) => {
        const options = command.optsWithGlobals<AttachFlags>();
        if (options.stdio !== true) {
          throw appError('USAGE', 'attach needs --stdio: the stream goes nowhere else', {
            hint: 'A console attaches by `telemetry.attach` of its configuration, which runs `l9s attach --stdio` in the other place.',
          });
        }
        const { attachStdio } = await import('../../app/attach-stdio.ts');
        await attachStdio({
          flags: flagsOf(options),
          environment: env.environment,
          home: env.home,
          socket: options.socket,
          version: env.version,
          out: env.stdout,
          signal: env.signal,
        });
        return EXIT.done;
      }),
    );
}
