import type { Command } from 'commander';
import type { CommandRunner } from './command-runner.ts';
import { addAdvertise } from './commands/advertise.ts';
import { createRoot } from './root-command.ts';

/** The command line with the agent alone, where that is what is asked for. */
export function createProgram(run: CommandRunner): Command {
  const program = createRoot();
  addAdvertise(program, run);
  return program;
}
