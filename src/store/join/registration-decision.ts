import type { OfferBook } from './books.ts';
import {
  type Decision,
  NOBODY,
  pick,
  portsMayAgree,
  sharesAddress,
  sharesName,
  sharesPort,
} from './decide.ts';
import type { Departures } from './departures.ts';
import { firstLabel, type Identity } from './identity.ts';
import { addressKey, hostKey } from './join-keys.ts';
import type { Topology } from './topology.ts';

export interface RegistrationDecisionInput {
  readonly instances: OfferBook;
  readonly departures: Departures;
  readonly topology: Topology;
}

/** Which orchestrated server a Manager's record is about. */
export function decideRegistration(
  seeker: Identity,
  ruled: string | undefined,
  { instances, departures, topology }: RegistrationDecisionInput,
): Decision {
  const found = (key: string, isAllowed: (candidate: Identity) => boolean): readonly Identity[] => {
    const result: Identity[] = [];
    for (const instanceKey of instances.find(key)) {
      const candidate = instances.get(instanceKey);
      if (candidate !== undefined && isAllowed(candidate)) result.push(candidate);
    }
    return result;
  };
  if (ruled !== undefined)
    return pick(
      'rule',
      found(ruled, () => true),
      [],
    );

  const served = topology.servedBy(seeker.context);
  const isServed = (candidate: Identity) => served.has(candidate.context);
  for (const spelling of [hostKey, labelKey]) {
    const candidates = unique(seeker.hosts.flatMap((host) => found(spelling(host), isServed)));
    if (candidates.length > 0) {
      return pick('hostName', candidates, [sharesAddress(seeker), sharesName(seeker), sharesPort(seeker)]);
    }
  }
  // A record whose own host has just left must not move to a newcomer that got its address.
  if (departures.find(served, seeker.hosts) !== undefined) return NOBODY;
  const network = topology.networkOf(seeker.context);
  const isNear = (candidate: Identity) =>
    topology.networkOf(candidate.context) === network && portsMayAgree(seeker, candidate);
  const neighbours = unique(seeker.addresses.flatMap((address) => found(addressKey(address), isNear)));
  return pick('address', neighbours, [sharesPort(seeker)]);
}

const labelKey = (host: string): string => hostKey(firstLabel(host) ?? host);

export const unique = (identities: readonly Identity[]): readonly Identity[] =>
  identities.length < 2
    ? identities
    : [...new Map(identities.map((identity) => [identity.key, identity])).values()];
