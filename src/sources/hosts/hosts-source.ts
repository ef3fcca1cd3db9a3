import { createBatcher } from '../../core/batcher.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import type { Change, Source } from '../../domain/ports.ts';
import type { Environment } from '../http-ca.ts';
import { createHttpClient, type HttpClient } from '../http-client.ts';
import { toAppError, toFailure } from '../http-error.ts';
import { createPollStatus } from '../poll-status.ts';
import { createRequestMeter } from '../poll-wait.ts';
import { onlyReads } from '../transport-lock.ts';
import { createHostRecord, type HostRecord } from './host-instance.ts';
import { type HostEntry, probeHost } from './host-probe.ts';

export interface HostsSourceOptions {
  readonly context: string;
  readonly servers: readonly HostEntry[];
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Proxy and CA variables for HTTP probes. @default {} */
  readonly environment?: Environment;
  /** @default 10000 */
  readonly intervalMs?: number;
  /** @default 3000 */
  readonly timeoutMs?: number;
}

/** A longer list shares these lanes, so that 10,000 hosts never mean 10,000 sockets. */
const MAX_AT_ONCE = 32;
const FLUSH_MS = 100;

/** Probes a static list of servers on plain hosts; each one's state is its own, the source itself is live. */
export function createHostsSource(options: HostsSourceOptions): Source {
  const {
    context,
    servers,
    clock,
    random,
    environment = {},
    intervalMs = 10_000,
    timeoutMs = 3_000,
  } = options;
  let hurry = new AbortController();
  return {
    context,
    refresh: () => hurry.abort(),
    async run(sink, signal) {
      const status = createPollStatus(sink, clock);
      const meter = createRequestMeter(clock);
      let http: HttpClient;
      try {
        http = await createHttpClient({ environment, gate: onlyReads, connectTimeoutMs: timeoutMs });
      } catch (error) {
        const failure = toFailure(toAppError(error, `Probe the hosts of ${context}`));
        status.bad({ failure, retryAt: clock.now(), isDenied: true });
        return;
      }
      const batcher = createBatcher<Change>({
        clock,
        intervalMs: FLUSH_MS,
        flush: (changes) => sink.changes(changes),
      });
      const probe = async (record: HostRecord) => {
        meter.count();
        const result = await probeHost(record.entry, { http, signal, timeoutMs });
        if (signal.aborted) return;
        batcher.push([{ type: 'put', kind: 'instance', entity: record.update(result, clock.now()) }]);
      };
      const lanes = createLanes(servers.map((entry) => createHostRecord(context, entry)));
      const phases = lanes.map(() => random());
      /** One pass over the list, its probes spread over `spreadMs`; a refresh lets the rest of it go at once. */
      const pass = async (spreadMs: number) => {
        const pausing = AbortSignal.any([signal, hurry.signal]);
        await Promise.all(
          lanes.map(async (lane, index) => {
            const stepMs = spreadMs / lane.length;
            const startedAt = clock.now() + stepMs * (phases[index] ?? 0);
            for (const [slot, record] of lane.entries()) {
              if (spreadMs > 0)
                await sleep(clock, Math.max(0, startedAt + slot * stepMs - clock.now()), pausing);
              if (signal.aborted) return;
              await probe(record);
            }
          }),
        );
      };
      // Entries that left the configuration since an earlier run are gone.
      sink.changes([{ type: 'replace', kind: 'instance', context, entities: [] }]);
      const tellFacts = () =>
        sink.facts({ target: `${servers.length} hosts`, requestsPerMinute: meter.perMinute() });
      tellFacts();
      let isAtOnce = true;
      let isFirst = servers.length > 0;
      while (!signal.aborted) {
        const startedAt = clock.now();
        if (hurry.signal.aborted) hurry = new AbortController();
        await pass(isAtOnce ? 0 : intervalMs);
        if (signal.aborted) break;
        batcher.flushNow();
        status.good(intervalMs * 6);
        tellFacts();
        isAtOnce = hurry.signal.aborted;
        // A pass ends with its last probe: the rest of the interval is waited for here.
        if (!isAtOnce && !isFirst) {
          await sleep(
            clock,
            Math.max(0, startedAt + intervalMs - clock.now()),
            AbortSignal.any([signal, hurry.signal]),
          );
        }
        isFirst = false;
      }
      status.stop();
      batcher.close();
      await http.close();
    },
  };
}

const createLanes = (records: readonly HostRecord[]): HostRecord[][] =>
  Array.from({ length: Math.min(MAX_AT_ONCE, records.length) }, (_, lane) =>
    records.filter((_record, index) => index % MAX_AT_ONCE === lane),
  );
