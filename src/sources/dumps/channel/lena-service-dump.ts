import { methodOf } from '../../../diagnosis/dump-analysis/frame.ts';
import { isLibraryCode } from '../../../diagnosis/dump-analysis/library-packages.ts';
import type { ServiceDump, ServiceField, ServiceRequest } from '../../../domain/service-dump.ts';
import type { LenaActiveService, LenaThread } from '../../../wire/lena/tcp/results.ts';

export interface LenaRequests {
  readonly server: string;
  readonly at: number;
  readonly services: readonly LenaActiveService[];
  /** `undefined` where the advertiser gave no list of threads. */
  readonly threads: readonly LenaThread[] | undefined;
}

/** Requests in flight with what their threads stand at; joined by the thread's id, else by its name. */
export function lenaServiceDump({ server, at, services, threads }: LenaRequests): ServiceDump {
  const byId = new Map<number, LenaThread>();
  const byName = new Map<string, LenaThread>();
  for (const thread of threads ?? []) {
    if (thread.id !== undefined) byId.set(thread.id, thread);
    byName.set(thread.name, thread);
  }
  const requests = services.map((service): ServiceRequest => {
    const thread =
      (service.id === undefined ? undefined : byId.get(service.id)) ?? byName.get(service.name ?? '');
    return {
      thread: service.name ?? thread?.name ?? (service.id === undefined ? '?' : `#${service.id}`),
      state: thread?.state ?? service.state,
      elapsedMs: service.elapsedMs ?? thread?.elapsedMs,
      cpuMs: service.cpuMs ?? thread?.cpuMs,
      service: service.service ?? thread?.service,
      sql: service.sql,
      client: service.client,
      txid: service.txid ?? thread?.txid,
      frame: applicationFrame(thread?.stackTrace),
      lock: lockOf(thread),
    };
  });
  return { from: 'lena', server, at, missing: missingOf(requests, threads), requests };
}

/** An advertiser tells no client; of another version it is shown where it comes. */
function missingOf(
  requests: readonly ServiceRequest[],
  threads: readonly LenaThread[] | undefined,
): readonly ServiceField[] {
  const missing: ServiceField[] = requests.some(({ client }) => client !== undefined) ? [] : ['client'];
  return threads === undefined ? [...missing, 'frame', 'lock'] : missing;
}

function applicationFrame(stackTrace: string | undefined): string | undefined {
  for (const line of stackTrace?.split('\n') ?? []) {
    const frame = line.trim().replace(/^at /, '');
    const isFrame = frame !== '' && !frame.startsWith('-') && !frame.startsWith('"') && frame.includes('(');
    if (isFrame && !isLibraryCode(methodOf(frame))) return frame;
  }
  return undefined;
}

function lockOf(thread: LenaThread | undefined): string | undefined {
  if (thread?.lockName === undefined) return undefined;
  const { lockName, lockOwnerName } = thread;
  return lockOwnerName === undefined ? lockName : `${lockName} held by ${lockOwnerName}`;
}
