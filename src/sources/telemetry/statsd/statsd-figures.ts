import type { JvmSample } from '../../../domain/jvm-sample.ts';
import type { StatsdMetric, StatsdTags } from '../../../wire/statsd/datagram.ts';
import type { MicrometerMetric } from '../../../wire/statsd/micrometer.ts';
import { tagOf } from '../../../wire/statsd/tags.ts';
import { collectionFigures } from '../collection-figures.ts';
import { PauseWindow } from '../pause-window.ts';
import { Holding, type ValueBudget } from '../value-budget.ts';
import { RequestWindow } from './request-window.ts';
import { StatsdGc } from './statsd-gc.ts';
import { type MemoryField, StatsdMemory } from './statsd-memory.ts';
import { StatsdParts } from './statsd-parts.ts';

const REQUESTS_MS = 30_000;
/** Seconds since 1970 are far below this, milliseconds far above. */
const LEAST_EPOCH_MS = 100_000_000_000;

/** Gauges with one value each. */
interface Single {
  live?: number | undefined;
  peak?: number | undefined;
  daemon?: number | undefined;
  blocked?: number | undefined;
  processCpu?: number | undefined;
  systemCpu?: number | undefined;
  openFiles?: number | undefined;
  maxFiles?: number | undefined;
  classes?: number | undefined;
  active?: number | undefined;
  startedAt?: number | undefined;
}
/** One metric on its way in. */
interface Taken {
  readonly metric: StatsdMetric;
  readonly value: number;
  readonly tags: StatsdTags;
  readonly now: number;
}
type Take = (figures: StatsdFigures, taken: Taken) => void;

/** A server's answer of 500 and above, or an exception, is an error; 404 is not. */
function isError(tags: StatsdTags): boolean {
  const outcome = tagOf(tags, 'outcome');
  if (outcome !== undefined) return /^server_?error$/i.test(outcome);
  const status = tagOf(tags, 'status');
  return status !== undefined && /^5\d\d$/.test(status);
}

