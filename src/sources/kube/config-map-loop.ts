import { type Clock, sleep } from '../../core/clock.ts';
import { isRecord, type Json, listOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { isSecretName } from '../../domain/secret-name.ts';
import type { ConfigMapState } from './environment-spec.ts';
import type { KubeConnection } from './kube-connection.ts';
import type { KubeLimits } from './kube-limits.ts';
import type { KubeModel } from './kube-model.ts';
import { mayConcernAll, type ReachGate } from './reach-gate.ts';
import { type KubeRequestError, transportError } from './request-error.ts';
import type { StatusBoard } from './status-board.ts';

export interface ConfigMapLoopOptions {
  readonly model: KubeModel;
  readonly connection: KubeConnection;
  readonly gate: ReachGate;
  readonly board: StatusBoard;
  readonly clock: Clock;
  readonly limits: KubeLimits;
  readonly count: (name: string, by: number) => void;
}

export const CONFIG_MAPS = 'configmaps';
const USERS = ['pods', 'deployments', 'statefulsets', 'daemonsets'];
const AT_ONCE = 4;
/** At most ten re-reads a minute: an idle context stays within its fifteen requests. */
const SHARE_MS = 6_000;
/** One that may not be read is asked for this many rounds later. */
const DENIED_ROUNDS = 10;
const MAX_VALUE = 65_536;

interface Known {
  readonly resourceVersion: string | undefined;
  readonly nextReadAt: number;
}

/** Reads the ConfigMaps that environments refer to, by name, and again every minute; they are never listed. */
export class ConfigMapLoop {
  readonly #options: ConfigMapLoopOptions;
  readonly #known = new Map<string, Known>();
  #wake = new AbortController();

  constructor(options: ConfigMapLoopOptions) {
    this.#options = options;
  }

  /** Something new is referred to, or fresh data is asked for. */
  wake({ isAll = false } = {}): void {
    if (isAll) this.#known.clear();
    this.#wake.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { gate, board, clock, model, limits, count } = this.#options;
    board.expect(CONFIG_MAPS, { isAuxiliary: true });
    while (!signal.aborted) {
      await gate.pass(signal);
      if (signal.aborted) return;
      this.#wake = new AbortController();
      const isSettled = board.isSettled(USERS);
      const inUse = [...model.configMapsInUse()];
      const names = inUse.slice(0, limits.maxConfigMaps);
      if (inUse.length > names.length) count('configMapsNotRead', inUse.length - names.length);
      for (const key of this.#known.keys()) if (!inUse.includes(key)) this.#known.delete(key);
      const roundMs = Math.max(limits.configMapMs, names.length * SHARE_MS);
      const now = clock.now();
      const due = names.filter((key) => (this.#known.get(key)?.nextReadAt ?? 0) <= now);
      const error = await this.#readAll(due, roundMs, signal);
      if (signal.aborted) return;
      if (error !== undefined) board.failing(CONFIG_MAPS, error, clock.now() + limits.backoffMaxMs);
      else if (isSettled) board.landed(CONFIG_MAPS);
      const nextAt = Math.min(
        clock.now() + roundMs,
        ...names.map((key) => this.#known.get(key)?.nextReadAt ?? now),
      );
      // A short rest gathers what one page of pods asks for.
      await sleep(clock, isSettled ? 100 : 10, signal);
      const dueMs = error === undefined ? nextAt - clock.now() : limits.backoffMaxMs;
      const waitMs = isSettled ? Math.max(0, dueMs) : Math.min(1_000, limits.configMapMs);
      await sleep(clock, waitMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  async #readAll(
    keys: readonly string[],
    roundMs: number,
    signal: AbortSignal,
  ): Promise<KubeRequestError | undefined> {
    const { gate, clock, model } = this.#options;
    const states = new Map<string, ConfigMapState>();
    const queue = [...keys];
    let failure: KubeRequestError | undefined;
    const worker = async () => {
      for (let key = queue.shift(); key !== undefined && !signal.aborted; key = queue.shift()) {
        let rounds = 1;
        try {
          const state = await this.#read(key, signal);
          if (state !== undefined) states.set(key, state);
        } catch (thrown) {
          if (signal.aborted) return;
          const error = transportError('configmap', thrown);
          if (mayConcernAll(error)) gate.suspect();
          if (error.code === 'FORBIDDEN') rounds = DENIED_ROUNDS;
          else {
            // The rest would fail alike; they are read when the target answers again.
            failure = error;
            queue.length = 0;
          }
          this.#setUnread(key, error, states);
        }
        const nextReadAt = failure === undefined ? clock.now() + rounds * roundMs : 0;
        this.#known.set(key, { resourceVersion: this.#known.get(key)?.resourceVersion, nextReadAt });
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.length) }, worker));
    if (!signal.aborted) model.setConfigMaps(states);
    return failure;
  }

  /** What was read before stays; only the unknown gets a reason. */
  #setUnread(key: string, error: KubeRequestError, states: Map<string, ConfigMapState>): void {
    const { model, board } = this.#options;
    const why = error.code === 'FORBIDDEN' ? 'reading the ConfigMap is forbidden' : error.message;
    if (error.code === 'FORBIDDEN') {
      board.capability('get configmaps', key.split('/')[0] ?? '', { state: 'denied', detail: error.message });
    }
    const before = model.configMap(key);
    if (before?.kind !== 'read' && !(before?.kind === 'unread' && before.why === why))
      states.set(key, { kind: 'unread', why });
  }

  /** `undefined` = as before. */
  async #read(key: string, signal: AbortSignal): Promise<ConfigMapState | undefined> {
    const { connection, board, clock, model } = this.#options;
    const [namespace = '', name = ''] = key.split('/');
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
    let body: Json;
    try {
      body = await connection.getJson({ path, signal });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'NOT_FOUND')) throw error;
      board.capability('get configmaps', namespace, { state: 'found' });
      return model.configMap(key)?.kind === 'absent' ? undefined : { kind: 'absent' };
    }
    board.capability('get configmaps', namespace, { state: 'found' });
    board.good();
    const metadata = recordOf(body['metadata']);
    const resourceVersion = stringOf(metadata['resourceVersion']);
    const before = model.configMap(key);
    const known = this.#known.get(key);
    if (before?.kind === 'read' && known !== undefined && known.resourceVersion === resourceVersion)
      return undefined;
    this.#known.set(key, { resourceVersion, nextReadAt: 0 });
    const values = valuesOf(body);
    if (before?.kind !== 'read') {
      return {
        kind: 'read',
        values,
        changedAt: writtenAt(metadata) ?? timeOf(metadata['creationTimestamp']),
      };
    }
    // A label changed, not the data: nothing a server started with is different.
    if (isSame(before.values, values) && body['data'] !== undefined) return undefined;
    return { kind: 'read', values, changedAt: writtenAt(metadata) ?? clock.now() };
  }
}

function valuesOf(body: Json): Map<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  const data = body['data'];
  if (!isRecord(data)) return values;
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'string')
      values.set(name, isSecretName(name) ? undefined : value.slice(0, MAX_VALUE));
  }
  return values;
}

const isSame = (
  a: ReadonlyMap<string, string | undefined>,
  b: ReadonlyMap<string, string | undefined>,
): boolean =>
  a.size === b.size &&
  [...a].every(([name, value]) => b.has(name) && b.get(name) === value && value !== undefined);

/** The latest write any manager of fields has on record (since Kubernetes 1.18). */
function writtenAt(metadata: Json): number | undefined {
  const times = listOf(metadata['managedFields'])
    .map((entry) => timeOf(recordOf(entry)['time']))
    .filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}
