import type { OpenProbe, ProbeGate, ProbeOrder } from '../actions/probe-gate.ts';
import { AppError, describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { JvmSample } from '../domain/jvm-sample.ts';
import type { OwnWord, ProbeReading } from '../domain/probe-reading.ts';
import { refOf } from '../domain/ref.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { RunCommand } from '../sources/container-commands.ts';
import type { JstatSlot } from '../sources/telemetry/probe/jstat-run.ts';
import type { JvmProbe } from '../sources/telemetry/probe/jvm-probe.ts';
import type { OwnWordOptions, OwnWordReader } from '../sources/telemetry/probe/own-word.ts';
import type { Probeable, ProbeParts } from './probe-targets.ts';
import type { Turns } from './turns.ts';

export interface SessionOptions {
  readonly probeable: Probeable;
  readonly order: Omit<ProbeOrder, 'target'>;
  readonly gate: ProbeGate;
  readonly jstat: JstatSlot;
  /** Of commands of all probes together. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly put: (reading: ProbeReading) => void;
}

/** Reading of one server's JVM from when it is wanted until it is not: one record of the audit. */
export interface ProbeSession {
  readonly probeable: Probeable;
  readonly done: Promise<void>;
  /** Epoch ms of when it could not begin; then it does nothing more. */
  readonly failedAt: number | undefined;
  readonly occasion: ProbeOrder['occasion'];
  setInterval(everyMs: number): void;
  stop(): void;
}

export function startSession(options: SessionOptions): ProbeSession {
  const { probeable, order, gate, jstat, turns, clock, put } = options;
  const { target, cpuLimit, parts } = probeable;
  const stopping = new AbortController();
  let { everyMs } = options;
  let probe: JvmProbe | undefined;
  let word: OwnWordReader | undefined;
  let reading = emptyReading(probeable, clock.now(), everyMs);
  let own: OwnWord | undefined;

  // What comes in after the stop is about a page nobody looks at.
  const tell = () => {
    if (!stopping.signal.aborted) put(withOwnWord(reading, own));
  };
  let failedAt: number | undefined;

  async function run(): Promise<void> {
    let open: OpenProbe;
    try {
      open = await gate.begin({ ...order, target }, stopping.signal);
    } catch (thrown) {
      if (stopping.signal.aborted) return;
      failedAt = clock.now();
      put({ ...emptyReading(probeable, clock.now(), everyMs), failure: failureOf(thrown) });
      return;
    }
    try {
      const { createJvmProbe } = await import('../sources/telemetry/probe/jvm-probe.ts');
      const name = `${target.namespace}/${target.pod} (${target.container})`;
      const command: RunCommand = (argv, limits, signal) =>
        turns.take(() => open.run(argv, limits, signal), signal);
      probe = createJvmProbe({
        ref: readingRef(probeable),
        name,
        run: command,
        stream: open.stream,
        cpuLimit,
        jstat,
        clock,
        intervalMs: () => everyMs,
      });
      word = await ownWordOf(parts, { name, run: command, clock });
      await Promise.all([
        parts.isJvm
          ? probe.run((next) => {
              reading = next;
              tell();
            }, stopping.signal)
          : undefined,
        word?.run((next) => {
          own = next;
          tell();
        }, stopping.signal),
      ]);
    } finally {
      const { failure = word?.failure, way = own?.way, pid, ...jvm } = probe?.summary() ?? NOTHING_READ;
      const reads = jvm.reads + (word?.reads ?? 0);
      const read = {
        reads,
        commands: jvm.commands + (word?.commands ?? 0),
        ...(way === undefined ? {} : { way }),
        ...(pid === undefined ? {} : { pid }),
      };
      await open.end(read, reads === 0 ? failure : undefined);
    }
  }

  return {
    probeable,
    occasion: order.occasion,
    done: run(),
    get failedAt() {
      return failedAt;
    },
    setInterval(next) {
      const isSooner = next < everyMs;
      everyMs = next;
      if (isSooner) probe?.hurry();
    },
    stop: () => stopping.abort(),
  };
}

async function ownWordOf({ own }: ProbeParts, options: OwnWordOptions): Promise<OwnWordReader | undefined> {
  if (own === undefined) return undefined;
  const { createSessionWord, createWebWord } = await import('../sources/telemetry/probe/own-word.ts');
  return own.kind === 'session' ? createSessionWord(options) : createWebWord({ ...options, port: own.port });
}

/** A server's own word stands in its figures too, with its own age where nothing else was read. */
function withOwnWord(reading: ProbeReading, own: OwnWord | undefined): ProbeReading {
  if (own === undefined) return reading;
  const { at, sessionStore, web, startedAt } = own;
  if (at === undefined) return { ...reading, own, failure: reading.failure ?? own.failure };
  const jvm: JvmSample = {
    startedAt,
    ...reading.jvm,
    source: 'probe',
    at: reading.jvm?.at ?? at,
    sessionStore,
    web,
  };
  const heartbeat =
    reading.jvm === undefined ? { ...reading.heartbeat, at, intervalMs: OWN_INTERVAL_MS } : reading.heartbeat;
  return { ...reading, own, jvm, heartbeat, failure: reading.failure ?? own.failure };
}
/** Its pauses, for whoever judges its age. */
const OWN_INTERVAL_MS = 10_000;

const NOTHING_READ: ReturnType<JvmProbe['summary']> = {
  way: undefined,
  pid: undefined,
  reads: 0,
  commands: 0,
  failure: undefined,
};

const readingRef = ({ target: { server } }: Pick<Probeable, 'target'>) =>
  refOf('probe', server.context, server.id);

/** A reading before anything was read. */
export const emptyReading = (
  probeable: Pick<Probeable, 'target'>,
  at: number,
  intervalMs: number,
): ProbeReading => ({
  ref: readingRef(probeable),
  heartbeat: { at, perMinute: 0, rejected: 0, intervalMs },
});

function failureOf(thrown: unknown): SourceFailure {
  if (thrown instanceof AppError) {
    const { code, message, hint } = thrown;
    return { code, message: cleanLine(message, 500), hint };
  }
  return sourceFailure('INTERNAL', cleanLine(describeThrown(thrown), 500));
}
