import { type Clock, sleep } from '../../../core/clock.ts';
import { cleanLine } from '../../../core/text.ts';
import { readConsoleStatus } from '../../../diagnosis/session-console/console-status.ts';
import { readWasList } from '../../../diagnosis/session-console/was-list.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { WebUse } from '../../../domain/jvm-sample.ts';
import type { OwnWord, SessionClient } from '../../../domain/probe-reading.ts';
import type { SourceFailure } from '../../../domain/source-status.ts';
import { readWebMonitor, type WebMonitor } from '../../../wire/web-monitor/read-monitor.ts';
import { createContainerCommands, type RunCommand, thrownFailure } from '../../container-commands.ts';

export interface OwnWordOptions {
  /** The container, for messages. */
  readonly name: string;
  readonly run: RunCommand;
  readonly clock: Clock;
}
/** Asks a server for its own word, for as long as somebody wants to know. */
export interface OwnWordReader {
  /** Returns within a second of the abort; never rejects. */
  run(put: (word: OwnWord) => void, signal: AbortSignal): Promise<void>;
  readonly reads: number;
  readonly commands: number;
  readonly failure: SourceFailure | undefined;
}

const CONSOLE = '/usr/local/lena/servers/sessionServer/console.sh';
const STATUS_EVERY_MS = 10_000;
const WAS_LIST_EVERY_MS = 30_000;
const MONITOR_EVERY_MS = 5_000;
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 262_144;
const MAX_CLIENTS = 500;
const RETRY_MS = 30_000;

type Answer = { readonly output: string } | { readonly failure: SourceFailure };
/** One round of questions: what is known then, and when to ask again. */
type Round = (before: OwnWord, ask: Ask, signal: AbortSignal) => Promise<OwnWord>;
type Ask = (argv: readonly string[], signal: AbortSignal) => Promise<Answer>;

/** `console.sh status` of a session server, and now and then who uses it. */
export function createSessionWord(options: OwnWordOptions): OwnWordReader {
  const { name, clock } = options;
  let listedAt = Number.NEGATIVE_INFINITY;
  const round: Round = async (before, ask, signal) => {
    const status = await ask([CONSOLE, 'status'], signal);
    if ('failure' in status) return { ...before, failure: status.failure };
    const told = readConsoleStatus(status.output);
    if (told === undefined) {
      const said = cleanLine(status.output.trim().split('\n')[0] ?? '', 120);
      const why = said === '' ? 'it says nothing' : `it says "${said}"`;
      return {
        ...before,
        failure: sourceFailure(
          'UNEXPECTED_ANSWER',
          `${name}: console.sh status tells no session_count: ${why}`,
          'Check that the session server itself runs: health.sh beside console.sh tells.',
        ),
      };
    }
    const at = clock.now();
    let { clients } = before;
    if (at - listedAt >= WAS_LIST_EVERY_MS) {
      listedAt = at;
      const list = await ask([CONSOLE, 'was_list'], signal);
      clients = 'failure' in list ? undefined : readWasList(list.output).slice(0, MAX_CLIENTS).map(cleaned);
    }
    const { sessions, maxSessions, expired, lost, counters } = told;
    const sessionStore = { ...before.sessionStore, sessions, maxSessions, expired, lost };
    return { way: 'console.sh', at, sessionStore, counters, clients };
  };
  return createReader(options, { way: 'console.sh', everyMs: STATUS_EVERY_MS, round });
}

const cleaned = (client: SessionClient): SessionClient => ({
  address: clean(client.address),
  name: clean(client.name),
  serverName: clean(client.serverName),
  pid: clean(client.pid),
  hostName: clean(client.hostName),
  jvmName: clean(client.jvmName),
});
const clean = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : cleanLine(text, 120);

