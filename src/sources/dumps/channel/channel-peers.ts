import type { AppError } from '../../../core/app-error.ts';
import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpTaking, DumpTarget, NoOffer, TakenDump } from '../../../domain/dump-way.ts';
import { type Text, text } from '../../../domain/text.ts';
import type { DumpOrder } from '../../../wire/dump-channel/asks.ts';
import type { GonePeer } from './gone-peers.ts';

/** Who can be asked, by this process or by the one that owns the port; or why nobody can. */
export type PeerAccess =
  | {
      readonly peers: readonly DumpPeer[];
      readonly gone: readonly GonePeer[];
      readonly isThroughOwner: boolean;
    }
  | ({ readonly why: Text } & Pick<NoOffer, 'next' | 'mayDialIn'>);

/** Peers of whoever owns the port. */
export interface ChannelPeers {
  /** Never rejects but with the signal's reason. */
  access(signal: AbortSignal): Promise<PeerAccess>;
  /** Rejects with an AppError, or with the signal's reason. */
  take(order: DumpOrder, taking: DumpTaking): Promise<TakenDump>;
}

/** Why nobody here can be its peer: it is heard through a stream of another receiver, which carries no asks. */
export function heardElsewhere({ sender }: DumpTarget): Text | undefined {
  if (sender === undefined || sender.ref.context === 'udp') return undefined;
  const { context } = sender.ref;
  return text(
    `it is heard through ${context} (telemetry.attach), a stream that goes one way: only the receiver there can ask it`,
    `${context}(telemetry.attach)를 통해 수신하며 이 스트림은 한 방향입니다: 그쪽 수신기만 요청할 수 있습니다`,
  );
}

/** Whoever owns the port for a while has its peers; where we have just taken it they are still to dial. */
export const dialInLater = ({
  isThroughOwner,
}: Pick<Extract<PeerAccess, { peers: unknown }>, 'isThroughOwner'>): Pick<NoOffer, 'mayDialIn'> =>
  isThroughOwner ? {} : { mayDialIn: true };

const SWITCH_ON = text(
  'set telemetry.tcp: true beside telemetry.listen in the configuration',
  '설정에서 telemetry.listen과 함께 telemetry.tcp: true로 지정하십시오',
);
export const NO_ACCESS = {
  off: {
    why: text(
      'telemetry.tcp is off: no server can dial in',
      'telemetry.tcp가 꺼져 있어 서버가 연결할 수 없습니다',
    ),
    next: SWITCH_ON,
  },
  notListening: {
    why: text(
      'this process does not listen on TCP, nor does another l9s of this user',
      '이 프로세스도, 이 사용자의 다른 l9s도 TCP에서 수신하지 않습니다',
    ),
    next: text(
      'see the receiver’s notes in :contexts for what has the port',
      ':contexts의 수신기 메모에서 포트를 가진 프로그램을 확인하십시오',
    ),
    // Where its owner has just left, this process is about to listen.
    mayDialIn: true,
  },
  ownerWithout: (owner: string) => ({
    why: text(
      `${owner} owns the port and takes no TCP: no server can dial in`,
      `포트를 가진 ${owner}이(가) TCP를 받지 않아 서버가 연결할 수 없습니다`,
    ),
    next: text(
      'end that one, and this one takes the port; or start it with telemetry.tcp: true',
      '그 프로세스를 끝내면 이 프로세스가 포트를 넘겨받습니다. 또는 telemetry.tcp: true로 시작하십시오',
    ),
  }),
  otherUser: (file: string) => ({
    why: text(
      `the l9s that owns the port belongs to another user (${file})`,
      `포트를 가진 l9s는 다른 사용자의 것입니다(${file})`,
    ),
    next: text(
      'dumps through it are for its own user: take it as that user, or by another way',
      '그 사용자만 덤프를 받을 수 있습니다: 그 사용자로 실행하거나 다른 방법을 쓰십시오',
    ),
  }),
  failed: ({ message, hint }: AppError) => ({ why: text(message, message), next: text(hint, hint) }),
} as const;
