import { firstLabel, type Identity } from './identity.ts';

export const ruleKey = (context: string, server: string): string => `i\n${context}\n${server.toLowerCase()}`;
export const hostKey = (host: string): string => `h\n${host}`;
export const addressKey = (address: string): string => `a\n${address}`;

/** Keys a server can be found by: its names in its context, its host names (and their first labels), its addresses. */
export function offeredKeys({ context, names, hosts, addresses }: Identity): readonly string[] {
  const keys: string[] = [];
  for (const name of names) keys.push(ruleKey(context, name));
  for (const host of hosts) {
    keys.push(hostKey(host));
    const label = firstLabel(host);
    if (label !== undefined) keys.push(hostKey(label));
  }
  for (const address of addresses) keys.push(addressKey(address));
  return keys;
}

/** Keys a record looks its server up by; with an explicit rule only that. */
export function soughtKeys({ hosts, addresses }: Identity, ruled: string | undefined): readonly string[] {
  if (ruled !== undefined) return [ruled];
  const keys: string[] = [];
  for (const host of hosts) {
    keys.push(hostKey(host));
    const label = firstLabel(host);
    if (label !== undefined) keys.push(hostKey(label));
  }
  for (const address of addresses) keys.push(addressKey(address));
  return keys;
}
