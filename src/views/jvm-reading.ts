import { sumOf } from '../core/sum.ts';
import type { ConnectorUse, DataSourceUse, Heartbeat } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { SERVER_TYPES } from '../domain/server-type.ts';
import { percentOf } from './format-number.ts';
import type { Tone, ViewContext } from './view.ts';

/** What is read, by a probe or from a Manager's meters, counts as old after this. */
const SAMPLE_LIFE_MS = 60_000;
/** Intervals a sender may miss before its numbers count as old. */
const MISSED_INTERVALS = 3;

/** Heap used of its maximum, 0–100. */
export const heapPercent = (server: Server): number | undefined =>
  percentOf(server.jvm?.heap?.usedBytes, server.jvm?.heap?.maxBytes);

export const afterGcPercent = (server: Server): number | undefined =>
  percentOf(server.jvm?.heap?.afterGcBytes, server.jvm?.heap?.maxBytes);

/** True where a sender missed more of its own rhythm than chance explains. */
export const isOverdue = ({ at, intervalMs }: Heartbeat, now: number): boolean =>
  now - at > MISSED_INTERVALS * intervalMs;

/** True where the JVM's numbers are older than the rhythm they come in explains; other datagrams do not renew them. */
export function isOldSample({ jvm, heartbeat }: Server, now: number): boolean {
  if (jvm === undefined) return false;
  const isRead = jvm.source === 'probe' || jvm.source === 'manager';
  const lifeMs = isRead || heartbeat === undefined ? SAMPLE_LIFE_MS : MISSED_INTERVALS * heartbeat.intervalMs;
  return now - jvm.at > lifeMs;
}

/** Tone of a share of something limited, by the configured levels. */
export function levelTone(percent: number | undefined, context: ViewContext): Tone {
  if (percent === undefined) return 'muted';
  if (percent >= context.levels.high * 100) return 'bad';
  return percent >= context.levels.middle * 100 ? 'warn' : 'good';
}

const isWorker = (connector: ConnectorUse): boolean =>
  connector.busy !== undefined || connector.max !== undefined;

/** Busy and most threads of all connectors together. */
export function connectorTotals(server: Server): { busy: number | undefined; max: number | undefined } {
  const connectors = (server.jvm?.connectors ?? []).filter(isWorker);
  return { busy: sumOf(connectors.map(({ busy }) => busy)), max: sumOf(connectors.map(({ max }) => max)) };
}

/** Active and most connections of all data sources together. */
export function poolTotals(server: Server): { active: number | undefined; max: number | undefined } {
  const pools: readonly DataSourceUse[] = server.jvm?.dataSources ?? [];
  return { active: sumOf(pools.map(({ active }) => active)), max: sumOf(pools.map(({ max }) => max)) };
}

/** True where a JVM is expected, or something only a JVM has was told. */
export const hasJvm = ({ type, jvm }: Server): boolean =>
  (type !== 'unknown' && SERVER_TYPES[type].isJvm) ||
  jvm?.heap !== undefined ||
  jvm?.nonHeap !== undefined ||
  jvm?.collectors !== undefined;
