import { isRecord, listOf, recordOf, stringOf } from '../../core/json-read.ts';

/** What `/cmx-status?cmd=monitor&format=json` tells of a web server; counts since its start. */
export interface WebMonitor {
  /** Epoch ms, by the server's clock. */
  readonly at?: number | undefined;
  readonly startedAt?: number | undefined;
  /** CPU time since the start, user and system together. */
  readonly cpuMs?: number | undefined;
  readonly requests?: number | undefined;
  readonly trafficBytes?: number | undefined;
  readonly maxThreads?: number | undefined;
  readonly activeThreads?: number | undefined;
  readonly idleThreads?: number | undefined;
  readonly workers: readonly WebMonitorWorker[];
  readonly pids: readonly number[];
}
export interface WebMonitorWorker {
  /** jvmRoute, as it came. */
  readonly name: string;
  readonly state?: string | undefined;
  readonly max?: number | undefined;
  readonly active?: number | undefined;
  readonly idle?: number | undefined;
  readonly requests?: number | undefined;
  readonly errors?: number | undefined;
}
export type WebMonitorRead =
  | { readonly kind: 'monitor'; readonly monitor: WebMonitor }
  /** Words of ours, never of the answer. */
  | { readonly kind: 'unreadable'; readonly why: string };

const MAX_WORKERS = 512;
const MAX_PIDS = 64;
const KIB = 1_024;

/** Never throws. All values of the answer are strings; one that is no number is not known. */
export function readWebMonitor(body: string): WebMonitorRead {
  const trimmed = body.trimStart();
  if (trimmed.startsWith('<'))
    return { kind: 'unreadable', why: 'a page came instead of JSON: the monitor is not switched on there' };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { kind: 'unreadable', why: 'the answer is no JSON' };
  }
  if (!isRecord(value)) return { kind: 'unreadable', why: 'the answer is no JSON object' };
  if (value['maxThreads'] === undefined && value['totalAccess'] === undefined)
    return { kind: 'unreadable', why: 'the answer holds neither maxThreads nor totalAccess' };
  const system = amountOf(value['systemCpuUsage']);
  const user = amountOf(value['userCpuUsage']);
  const trafficKib = amountOf(value['totalTraffic']);
  return {
    kind: 'monitor',
    monitor: {
      at: amountOf(value['currentTime']),
      startedAt: amountOf(value['restartTime']),
      cpuMs: system === undefined && user === undefined ? undefined : ((system ?? 0) + (user ?? 0)) * 1_000,
      requests: amountOf(value['totalAccess']),
      trafficBytes: trafficKib === undefined ? undefined : trafficKib * KIB,
      maxThreads: amountOf(value['maxThreads']),
      activeThreads: amountOf(value['activeThreads']),
      idleThreads: amountOf(value['idleThreads']),
      workers: listOf(value['wasInfos']).slice(0, MAX_WORKERS).flatMap(workerOf),
      pids: listOf(value['processInfos'])
        .slice(0, MAX_PIDS)
        .flatMap((each) => amountOf(recordOf(each)['pid']) ?? []),
    },
  };
}

function workerOf(value: unknown): readonly WebMonitorWorker[] {
  const fields = recordOf(value);
  const name = stringOf(fields['jvmRoute']);
  if (name === undefined) return [];
  return [
    {
      name,
      state: stringOf(fields['state']),
      max: amountOf(fields['maxConnections']),
      active: amountOf(fields['activeConnections']),
      idle: amountOf(fields['idleConnections']),
      requests: amountOf(fields['totalAccess']),
      errors: amountOf(fields['totalError']),
    },
  ];
}

/** Zero or more, as a string or a number. */
function amountOf(value: unknown): number | undefined {
  const amount =
    typeof value === 'string' && /^\d{1,18}(?:\.\d{1,9})?$/.test(value.trim()) ? Number(value) : value;
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 ? amount : undefined;
}
