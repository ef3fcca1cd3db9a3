import { ownText } from '../own-text.ts';
import type { StatsdMetric, StatsdTags } from './datagram.ts';

/** Metrics of Micrometer's binders that have a field in a sample, by their dotted names. */
const MICROMETER_METRICS = [
  'jvm.memory.used',
  'jvm.memory.committed',
  'jvm.memory.max',
  'jvm.gc.pause',
  'jvm.gc.concurrent.phase.time',
  'jvm.gc.live.data.size',
  'jvm.gc.max.data.size',
  'jvm.threads.live',
  'jvm.threads.daemon',
  'jvm.threads.peak',
  'jvm.threads.states',
  'jvm.classes.loaded',
  'process.cpu.usage',
  'system.cpu.usage',
  'process.uptime',
  'process.start.time',
  'process.files.open',
  'process.files.max',
  'tomcat.threads.busy',
  'tomcat.threads.config.max',
  'jetty.threads.busy',
  'jetty.threads.config.max',
  'tomcat.sessions.active.current',
  'tomcat.global.request',
  'http.server.requests',
  'http.server.requests.active',
  'hikaricp.connections.active',
  'hikaricp.connections.idle',
  'hikaricp.connections.max',
  'jdbc.connections.active',
  'jdbc.connections.idle',
  'jdbc.connections.max',
] as const;
export type MicrometerMetric = (typeof MICROMETER_METRICS)[number];

/** Names of the tags that a hierarchical name may hold; the value goes on up to the next of them. */
const TAG_NAMES: ReadonlySet<string> = new Set([
  'action',
  'application',
  'area',
  'cause',
  'error',
  'exception',
  'gc',
  'host',
  'hostname',
  'id',
  'instance',
  'method',
  'name',
  'outcome',
  'pod',
  'pod_name',
  'podName',
  'pool',
  'state',
  'statistic',
  'status',
  'uri',
]);
/** Dotted, snake case and camel case of one name are the same letters. */
const letters = (name: string): string => name.replace(/[._-]/g, '').toLowerCase();
const BY_LETTERS: ReadonlyMap<string, MicrometerMetric> = new Map(
  MICROMETER_METRICS.map((name) => [letters(name), name]),
);
/** Segments of a prefix that a client puts before all its names. */
const MAX_PREFIX = 3;
const MAX_REMEMBERED = 8_192;

interface KnownName {
  readonly metric: MicrometerMetric;
  /** Of a hierarchical name. */
  readonly tags: StatsdTags;
}
const remembered = new Map<string, KnownName | undefined>();

function tagsOf(segments: readonly string[]): StatsdTags {
  const tags: [string, string][] = [];
  for (const segment of segments) {
    const last = tags.at(-1);
    // A tag's own name directly behind another one is that one's value.
    if (TAG_NAMES.has(segment) && (last === undefined || last[1] !== '')) tags.push([segment, '']);
    else if (last !== undefined) last[1] = last[1] === '' ? segment : `${last[1]}.${segment}`;
  }
  return tags;
}
function find(name: string): KnownName | undefined {
  const segments = name.split('.');
  for (let skipped = 0; skipped <= MAX_PREFIX && skipped < segments.length; skipped++) {
    const rest = segments.slice(skipped);
    const dotted = BY_LETTERS.get(letters(rest.join('')));
    if (dotted !== undefined) return { metric: dotted, tags: [] };
    const hierarchical = BY_LETTERS.get(letters(rest[0] ?? ''));
    if (hierarchical !== undefined) return { metric: hierarchical, tags: tagsOf(rest.slice(1)) };
  }
  return undefined;
}
function remember(name: string): KnownName | undefined {
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const own = ownText(name);
  const found = find(own);
  remembered.set(own, found);
  return found;
}

/** What one metric is in Micrometer's terms, whatever flavour it was sent in; undefined where it is none of them. */
export function micrometerOf(
  metric: StatsdMetric,
): { readonly metric: MicrometerMetric; readonly tags: StatsdTags } | undefined {
  const known = remembered.has(metric.name) ? remembered.get(metric.name) : remember(metric.name);
  if (known === undefined) return undefined;
  return known.tags.length === 0 ? { metric: known.metric, tags: metric.tags } : known;
}
