import { Advertiser } from '../agent/advertiser.ts';
import type { Destination } from '../agent/datagram-socket.ts';
import { PROC } from '../agent/proc/process-entry.ts';
import {
  credentialsOfEnvironment,
  parseManagerUrl,
  readCredentialsFile,
} from '../agent/tomcat/manager-access.ts';
import { systemClock } from '../core/clock.ts';
import { createGlobMatcher } from '../core/glob.ts';
import { appError } from '../domain/errors.ts';
import type { ServerType } from '../domain/server-type.ts';
import type { DumpAgentOptions } from './dump-agent.ts';

export interface AdvertisingOptions {
  readonly pid?: number | undefined;
  /** Text, expression or glob on the command line. */
  readonly match?: string | undefined;
  readonly to: readonly Destination[];
  readonly host: string;
  readonly intervalMs: number;
  readonly serverType?: ServerType | undefined;
  readonly serviceCluster?: string | undefined;
  readonly tomcat?: string | undefined;
  readonly tomcatCredentials?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Absent where nobody may ask for dumps. */
  readonly dumps?: DumpAgentOptions | undefined;
}

/** As filters read a pattern; what is no expression, such as `*tomcat*`, is a glob. */
async function matcherOf(pattern: string): Promise<(text: string) => boolean> {
  const { createTextTest, isError } = await import('../store/filter/text-test.ts');
  const test = createTextTest(pattern);
  if (!isError(test)) return test;
  if (/[*?]/.test(pattern) && !/[\\[\](){}|^$+]/.test(pattern)) return createGlobMatcher([pattern]);
  throw appError('INPUT_INVALID', `--match: ${test.message}`, { hint: test.hint });
}

/** The agent beside a JVM, wired to this machine. */
export async function openAdvertiser(
  options: AdvertisingOptions,
): Promise<Pick<Advertiser, 'run' | 'runOnce'>> {
  if (process.platform !== 'linux')
    throw appError('INPUT_INVALID', `the agent reads /proc, which ${process.platform} has not`, {
      hint: 'Run it on Linux, beside the JVM.',
    });
  const { pid, match, tomcat, tomcatCredentials, environment } = options;
  const credentials =
    tomcatCredentials === undefined
      ? credentialsOfEnvironment(environment)
      : await readCredentialsFile(tomcatCredentials);
  const access = tomcat === undefined ? undefined : parseManagerUrl(tomcat, credentials);
  const advertiser = new Advertiser({
    proc: PROC,
    temporary: '/tmp',
    wanted: { pid, matches: match === undefined ? undefined : await matcherOf(match) },
    host: options.host,
    serverType: options.serverType,
    serviceCluster: options.serviceCluster,
    intervalMs: options.intervalMs,
    to: options.to,
    tomcat: access,
    clock: systemClock,
    monotonic: () => performance.now(),
    random: Math.random,
    say: options.say,
  });
  const { dumps, say } = options;
  if (dumps === undefined) return advertiser;
  // Who wants no dumps does not pay for what reads them.
  const { openDumpAgent } = await import('./dump-agent.ts');
  const runDumps = openDumpAgent({
    ...dumps,
    servers: () => advertiser.dumpServers,
    manager: access?.onlyWay === 'status' ? undefined : access?.access,
    say,
  });
  return {
    runOnce: (signal) => advertiser.runOnce(signal),
    run: async (signal) => {
      const ended = new AbortController();
      const answering = runDumps(AbortSignal.any([signal, ended.signal]));
      try {
        await advertiser.run(signal);
      } finally {
        ended.abort();
        await answering;
      }
    },
  };
}
