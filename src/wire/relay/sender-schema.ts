import * as z from 'zod';
import { cleanLine } from '../../core/text.ts';
import type { Heartbeat, JvmSample, JvmSampleSource } from '../../domain/jvm-sample.ts';
import { isSecretName, MASK, maskUrl } from '../../domain/secret-name.ts';
import type { Sender } from '../../domain/sender.ts';
import { isServerType, type ServerType } from '../../domain/server-type.ts';
import { lineSchema } from '../line-schema.ts';

/**
 * A sender as another l9s tells it: maybe of another version, maybe of another user, so every text is cleaned and
 * masked again and every list is bounded. Fields of a newer version are left out.
 */
const MAX_PARTS = 512;
const MAX_COUNTERS = 256;
const MAX_NUMBERS = 64;

const ID_LENGTH = 512;
export const idSchema = z
  .string()
  .min(1)
  .transform((id) => cleanLine(id, ID_LENGTH));
const line = lineSchema(256);
const number = z.number().optional();
const text = line.optional();

const named = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.array(z.object({ name: line, ...shape })).max(MAX_PARTS);
const memory = { usedBytes: number, committedBytes: number, maxBytes: number };

const SAMPLE_SOURCES = [
  'lena',
  'l9s',
  'statsd',
  'collectd',
  'probe',
  'manager',
] as const satisfies readonly JvmSampleSource[];
const CODECS = [
  'lena',
  'l9s',
  'statsd',
  'collectd',
  'heartbeat',
] as const satisfies readonly Sender['codec'][];
const oneOf = <T extends string>(known: readonly T[], otherwise: T) =>
  z.string().transform((written): T => known.find((one) => one === written) ?? otherwise);

export const fullGcSchema = z.object({
  at: z.number(),
  beforeBytes: number,
  afterBytes: number,
  maxBytes: number,
  cause: text,
});

const jvmSchema = z.object({
  source: oneOf(SAMPLE_SOURCES, 'l9s'),
  at: z.number(),
  heap: z.object({ ...memory, afterGcBytes: number }).optional(),
  nonHeap: z.object({ ...memory, afterGcBytes: number }).optional(),
  gcPerMinute: number,
  gcTimePercent: number,
  gcInterval: z.object({ coveredMs: z.number(), count: z.number(), timeMs: z.number() }).optional(),
  collectors: named({ count: number, timeMs: number }).optional(),
  pauses: z
    .object({ count: z.number(), p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number(), maxMs: z.number() })
    .optional(),
  memoryPools: named(memory).optional(),
  fullGcs: number,
  lastFullGc: fullGcSchema.optional(),
  tps: number,
  meanMs: number,
  p95Ms: number,
  errorPercent: number,
  active: z.object({ total: number, under3s: number, under8s: number, over8s: number }).optional(),
  connectors: named({ busy: number, max: number }).optional(),
  dataSources: named({ active: number, idle: number, max: number }).optional(),
  threads: z
    .object({ live: number, peak: number, daemon: number, blocked: number, stuck: number })
    .optional(),
  cpu: z.object({ process: number, system: number }).optional(),
  sessions: number,
  classes: number,
  fds: z.object({ open: number, max: number }).optional(),
  stalledMs: number,
  unansweredMs: number,
  web: z
    .object({
      activeThreads: number,
      idleThreads: number,
      maxThreads: number,
      requests: number,
      trafficBytes: number,
      requestsPerSecond: number,
      bytesPerSecond: number,
      workers: named({ state: text, active: number, idle: number, max: number, errors: number }).optional(),
    })
    .optional(),
  sessionStore: z
    .object({
      sessions: number,
      maxSessions: number,
      expired: number,
      mirrorAddress: text,
      isMirrorConnected: z.boolean().optional(),
      lost: z.object({ received: number, requests: number, responses: number }).optional(),
    })
    .optional(),
  startedAt: number,
});

const heartbeatSchema = z.object({
  at: z.number(),
  perMinute: z.number(),
  lost: number,
  rejected: z.number(),
  rejectReasons: z
    .array(z.object({ reason: line, count: z.number() }))
    .max(MAX_NUMBERS)
    .optional(),
  intervalMs: z.number().positive(),
  clockSkewMs: number,
});

type Counters = Sender['counters'];
const counterSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.number()).transform((numbers) => numbers.slice(0, MAX_NUMBERS)),
]);

function cleanCounters(counters: Readonly<Record<string, z.output<typeof counterSchema>>>): Counters {
  const entries = Object.entries(counters).slice(0, MAX_COUNTERS);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const cleaned =
        typeof value !== 'string' ? value : isSecretName(name) ? MASK : maskUrl(cleanLine(value, 256));
      return [cleanLine(name, 96), cleaned];
    }),
  );
}

const serverType = z
  .string()
  .transform((written): ServerType | undefined => (isServerType(written) ? written : undefined));

const senderShape = {
  codec: oneOf(CODECS, 'heartbeat'),
  name: line,
  hostName: text,
  serverName: text,
  sourceAddress: line,
  sourcePort: z.number(),
  reportedAddress: text,
  serverType: serverType.optional(),
  serviceCluster: text,
  revision: text,
  version: text,
  appStatus: text,
  byeAt: number,
  restarts: z.number(),
  jvm: jvmSchema.optional(),
  heartbeat: heartbeatSchema,
  counters: z.record(z.string(), counterSchema).transform(cleanCounters),
};

export const senderSchema = z.object({ id: idSchema, ...senderShape });
export const patchSchema = z.object({
  id: idSchema,
  set: z.object(senderShape).partial(),
  gone: z
    .array(
      z.enum([
        'hostName',
        'serverName',
        'reportedAddress',
        'serverType',
        'serviceCluster',
        'revision',
        'version',
        'appStatus',
        'byeAt',
        'jvm',
      ]),
    )
    .max(16),
});

/** Names of all fields of two types, down to the leaves: a field the schema forgot would be lost on the way. */
type Paths<T> = T extends readonly (infer Item)[]
  ? Paths<Item>
  : T extends object
    ? { [K in keyof T & string]-?: K | `${K}.${Paths<NonNullable<T[K]>> & string}` }[keyof T & string]
    : never;
type Forgotten<Domain, Schema> = Exclude<Paths<Domain>, Paths<Schema>>;
const nothingForgotten = <T extends never>(): T | undefined => undefined;
nothingForgotten<Forgotten<JvmSample, z.output<typeof jvmSchema>>>();
nothingForgotten<Forgotten<Heartbeat, z.output<typeof heartbeatSchema>>>();
nothingForgotten<Exclude<keyof Sender, 'ref' | keyof z.output<typeof senderSchema>>>();
nothingForgotten<Exclude<JvmSampleSource, (typeof SAMPLE_SOURCES)[number]>>();
nothingForgotten<Exclude<Sender['codec'], (typeof CODECS)[number]>>();
