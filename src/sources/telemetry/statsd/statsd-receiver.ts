import type { StatsdDatagram, StatsdMetric } from '../../../wire/statsd/datagram.ts';
import { micrometerOf } from '../../../wire/statsd/micrometer.ts';
import type { ReceiverParts } from '../receiver-parts.ts';
import { senderOfName } from '../sender-of-name.ts';
import type { Peer } from '../tracked-sender.ts';
import { identityOf, type StatsdIdentity } from './statsd-identity.ts';
import { StatsdSender } from './statsd-sender.ts';

/** Servers one datagram may speak for, as an agent does that forwards what others sent. */
const MAX_IDENTITIES = 64;

interface Group {
  readonly identity: StatsdIdentity;
  readonly metrics: StatsdMetric[];
}

/** Turns StatsD lines into senders. */
export class StatsdReceiver {
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }
  /** Gives the reason where lines of the datagram were left out. */
  take(datagram: StatsdDatagram, peer: Peer, now: number): string | undefined {
    const groups = groupsOf(datagram, peer.address);
    if (groups === undefined) return `statsd: lines of more than ${MAX_IDENTITIES} senders`;
    let outcome: 'read' | 'limited' | 'unclear' | 'refused' = 'unclear';
    for (const group of groups) {
      const taken = this.#takeGroup(group, peer, now);
      if (outcome !== 'read') outcome = taken;
    }
    // A datagram of several servers is left out only where it is for all of them.
    if (outcome !== 'read') this.#parts.tallies[outcome]++;
    const [reason] = datagram.refused.keys();
    return reason === undefined ? undefined : `statsd: ${reason}`;
  }
  #takeGroup(
    { identity, metrics }: Group,
    peer: Peer,
    now: number,
  ): 'read' | 'limited' | 'unclear' | 'refused' {
    const sender = this.#senderOf(identity, peer, now);
    if (typeof sender === 'string') return sender;
    sender.port = peer.port;
    peer.sender = sender;
    this.#parts.table.touch(sender);
    if (!sender.pulse.beat(now)) return 'limited';
    sender.take(metrics, now);
    return 'read';
  }
  #senderOf(identity: StatsdIdentity, peer: Peer, now: number): StatsdSender | 'unclear' | 'refused' {
    const { table, limit, budget, tallies } = this.#parts;
    const { address, port } = peer;
    return senderOfName(table, {
      name: identity.name,
      codec: 'statsd',
      peer,
      now,
      isSame: (sender) => sender instanceof StatsdSender,
      create: (id, name) => new StatsdSender({ id, identity, name, address, port, now, limit, budget }),
      onNamesake: () => {
        tallies.namesakes++;
      },
    });
  }
}

/** The metrics by who they are from; undefined where they are from too many. */
function groupsOf(datagram: StatsdDatagram, address: string): readonly Group[] | undefined {
  const groups = new Map<string, Group>();
  const untold: StatsdMetric[] = [];
  const add = (identity: StatsdIdentity, metrics: readonly StatsdMetric[]): boolean => {
    const known = groups.get(identity.name);
    if (known !== undefined) known.metrics.push(...metrics);
    else if (groups.size < MAX_IDENTITIES) groups.set(identity.name, { identity, metrics: [...metrics] });
    else return false;
    return true;
  };
  for (const metric of datagram.metrics) {
    const identity = identityOf(micrometerOf(metric)?.tags ?? metric.tags);
    if (identity === undefined) untold.push(metric);
    else if (!add(identity, [metric])) return undefined;
  }
  for (const tags of datagram.signs) {
    const identity = identityOf(tags);
    if (identity !== undefined && !add(identity, [])) return undefined;
  }
  const [only, ...more] = groups.values();
  // Lines without a tag that says who, beside those of one server, are that one's.
  if (only !== undefined && more.length === 0) only.metrics.push(...untold);
  else if (untold.length > 0 || only === undefined)
    groups.set('', {
      identity: { name: address, hostName: undefined, serverName: undefined },
      metrics: untold,
    });
  return [...groups.values()];
}
