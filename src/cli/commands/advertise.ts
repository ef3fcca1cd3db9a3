import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DumpAgentOptions } from '../../app/dump-agent.ts';
import { type ListenAddress, parseDestination } from '../../config/listen-address.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { SERVER_TYPES, type ServerType } from '../../domain/server-type.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { durationArgument, list } from '../shared-flags.ts';

interface AdvertiseOptions {
  readonly pid?: number;
  readonly match?: string;
  readonly to?: readonly string[];
  readonly id?: string;
  readonly interval: number;
  readonly serviceCluster?: string;
  readonly serverType?: ServerType;
  readonly tomcat?: string | true;
  readonly tomcatCredentials?: string;
  readonly dumps?: string | true;
  readonly dumpIdentity?: string;
  readonly dumpKey?: string;
  readonly dumpMasterKey?: string;
  readonly allowHeapDumps?: true;
  readonly once?: true;
  readonly output?: 'json';
}

const DEFAULT_TO = '127.0.0.1:16100';
const DEFAULT_MANAGER = 'http://127.0.0.1:8080/manager';
const MIN_INTERVAL_MS = 500;
const MAX_INTERVAL_MS = 60_000;
const ID_LENGTH = 64;

function pidArgument(written: string): number {
  if (!/^[1-9]\d{0,6}$/.test(written)) throw new InvalidArgumentError('a process id is a whole number');
  return Number(written);
}
function intervalArgument(written: string): number {
  const intervalMs = durationArgument(written);
  if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS)
    throw new InvalidArgumentError('give 500ms to 60s');
  return intervalMs;
}
const typesOfJvms = Object.entries(SERVER_TYPES).flatMap(([name, { isJvm }]) => (isJvm ? [name] : []));

/** `l9s advertise`: the agent beside a JVM; needs no JDK, connects to nothing but the receiver. */
export function addAdvertise(program: Command, run: CommandRunner): void {
  program
    .command('advertise')
    .description('beside a JVM: read its figures and send them to a console or collector (no JDK needed)')
    .option('--pid <pid>', 'read this process, and what takes its place', pidArgument)
    .option('--match <pattern>', 'read the JVMs whose command line matches (text, expression or glob)')
    .option('--to <host:port>', `where datagrams go, repeatable (default: ${DEFAULT_TO})`, list)
    .option('--id <name>', 'name of this host in the console (default: HOSTNAME)')
    .addOption(
      new Option('--interval <duration>', 'time between datagrams')
        .argParser(intervalArgument)
        .default(2_000, '2s'),
    )
    .option('--service-cluster <name>', 'service cluster it belongs to')
    .addOption(new Option('--server-type <type>', 'what it is (default: read off it)').choices(typesOfJvms))
    .option(
      '--tomcat [url]',
      `read a Tomcat’s connectors and requests through its manager (default: ${DEFAULT_MANAGER})`,
    )
    .option(
      '--tomcat-credentials <file>',
      'user:password of the manager, mode 0600 (or L9S_TOMCAT_USER, L9S_TOMCAT_PASSWORD)',
    )
    .option(
      '--dumps [host:port]',
      'dial there so that dumps can be asked of the JVMs it reads (default: the first --to)',
    )
    .option('--dump-identity <context/workload>', 'what it is to the receiver, e.g. prod/shop/was')
    .option('--dump-key <file>', 'its key, mode 0600; see `l9s agent-key derive`')
    .option(
      '--dump-master-key <file>',
      'derive the key from the receiver’s own (0600); who has that file can be any agent',
    )
    .option(
      '--allow-heap-dumps',
      'heaps too: each stops its JVM while it is written, and holds all that the JVM knows',
    )
    .option('--once', 'read once, print, and send only where --to is given')
    .addOption(new Option('-o, --output <format>', 'with --once').choices(['json']))
    .action((_own: unknown, command: Command) =>
      run((env) => advertise(command.optsWithGlobals<AdvertiseOptions>(), env)),
    );
}

