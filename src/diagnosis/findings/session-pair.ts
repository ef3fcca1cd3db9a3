import { text } from '../../domain/text.ts';
import type { FindingInput, FindingRule } from './finding-input.ts';

/** A session server's datagram says whether its mirror is connected. */
const MIRROR_COUNTERS = ['mirror.connected', 'mirrorConnected'] as const;

const isMirrored = ({ sender }: FindingInput): boolean | undefined => {
  const told = sender?.jvm?.sessionStore?.isMirrorConnected;
  if (told !== undefined) return told;
  for (const name of MIRROR_COUNTERS) {
    const value = sender?.counters[name];
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
  }
  return undefined;
};

export const sessionPair: FindingRule = {
  code: 'session-pair',
  readsDatagrams: true,
  check(input) {
    const { server, peers } = input;
    if (server.type !== 'session') return undefined;
    if (isMirrored(input) === false) {
      return {
        level: 'error',
        text: text(
          `Session server ${server.name} has no connection to its mirror`,
          `세션 서버 ${server.name}: 미러와 연결되지 않음`,
        ),
        next: text(
          'Check the other session server and LENA_SESSION_n_ADDRESS; do not restart this one now',
          '상대 세션 서버와 LENA_SESSION_n_ADDRESS를 확인하고, 지금 이 서버를 재시작하지 마십시오',
        ),
      };
    }
    const beside = peers.find(({ node }) => node !== undefined && node === server.node);
    if (beside === undefined) return undefined;
    return {
      level: 'warn',
      text: text(
        `Session servers ${server.name} and ${beside.name} are both on node ${server.node}`,
        `세션 서버 ${server.name}와(과) ${beside.name}이(가) 같은 노드 ${server.node}에 있음`,
      ),
      next: text(
        'Spread the pair with pod anti-affinity: one node’s end loses all sessions',
        'pod anti-affinity로 분산하십시오: 노드 하나의 장애로 모든 세션을 잃습니다',
      ),
    };
  },
};
