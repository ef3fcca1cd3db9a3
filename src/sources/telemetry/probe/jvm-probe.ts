import { type Clock, sleep } from '../../../core/clock.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { JvmSample } from '../../../domain/jvm-sample.ts';
import type { ProbeReading } from '../../../domain/probe-reading.ts';
import type { Ref } from '../../../domain/ref.ts';
import type { SourceFailure } from '../../../domain/source-status.ts';
import type { JvmFigures } from '../../../wire/hsperfdata/jvm-figures.ts';
import { createContainerCommands, type RunCommand, thrownFailure } from '../../container-commands.ts';
import { findJvm, type JavaProcess } from '../../find-jvm.ts';
import { MinuteCounter } from '../minute-counter.ts';
import { type JstatSlot, runJstat, type StreamCommand } from './jstat-run.ts';
import { JvmReader } from './jvm-reader.ts';
import { SampleMaker } from './probe-sample.ts';

export interface JvmProbeOptions {
  /** Context and id of the instance. */
  readonly ref: Ref<'probe'>;
  /** The container, for messages: `shop/was-1 (lena-was)`. */
  readonly name: string;
  readonly run: RunCommand;
  readonly stream: StreamCommand;
  /** Cores the container may use, where they are limited. */
  readonly cpuLimit: number | undefined;
  readonly jstat: JstatSlot;
  readonly clock: Clock;
  /** Pause between readings at the moment, ms. */
  readonly intervalMs: () => number;
}

/** What was read so far, for the record of it. */
export interface ProbeSummary {
  readonly way: ProbeReading['way'];
  readonly pid: number | undefined;
  readonly reads: number;
  readonly commands: number;
  readonly failure: SourceFailure | undefined;
}

/** Reads one server's JVM from outside, for as long as somebody wants to know. */
export interface JvmProbe {
  /** Returns within a second of the abort; never rejects. */
  run(put: (reading: ProbeReading) => void, signal: AbortSignal): Promise<void>;
  /** Reads now instead of after the pause, e.g. because the interval is another one. */
  hurry(): void;
  summary(): ProbeSummary;
}

/** A reading that took longer is a burden there, or the way is long. */
const SLOW_MS = 1_000;
const SLOW_INTERVAL_MS = 5_000;
const LEAST_PAUSE_MS = 250;
/** Pauses after failures in a row. */
const RETRY_MS = [2_000, 5_000, 10_000, 20_000, 30_000] as const;
/** What only people change. */
const LONG_RETRY_MS = 60_000;
const LASTING: ReadonlySet<string> = new Set([
  'PERMISSION_DENIED',
  'FORBIDDEN',
  'TRANSPORT_LOCKED',
  'MODE_REFUSED',
  'PERF_DATA_DENIED',
]);
/** Files caught while being written, in a row, before that is told. */
const PASSING_REJECTS = 3;
/** How soon what passes by itself is looked at again. */
const PASSING_MS = 2_000;
const GONE_IN_ROW = 3;
/** How often it is looked whether another JVM is there now. */
const LOOK_AGAIN_MS = 60_000;

/** `pauseMs` where the next is not to wait for its usual time. */
type Step = { readonly failure?: SourceFailure | undefined; readonly pauseMs?: number };

