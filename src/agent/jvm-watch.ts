import type { FileHandle } from 'node:fs/promises';
import { cleanLine } from '../core/text.ts';
import type { ServerType } from '../domain/server-type.ts';
import { jvmFiguresOf } from '../wire/hsperfdata/figures-of.ts';
import { GcWatch } from '../wire/hsperfdata/gc-watch.ts';
import type { JvmFigures } from '../wire/hsperfdata/jvm-figures.ts';
import { MAX_PERF_DATA_BYTES, readPerfData } from '../wire/hsperfdata/read-perf-data.ts';
import { settledFigures } from '../wire/hsperfdata/settled-figures.ts';
import type { L9sCollector, L9sEvent, L9sJvm } from '../wire/l9s/datagram.ts';
import { ClockPace } from './clock-pace.ts';
import type { FoundJvm } from './find-jvms.ts';
import { readWhole } from './perf-file.ts';
import { readMachine, startOf } from './proc/machine.ts';
import { readTimes } from './proc/process-entry.ts';
import { ProcessUsage } from './proc/usage.ts';
import type { TomcatFigures } from './tomcat/tomcat-figures.ts';

export interface JvmWatchOptions {
  readonly proc: string;
  readonly id: string;
  readonly serverType: ServerType;
  readonly serviceCluster: string | undefined;
  /** First number of its datagrams. */
  readonly firstSeq: number;
}

export interface Instant {
  /** Epoch ms. */
  readonly now: number;
  /** Ms of a clock that only goes forward. */
  readonly monotonicMs: number;
}
/** What a reading adds that is none of the JVM's own. */
export interface DatagramParts extends Instant {
  readonly tomcat?: TomcatFigures | undefined;
  /** Its Tomcat answered and does so no more, for so long. */
  readonly unansweredMs?: number | undefined;
}

/** Figures this old are not sent as those of now: a file cut short, a dead file system. */
const LASTS_MS = 10_000;
const FIRST_BUFFER_BYTES = 65_536;
/** As long as a datagram takes; a JVM of another make may name things as it likes. */
const NAME_LENGTH = 128;
const nameOf = (name: string): string => cleanLine(name, NAME_LENGTH);
const round = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1_000) / 1_000;

/** One JVM that is read: its file often, so that pauses are seen, its datagram when it is due. */
export class JvmWatch {
  readonly id: string;
  readonly jvm: FoundJvm;
  readonly #options: JvmWatchOptions;
  readonly #file: FileHandle;
  readonly #gc = new GcWatch();
  readonly #usage: ProcessUsage;
  #buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  #figures: JvmFigures | undefined = undefined;
  /** When they were read, by the clock that only goes forward. */
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #pace = new ClockPace();
  #startedAt: number | undefined = undefined;
  #seq: number;
  #isClosed: boolean = false;
  #isReading: boolean = false;

  constructor(jvm: FoundJvm, options: JvmWatchOptions) {
    this.jvm = jvm;
    this.id = options.id;
    this.#options = options;
    this.#file = jvm.file;
    this.#seq = options.firstSeq;
    this.#usage = new ProcessUsage(options.proc, jvm.entry.pid);
  }
  /** False once the process is gone: what the file still says is then its last word. */
  get isAlive(): boolean {
    return readTimes(this.#options.proc, this.jvm.entry.pid)?.startTicks === this.jvm.startTicks;
  }
  /** As last read; `undefined` before the first good reading. */
  get heap(): JvmFigures['heap'] | undefined {
    return this.#figures?.heap;
  }
  /** Takes a reading up; one that is torn or still being written is left out, the next one comes soon. */
  async read({ now, monotonicMs }: Instant): Promise<void> {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    try {
      const bytes = await this.#readBytes();
      const data = bytes && readPerfData(bytes);
      if (data?.kind !== 'perf-data') return;
      this.#figures = settledFigures(jvmFiguresOf(data), this.#figures);
      this.#readAt = monotonicMs;
      this.#pace.take(this.#figures.upMs, monotonicMs);
      this.#gc.take(this.#figures, now);
      this.#startedAt ??= this.#figures.startedAt ?? (await this.#processStart(now));
    } finally {
      this.#isReading = false;
    }
  }
  /** The next datagram; `undefined` before the first good reading, and while there is none of late. */
  async datagram({ now, monotonicMs, tomcat, unansweredMs }: DatagramParts): Promise<L9sJvm | undefined> {
    const figures = this.#figures;
    if (figures === undefined || monotonicMs - this.#readAt > LASTS_MS) return undefined;
    const usage = await this.#usage.read(monotonicMs);
    const { id, serverType, serviceCluster } = this.#options;
    const { used, committed, max } = figures.heap;
    return {
      l9s: 1,
      type: 'jvm',
      id,
      serverType,
      serviceCluster,
      at: now,
      seq: this.#seq++,
      upMs: Math.max(0, Math.round(now - (this.#startedAt ?? now))),
      heap: { used, committed, max, afterGc: this.#gc.afterGcBytes },
      pools: figures.pools.map((pool) => ({
        name: nameOf(pool.name),
        used: pool.used,
        committed: pool.committed,
        max: pool.max,
      })),
      gc: this.#collectors(figures),
      pauses: this.#pauses(),
      threads: figures.threads,
      cpu: usage.cpu && { process: round(usage.cpu.process), system: round(usage.cpu.system) },
      classes: figures.classes,
      fds: usage.fds,
      connectors: tomcat?.connectors,
      dataSources: tomcat?.dataSources,
      tx: tomcat?.tx,
      sessions: tomcat?.sessions,
      stalledMs: this.#pace.stalledMs,
      unansweredMs,
    };
  }
  /** That its process is gone: whether it was stopped or crashed cannot be told from here. */
  lastWord(now: number): L9sEvent {
    const { id, serverType, serviceCluster } = this.#options;
    return {
      l9s: 1,
      type: 'event',
      id,
      serverType,
      serviceCluster,
      at: now,
      seq: this.#seq++,
      upMs: Math.max(0, Math.round(now - (this.#startedAt ?? now))),
      event: 'PROCESS-ENDED',
      level: 'WARNING',
      message: `process ${this.jvm.entry.pid} has ended, stopped or crashed`,
    };
  }
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close().catch(() => undefined);
  }
  #collectors({ collectors }: JvmFigures): readonly L9sCollector[] {
    const own = collectors.map(({ name, count, timeMs }) => ({
      name: nameOf(name),
      count,
      timeMs: round(timeMs),
    }));
    const full = this.#gc.seenFull;
    return full === undefined ? own : [...own, { name: full.name, count: full.count }];
  }
  #pauses(): L9sJvm['pauses'] {
    const pauses = this.#gc.drain();
    if (pauses.length === 0) return undefined;
    return pauses.map(({ name, cause, at, pauseMs }) => ({
      name: nameOf(name),
      cause: cause && nameOf(cause),
      at,
      pauseMs: round(pauseMs),
    }));
  }
  async #processStart(now: number): Promise<number> {
    const machine = await readMachine(this.#options.proc);
    return machine === undefined ? now : Math.min(now, Math.round(startOf(machine, this.jvm.startTicks)));
  }
  async #readBytes(): Promise<Buffer | undefined> {
    const { size } = await this.#file.stat().catch(() => ({ size: 0 }));
    // A JVM that was told to keep more counters has a larger file.
    if (size > this.#buffer.length)
      this.#buffer = Buffer.allocUnsafe(Math.min(size, MAX_PERF_DATA_BYTES + 1));
    return readWhole(this.#file, this.#buffer);
  }
}
