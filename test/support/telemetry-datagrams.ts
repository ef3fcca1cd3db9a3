import type { L9sHead, L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import type { CounterPack, LenaValue } from '../../src/wire/lena/pack.ts';

const decimal = (value: number): LenaValue => ({ type: 'decimal', value });

export interface LenaFigures {
  readonly objName?: string;
  readonly startedAt?: number;
  readonly gcCount?: number;
  readonly gcTimeMs?: number;
  readonly heapMiB?: number;
  readonly appStatus?: string;
}
/** The real-time counters of one cycle of a LENA server. */
export function lenaCounters(figures: LenaFigures = {}): CounterPack {
  const { objName = '/vm/tomcat1/', startedAt = 1_000, gcCount, gcTimeMs, heapMiB = 10, appStatus } = figures;
  const counters = new Map<string, LenaValue>([
    ['HeapUsed', { type: 'float', value: heapMiB }],
    ['serverStartTime', decimal(startedAt)],
    ['appStatus', { type: 'text', value: appStatus ?? 'STARTED' }],
  ]);
  if (gcCount !== undefined) counters.set('GcCount', decimal(gcCount));
  if (gcTimeMs !== undefined) counters.set('GcTime', decimal(gcTimeMs));
  return { pack: 'counters', time: 0, objName, timeType: 1, counters };
}
export const lenaDatagram = (...packs: readonly CounterPack[]): Uint8Array =>
  encodeLenaDatagrams(packs)[0] ?? new Uint8Array();

export const l9sHead = (head: Partial<L9sHead> = {}): L9sHead => ({
  l9s: 1,
  id: 'shop-1/jvm',
  serverType: 'springboot',
  at: 0,
  seq: 0,
  upMs: 0,
  ...head,
});
export const l9sDatagram = (fields: Partial<L9sJvm> = {}): Uint8Array =>
  encodeL9sDatagram({ ...l9sHead(), ...fields, type: 'jvm' });
