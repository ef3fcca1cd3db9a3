import type { LenaMap, LenaValue } from '../pack.ts';

/** One thread of OBJECT_THREAD_LIST; what a version does not tell is absent. */
export interface LenaThread {
  readonly id: number | undefined;
  readonly name: string;
  readonly state: string | undefined;
  /** Since the thread began. */
  readonly cpuMs: number | undefined;
  readonly blockedCount: number | undefined;
  readonly blockedMs: number | undefined;
  readonly waitedCount: number | undefined;
  readonly waitedMs: number | undefined;
  readonly lockName: string | undefined;
  readonly lockOwnerId: number | undefined;
  readonly lockOwnerName: string | undefined;
  /** Frames, topmost first, as one text. */
  readonly stackTrace: string | undefined;
  readonly service: string | undefined;
  readonly txid: string | undefined;
  /** Of the request it works on. */
  readonly elapsedMs: number | undefined;
}
/** One request of OBJECT_ACTIVE_SERVICE_LIST. */
export interface LenaActiveService {
  /** Of its thread. */
  readonly id: number | undefined;
  readonly name: string | undefined;
  readonly state: string | undefined;
  readonly cpuMs: number | undefined;
  readonly service: string | undefined;
  readonly elapsedMs: number | undefined;
  readonly txid: string | undefined;
  readonly sql: string | undefined;
  readonly client: string | undefined;
}
export interface LenaThreadDump {
  /** One a thread: `"name" Id=n STATE` and its frames, each line ended. */
  readonly threads: readonly string[];
  /** Machine, memory, thread pools, data sources. */
  readonly status: string | undefined;
}

/** What a version may call a field, the known name first. */
const NAMES = {
  state: ['stat', 'state'],
  client: ['ip', 'remoteAddr', 'clientIp', 'client'],
  stackTrace: ['stackTrace', 'stack'],
} as const;

/** Threads of all packs; `undefined` where none holds such a list. */
export const lenaThreads = (packs: readonly LenaMap[]): readonly LenaThread[] | undefined =>
  rowsOf(packs, 'threadList')?.flatMap((row) => threadOf(row) ?? []);

export const lenaActiveServices = (packs: readonly LenaMap[]): readonly LenaActiveService[] | undefined =>
  rowsOf(packs, 'activeService')?.map(serviceOf);

/** `undefined` where no pack holds a dump. */
export function lenaThreadDump(packs: readonly LenaMap[]): LenaThreadDump | undefined {
  const lists = packs.flatMap((pack) => pack.get('threadDump') ?? []);
  if (lists.length === 0) return undefined;
  const status = packs.flatMap((pack) => (pack.has('statusDump') ? textsOf(pack.get('statusDump')) : []));
  return { threads: lists.flatMap(textsOf), status: status.length === 0 ? undefined : status.join('\n') };
}

function threadOf(row: LenaMap): LenaThread | undefined {
  const name = textOf(row, ['name']);
  if (name === undefined) return undefined;
  return {
    id: numberOf(row, 'id'),
    name,
    state: textOf(row, NAMES.state),
    cpuMs: amountOf(row, 'cpu'),
    blockedCount: amountOf(row, 'blockedCount'),
    blockedMs: amountOf(row, 'blockedTime'),
    waitedCount: amountOf(row, 'waitedCount'),
    waitedMs: amountOf(row, 'waitedTime'),
    lockName: textOf(row, ['lockName']),
    lockOwnerId: amountOf(row, 'lockOwnerId'),
    lockOwnerName: textOf(row, ['lockOwnerName']),
    stackTrace: textOf(row, NAMES.stackTrace),
    service: textOf(row, ['service']),
    txid: textOf(row, ['txid']),
    elapsedMs: amountOf(row, 'elapsed'),
  };
}
const serviceOf = (row: LenaMap): LenaActiveService => ({
  id: numberOf(row, 'id'),
  name: textOf(row, ['name']),
  state: textOf(row, NAMES.state),
  cpuMs: amountOf(row, 'cpu'),
  service: textOf(row, ['service']),
  elapsedMs: amountOf(row, 'elapsed'),
  txid: textOf(row, ['txid']),
  sql: textOf(row, ['sql']),
  client: textOf(row, NAMES.client),
});

function rowsOf(packs: readonly LenaMap[], name: string): readonly LenaMap[] | undefined {
  const found = packs.flatMap((pack) => pack.get(name) ?? []);
  if (found.length === 0) return undefined;
  return found.flatMap((value) => (value.type === 'list' ? value.value : [value])).flatMap(mapOf);
}
const mapOf = (value: LenaValue): readonly LenaMap[] => (value.type === 'map' ? [value.value] : []);

function textsOf(value: LenaValue | undefined): readonly string[] {
  switch (value?.type) {
    case 'text':
      return [value.value];
    case 'texts':
      return value.value;
    case 'list':
      return value.value.flatMap(textsOf);
    default:
      return [];
  }
}
/** A text that is not empty, of the first name that has one. */
function textOf(row: LenaMap, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textsOf(row.get(name)).join('\n');
    if (text !== '') return text;
  }
  return undefined;
}
/** Numbers come as texts from the version seen. */
function numberOf(row: LenaMap, name: string): number | undefined {
  const value = row.get(name);
  switch (value?.type) {
    case 'decimal':
    case 'float':
    case 'double':
      return Number.isFinite(value.value) ? value.value : undefined;
    case 'text':
      return /^-?\d{1,15}(\.\d{1,9})?$/.test(value.value) ? Number(value.value) : undefined;
    default:
      return undefined;
  }
}
/** JMX says −1 for what it does not know. */
function amountOf(row: LenaMap, name: string): number | undefined {
  const value = numberOf(row, name);
  return value === undefined || value < 0 ? undefined : value;
}
