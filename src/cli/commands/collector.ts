import type { Command } from 'commander';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';
import { flagsOf, list, type SharedOptions } from '../shared-flags.ts';

interface CollectorFlags extends SharedOptions {
  readonly directory?: string;
  readonly forward?: readonly string[];
}

/** `l9s collector`: owns the port for every console of this host; connects to no target. */
export function addCollector(program: Command, run: CommandRunner): void {
  program
    .command('collector')
    .description(
      'receive datagrams without a screen, for the consoles of several users; listens on --listen, telemetry.listen or 0.0.0.0:16100',
    )
    .option(
      '--directory <path>',
      'where its sockets go (default: RUNTIME_DIRECTORY of systemd, else /run/l9s, which its group may read along, else this user’s own, which nobody else can)',
    )
    .option(
      '--forward <host:port>',
      'pass every datagram that is let in on unchanged, by UDP only, repeatable; the receiver there sees this host as their sender',
      list,
    )
    .action((_own: unknown, command: Command) =>
      run(async (env) => {
        const options = command.optsWithGlobals<CollectorFlags>();
        const { runCollector } = await import('../../app/collector.ts');
        await runCollector({
          flags: flagsOf(options),
          environment: env.environment,
          home: env.home,
          directory: options.directory,
          forward: options.forward ?? [],
          version: env.version,
          receiverProgram: env.receiverProgram,
          say: (line) => env.output.print(line),
          warn: (line) => env.output.warn(line),
          signal: env.signal,
        });
        return EXIT.done;
      }),
    );
}
