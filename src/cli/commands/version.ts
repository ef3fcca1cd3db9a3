import type { Command } from 'commander';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';
import { renderData } from '../render.ts';
import { outputOption } from './get.ts';

/** `l9s version`. */
export function addVersion(program: Command, run: CommandRunner): void {
  program
    .command('version')
    .description('print the version')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(({ output }: { readonly output: 'table' | 'json' | 'yaml' }) =>
      run((env) => {
        const facts = {
          version: env.version,
          node: process.version,
          platform: `${process.platform}-${process.arch}`,
        };
        env.output.print(
          output === 'table'
            ? `l9s ${facts.version} (node ${facts.node}, ${facts.platform})`
            : renderData(output, facts),
        );
        return EXIT.done;
      }),
    );
}
