import type { CommandEnvironment } from './environment.ts';

/** Runs a command's work with the machine handed in; its number becomes the exit code. */
export type CommandRunner = (work: (env: CommandEnvironment) => Promise<number> | number) => Promise<void>;