async function advertise(options: AdvertiseOptions, env: CommandEnvironment): Promise<number> {
  const { pid, match, to, once, tomcat, tomcatCredentials } = options;
  if (pid !== undefined && match !== undefined)
    throw appError('USAGE', '--pid and --match exclude one another');
  if (options.output !== undefined && once !== true) throw appError('USAGE', '-o json needs --once');
  if (tomcatCredentials !== undefined && tomcat === undefined)
    throw appError('USAGE', '--tomcat-credentials needs --tomcat');
  const wanted = to ?? (once === true ? [] : [DEFAULT_TO]);
  // An empty variable of a manifest must not become an agent that sends to nobody.
  if (to?.length === 0) throw appError('USAGE', '--to names no receiver');
  const destinations = wanted.map((written) => parseDestination(written, '--to'));
  const dumps = dumpsOf(options, destinations, env);
  const { openAdvertiser } = await import('../../app/advertising.ts');
  const advertiser = await openAdvertiser({
    pid,
    match,
    to: destinations,
    host: hostOf(options.id, env.environment['HOSTNAME']),
    intervalMs: options.interval,
    serverType: options.serverType,
    serviceCluster: options.serviceCluster && cleanLine(options.serviceCluster, 128),
    tomcat: tomcat === true ? DEFAULT_MANAGER : tomcat,
    tomcatCredentials,
    environment: env.environment,
    dumps,
    say: (line) => env.output.warn(`l9s: advertise: ${cleanLine(line, 1_024)}`),
  });
  if (once !== true) {
    await advertiser.run(env.signal);
    return EXIT.done;
  }
  const { datagrams, problems } = await advertiser.runOnce(env.signal);
  if (options.output === 'json') {
    const told = problems.map((each) => ({ pid: each.pid, code: each.code, message: each.message }));
    env.output.print(JSON.stringify({ jvms: datagrams, problems: told }, undefined, 2));
  } else {
    for (const datagram of datagrams) env.output.print(JSON.stringify(datagram));
  }
  const [problem] = problems;
  if (datagrams.length === 0) {
    if (problem !== undefined) throw appError(problem.code, problem.message);
    throw appError('NO_JVM', match === undefined ? 'no JVM runs here' : `no JVM matches ${match}`);
  }
  return problems.length > 0 ? EXIT.partial : EXIT.done;
}

const DUMP_FLAGS = {
  dumpIdentity: '--dump-identity',
  dumpKey: '--dump-key',
  dumpMasterKey: '--dump-master-key',
  allowHeapDumps: '--allow-heap-dumps',
} as const;

const usage = (message: string) =>
  appError('USAGE', message, { hint: 'See `l9s advertise --help` for its options.' });

/** Where dumps may be asked from; nothing where they may not. */
function dumpsOf(
  options: AdvertiseOptions,
  [first]: readonly ListenAddress[],
  env: CommandEnvironment,
): DumpAgentOptions | undefined {
  const { dumps, dumpIdentity, dumpKey, dumpMasterKey, allowHeapDumps } = options;
  if (dumps === undefined) {
    const [alone] = Object.entries(DUMP_FLAGS).flatMap(([name, flag]) => (name in options ? [flag] : []));
    if (alone !== undefined) throw usage(`${alone} needs --dumps`);
    return undefined;
  }
  if (options.once === true) throw usage('--dumps and --once exclude one another');
  if (dumpIdentity === undefined) throw usage('--dumps needs --dump-identity CONTEXT/WORKLOAD');
  if ((dumpKey === undefined) === (dumpMasterKey === undefined))
    throw usage('--dumps needs --dump-key or --dump-master-key, and not both');
  const to = dumps === true ? first : parseDestination(dumps, '--dumps');
  if (to === undefined) throw usage('--dumps names no receiver');
  return {
    to,
    identity: dumpIdentity,
    key: dumpKey === undefined ? { master: dumpMasterKey ?? '' } : { derived: dumpKey },
    allowsHeap: allowHeapDumps === true,
    program: env.version,
  };
}

/** A short name; a receiver joins a container's figures to its row by it. */
function hostOf(given: string | undefined, variable: string | undefined): string {
  const name = cleanLine((given ?? (variable || hostname())).trim(), ID_LENGTH).replaceAll('/', '-');
  if (name === '') throw appError('USAGE', '--id: give a name');
  return name;
}
