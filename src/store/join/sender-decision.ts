import { type Decision, NOBODY, pick, sharesName, sharesPort } from './decide.ts';
import type { Departures } from './departures.ts';
import { firstLabel, type Identity } from './identity.ts';
import { addressKey, hostKey } from './join-keys.ts';
import { unique } from './registration-decision.ts';
import type { Topology } from './topology.ts';

export interface SenderDecisionInput {
  /** Servers found under a key: orchestrated ones and those only a Manager knows. */
  readonly serversUnder: (key: string) => readonly Identity[];
  readonly departures: Departures;
  readonly topology: Topology;
}

/** Which server sends these datagrams. */
export function decideSender(
  seeker: Identity,
  ruled: string | undefined,
  { serversUnder, departures, topology }: SenderDecisionInput,
): Decision {
  if (ruled !== undefined) return pick('rule', serversUnder(ruled), []);

  const [source, reported] = seeker.addresses;
  const has = (address: string | undefined) => (candidate: Identity) =>
    address !== undefined && candidate.addresses.includes(address);
  for (const spelling of [(host: string) => host, (host: string) => firstLabel(host) ?? host]) {
    const candidates = unique(seeker.hosts.flatMap((host) => serversUnder(hostKey(spelling(host)))));
    if (candidates.length > 0) {
      return pick('hostName', candidates, [
        has(source),
        has(reported),
        sharesName(seeker),
        sharesPort(seeker),
      ]);
    }
  }
  if (departures.find(topology.contexts, seeker.hosts) !== undefined) return NOBODY;
  // Where the receiver's network is not configured any context may hold the sender, but then only one of all.
  const network = topology.networkOf(seeker.context);
  const isAnywhere = !topology.hasNeighbours(seeker.context);
  for (const address of seeker.addresses) {
    const candidates = serversUnder(addressKey(address)).filter(
      (candidate) =>
        (isAnywhere || topology.networkOf(candidate.context) === network) && sharesPort(seeker)(candidate),
    );
    if (candidates.length > 0) return pick('address', candidates, []);
  }
  return NOBODY;
}
