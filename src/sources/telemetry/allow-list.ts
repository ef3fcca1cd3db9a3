import ipaddr from 'ipaddr.js';
import { appError } from '../../domain/errors.ts';

/** Loopback, private and link-local ranges. */
export const DEFAULT_ALLOW: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];
/** Answers remembered; past that all are forgotten, for spoofed addresses must not fill memory. */
const MAX_REMEMBERED = 16_384;

function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (range.includes('/')) return ipaddr.parseCIDR(range);
    const address = ipaddr.parse(range);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (cause) {
    throw appError('CONFIG_INVALID', `telemetry.allow: ${range} is not an address range`, {
      cause,
      hint: 'Write ranges as 10.0.0.0/8 or fd00::/8, or a single address.',
    });
  }
}

/** Who may send: the address as the socket gives it, IPv4 inside IPv6 as IPv4. Throws on a range that is none. */
export function createAllowList(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange);
  const remembered = new Map<string, boolean>();
  const decide = (address: string): boolean => {
    try {
      const sender = ipaddr.process(address);
      return parsed.some((range) => sender.kind() === range[0].kind() && sender.match(range));
    } catch {
      return false;
    }
  };
  return (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const isAllowed = decide(address);
    remembered.set(address, isAllowed);
    return isAllowed;
  };
}
