import { describeThrown } from '../../core/app-error.ts';
import { createBatcher } from '../../core/batcher.ts';
import { sleep } from '../../core/clock.ts';
import { lineOf } from '../../core/json-read.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { Change, Sink, Source } from '../../domain/ports.ts';
import type { SourceFacts, SourceStatus } from '../../domain/source-status.ts';
import { ConfigMapLoop } from './config-map-loop.ts';
import type { KubeConnection } from './kube-connection.ts';
import { KUBE_LIMITS, type KubeLimits } from './kube-limits.ts';
import { KubeModel } from './kube-model.ts';
import { maskMessage } from './mask.ts';
import { type KubeSourceOptions, openConnection } from './open-connection.ts';
import { ReachGate } from './reach-gate.ts';
import { transportError } from './request-error.ts';
import { partOf, ResourceLoop } from './resource-loop.ts';
import { EVERYWHERE, RESOURCE_NAMES, type ResourceName } from './resources.ts';
import { StartLogLoop } from './start-log.ts';
import { StatusBoard } from './status-board.ts';

export { type KubeContextList, listKubeContexts } from './kube-target.ts';
export type { KubeSourceOptions } from './open-connection.ts';

const STATUS_EVERY_MS = 5_000;
/** Longest head start of the pods. */
const PODS_FIRST_MS = 1_000;
const FACTS_EVERY_MS = 15_000;

/** Watches one Kubernetes context. */
export function createKubeSource(options: KubeSourceOptions): Source {
  let session: KubeSession | undefined;
  return {
    context: options.context,
    async run(sink, signal) {
      session = new KubeSession(options, sink);
      await session.run(signal);
    },
    refresh: () => session?.refresh(),
  };
}

const outline = (status: SourceStatus): string =>
  `${status.state} ${'error' in status ? `${status.error?.code} ${status.error?.message}` : ''} ${status.state === 'failed' ? status.retryAt : ''}`;

/** One run of a source. */
class KubeSession {
  readonly #options: KubeSourceOptions;
  readonly #limits: KubeLimits;
  readonly #sink: Sink;
  readonly #connection: KubeConnection;
  readonly #gate: ReachGate;
  readonly #board: StatusBoard;
  readonly #model: KubeModel;
  readonly #configMaps: ConfigMapLoop;
  readonly #startLogs: StartLogLoop;
  readonly #counts = new Map<string, number>();
  readonly #narrowed = new Set<ResourceName>();
  /** Ends when the first pods are there, or are known not to come. */
  readonly #firstPods = new AbortController();
  readonly #publisher: { push(added: readonly true[]): void; close(): void };
  /** Ends the pauses of all loops: fresh data is asked for. */
  #wake = new AbortController();
  #outbox: Change[] = [];
  #version: string | undefined;
  #saidStatus: SourceStatus | undefined;
  #saidFacts = '';
  /** Moves every so often only: it changes with each request. */
  #saidRate: number | undefined;

