import type { Command } from 'commander';
import type { CommandRunner } from '../command-runner.ts';
import { exitCodeOfSources } from '../exit-code.ts';
import { findOneRow, viewOfKind } from '../kinds.ts';
import { observe, type ReadOptions } from '../observe.ts';
import { renderData, renderSections } from '../render.ts';
import { outputOption, withReadFlags } from './get.ts';

interface DescribeOptions extends ReadOptions {
  readonly output: 'table' | 'json' | 'yaml';
}

/** `l9s describe KIND NAME`. */
export function addDescribe(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('describe <kind> <name>'))
    .description('say everything known about one thing')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action((kind: string, name: string, _own: unknown, command: Command) =>
      run((env) => {
        const options = command.optsWithGlobals<DescribeOptions>();
        return observe(options, env, (observed) => {
          const view = viewOfKind(kind);
          const row = findOneRow(view, view.rows(observed.viewContext()), name);
          const text =
            options.output === 'table'
              ? renderSections(row.detail(), observed.settings.language)
              : renderData(options.output, row.json());
          env.output.print(text);
          return exitCodeOfSources(observed.contexts());
        });
      }),
    );
}
