import type {
  ServiceDump,
  ServiceDumpFrom,
  ServiceField,
  ServiceRequest,
} from '../../domain/service-dump.ts';
import type { DumpThread, ThreadDump } from '../../domain/thread-dump.ts';
import { methodOf } from '../dump-analysis/frame.ts';
import { StackReader, type StackReading } from '../dump-analysis/stack-reading.ts';

/** What somebody besides the thread dump told of the requests in flight, shortly before it was taken. */
export interface ToldRequests {
  readonly from: Exclude<ServiceDumpFrom, 'thread-dump'>;
  readonly requests: readonly ServiceRequest[];
  /** Fields that teller cannot give and a thread dump cannot either. */
  readonly missing: readonly ServiceField[];
}
export interface ServiceDumpOf {
  /** Its name in the file. */
  readonly server: string;
  /** Epoch ms. */
  readonly at: number;
  /** Absent where the thread dump is all there is. */
  readonly told?: ToldRequests | undefined;
}

/** A stack tells none of these. */
export const UNTOLD_BY_STACKS: readonly ServiceField[] = ['elapsedMs', 'service', 'sql', 'client', 'txid'];
/** Who asks a Tomcat how it is, is no request of its users. */
const ASKING: ReadonlySet<string> = new Set([
  'org.apache.catalina.manager.JMXProxyServlet.doGet',
  'org.apache.catalina.manager.StatusManagerServlet.doGet',
]);

/**
 * The requests a server works on: those that were told, joined to the thread dump by the worker's name, or else every
 * thread that stands in a connector's or servlet's code.
 */
export function deriveServiceDump(dump: ThreadDump, { server, at, told }: ServiceDumpOf): ServiceDump {
  const reader = new StackReader();
  const owners = ownersOf(dump.threads);
  const joined = (thread: DumpThread, request: ServiceRequest): ServiceRequest => ({
    ...request,
    state: thread.state ?? request.state,
    cpuMs: request.cpuMs ?? roundOf(thread.cpuMs),
    service: request.service ?? thread.service,
    frame: request.frame ?? reader.read(thread.stack).applicationFrame,
    lock: request.lock ?? lockOf(thread, owners),
  });
  const requests =
    told === undefined
      ? dump.threads
          .filter((thread) => isServing(thread, reader.read(thread.stack)))
          .map((thread) => joined(thread, { thread: thread.name }))
      : joinTold(told.requests, dump, (thread, request) =>
          isFree(reader.read(thread.stack)) ? undefined : joined(thread, request),
        );
  const hasCpu = dump.threads.some(({ cpuMs }) => cpuMs !== undefined);
  const missing = new Set<ServiceField>([
    ...(told?.missing ?? UNTOLD_BY_STACKS),
    ...(hasCpu ? [] : (['cpuMs'] as const)),
  ]);
  return {
    from: told?.from ?? 'thread-dump',
    server,
    at,
    missing: [...missing].filter((field) => requests.every((request) => request[field] === undefined)),
    requests: requests.toSorted(byElapsed),
  };
}

/** A request whose worker is free by now has ended in between. */
function joinTold(
  requests: readonly ServiceRequest[],
  { threads }: ThreadDump,
  join: (thread: DumpThread, request: ServiceRequest) => ServiceRequest | undefined,
): readonly ServiceRequest[] {
  const byName = new Map(threads.map((thread) => [thread.name, thread]));
  return requests.flatMap((request) => {
    const thread = byName.get(request.thread);
    const row = thread === undefined ? request : join(thread, request);
    return row === undefined ? [] : [row];
  });
}

const isServing = ({ state, stack }: DumpThread, { isRequest }: StackReading): boolean =>
  isRequest && state !== undefined && !stack.frames.some((frame) => ASKING.has(methodOf(frame)));
const isFree = ({ isRequest, isKeptOpen, sign }: StackReading): boolean =>
  !isRequest && (isKeptOpen || sign === 'idle' || sign === 'queue');

function ownersOf(threads: readonly DumpThread[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const thread of threads)
    for (const { id } of thread.holds) {
      // A thread that waits on what it holds has let it go.
      if (thread.waitsFor?.kind !== 'wait' || thread.waitsFor.id !== id) owners.set(id, thread.name);
    }
  return owners;
}

/** Of a thread that is held up: what by, and whose it is. */
function lockOf({ waitsFor }: DumpThread, owners: ReadonlyMap<string, string>): string | undefined {
  if (waitsFor === undefined || waitsFor.kind === 'wait') return undefined;
  const { id, className, ownerName } = waitsFor;
  const what = className === undefined || id.startsWith(className) ? id : `${className} ${id}`;
  const owner = owners.get(id) ?? ownerName;
  return owner === undefined ? what : `${what} held by "${owner}"`;
}

const roundOf = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value);
const byElapsed = (a: ServiceRequest, b: ServiceRequest): number =>
  (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0) || a.thread.localeCompare(b.thread, 'en', { numeric: true });