  constructor(options: KubeSourceOptions, sink: Sink) {
    const { context, clock, random } = options;
    const limits = { ...KUBE_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#sink = sink;
    const count = (name: string, by: number) => {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
    };
    this.#connection = openConnection(options);
    this.#publisher = createBatcher<true>({ clock, intervalMs: 50, flush: () => this.#publish() });
    this.#board = new StatusBoard({
      now: () => clock.now(),
      changed: () => this.#boardChanged(),
      freshForMs: limits.silenceMs,
    });
    this.#gate = new ReachGate({
      clock,
      random,
      limits,
      probe: (isFirst) => this.#probe(isFirst),
      changed: (state) => this.#board.gate(state),
    });
    this.#model = new KubeModel({
      context,
      clock,
      limits,
      count,
      emit: (changes) => this.#emit(changes),
      needsConfigMaps: () => this.#configMaps.wake(),
    });
    this.#configMaps = new ConfigMapLoop({
      model: this.#model,
      connection: this.#connection,
      gate: this.#gate,
      board: this.#board,
      clock,
      limits,
      count,
    });
    this.#startLogs = new StartLogLoop({
      model: this.#model,
      connection: this.#connection,
      gate: this.#gate,
      board: this.#board,
      clock,
      limits,
    });
    this.#count = count;
  }
  readonly #count: (name: string, by: number) => void;
  #signal: AbortSignal = AbortSignal.abort();

  async run(parent: AbortSignal): Promise<void> {
    // A fault of ours in one loop ends them all, as a status and not as a rejection.
    const own = new AbortController();
    const signal = AbortSignal.any([parent, own.signal]);
    this.#signal = signal;
    this.#publish();
    try {
      await Promise.all([
        this.#gate.run(signal),
        this.#readVersion(signal),
        this.#configMaps.run(signal),
        this.#startLogs.run(signal),
        this.#tellFacts(signal),
        ...RESOURCE_NAMES.map((resource) => this.#watchResource(resource, signal)),
      ]);
    } catch (thrown) {
      own.abort();
      if (!parent.aborted) {
        const message = maskMessage(describeThrown(thrown));
        this.#sink.status({ state: 'failed', error: sourceFailure('INTERNAL', message) });
      }
    } finally {
      this.#publisher.close();
      await this.#connection.close();
    }
  }

  refresh(): void {
    const waiting = this.#wake;
    this.#wake = new AbortController();
    waiting.abort();
    this.#gate.nudge();
    this.#configMaps.wake({ isAll: true });
  }

  async #probe(isFirst: boolean): Promise<void> {
    await this.#connection.load(this.#signal);
    // The first time the lists themselves are the probe: asking first would cost every start a round trip.
    if (!isFirst) await this.#askVersion(this.#signal);
  }

  async #readVersion(signal: AbortSignal): Promise<void> {
    await this.#gate.pass(signal);
    if (signal.aborted || this.#version !== undefined) return;
    try {
      await this.#askVersion(signal);
    } catch {
      // Only a fact: the lists say what is wrong, and a later probe asks again.
    }
  }

  async #askVersion(signal: AbortSignal): Promise<void> {
    try {
      const body = await this.#connection.getJson({ path: '/version', signal });
      this.#version = lineOf(body['gitVersion'], 60);
      this.#publisher.push([true]);
    } catch (thrown) {
      const error = transportError('GET /version', thrown);
      // Answered and known: what may not be read here may well be listed.
      if (error.code !== 'FORBIDDEN' && error.code !== 'NOT_FOUND') throw thrown;
    }
  }

  async #watchResource(resource: ResourceName, signal: AbortSignal): Promise<void> {
    const { namespaces = [] } = this.#options;
    const scopes = namespaces.length > 0 ? namespaces : [EVERYWHERE];
    // Made at once, so that nobody takes the context for complete without this resource.
    const loops = scopes.map((scope) => this.#loop(resource, scope));
    if (resource !== 'pods') await this.#whenPodsCame(signal);
    const [outcome] = await Promise.all(loops.map((loop) => loop.run(signal)));
    if (namespaces.length > 0) return;
    if (outcome === 'aborted') return;
    this.#narrowed.add(resource);
    const own = this.#connection.target?.namespace ?? 'default';
    const loop = this.#loop(resource, own);
    this.#board.forget(partOf(resource, EVERYWHERE));
    this.#model.table(resource).removeScope(EVERYWHERE);
    await loop.run(signal);
  }

  /** Rows come from pods: seven handshakes and lists at the same moment would hold up the one that shows something. */
  async #whenPodsCame(signal: AbortSignal): Promise<void> {
    await this.#gate.pass(signal);
    await sleep(this.#options.clock, PODS_FIRST_MS, AbortSignal.any([signal, this.#firstPods.signal]));
  }

  #loop(resource: ResourceName, scope: string): ResourceLoop {
    const { clock, random } = this.#options;
    return new ResourceLoop({
      resource,
      scope,
      table: this.#model.table(resource),
      connection: this.#connection,
      gate: this.#gate,
      board: this.#board,
      clock,
      random,
      limits: this.#limits,
      count: this.#count,
      pause: (delayMs, signal) => sleep(clock, delayMs, AbortSignal.any([signal, this.#wake.signal])),
    });
  }

  /** Gathers what one stretch of a stream changed into one call. */
  #emit(changes: readonly Change[]): void {
    if (this.#signal.aborted) return;
    this.#firstPods.abort();
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    for (const change of changes) this.#outbox.push(change);
  }
  #flush(): void {
    const batch = this.#outbox;
    this.#outbox = [];
    if (batch.length > 0 && !this.#signal.aborted) this.#sink.changes(batch);
  }

  #boardChanged(): void {
    const status = this.#board.status();
    const said = this.#saidStatus;
    // A change of state is said at once; mere freshness waits for the next round.
    if (said === undefined || outline(said) !== outline(status)) this.#sayStatus(status);
    if (this.#board.isSettled(['pods'])) this.#firstPods.abort();
    // The first ConfigMaps are due as soon as the lists are in.
    if (status.state === 'connecting' && this.#saidStatus !== undefined) this.#configMaps.wake();
    this.#publisher.push([true]);
  }

  #publish(): void {
    if (this.#signal.aborted && this.#saidStatus !== undefined) return;
    const status = this.#board.status();
    const said = this.#saidStatus;
    const isFresher =
      said === undefined || !('lastGoodAt' in said) || !('lastGoodAt' in status)
        ? said?.state !== status.state
        : (status.lastGoodAt ?? 0) - (said.lastGoodAt ?? 0) >= STATUS_EVERY_MS;
    if (isFresher) this.#sayStatus(status);
    this.#sayFacts();
  }
  #sayStatus(status: SourceStatus): void {
    if (this.#signal.aborted && this.#saidStatus !== undefined) return;
    if (JSON.stringify(status) === JSON.stringify(this.#saidStatus)) return;
    // Rows first: who waits for `live` must find them.
    this.#flush();
    this.#saidStatus = status;
    this.#sink.status(status);
  }

  async #tellFacts(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, FACTS_EVERY_MS, signal);
      if (signal.aborted) return;
      this.#saidRate = this.#connection.requestsPerMinute();
      this.#publish();
    }
  }
  #sayFacts(): void {
    const facts = this.#facts();
    const text = JSON.stringify(facts);
    if (text === this.#saidFacts) return;
    this.#saidFacts = text;
    this.#sink.facts(facts);
  }
  #facts(): SourceFacts {
    const { credentials, address, clockSkewMs } = this.#connection;
    return {
      target: address,
      version: this.#version,
      identity: credentials?.identity,
      requestsPerMinute: this.#saidRate,
      capabilities: this.#board.capabilities(),
      notes: this.#notes(),
      credentialsEndAt: credentials?.endsAt,
      clockSkewMs,
      counts: Object.fromEntries(this.#counts),
    };
  }
  #notes(): string[] {
    const notes: string[] = [];
    if (this.#narrowed.size > 0) {
      const own = this.#connection.target?.namespace ?? 'default';
      const isAll = this.#narrowed.size === RESOURCE_NAMES.length;
      const what = isAll ? 'cluster-wide list' : `cluster-wide list of ${[...this.#narrowed].join(', ')}`;
      notes.push(`${what} forbidden: namespace ${lineOf(own, 100) ?? own} only`);
    }
    if (this.#counts.has('overLimit'))
      notes.push(`more than ${this.#limits.maxObjects} objects of one resource: the rest is left out`);
    if (this.#counts.has('configMapsNotRead'))
      notes.push(`more than ${this.#limits.maxConfigMaps} ConfigMaps in use: the rest is not read`);
    return notes;
  }
}
