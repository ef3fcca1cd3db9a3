import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpTarget } from '../../../domain/dump-way.ts';
import { type Text, text } from '../../../domain/text.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';
import { addressesOf, hostNamesOf } from './target-names.ts';

/** The name an advertiser has when nobody gave it one. */
const DEFAULT_SERVER_NAME = 'tomcat1';

export type LenaBinding =
  | { readonly peer: DumpPeer; readonly note?: Text | undefined }
  | { readonly why: Text; readonly isConnected: boolean };

/**
 * Which advertiser is a server's: the one that dials from its address and whose number is that of its name. Without
 * a known name the only one at that address; nobody else, for the connection proves nothing.
 */
export function bindLena(target: DumpTarget, peers: readonly DumpPeer[]): LenaBinding {
  const addresses = addressesOf(target);
  if (addresses.length === 0) {
    return {
      why: text('the server has no known address', '서버의 주소를 알 수 없습니다'),
      isConnected: false,
    };
  }
  const here = peers.filter(({ protocol, address }) => protocol === 'lena' && addresses.includes(address));
  const where = addresses.join(', ');
  if (here.length === 0) {
    return {
      why: text(
        `no LENA advertiser is connected from ${where}`,
        `${where}에서 연결한 LENA 어드버타이저가 없습니다`,
      ),
      isConnected: false,
    };
  }
  const hashes = hashesOf(target);
  const named = here.filter(({ objHash }) => objHash !== undefined && hashes.has(objHash));
  const known = knownHash(target);
  const chosen = known === undefined ? named : named.filter(({ objHash }) => objHash === known);
  const [peer, ...others] = chosen.length > 0 ? chosen : known === undefined ? here : [];
  if (peer === undefined) {
    return {
      why: text(
        `LENA advertisers at ${where} are connected, but none says it is ${nameOf(target)}`,
        `${where}의 LENA 어드버타이저 중 ${nameOf(target)}(이)라고 밝힌 것이 없습니다`,
      ),
      isConnected: true,
    };
  }
  if (others.length > 0) {
    return {
      why: text(
        `${others.length + 1} LENA advertisers at ${where} could be this server, none is told from the others by its name`,
        `${where}의 LENA 어드버타이저 ${others.length + 1}개 중 어느 것이 이 서버인지 이름으로 구분되지 않습니다`,
      ),
      isConnected: true,
    };
  }
  if (peer.refused !== undefined) return { why: peer.refused, isConnected: true };
  return chosen.length > 0 ? { peer } : { peer, note: onlyOne(peer) };
}

const onlyOne = ({ address }: DumpPeer): Text =>
  text(
    `told by its address alone: the only advertiser connected from ${address}, under a name that is not known here`,
    `주소만으로 판단: ${address}에서 연결한 유일한 어드버타이저이며 이름은 알 수 없습니다`,
  );

const hashOf = (host: string, server: string): number => objHashOf(`/${host}/${server}/`);

/** Of its own datagrams: then no other will do. */
function knownHash({ sender }: DumpTarget): number | undefined {
  if (sender?.codec !== 'lena' || sender.hostName === undefined || sender.serverName === undefined) {
    return undefined;
  }
  return hashOf(sender.hostName, sender.serverName);
}

function hashesOf(target: DumpTarget): ReadonlySet<number> {
  const { sender } = target;
  const servers = [...(sender?.serverName === undefined ? [] : [sender.serverName]), DEFAULT_SERVER_NAME];
  const hosts = [...hostNamesOf(target), ...(sender?.hostName === undefined ? [] : [sender.hostName])];
  return new Set(hosts.flatMap((host) => servers.map((server) => hashOf(host, server))));
}
const nameOf = ({ sender, server }: DumpTarget): string => sender?.name ?? server.name;
