import type { DumpTarget } from '../../../domain/dump-way.ts';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** As it is compared: IPv4 inside IPv6 as IPv4, without a zone. */
export const plainAddress = (address: string): string => {
  const own = address.replace(/%.*$/, '').toLowerCase();
  return MAPPED_IPV4.exec(own)?.[1] ?? own;
};

/**
 * Where its connections come from, by its orchestrator's word; else by its Manager's; a row of datagrams alone has the
 * address they come from.
 */
export function addressesOf({ server, instance, sender }: DumpTarget): readonly string[] {
  const given = instance?.addresses ?? (server.contextKind === 'udp' ? [] : [server.address ?? '']);
  const known = given.filter((address) => address !== '');
  const own = known.length === 0 && server.contextKind === 'udp' ? [sender?.sourceAddress ?? ''] : known;
  return [...new Set(own.filter((address) => address !== '').map(plainAddress))];
}

/** What it may call itself, by its orchestrator's word; a row without one by its datagrams'. */
export function hostNamesOf({ server, instance, sender }: DumpTarget): readonly string[] {
  const given = instance?.hostNames ?? [
    sender?.hostName ?? '',
    ...(server.contextKind === 'udp' ? [] : [server.name]),
  ];
  const whole = given.filter((name) => name !== '');
  return [...new Set(whole.flatMap((name) => [name, name.split('.')[0] ?? name]))];
}