export function createJvmProbe(options: JvmProbeOptions): JvmProbe {
  const { ref, name, clock, intervalMs } = options;
  const commands = createContainerCommands({ run: options.run, name, clock });
  const minute = new MinuteCounter();
  let put: (reading: ProbeReading) => void = () => undefined;
  let reader: JvmReader | undefined;
  let lookedAt = 0;
  let identity: string | undefined;
  /** The Java process `jstat` reads. */
  let jstat: { readonly key: string; readonly maker: SampleMaker } | undefined;
  /** The one it had nothing to say of. */
  let refused: string | undefined;
  let rejectsInRow = 0;
  let goneInRow = 0;
  let failures = 0;
  let reads = 0;
  let isSlow = false;
  let wake = new AbortController();
  let reading: ProbeReading = {
    ref,
    heartbeat: { at: clock.now(), perMinute: 0, rejected: 0, intervalMs: intervalMs() },
  };

  const tell = (more: Partial<ProbeReading>) => {
    const { heartbeat } = reading;
    const everyMs = isSlow ? Math.max(intervalMs(), SLOW_INTERVAL_MS) : intervalMs();
    const perMinute = minute.count(clock.now());
    reading = { ...reading, heartbeat: { ...heartbeat, perMinute, intervalMs: everyMs }, ...more };
    put(reading);
  };
  const tellSample = (jvm: JvmSample, way: ProbeReading['way'], clockSkewMs?: number) => {
    minute.add(jvm.at);
    reads++;
    reading = { ...reading, heartbeat: { ...reading.heartbeat, at: jvm.at, clockSkewMs } };
    tell({ jvm, way, failure: undefined });
  };
  const tellReject = () => {
    const { heartbeat } = reading;
    reading = { ...reading, heartbeat: { ...heartbeat, rejected: heartbeat.rejected + 1 } };
  };
  /** Another pid or start in the same place is a restart. */
  const identify = (pid: number, startTicks: number) => {
    const next = `${pid}/${startTicks}`;
    const isRestart = identity !== undefined && identity !== next;
    identity = next;
    const restarts = (reading.restarts ?? 0) + (isRestart ? 1 : 0);
    reading = { ...reading, pid, restarts };
  };

  async function look(signal: AbortSignal): Promise<Step> {
    const found = await findJvm({ commands, name, signal });
    lookedAt = clock.now();
    switch (found.kind) {
      case 'failed':
        return { failure: found.failure };
      case 'noFile':
        reader = undefined;
        return readByJstat(found.process, signal);
      case 'jvm': {
        const { jvm, others } = found;
        reading = { ...reading, others: others.length === 0 ? undefined : others };
        identify(jvm.pid, jvm.stat.startTicks);
        if (reader?.isOf(jvm) !== true) {
          reader = new JvmReader({ commands, jvm, clock, name, cpuLimit: options.cpuLimit });
        }
        return read(reader, signal);
      }
    }
  }

  async function read(from: JvmReader, signal: AbortSignal): Promise<Step> {
    const result = await from.read(signal);
    switch (result.kind) {
      case 'sample':
        rejectsInRow = 0;
        goneInRow = 0;
        tellSample(result.jvm, 'hsperfdata', result.clockSkewMs);
        return {};
      case 'gone':
        reader = undefined;
        goneInRow++;
        return goneInRow < GONE_IN_ROW
          ? { pauseMs: LEAST_PAUSE_MS }
          : { failure: sourceFailure('NO_JVM', `${name}: its JVMs end as soon as they are found`) };
      case 'reject':
        tellReject();
        rejectsInRow++;
        return rejectsInRow < PASSING_REJECTS ? { pauseMs: PASSING_MS } : { failure: result.failure };
      case 'failed':
        return { failure: result.failure };
    }
  }

  async function readByJstat(process: JavaProcess, signal: AbortSignal): Promise<Step> {
    const { pid, startTicks } = process;
    const key = `${pid}/${startTicks}`;
    if (jstat?.key !== key) {
      // A JVM that starts makes its file in a moment.
      jstat = { key, maker: new SampleMaker() };
      return { pauseMs: PASSING_MS };
    }
    // Starting a second JVM again and again for the same answer is what it must never do.
    if (key === refused) return { failure: reading.failure };
    identify(pid, startTicks);
    const { maker } = jstat;
    const onFigures = (figures: JvmFigures) => tellSample(maker.take(figures, clock.now(), {}), 'jstat');
    const { failure, isFinal } = await runJstat(
      { commands, stream: options.stream, slot: options.jstat, clock, name, pid, onFigures },
      signal,
    );
    if (isFinal) refused = key;
    return failure === undefined ? { pauseMs: LEAST_PAUSE_MS } : { failure };
  }

  async function step(signal: AbortSignal): Promise<Step> {
    try {
      const isDue = clock.now() - lookedAt >= LOOK_AGAIN_MS;
      return reader === undefined || isDue ? await look(signal) : await read(reader, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      return { failure: thrownFailure(thrown, name) };
    }
  }

  /** How long to wait before the next reading. */
  function settle({ failure, pauseMs }: Step, tookMs: number): number {
    if (failure === undefined) {
      failures = 0;
      if (pauseMs !== undefined) return pauseMs;
      isSlow = tookMs > SLOW_MS;
      const everyMs = isSlow ? Math.max(intervalMs(), SLOW_INTERVAL_MS) : intervalMs();
      return Math.max(LEAST_PAUSE_MS, everyMs - tookMs);
    }
    tell({ failure });
    const retryMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? LONG_RETRY_MS;
    failures++;
    return LASTING.has(failure.code) ? LONG_RETRY_MS : Math.max(retryMs, intervalMs());
  }

  return {
    async run(given, signal) {
      put = given;
      tell({});
      while (!signal.aborted) {
        const startedAt = clock.now();
        const result = await step(signal).catch(() => undefined);
        if (signal.aborted) return;
        const pauseMs = settle(
          result ?? { failure: sourceFailure('INTERNAL', `reading ${name} failed`) },
          clock.now() - startedAt,
        );
        wake = new AbortController();
        await sleep(clock, pauseMs, AbortSignal.any([signal, wake.signal]));
      }
    },
    hurry: () => wake.abort(),
    summary: () => ({
      way: reading.way,
      pid: reading.pid,
      reads,
      commands: commands.count,
      failure: reading.failure,
    }),
  };
}
