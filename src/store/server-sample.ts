import { silentFrom } from '../diagnosis/findings/silent.ts';
import type { Instance } from '../domain/instance.ts';
import type { JvmSample } from '../domain/jvm-sample.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import type { Registration } from '../domain/registration.ts';
import type { Sender } from '../domain/sender.ts';
import type { ServerState } from '../domain/server-type.ts';
import { FORGET_SILENT_MS } from './departed-rows.ts';
import { isHeard, sendsUntil } from './server-state.ts';

/** The records figures of a JVM come from, and what bounds them. */
export interface SampleParts {
  readonly instance?: Pick<Instance, 'startedAt'> | undefined;
  readonly registration?: Pick<Registration, 'jvm'> | undefined;
  readonly sender?: Sender | undefined;
  readonly probe?: Pick<ProbeReading, 'jvm'> | undefined;
  readonly goneSince?: number | undefined;
}

/** Readings older than what they are added to by more than this are not shown as if they were of its time. */
const TOGETHER_MS = 60_000;

/**
 * What is shown of a server's JVM: the sender's figures while they are fresh, else what is read from outside, else
 * whichever of the two is newer for a while (its `at` tells its age), since both say more than a Manager's meters,
 * which only fill in what is missing.
 */
export function jvmOf(parts: SampleParts, state: ServerState, now: number): JvmSample | undefined {
  const { registration, sender, goneSince } = parts;
  if (goneSince !== undefined && !isHeard(sender, now)) return undefined;
  if (state === 'stopped' && (sender === undefined || now >= sendsUntil(sender))) return undefined;
  const own = ownSample(parts, now);
  const meters = registration?.jvm;
  if (own === undefined || meters === undefined) return own ?? meters;
  return meters.at < own.at - TOGETHER_MS ? own : merged(own, meters, filledIn);
}

function ownSample({ instance, sender, probe }: SampleParts, now: number): JvmSample | undefined {
  const sent = remembered(sender?.jvm, now);
  const read = remembered(probe?.jvm, now);
  if (read === undefined) return sent;
  // Of the container that ran there before.
  if (instance?.startedAt !== undefined && read.at < instance.startedAt) return sent;
  if (sender === undefined || sent === undefined) return read;
  const isFresh = now < silentFrom(sent.at, sender.heartbeat);
  if (!isFresh && read.at > sent.at) return read;
  return read.at < sent.at - TOGETHER_MS ? sent : merged(sent, read, completed);
}

const remembered = (sample: JvmSample | undefined, now: number): JvmSample | undefined =>
  sample !== undefined && now - sample.at < FORGET_SILENT_MS ? sample : undefined;

/** Newest merge of each sample, so that rebuilding a row of which nothing changed gives the same object. */
const MERGED = new WeakMap<JvmSample, { readonly by: JvmSample; readonly jvm: JvmSample }>();

function merged(
  base: JvmSample,
  by: JvmSample,
  join: (base: JvmSample, by: JvmSample) => JvmSample,
): JvmSample {
  const known = MERGED.get(base);
  if (known?.by === by) return known.jvm;
  const jvm = join(base, by);
  MERGED.set(base, { by, jvm });
  return jvm;
}

/** Groups a sender leaves out and a JVM tells of itself; what they share is the sender's. */
const completed = (sent: JvmSample, read: JvmSample): JvmSample => ({
  ...sent,
  heap: sent.heap ?? read.heap,
  nonHeap: sent.nonHeap ?? read.nonHeap,
  gcInterval: sent.gcInterval ?? read.gcInterval,
  gcPerMinute: sent.gcPerMinute ?? read.gcPerMinute,
  gcTimePercent: sent.gcTimePercent ?? read.gcTimePercent,
  collectors: sent.collectors ?? read.collectors,
  memoryPools: sent.memoryPools ?? read.memoryPools,
  fullGcs: sent.fullGcs ?? read.fullGcs,
  lastFullGc: sent.lastFullGc ?? read.lastFullGc,
  threads: sent.threads ?? read.threads,
  cpu: sent.cpu ?? read.cpu,
  classes: sent.classes ?? read.classes,
  fds: sent.fds ?? read.fds,
  sessionStore: sent.sessionStore ?? read.sessionStore,
  web: sent.web ?? read.web,
  startedAt: sent.startedAt ?? read.startedAt,
});

const filledIn = (own: JvmSample, meters: JvmSample): JvmSample => ({
  ...own,
  heap: own.heap ?? meters.heap,
  nonHeap: own.nonHeap ?? meters.nonHeap,
  gcPerMinute: own.gcPerMinute ?? meters.gcPerMinute,
  gcTimePercent: own.gcTimePercent ?? meters.gcTimePercent,
  tps: own.tps ?? meters.tps,
  meanMs: own.meanMs ?? meters.meanMs,
  active: own.active ?? meters.active,
  connectors: own.connectors ?? meters.connectors,
  dataSources: own.dataSources ?? meters.dataSources,
  threads: own.threads ?? meters.threads,
  cpu: own.cpu ?? meters.cpu,
  sessions: own.sessions ?? meters.sessions,
  startedAt: own.startedAt ?? meters.startedAt,
});
