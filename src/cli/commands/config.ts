import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { RULE_WORDS } from '../../app/rule-words.ts';
import { checkRules } from '../../config/check-rules.ts';
import { formatIssue } from '../../config/config-issue.ts';
import { explainSettings } from '../../config/explain.ts';
import { initialConfig } from '../../config/initial-config.ts';
import { kubeconfigFiles, readKubeconfigNames } from '../../config/kubeconfig-names.ts';
import { userPaths } from '../../config/paths.ts';
import { configFileOf, readConfig } from '../../config/read-config.ts';
import { mergeSettings } from '../../config/settings.ts';
import { makeDirectory } from '../../core/make-directory.ts';
import { counted } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { alignColumns, renderData } from '../render.ts';
import { flagsOf, type SharedOptions } from '../shared-flags.ts';
import { outputOption } from './get.ts';

interface InitOptions extends SharedOptions {
  readonly stdout?: boolean;
}
interface ShowOptions extends SharedOptions {
  readonly output: 'table' | 'json' | 'yaml';
}

const placesOf = (options: SharedOptions, env: CommandEnvironment) => ({
  flags: flagsOf(options),
  environment: env.environment,
  paths: userPaths(env.home),
  home: env.home,
});

/** `l9s config init|show|check`. */
export function addConfig(program: Command, run: CommandRunner): void {
  const config = program.command('config').description('write, check and explain the configuration');
  config
    .command('init')
    .description('write a commented file from what this machine has')
    .option('--stdout', 'print it instead')
    .action((_own: unknown, command: Command) =>
      run((env) => init(command.optsWithGlobals<InitOptions>(), env)),
    );
  config
    .command('check')
    .description('validate the file, with line numbers')
    .action((_own: unknown, command: Command) =>
      run((env) => check(command.optsWithGlobals<SharedOptions>(), env)),
    );
  config
    .command('show')
    .description('print the merged configuration with where each value came from')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action((_own: unknown, command: Command) =>
      run((env) => show(command.optsWithGlobals<ShowOptions>(), env)),
    );
}

function init(options: InitOptions, env: CommandEnvironment): number {
  const places = placesOf(options, env);
  const { files, isGiven } = kubeconfigFiles({
    flag: options.kubeconfig,
    environment: env.environment,
    home: env.home,
  });
  const text = initialConfig({
    kubeconfig: readKubeconfigNames(files, isGiven),
    environment: env.environment,
  });
  if (options.stdout === true) {
    env.output.print(text.trimEnd());
    return EXIT.done;
  }
  const { file } = configFileOf(places);
  if (existsSync(file)) {
    throw appError('CONFIG_INVALID', `${file} is already there`, {
      hint: 'Print a new one with `l9s config init --stdout`, or name another with --config.',
    });
  }
  makeDirectory(path.dirname(file));
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  env.output.print(`Wrote ${file}; check it with l9s config check.`);
  return EXIT.done;
}

function check(options: SharedOptions, env: CommandEnvironment): number {
  const places = placesOf(options, env);
  const read = readConfig(places);
  if (!read.ok) {
    for (const issue of read.issues) env.output.print(formatIssue(issue));
    return EXIT.usage;
  }
  const { targets, attach, warnings, policy } = mergeSettings(read, places);
  checkRules(policy.rules, RULE_WORDS);
  for (const warning of warnings) env.output.print(`warning: ${warning}`);
  const counts = [
    counted(targets.length, 'target'),
    ...(attach.length === 0 ? [] : [`${counted(attach.length, 'collector')} to attach to`]),
  ];
  env.output.print(`${read.file ?? 'no file (defaults)'}: ok, ${counts.join(', ')}`);
  return EXIT.done;
}

function show(options: ShowOptions, env: CommandEnvironment): number {
  const places = placesOf(options, env);
  const read = readConfig(places);
  if (!read.ok) {
    throw appError('CONFIG_INVALID', read.issues.map(formatIssue).join('\n'));
  }
  const lines = explainSettings(mergeSettings(read, places), places.flags);
  env.output.print(
    options.output === 'table'
      ? alignColumns(
          ['KEY', 'VALUE', 'FROM'],
          lines.map(({ path: key, value, origin }) => [key, value, origin]),
        )
      : renderData(options.output, { values: lines }),
  );
  return EXIT.done;
}
