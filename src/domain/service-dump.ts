/** Who told of the requests in flight. */
export type ServiceDumpFrom = 'lena' | 'agent' | 'thread-dump';

/** One request in flight; what its teller does not know is absent. */
export interface ServiceRequest {
  /** Name of the worker thread. */
  readonly thread: string;
  /** RUNNABLE, BLOCKED, WAITING … */
  readonly state?: string | undefined;
  readonly elapsedMs?: number | undefined;
  /** Of the thread, during this request where the teller knows it, else since the thread began. */
  readonly cpuMs?: number | undefined;
  /** URI or service name, with the method where known. */
  readonly service?: string | undefined;
  readonly sql?: string | undefined;
  readonly client?: string | undefined;
  readonly txid?: string | undefined;
  /** Topmost frame that is neither the JDK's, the server's nor a driver's. */
  readonly frame?: string | undefined;
  /** What it waits for, and who holds it. */
  readonly lock?: string | undefined;
}
export const SERVICE_FIELDS = [
  'thread',
  'state',
  'elapsedMs',
  'cpuMs',
  'service',
  'sql',
  'client',
  'txid',
  'frame',
  'lock',
] as const satisfies readonly (keyof ServiceRequest)[];
export type ServiceField = (typeof SERVICE_FIELDS)[number];

/** The requests a server works on at one moment. */
export interface ServiceDump {
  readonly from: ServiceDumpFrom;
  readonly server: string;
  /** Epoch ms. */
  readonly at: number;
  /** Fields the teller cannot give of any request. */
  readonly missing: readonly ServiceField[];
  readonly requests: readonly ServiceRequest[];
}
