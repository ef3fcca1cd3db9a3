import type { Clock } from '../../core/clock.ts';
import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { Registration } from '../../domain/registration.ts';
import { eachLimited } from '../poll-wait.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';
import { type MeterRecord, meterSchema } from './manager-records.ts';

/** One request a server: a poll reads some of them, in turn. */
const METERS_A_POLL = 20;
const AT_ONCE = 4;
/** The unofficial list writes this path without `/rest`, unlike its neighbours: both are tried. */
const PREFIXES = ['/meters', '/rest/meters'];
/** A rate over a shorter time would jump. */
const SHORTEST_RATE_MS = 4_000;

interface Meter {
  readonly at: number;
  readonly gcCount: number | undefined;
  readonly jvm: JvmSample;
}

/**
 * JVM numbers the Manager shows. Only what is documented is used: the units of heapUsed, heapMax, gcTime and cpu are
 * not, so they are left out (README, Decisions).
 */
export function createMeters(api: ManagerApi, clock: Clock) {
  const meters = new Map<string, Meter>();
  let next = 0;
  let prefix = 0;
  let failedOnce = false;

  const readOne = async (target: ManagerTarget, registration: Registration, signal: AbortSignal) => {
    const path = pathOf(registration);
    if (path === undefined) return;
    try {
      const call = { capability: 'meters', path: `${PREFIXES[prefix] ?? ''}${path}`, isOfOne: true };
      const reading = await api.get(target, call, signal);
      if (reading.state === 'absent') {
        meters.delete(registration.ref.id);
        failedOnce = true;
        return;
      }
      if (reading.state !== 'found') return;
      const parsed = meterSchema.safeParse(reading.body);
      if (!parsed.success) return;
      meters.set(registration.ref.id, toMeter(parsed.data, meters.get(registration.ref.id), clock.now()));
    } catch {
      // The lists of the same poll tell that the Manager cannot be reached.
    }
  };

  return {
    of: (id: string): JvmSample | undefined => meters.get(id)?.jvm,
    async read(
      target: ManagerTarget,
      registrations: readonly Registration[],
      signal: AbortSignal,
    ): Promise<void> {
      const known = new Set(registrations.map(({ ref }) => ref.id));
      for (const id of meters.keys()) if (!known.has(id)) meters.delete(id);
      const running = registrations.filter(({ state }) => state !== 'stopped' && state !== 'failed');
      if (running.length === 0 || !api.isWorthAsking('meters')) return;
      const count = Math.min(METERS_A_POLL, running.length);
      const batch = Array.from({ length: count }, (_, offset) => running[(next + offset) % running.length]);
      next = (next + count) % running.length;
      const before = api.capabilities.get('meters')?.state;
      failedOnce = false;
      await eachLimited(
        batch.flatMap((one) => one ?? []),
        AT_ONCE,
        (one) => readOne(target, one, signal),
      );
      // Nothing was ever read this way: the next poll tries the other spelling.
      if (failedOnce && before !== 'found' && api.capabilities.get('meters')?.state !== 'found') {
        prefix = (prefix + 1) % PREFIXES.length;
        if (prefix === 0) api.note('meters', 'absent');
      }
    },
  };
}

function pathOf({
  type,
  isContainer,
  hostName,
  serverId,
  nodeName,
  systemName,
}: Registration): string | undefined {
  const group = type === 'embedded' ? 'was' : type;
  if (isContainer) return segments([group, 'container', hostName ?? serverId]);
  if (nodeName === undefined || systemName === undefined) return undefined;
  return segments([group, 'servers', serverId, 'nodes', nodeName, 'systems', systemName]);
}

/** Names come from the Manager's records: one that is only dots would climb out of the path. */
const segments = (names: readonly string[]): string | undefined =>
  names.some((name) => name === '' || /^\.{1,2}$/.test(name))
    ? undefined
    : names.map((name) => `/${encodeURIComponent(name)}`).join('');

function toMeter(record: MeterRecord, before: Meter | undefined, at: number): Meter {
  const { threadActive, threadMax, gcCount } = record;
  const passedMs = before === undefined ? 0 : at - before.at;
  const collections =
    gcCount === undefined || before?.gcCount === undefined ? undefined : gcCount - before.gcCount;
  const hasRate = collections !== undefined && collections >= 0 && passedMs >= SHORTEST_RATE_MS;
  const gcPerMinute = hasRate ? (collections * 60_000) / passedMs : before?.jvm.gcPerMinute;
  const hasThreads = threadActive !== undefined || threadMax !== undefined;
  return {
    // The base of the rate stays until enough time has passed.
    at: before === undefined || hasRate || collections === undefined || collections < 0 ? at : before.at,
    gcCount:
      before === undefined || hasRate || collections === undefined || collections < 0
        ? gcCount
        : before.gcCount,
    jvm: {
      source: 'manager',
      at,
      gcPerMinute,
      connectors: hasThreads ? [{ name: 'threads', busy: threadActive, max: threadMax }] : undefined,
    },
  };
}
