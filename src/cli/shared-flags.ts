import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Flags } from '../config/flags.ts';
import { parseDuration } from '../core/duration.ts';

/** Flags every command takes, as commander collects them. */
export interface SharedOptions {
  readonly config?: string;
  readonly context?: readonly string[];
  readonly allContexts?: boolean;
  readonly kubeconfig?: string;
  readonly namespace?: readonly string[];
  readonly ecsCluster?: readonly string[];
  readonly region?: string;
  readonly profile?: string;
  readonly manager?: readonly string[];
  readonly listen?: string;
  readonly demo?: string | true;
  readonly demoIfEmpty?: boolean;
  readonly readonly?: boolean;
  readonly triage?: boolean;
  readonly lang?: string;
  readonly color: boolean;
  readonly logLevel?: string;
  readonly logFile?: string;
}

/** Comma-separated, and repeatable. */
export const list = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(',').filter((item) => item !== ''),
];

/** `10s`, `2m`, `500ms`, or seconds. */
export function durationArgument(written: string): number {
  const durationMs = parseDuration(/^\d+$/.test(written) ? `${written}s` : written);
  if (durationMs === undefined) throw new InvalidArgumentError('write it as 500ms, 10s or 2m');
  return durationMs;
}

/** How many of something: 1 to 9999. */
export function countArgument(written: string): number {
  if (!/^[1-9]\d{0,3}$/.test(written)) throw new InvalidArgumentError('a number from 1 to 9999');
  return Number(written);
}

export function withSharedFlags(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: the user’s, or L9S_CONFIG)')
    .option('--context <names>', 'contexts by name, comma-separated, repeatable', list)
    .option('--all-contexts', 'every context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig file')
    .option('-n, --namespace <names>', 'only these namespaces', list)
    .option('--ecs-cluster <globs>', 'ECS clusters by glob', list)
    .option('--region <region>', 'AWS region')
    .option('--profile <profile>', 'AWS profile')
    .option('--manager <urls>', 'Manager addresses', list)
    .option('--listen <address:port>', 'receive datagrams there, e.g. 0.0.0.0:16100')
    .addOption(new Option('--demo [size]', 'run on the simulated fleet').choices(['small', 'large', 'huge']))
    .addOption(
      new Option('--demo-if-empty', 'the simulated fleet when there is nothing to connect to').hideHelp(),
    )
    .option('--readonly', 'observe only; nothing that changes or diagnoses')
    .option('--triage', 'observe and diagnose; nothing that changes')
    .addOption(new Option('--lang <language>', 'language of the screen').choices(['en', 'ko']))
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .addOption(
      new Option('--log-level <level>', 'how much the log file says').choices(['error', 'info', 'debug']),
    )
    .option('--log-file <file>', 'where the log goes (default: the state directory)');
}

export const flagsOf = (options: SharedOptions): Flags => ({
  config: options.config,
  contexts: options.context,
  allContexts: options.allContexts,
  kubeconfig: options.kubeconfig,
  namespaces: options.namespace,
  ecsClusters: options.ecsCluster,
  region: options.region,
  profile: options.profile,
  managers: options.manager,
  listen: options.listen,
  readonly: options.readonly,
  triage: options.triage,
  language: options.lang,
});
