import type { Command } from 'commander';
import { keyReference } from '../../app/key-reference.ts';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';
import { alignColumns, renderData } from '../render.ts';
import { outputOption } from './get.ts';

interface KeysOptions {
  readonly output: 'table' | 'json' | 'yaml';
  readonly lang?: 'en' | 'ko';
}

/** `l9s keys`. */
export function addKeys(program: Command, run: CommandRunner): void {
  program
    .command('keys')
    .description('list every key of the console')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action((_own: unknown, command: Command) =>
      run((env) => {
        const { output, lang = 'en' } = command.optsWithGlobals<KeysOptions>();
        const lines = keyReference(lang);
        env.output.print(
          output === 'table'
            ? alignColumns(
                ['WHERE', 'KEYS', 'COMMAND', 'DOES'],
                lines.map(({ where, keys, id, title }) => [where, keys, id, title]),
              )
            : renderData(output, { keys: lines }),
        );
        return EXIT.done;
      }),
    );
}