/** What one JVM tells in Micrometer's metrics. */
export class StatsdFigures {
  static #gauge(field: Exclude<keyof Single, 'startedAt'>): Take {
    return (figures, { value }) => {
      figures.#single[field] = value < 0 ? undefined : value;
    };
  }
  static #memoryOf(field: MemoryField): Take {
    return (figures, { value, tags }) => figures.#memory.take(field, value, tags);
  }
  static #connector(field: 'busy' | 'max'): Take {
    return (figures, { value, tags }) => figures.#parts.takeConnector(field, value, tags);
  }
  static #dataSource(field: 'active' | 'idle' | 'max'): Take {
    return (figures, { value, tags }) => figures.#parts.takeDataSource(field, value, tags);
  }
  static #collections(isPause: boolean): Take {
    return (figures, { metric, tags, now }) => figures.#gc.takeCollections(metric, tags, { isPause, now });
  }
  static readonly #TAKE: Readonly<Record<MicrometerMetric, Take>> = {
    'jvm.memory.used': StatsdFigures.#memoryOf('usedBytes'),
    'jvm.memory.committed': StatsdFigures.#memoryOf('committedBytes'),
    'jvm.memory.max': StatsdFigures.#memoryOf('maxBytes'),
    'jvm.gc.pause': StatsdFigures.#collections(true),
    'jvm.gc.concurrent.phase.time': StatsdFigures.#collections(false),
    'jvm.gc.live.data.size': (figures, { value }) => figures.#gc.takeLiveData(value),
    'jvm.gc.max.data.size': (figures) => figures.#gc.takeTold(),
    'jvm.threads.live': StatsdFigures.#gauge('live'),
    'jvm.threads.peak': StatsdFigures.#gauge('peak'),
    'jvm.threads.daemon': StatsdFigures.#gauge('daemon'),
    'jvm.threads.states': (figures, { value, tags }) => {
      if (tagOf(tags, 'state') === 'blocked') figures.#single.blocked = value;
    },
    'jvm.classes.loaded': StatsdFigures.#gauge('classes'),
    'process.cpu.usage': StatsdFigures.#gauge('processCpu'),
    'system.cpu.usage': StatsdFigures.#gauge('systemCpu'),
    'process.files.open': StatsdFigures.#gauge('openFiles'),
    'process.files.max': StatsdFigures.#gauge('maxFiles'),
    'process.start.time': (figures, { value }) =>
      figures.#started(value < LEAST_EPOCH_MS ? value * 1_000 : value),
    'process.uptime': (figures, { value, now }) => figures.#startedBefore(value, now),
    'tomcat.threads.busy': StatsdFigures.#connector('busy'),
    'tomcat.threads.config.max': StatsdFigures.#connector('max'),
    'jetty.threads.busy': StatsdFigures.#connector('busy'),
    'jetty.threads.config.max': StatsdFigures.#connector('max'),
    'tomcat.sessions.active.current': (figures, { value, tags }) => figures.#parts.takeSessions(value, tags),
    'hikaricp.connections.active': StatsdFigures.#dataSource('active'),
    'hikaricp.connections.idle': StatsdFigures.#dataSource('idle'),
    'hikaricp.connections.max': StatsdFigures.#dataSource('max'),
    'jdbc.connections.active': StatsdFigures.#dataSource('active'),
    'jdbc.connections.idle': StatsdFigures.#dataSource('idle'),
    'jdbc.connections.max': StatsdFigures.#dataSource('max'),
    'http.server.requests': (figures, { metric, tags, now }) => {
      figures.#requestsFrom = 'application';
      figures.#takeRequests(metric, tags, now);
    },
    'http.server.requests.active': (figures, { value, tags }) => {
      if (/^active/.test(tagOf(tags, 'statistic') ?? 'active')) figures.#single.active = value;
    },
    // The same requests, counted by Tomcat: taken where the application does not time them itself.
    'tomcat.global.request': (figures, { metric, tags, now }) => {
      if (figures.#requestsFrom !== 'application') figures.#takeRequests(metric, tags, now);
    },
  };

  readonly #gc: StatsdGc;
  readonly #memory: StatsdMemory;
  readonly #parts: StatsdParts;
  readonly #budget: ValueBudget;
  #single: Single = {};
  #requests: { readonly window: RequestWindow; readonly durations: PauseWindow } | undefined = undefined;
  #requestsFrom: 'application' | undefined = undefined;
  /** Exact where it is told; from the uptime it is computed anew each time. */
  #startFrom: 'start' | 'uptime' | undefined = undefined;
  #at: number | undefined = undefined;
  /** The JVM's start moved: it is another one. */
  restarts = 0;

  constructor(budget: ValueBudget) {
    const holding = new Holding(budget);
    this.#budget = budget;
    this.#gc = new StatsdGc(budget);
    this.#memory = new StatsdMemory(holding);
    this.#parts = new StatsdParts(holding);
  }
  /** `tags` are those of the metric, or what its hierarchical name holds. */
  take(
    metric: StatsdMetric,
    { name, tags, now }: { readonly name: MicrometerMetric; readonly tags: StatsdTags; readonly now: number },
  ): void {
    const value = metric.values.at(-1);
    if (value === undefined) return;
    this.#at = now;
    StatsdFigures.#TAKE[name](this, { metric, value, tags, now });
  }
  endDatagram(now: number): void {
    this.#gc.endDatagram(this.#memory.heap()?.usedBytes, now);
  }
  clear(): void {
    this.#gc.clear();
    this.release();
    this.#single = {};
    this.#requestsFrom = undefined;
  }
  /** Gives up what it keeps by name. */
  release(): void {
    this.#gc.releasePauses();
    this.#memory.clear();
    this.#parts.clear();
    this.#requests?.durations.clear();
    this.#requests = undefined;
  }
  /** Undefined where nothing of a JVM was told. */
  toSample(now: number): JvmSample | undefined {
    const at = this.#at;
    if (at === undefined) return undefined;
    const { live, peak, daemon, blocked, processCpu, systemCpu, openFiles, maxFiles, classes, startedAt } =
      this.#single;
    const rates = this.#requests?.window.ratesAt(now);
    const heap = this.#memory.heap();
    const { active } = this.#single;
    return {
      source: 'statsd',
      at,
      heap: heap && { ...heap, afterGcBytes: this.#gc.afterGcBytes },
      nonHeap: this.#memory.nonHeap(),
      memoryPools: this.#memory.pools(),
      ...collectionFigures(this.#gc, at),
      pauses: this.#gc.pausesAt(now),
      tps: rates?.tps,
      meanMs: rates?.meanMs,
      p95Ms: this.#requests?.durations.timesAt(now)?.p95Ms,
      errorPercent: rates?.errorPercent,
      active: active === undefined ? undefined : { total: active },
      connectors: this.#parts.connectors(),
      dataSources: this.#parts.dataSources(),
      threads: isAnyKnown(live, peak, daemon, blocked) ? { live, peak, daemon, blocked } : undefined,
      cpu: isAnyKnown(processCpu, systemCpu) ? { process: processCpu, system: systemCpu } : undefined,
      sessions: this.#parts.sessions(),
      classes,
      fds: isAnyKnown(openFiles, maxFiles) ? { open: openFiles, max: maxFiles } : undefined,
      startedAt,
    };
  }
  #takeRequests(metric: StatsdMetric, tags: StatsdTags, now: number): void {
    this.#requests ??= {
      window: new RequestWindow(),
      durations: new PauseWindow(this.#budget, REQUESTS_MS),
    };
    const { window, durations } = this.#requests;
    const facts = { weight: 1 / metric.sampleRate, isError: isError(tags) };
    for (const durationMs of metric.values) {
      if (durationMs < 0) continue;
      window.add(now, durationMs, facts);
      durations.add(now, durationMs);
    }
  }
  #startedBefore(uptimeMs: number, now: number): void {
    if (this.#startFrom === 'start' || uptimeMs < 0 || uptimeMs > now) return;
    this.#startFrom = 'uptime';
    this.#startedAt(now - uptimeMs, UPTIME_SLACK_MS);
  }
  #started(startedAt: number): void {
    if (this.#startFrom === 'uptime') this.#single.startedAt = undefined;
    this.#startFrom = 'start';
    this.#startedAt(startedAt, START_SLACK_MS);
  }
  #startedAt(startedAt: number, slackMs: number): void {
    const before = this.#single.startedAt;
    if (before !== undefined && Math.abs(startedAt - before) <= slackMs) return;
    if (before !== undefined) {
      this.restarts++;
      this.clear();
    }
    this.#single.startedAt = startedAt;
  }
}

const START_SLACK_MS = 2_000;
/** What the way of a datagram, and its waiting in a client's buffer, may add. */
const UPTIME_SLACK_MS = 30_000;

const isAnyKnown = (...values: readonly (number | undefined)[]): boolean =>
  values.some((value) => value !== undefined);
