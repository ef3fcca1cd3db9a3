import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import type { EventLevel, OpsEvent } from '../../domain/event.ts';
import { refOf } from '../../domain/ref.ts';
import type { Registration } from '../../domain/registration.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';
import { type EventRecord, eventRecordSchema, readList, systemRecordSchema } from './manager-records.ts';

const ANALYSIS_EVERY_MS = 60_000;
const ANALYSIS_TYPES = ['stuckthread', 'oom', 'fullgc', 'error'];
const MAX_SYSTEMS = 10;
const MAX_SAID = 5_000;
const DAY_MS = 86_400_000;
const EARLIEST_PLAUSIBLE_MS = 1e12;

/** Notifications and analysis events of a Manager, each told once. */
export function createManagerEvents(context: string, api: ManagerApi, clock: Clock) {
  const said = new Set<string>();
  let analysedAt = -Infinity;
  let needsSystem = false;

  const toEvents = (records: readonly EventRecord[], registrations: readonly Registration[]): OpsEvent[] => {
    const fresh: OpsEvent[] = [];
    for (const record of records) {
      const event = toEvent(record, { context, now: clock.now(), registrations });
      if (said.has(event.ref.id)) continue;
      said.add(event.ref.id);
      fresh.push(event);
    }
    for (const id of said) {
      if (said.size <= MAX_SAID) break;
      said.delete(id);
    }
    return fresh;
  };

  const list = async (
    target: ManagerTarget,
    capability: string,
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ) => {
    const reading = await api.get(target, { capability, path, query }, signal);
    return {
      reading,
      records: reading.state === 'found' ? (readList(eventRecordSchema, reading.body)?.records ?? []) : [],
    };
  };

  const analyse = async (target: ManagerTarget, signal: AbortSignal): Promise<EventRecord[]> => {
    if (!api.isWorthAsking('analysis events') || clock.now() - analysedAt < ANALYSIS_EVERY_MS) return [];
    analysedAt = clock.now();
    const period = { startDate: dayOf(clock.now() - DAY_MS), endDate: dayOf(clock.now() + DAY_MS) };
    const systems = needsSystem ? await systemsOf(api, target, signal) : [undefined];
    const found: EventRecord[] = [];
    for (const systemName of systems) {
      for (const eventType of ANALYSIS_TYPES) {
        const query = { ...(systemName === undefined ? {} : { systemName }), eventType, ...period };
        const { reading, records } = await list(
          target,
          'analysis events',
          '/rest/analysis/event',
          query,
          signal,
        );
        found.push(...records);
        if (reading.state === 'found') continue;
        // The unofficial list names systemName first; a version may insist on it.
        if (reading.error.code === 'UNEXPECTED_ANSWER' && systemName === undefined) needsSystem = true;
        return found;
      }
    }
    return found;
  };

  return {
    async read(
      target: ManagerTarget,
      registrations: readonly Registration[],
      signal: AbortSignal,
    ): Promise<OpsEvent[]> {
      const records: EventRecord[] = [];
      try {
        if (api.isWorthAsking('notifications')) {
          const query = { interval: '3600', limit: '100' };
          records.push(...(await list(target, 'notifications', '/rest/notification', query, signal)).records);
        }
        records.push(...(await analyse(target, signal)));
      } catch {
        // The lists of the same poll tell that the Manager cannot be reached.
      }
      return toEvents(records, registrations);
    },
  };
}

async function systemsOf(api: ManagerApi, target: ManagerTarget, signal: AbortSignal): Promise<string[]> {
  const reading = await api.get(target, { capability: 'systems', path: '/rest/systems' }, signal);
  if (reading.state !== 'found') return [];
  const systems = readList(systemRecordSchema, reading.body)?.records ?? [];
  return systems.slice(0, MAX_SYSTEMS).map(({ systemName }) => systemName);
}

interface EventFacts {
  readonly context: string;
  readonly now: number;
  readonly registrations: readonly Registration[];
}

export function toEvent(record: EventRecord, { context, now, registrations }: EventFacts): OpsEvent {
  const { eventId, dateTime, level, eventType = 'event', serverId, message = '' } = record;
  const candidates = registrations.filter((registration) => registration.serverId === serverId);
  const id =
    eventId ??
    createHash('sha256')
      .update([dateTime, eventType, serverId, message].join('\n'))
      .digest('hex')
      .slice(0, 32);
  return {
    ref: refOf('event', context, cleanLine(id)),
    at: instantOf(dateTime) ?? now,
    level: levelOf(level),
    type: cleanLine(eventType),
    message: cleanLine(message),
    // Two servers of one id are not told apart by the event.
    target: candidates.length === 1 ? candidates[0]?.ref : undefined,
    targetName: cleanLine(serverId ?? ''),
  };
}

function levelOf(level: string | undefined): EventLevel {
  switch (level?.toLowerCase()) {
    case 'warning':
    case 'warn':
      return 'warning';
    case 'error':
      return 'error';
    case 'critical':
      return 'critical';
    default:
      return 'info';
  }
}

/** Epoch ms; dates without a zone are read as this machine's. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(at) || at < EARLIEST_PLAUSIBLE_MS ? undefined : at;
}

/** `yyyyMMdd` in this machine's zone, as the documented calls take it. */
function dayOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
}
