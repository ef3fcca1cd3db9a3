import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpTarget } from '../../../domain/dump-way.ts';
import { type Text, text } from '../../../domain/text.ts';
import { hostNamesOf } from './target-names.ts';

export type AgentBinding =
  | { readonly peer: DumpPeer; readonly serverId: string }
  | { readonly why: Text; readonly isConnected: boolean };

/**
 * Which agent is a server's: the one that proved an identity of the server's workload and said hello for one of its
 * names. One that says so without that key is refused, whatever it says.
 */
export function bindAgent(target: DumpTarget, peers: readonly DumpPeer[]): AgentBinding {
  const identities = identitiesOf(target);
  const said = peers.flatMap((peer) =>
    peer.protocol === 'l9s'
      ? peer.serverIds.flatMap((serverId) => (isNameOf(target, serverId) ? [{ peer, serverId }] : []))
      : [],
  );
  const proven = said.filter(({ peer }) => identities.includes(peer.identity ?? ''));
  const [first, ...others] = proven;
  if (first === undefined) {
    const [stranger] = said;
    return stranger === undefined
      ? {
          why: text('no agent of it is connected', '이 서버의 에이전트가 연결되어 있지 않습니다'),
          isConnected: false,
        }
      : { why: outside(stranger.peer, stranger.serverId, identities[0] ?? '?'), isConnected: true };
  }
  if (others.length > 0) {
    const ids = proven.map(({ peer, serverId }) => `${serverId} (${peer.address})`).join(', ');
    return {
      why: text(
        `${proven.length} agents could be this server's: ${ids}; none is asked`,
        `이 서버의 것일 수 있는 에이전트가 ${proven.length}개입니다: ${ids}. 어느 것에도 요청하지 않습니다`,
      ),
      isConnected: true,
    };
  }
  return first.peer.refused === undefined ? first : { why: first.peer.refused, isConnected: true };
}

const outside = (peer: DumpPeer, serverId: string, wanted: string): Text =>
  text(
    `the agent at ${peer.address} says it is ${serverId}, but its key is that of ${peer.identity ?? '?'}, not of ${wanted}: refused`,
    `${peer.address}의 에이전트는 ${serverId}(이)라고 하지만 키는 ${wanted}이(가) 아닌 ${peer.identity ?? '?'}의 것입니다: 거부`,
  );

/**
 * Identities whose key speaks for a server, best first: `context/workload`, with its namespace (or ECS cluster)
 * between them where names are used twice; without a workload its own name stands for one, and of a row of datagrams
 * `udp/HOST`.
 */
export function identitiesOf({ server, instance, sender }: DumpTarget): readonly string[] {
  const { context } = server.ref;
  if (server.contextKind === 'udp') {
    const host = sender?.hostName;
    return host === undefined ? [] : [...new Set([`udp/${host}`, `udp/${sender?.name ?? host}`])];
  }
  const name = (instance?.workload ?? server.workload)?.name ?? instance?.name ?? server.name;
  const place = instance?.place ?? server.place;
  return [...(place === undefined ? [] : [`${context}/${place.name}/${name}`]), `${context}/${name}`];
}

/** An agent's id is a host's name, or that and the server's own name behind a slash. */
function isNameOf(target: DumpTarget, serverId: string): boolean {
  const { sender } = target;
  const slash = serverId.indexOf('/');
  const host = (slash < 0 ? serverId : serverId.slice(0, slash)).toLowerCase();
  if (!hostNamesOf(target).some((name) => name.toLowerCase() === host)) return false;
  const own = slash < 0 ? undefined : serverId.slice(slash + 1);
  // Where it is heard, of several on one host only the one that calls itself so.
  return sender?.codec !== 'l9s' || own === sender.serverName;
}
