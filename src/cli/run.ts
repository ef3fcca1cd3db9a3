import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CommanderError } from 'commander';
import { spellingOf } from '../app/spelling.ts';
import type { CommandEnvironment } from './environment.ts';
import { EXIT, signalExitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { createOutput } from './output.ts';

const isSource = path.extname(import.meta.filename) === '.ts';

/** The package's root: two folders up from the source, one from the bundle (and from its chunks two). */
function packageRoot(): string {
  return path.join(import.meta.dirname, path.basename(import.meta.dirname) === 'dist' ? '..' : '../..');
}

function versionOf(file: string): string {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isPackage = typeof content === 'object' && content !== null && 'version' in content;
  return isPackage && typeof content.version === 'string' ? content.version : 'unknown';
}

/** As a shell reports a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

/** Runs the command line and ends the process with its exit code. */
export async function main(): Promise<never> {
  const abort = new AbortController();
  let exitCode = 0;
  const output = createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    spell: await spellingOf(process.env),
    onClosed: (reason) => {
      // Whoever reads us may have seen enough; anything else is lost output.
      exitCode ||= reason === 'EPIPE' ? BROKEN_PIPE : EXIT.error;
      if (reason !== 'EPIPE') output.warn(`l9s: the output could not be written: ${reason}`);
      abort.abort(reason);
    },
  });
  let asker: (() => boolean) | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const ask = signal === 'SIGTERM' ? asker : undefined;
      asker = undefined;
      if (ask?.() === true) return;
      exitCode = signalExitCode(signal);
      abort.abort(signal);
    });
  }
  // Warnings of libraries would be written over the screen; they go nowhere but the log of whoever debugs.
  if (process.env['L9S_DEBUG'] === undefined) process.removeAllListeners('warning');
  const root = packageRoot();
  const env: CommandEnvironment = {
    output,
    environment: process.env,
    home: homedir(),
    fleetProgram: path.join(root, isSource ? 'fixtures/fleet/main.ts' : 'dist/fleet.js'),
    receiverProgram: path.join(
      root,
      isSource ? 'src/sources/telemetry/receiver-thread.ts' : 'dist/receiver-thread.js',
    ),
    analysisProgram: path.join(root, isSource ? 'src/app/analysis-worker.ts' : 'dist/analysis-worker.js'),
    signal: abort.signal,
    onTerminate(ask) {
      asker = ask;
      return () => {
        asker = undefined;
      };
    },
    version: versionOf(path.join(root, 'package.json')),
    stdin: process.stdin,
    stdout: process.stdout,
  };
  // The agent runs beside every server: it loads nothing it does not need.
  const { createProgram } =
    process.argv[2] === 'advertise' ? await import('./agent-program.ts') : await import('./program.ts');
  const program = createProgram(async (work) => {
    exitCode = (await work(env)) || exitCode;
  });
  try {
    await program.parseAsync(
      process.argv.map((word, at) => (at === 2 && word === '--version' ? 'version' : word)),
    );
  } catch (error) {
    if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    else exitCode ||= explain(error, output);
  }
  // Ends at once: idle sockets of a client library must not hold the shell.
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => resolve());
  });
  process.exit(exitCode);
}
