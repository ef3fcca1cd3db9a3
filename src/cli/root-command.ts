import { Command } from 'commander';

/** The command line without its commands. */
export const createRoot = (): Command =>
  new Command('l9s')
    .description('Terminal operations console for LENA middleware on Kubernetes, Amazon ECS and plain hosts.')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (message, write) => write(message.replace(/^error: /, 'l9s: USAGE: ')) })
    .exitOverride();
