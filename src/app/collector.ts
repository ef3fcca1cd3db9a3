import { collectorSettings } from '../config/collector-settings.ts';
import type { Flags } from '../config/flags.ts';
import { runtimeDirectories, userPaths } from '../config/paths.ts';
import { AppError } from '../core/app-error.ts';
import { sleep, systemClock } from '../core/clock.ts';
import { hostPort } from '../core/host-port.ts';
import { cleanLine } from '../core/text.ts';
import { appError, failureText } from '../domain/errors.ts';
import type { Sink, Source } from '../domain/ports.ts';
import type { SourceStatus } from '../domain/source-status.ts';
import type { SocketDirectory } from '../sources/socket-directory.ts';
import { createConsoleStore } from '../store/console-store.ts';
import { composeDumpChannel } from './dump-channel.ts';
import { silentLog } from './log-file.ts';
import { relayDirectories } from './relay-options.ts';
import { createRuntime } from './runtime.ts';

export interface CollectorOptions {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Where sockets go; absent: systemd's RUNTIME_DIRECTORY, else /run/l9s, else the user's own. */
  readonly directory: string | undefined;
  readonly forward: readonly string[];
  readonly version: string;
  /** File of the program that receives datagrams on a thread of its own. @default received on this thread */
  readonly receiverProgram?: string | undefined;
  /** One line of what goes on, and one of what went wrong. */
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly signal: AbortSignal;
}

const CONTEXT = 'udp';
const REFRESH_MS = 250;
const NEVER_MS = 2 ** 30;

/** Receives for every console of this host until the signal aborts. Rejects where it never could. */
export async function runCollector(options: CollectorOptions): Promise<void> {
  const { flags, environment, home, version, say, warn, signal } = options;
  const places = { flags, environment, paths: userPaths(home), home };
  const { host, port, allow, forward, tcp, agentKeyFile, mode } = collectorSettings(places, options.forward);
  const serveIn = await directoryOf(options);
  const { checkSocketPath, socketFileOf } = await import('../sources/socket-directory.ts');
  checkSocketPath(socketFileOf(serveIn.path, port));
  const { createTelemetrySource } = await import('../sources/telemetry/telemetry-source.ts');
  const clock = systemClock;
  const store = createConsoleStore({
    contexts: [{ name: CONTEXT, kind: 'udp', isProtected: false, network: CONTEXT, serves: [] }],
    rules: [],
    identity: [],
    now: clock.now(),
  });
  const directories = [serveIn, ...relayDirectories(environment)];
  const lookIn = directories.filter(
    ({ path }, index) => directories.findIndex((one) => one.path === path) === index,
  );
  const uid = process.getuid?.();
  const channel = composeDumpChannel({
    isOn: tcp,
    port,
    agentKeyFile,
    modeOf: () => mode,
    local: { uid, serveIn, lookIn },
    clock,
  });
  const source = createTelemetrySource({
    listen: { host, port },
    allow,
    forward,
    relay: {
      role: 'collector',
      program: version,
      pid: process.pid,
      uid,
      serveIn,
      lookIn,
      stock: store.stock(CONTEXT),
    },
    receiverProgram: options.receiverProgram,
    companion: await channel.companion(),
    clock,
  });
  const passedOn = forward.map(({ host: to, port: at }) => hostPort(to, at));
  const beside = passedOn.length === 0 ? '' : `, passing every datagram on to ${passedOn.join(', ')} (UDP)`;
  say(
    `l9s collector ${version}: ${tcp ? 'UDP and TCP' : 'UDP'} ${hostPort(host, port)}, sockets in ${serveIn.path}${beside}`,
  );

  const refused = new AbortController();
  let refusal: AppError | undefined;
  const told = tellChanges({
    say,
    warn,
    onRefused(error) {
      refusal = error;
      refused.abort();
    },
  });
  const runtime = createRuntime({
    store,
    plans: [{ context: CONTEXT, load: () => Promise.resolve(toldBy(source, told)) }],
    clock,
    refreshMs: REFRESH_MS,
    log: silentLog,
  });
  runtime.start();
  const over = AbortSignal.any([signal, refused.signal]);
  while (!over.aborted) await sleep(clock, NEVER_MS, over);
  await runtime.stop();
  if (refusal !== undefined) throw refusal;
  say('l9s collector: ended');
}

/** The directory given must do; of the others the first that does. */
async function directoryOf({ directory, environment, warn }: CollectorOptions): Promise<SocketDirectory> {
  const { prepareDirectory } = await import('../sources/socket-directory.ts');
  const uid = process.getuid?.();
  if (uid === undefined)
    throw appError('SOCKET_UNSAFE', 'this system has no user ids: nothing can be shared');
  const [fromSystemd] = (environment['RUNTIME_DIRECTORY'] ?? '').split(':');
  const given = directory ?? (fromSystemd === '' ? undefined : fromSystemd);
  const { own, shared } = runtimeDirectories(environment, uid);
  // Where a directory is this user's own, as in a container, what lies above it does not matter.
  const chosen: SocketDirectory = { path: given ?? shared, kind: given === own ? 'own' : 'shared' };
  try {
    prepareDirectory(chosen, uid);
    return chosen;
  } catch (error) {
    if (given !== undefined || !(error instanceof AppError)) throw error;
    warn(`l9s collector: ${error.message}; sockets go to ${own}, which only this user can use`);
    const private_: SocketDirectory = { path: own, kind: 'own' };
    prepareDirectory(private_, uid);
    return private_;
  }
}

interface Telling {
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  /** It could not begin, and waiting would not help. */
  readonly onRefused: (error: AppError) => void;
}

/** One line for each change of state or note, fit for a journal. */
function tellChanges({ say, warn, onRefused }: Telling): Pick<Sink, 'status' | 'facts'> {
  let hasReceived = false;
  let state: SourceStatus['state'] | undefined;
  let notes: readonly string[] = [];
  return {
    status(status) {
      const isNew = status.state !== state;
      state = status.state;
      if (status.state === 'live') {
        hasReceived = true;
        if (isNew) say('l9s collector: receiving');
        return;
      }
      const failure = 'error' in status ? status.error : undefined;
      if (failure === undefined) return;
      if (!hasReceived) onRefused(new AppError(failure.code, failure.message, { hint: failure.hint }));
      else if (isNew) warn(cleanLine(`l9s collector: ${failureText(failure)}`, 2_048));
    },
    facts(facts) {
      const now = facts.notes ?? [];
      // Numbers in a note go on counting.
      const known = new Set(notes.map(withoutNumbers));
      for (const note of now) {
        if (!known.has(withoutNumbers(note))) warn(cleanLine(`l9s collector: ${note}`, 2_048));
      }
      notes = now;
    },
  };
}
const withoutNumbers = (note: string): string => note.replace(/\(\d+ so far\)/, '');

/** The same source, overheard. */
const toldBy = (source: Source, told: Pick<Sink, 'status' | 'facts'>): Source => ({
  context: source.context,
  run: (sink, signal) =>
    source.run(
      {
        ...sink,
        status(status) {
          told.status(status);
          sink.status(status);
        },
        facts(facts) {
          told.facts(facts);
          sink.facts(facts);
        },
      },
      signal,
    ),
});
