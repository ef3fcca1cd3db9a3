import { crc32 } from 'node:zlib';
import type { EventLevel, OpsEvent } from '../../../domain/event.ts';
import { refOf } from '../../../domain/ref.ts';
import type { AlertPack } from '../../../wire/lena/pack.ts';
import type { LenaSender } from './lena-sender.ts';
import { counterOf, textOf } from './lena-values.ts';

const LEVELS: readonly EventLevel[] = ['info', 'warning', 'error', 'critical'];

export interface AlertFacts {
  readonly context: string;
  readonly address: string;
  /** The server it is about, where that is known. */
  readonly sender: LenaSender | undefined;
  readonly now: number;
}

/** The same alert has the same id, so that repeats fold; its tags (request start, service) are part of it. */
function alertId(pack: AlertPack, owner: string): string {
  // The order of a map varies from datagram to datagram.
  const tags = [...pack.tags]
    .map(([name, value]) => `${name}=${String(counterOf(value))}`)
    .sort((a, b) => (a < b ? -1 : 1));
  const words = [pack.time, pack.level, pack.title, pack.message, ...tags].join('\n');
  return `${owner}#${(crc32(words) >>> 0).toString(16)}`;
}

/** An event of an alert pack; its time is always 0 on the wire, so the arrival stands for it. */
export function lenaEvent(pack: AlertPack, { context, address, sender, now }: AlertFacts): OpsEvent {
  const service = textOf(pack.tags.get('serviceName'));
  return {
    ref: refOf('event', context, alertId(pack, sender?.id ?? address)),
    at: pack.time > 0 ? Math.min(pack.time, now) : now,
    level: LEVELS[pack.level] ?? 'warning',
    type: pack.title === '' ? 'ALERT' : pack.title,
    message: service === undefined ? pack.message : `${pack.message} (${service})`,
    target: sender === undefined ? undefined : refOf('sender', context, sender.id),
    targetName: sender?.name.server ?? address,
  };
}
