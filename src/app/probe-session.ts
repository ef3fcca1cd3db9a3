import type { OpenProbe, ProbeGate, ProbeOrder } from '../actions/probe-gate.ts';
import { AppError, describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import { refOf } from '../domain/ref.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { JstatSlot } from '../sources/telemetry/probe/jstat-run.ts';
import type { JvmProbe } from '../sources/telemetry/probe/jvm-probe.ts';
import type { Probeable } from './probe-targets.ts';
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
  const { target, cpuLimit } = probeable;
  const stopping = new AbortController();
  let { everyMs } = options;
  let probe: JvmProbe | undefined;
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
      probe = createJvmProbe({
        ref: readingRef(probeable),
        name: `${target.namespace}/${target.pod} (${target.container})`,
        run: (argv, limits, signal) => turns.take(() => open.run(argv, limits, signal), signal),
        stream: open.stream,
        cpuLimit,
        jstat,
        clock,
        intervalMs: () => everyMs,
      });
      // What comes in after the stop is about a page nobody looks at.
      await probe.run((reading) => {
        if (!stopping.signal.aborted) put(reading);
      }, stopping.signal);
    } finally {
      const { failure, reads, commands, way, pid } = probe?.summary() ?? NOTHING_READ;
      const read = {
        reads,
        commands,
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
