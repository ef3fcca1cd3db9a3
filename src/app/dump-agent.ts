import type { Destination } from '../agent/datagram-socket.ts';
import { type AgentKeyFile, checkIdentity, readAgentKey } from '../agent/dump/agent-keys.ts';
import { DumpAnswers } from '../agent/dump/dump-answers.ts';
import type { DumpServer } from '../agent/dump/dump-job.ts';
import { DumpLink } from '../agent/dump/dump-link.ts';
import { heapMaker } from '../agent/dump/take-heap.ts';
import { serviceMaker } from '../agent/dump/take-service.ts';
import { histogramMaker, threadMaker } from '../agent/dump/take-text.ts';
import type { ManagerAccess } from '../agent/tomcat/manager-http.ts';
import { readRunningRequests } from '../agent/tomcat/running-requests.ts';
import { sleep, systemClock } from '../core/clock.ts';
import { readDump } from '../diagnosis/thread-dump/read-dump.ts';
import { appError } from '../domain/errors.ts';
import type { ThreadDump } from '../domain/thread-dump.ts';

/** The channel through which dumps can be asked of this host's JVMs. */
export interface DumpAgentOptions {
  readonly to: Destination;
  /** `context/workload` */
  readonly identity: string;
  readonly key: AgentKeyFile;
  readonly allowsHeap: boolean;
  /** Version of l9s. */
  readonly program: string;
}
export interface DumpAgentBeside extends DumpAgentOptions {
  readonly servers: () => readonly DumpServer[];
  /** Manager of a Tomcat whose JMX proxy may be asked. */
  readonly manager?: ManagerAccess | undefined;
  readonly say: (line: string) => void;
}

/** What a JVM still writes when the agent ends; longer would hold up who stops it. */
const LAST_WAIT_MS = 3_000;

async function readThreadDump(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ThreadDump> {
  const content = await readDump(chunks, {}, signal);
  const last = content.kind === 'threads' ? content.dumps.at(-1) : undefined;
  if (last !== undefined) return last;
  throw appError('DUMP_FAILED', 'what the JVM answered is no thread dump');
}

/** Throws USAGE or KEY_FILE_INVALID where identity or key's file are none; what runs afterwards never rejects. */
export function openDumpAgent(options: DumpAgentBeside): (signal: AbortSignal) => Promise<void> {
  const { key, identity, manager } = options;
  const secret = () => readAgentKey(key, identity);
  checkIdentity(identity, '--dump-identity');
  // A file that is none is told at the start; one that is exchanged later is read then.
  secret();
  const answers = new DumpAnswers({
    makers: {
      thread: threadMaker(systemClock),
      histogram: histogramMaker(systemClock),
      heap: heapMaker(systemClock),
      service: serviceMaker({
        clock: systemClock,
        requests: manager && ((signal) => readRunningRequests(manager, signal)),
        read: readThreadDump,
      }),
    },
    allowsHeap: options.allowsHeap,
    say: options.say,
  });
  const link = new DumpLink({
    to: options.to,
    identity,
    key: secret,
    program: options.program,
    answers,
    servers: options.servers,
    clock: systemClock,
    monotonic: () => performance.now(),
    random: Math.random,
    say: options.say,
  });
  return async (signal) => {
    await link.run(signal);
    await Promise.race([answers.settled(), sleep(systemClock, LAST_WAIT_MS, new AbortController().signal)]);
  };
}