/** `/cmx-status` of a web server; rates from the difference of two answers. */
export function createWebWord(options: OwnWordOptions & { readonly port: number }): OwnWordReader {
  const { name, clock, port } = options;
  const argv = [
    'curl',
    '-s',
    '--max-time',
    '5',
    `http://127.0.0.1:${port}/cmx-status?cmd=monitor&format=json`,
  ];
  let last: { readonly at: number; readonly monitor: WebMonitor } | undefined;
  const round: Round = async (before, ask, signal) => {
    const answer = await ask(argv, signal);
    if ('failure' in answer) return { ...before, failure: answer.failure };
    const read = readWebMonitor(answer.output);
    if (read.kind === 'unreadable') {
      return {
        ...before,
        failure: sourceFailure(
          'UNEXPECTED_ANSWER',
          `${name}: /cmx-status on port ${port}: ${read.why}`,
          'Check that the server has the monitor switched on for its own address.',
        ),
      };
    }
    const at = clock.now();
    const { monitor } = read;
    const web = webUseOf(monitor, last === undefined ? undefined : { ...last, elapsedMs: at - last.at });
    last = { at, monitor };
    return { way: 'cmx-status', at, web, startedAt: monitor.startedAt };
  };
  return createReader(options, { way: 'cmx-status', everyMs: MONITOR_EVERY_MS, round });
}

function webUseOf(
  now: WebMonitor,
  before: { readonly monitor: WebMonitor; readonly elapsedMs: number } | undefined,
): WebUse {
  const rate = (of: (monitor: WebMonitor) => number | undefined): number | undefined => {
    const newer = of(now);
    const older = before === undefined ? undefined : of(before.monitor);
    // A smaller count is a new start: its rate is not known yet.
    if (newer === undefined || older === undefined || newer < older) return undefined;
    return before === undefined || before.elapsedMs <= 0
      ? undefined
      : ((newer - older) * 1_000) / before.elapsedMs;
  };
  return {
    activeThreads: now.activeThreads,
    idleThreads: now.idleThreads,
    maxThreads: now.maxThreads,
    requests: now.requests,
    trafficBytes: now.trafficBytes,
    requestsPerSecond: rate(({ requests }) => requests),
    bytesPerSecond: rate(({ trafficBytes }) => trafficBytes),
    workers: now.workers.map(({ name, state, active, idle, max, errors }) => ({
      name: cleanLine(name, 120),
      state: clean(state),
      active,
      idle,
      max,
      errors,
    })),
  };
}

interface ReaderSpec {
  readonly way: OwnWord['way'];
  readonly everyMs: number;
  readonly round: Round;
}

function createReader({ name, run, clock }: OwnWordOptions, spec: ReaderSpec): OwnWordReader {
  const { way, everyMs, round } = spec;
  let word: OwnWord = { way };
  let reads = 0;
  const commands = createContainerCommands({ run, name, clock });
  const ask: Ask = async (argv, signal) => {
    const said = await commands.ask(argv, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }, signal);
    switch (said.kind) {
      case 'said':
        return { output: Buffer.from(said.bytes).toString('utf8') };
      case 'noTool':
      case 'absent':
        return {
          failure: sourceFailure('NO_TOOL', `${name}: there is no ${argv[0] ?? way} in the container`),
        };
      case 'denied':
        return { failure: sourceFailure('PERMISSION_DENIED', `${name}: ${argv[0] ?? way}: ${said.message}`) };
      case 'failed':
        return { failure: said.failure };
    }
  };
  return {
    async run(put, signal) {
      while (!signal.aborted) {
        try {
          word = await round(word, ask, signal);
          if (word.failure === undefined) reads++;
        } catch (thrown) {
          if (signal.aborted) return;
          word = { ...word, failure: thrownFailure(thrown, name) };
        }
        if (signal.aborted) return;
        put(word);
        await sleep(clock, word.failure === undefined ? everyMs : RETRY_MS, signal);
      }
    },
    get reads() {
      return reads;
    },
    get commands() {
      return commands.count;
    },
    get failure() {
      return word.failure;
    },
  };
}
