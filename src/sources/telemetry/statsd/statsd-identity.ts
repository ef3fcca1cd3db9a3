import { cleanLine } from '../../../core/text.ts';
import type { StatsdTags } from '../../../wire/statsd/datagram.ts';

/** Who a line is from, by its tags. */
export interface StatsdIdentity {
  /** Row name: `shop-7f`, `vm1/8080`. */
  readonly name: string;
  readonly hostName: string | undefined;
  readonly serverName: string | undefined;
}

/** Names of tags that say where, the most exact first; and the one that tells several at one place apart. */
const HOST_TAGS: readonly string[] = ['pod_name', 'pod', 'podname', 'kube_pod', 'hostname', 'host'];
const INSTANCE_TAG = 'instance';
const LONGEST = 128;

const hostRank = (name: string): number => HOST_TAGS.indexOf(name.toLowerCase());

/** True for a tag that only says who sends. */
export const isIdentityTag = (name: string): boolean => name === INSTANCE_TAG || hostRank(name) >= 0;

/** `10.0.0.7:8080` of Prometheus is a host and a port; anything else names the instance. */
function hostOfInstance(instance: string): { readonly host: string; readonly port: string | undefined } {
  const [, host, port] = /^([^:]+):(\d{1,5})$/.exec(instance) ?? [];
  return host === undefined ? { host: instance, port: undefined } : { host, port };
}

/** Undefined where no tag says it. */
export function identityOf(tags: StatsdTags): StatsdIdentity | undefined {
  let host: string | undefined;
  let rank: number = HOST_TAGS.length;
  let instance: string | undefined;
  for (const [name, value] of tags) {
    if (value === '') continue;
    if (name === INSTANCE_TAG) instance = cleanLine(value, LONGEST);
    const found = hostRank(name);
    if (found < 0 || found >= rank) continue;
    rank = found;
    host = cleanLine(value, LONGEST);
  }
  if (host !== undefined) {
    const serverName = instance === undefined || instance === host ? undefined : instance;
    return {
      name: serverName === undefined ? host : `${host}/${serverName}`,
      hostName: host,
      serverName,
    };
  }
  if (instance === undefined) return undefined;
  const { host: hostName, port } = hostOfInstance(instance);
  return { name: port === undefined ? hostName : `${hostName}/${port}`, hostName, serverName: port };
}
