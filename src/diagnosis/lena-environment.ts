import type { EnvironmentEntry } from '../domain/environment.ts';

/** A LENA address variable that is set: `LENA_MANAGER_ADDRESS=lena-manager:7700`. */
export interface LenaAddress {
  readonly variable: string;
  readonly value: string;
  /** Without scheme, port and path, lower case. */
  readonly host: string;
}

/** `LENA_CONFIG_TEMPLATE_ID`: the service cluster and, where pinned, the template revision. */
export interface TemplateId {
  readonly serviceCluster: string;
  readonly revision?: string | undefined;
  /** Set when the variable's source changed after the server started, so it may have started with another. */
  readonly changedSinceStart: boolean;
  /** False where the container keeps the template of its image. */
  readonly isDownloaded: boolean;
}

/** What LENA itself reads from a container's environment. */
export interface LenaEnvironment {
  readonly template?: TemplateId | undefined;
  /** `LENA_JVM_HEAP_SIZE` as written, and in bytes where LENA would accept it. */
  readonly heapSize?: { readonly written: string; readonly bytes?: number | undefined } | undefined;
  readonly addresses: readonly LenaAddress[];
  /** Both session servers of a pair, where both are named. */
  readonly sessionPair?: string | undefined;
}

const EMPTY: LenaEnvironment = { addresses: [] };
const ADDRESS_VARIABLE = /^LENA_(MANAGER_ADDRESS|SERVICE_ENDPOINT|SESSION_\d+_ADDRESS)$/;
const cache = new WeakMap<readonly EnvironmentEntry[], LenaEnvironment>();

/** Reads the environment once for each list object; environments are never changed in place. */
export function readLenaEnvironment(environment: readonly EnvironmentEntry[]): LenaEnvironment {
  if (environment.length === 0) return EMPTY;
  let read = cache.get(environment);
  if (read === undefined) {
    read = parse(environment);
    cache.set(environment, read);
  }
  return read;
}

function parse(environment: readonly EnvironmentEntry[]): LenaEnvironment {
  const values = new Map<string, EnvironmentEntry>();
  for (const entry of environment) if (entry.name.startsWith('LENA_')) values.set(entry.name, entry);
  if (values.size === 0) return EMPTY;
  const addresses: LenaAddress[] = [];
  for (const entry of values.values()) {
    if (!ADDRESS_VARIABLE.test(entry.name) || entry.value === undefined) continue;
    for (const value of entry.value.split(',')) {
      const host = hostOf(value);
      if (host !== '') addresses.push({ variable: entry.name, value: value.trim(), host });
    }
  }
  const first = values.get('LENA_SESSION_0_ADDRESS')?.value;
  const second = values.get('LENA_SESSION_1_ADDRESS')?.value;
  return {
    template: readTemplate(values),
    heapSize: readHeapSize(values.get('LENA_JVM_HEAP_SIZE')?.value),
    addresses,
    sessionPair: first && second ? [first, second].sort().join(' ') : undefined,
  };
}

function readTemplate(values: ReadonlyMap<string, EnvironmentEntry>): TemplateId | undefined {
  const entry = values.get('LENA_CONFIG_TEMPLATE_ID');
  const written = entry?.value?.trim();
  if (entry === undefined || !written) return undefined;
  const download = values.get('LENA_CONFIG_TEMPLATE_DOWNLOAD');
  const colon = written.lastIndexOf(':');
  const serviceCluster = colon < 0 ? written : written.slice(0, colon);
  const revision = colon < 0 ? '' : written.slice(colon + 1);
  if (serviceCluster === '') return undefined;
  // Without the download the container keeps the template of its image, whose revision nobody tells.
  const isDownloaded = download?.value === undefined || !/^(n|no|false)$/i.test(download.value.trim());
  return {
    serviceCluster,
    revision: isDownloaded && revision !== '' ? revision : undefined,
    changedSinceStart: entry.changedSinceStart === true || download?.changedSinceStart === true,
    isDownloaded,
  };
}

function readHeapSize(written: string | undefined): LenaEnvironment['heapSize'] {
  if (written === undefined || written === '') return undefined;
  const accepted = /^(\d+)m$/.exec(written);
  return { written, bytes: accepted ? Number(accepted[1]) * 1_048_576 : undefined };
}

/** `http://host:7700/lena` → `host`; an IPv6 address keeps its colons. */
function hostOf(address: string): string {
  const rest = address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const authority = rest.split('/', 1)[0] ?? '';
  const bracketed = /^\[([^\]]*)\]/.exec(authority);
  if (bracketed?.[1] !== undefined) return bracketed[1].toLowerCase();
  const parts = authority.split(':');
  return (parts.length > 2 ? authority : (parts[0] ?? '')).toLowerCase().replace(/\.$/, '');
}
