import type { DumpKind } from '../../../domain/dump.ts';
import type { DumpAsk, DumpOffer, DumpTarget, DumpWay, NoOffer } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import { readAgentStatus } from '../../../wire/dump-channel/status.ts';
import { bindAgent, identitiesOf } from './bind-agent.ts';
import { type ChannelPeers, dialInLater, heardElsewhere } from './channel-peers.ts';
import type { GonePeer } from './gone-peers.ts';
import { orderOf } from './lena-way.ts';

const WAY = 'agent-channel';
const STATUS = { kind: 'status', maxBytes: 65_536, timeoutMs: 10_000 } as const;
/** What a heap does to its JVM the verb itself says. */
const PAUSE: Partial<Record<DumpKind, Text>> = {
  thread: text('the JVM stands still for a moment (a safepoint)', 'JVM이 잠시 멈춥니다(세이프포인트)'),
  histogram: text('the JVM stands still while its heap is counted', '힙을 세는 동안 JVM이 멈춥니다'),
};

const dialIn = (target: DumpTarget): Text => {
  const [identity = 'CONTEXT/WORKLOAD'] = identitiesOf(target);
  return text(
    `run l9s advertise --dumps beside it, with the key of ${identity}`,
    `서버 옆에서 ${identity}의 키로 l9s advertise --dumps를 실행하십시오`,
  );
};
/** Heaps are asked for apart; that it can do nothing at all the JVM has asked for. */
const cannot = (kind: DumpKind): { readonly why: Text; readonly next: Text } => ({
  why: text(
    `the agent of it does not offer a ${kind}`,
    `이 서버의 에이전트는 ${kind}을(를) 제공하지 않습니다`,
  ),
  next:
    kind === 'heap'
      ? text(
          'start l9s advertise with --allow-heap-dumps',
          'l9s advertise를 --allow-heap-dumps로 시작하십시오',
        )
      : text(
          'start the JVM without -XX:+DisableAttachMechanism',
          'JVM을 -XX:+DisableAttachMechanism 없이 시작하십시오',
        ),
});
/** It dials by itself for as long as it runs. */
const wasConnected = ({ peer, agoMs }: GonePeer): { readonly why: Text; readonly next: Text } => {
  const seconds = Math.round(agoMs / 1_000);
  const [en, ko] =
    seconds < 120
      ? [`${seconds} s`, `${seconds}초`]
      : [`${Math.round(seconds / 60)} min`, `${Math.round(seconds / 60)}분`];
  return {
    why: text(
      `its agent (${peer.identity ?? '?'} at ${peer.address}) was connected until ${en} ago`,
      `이 서버의 에이전트(${peer.address}의 ${peer.identity ?? '?'})는 ${ko} 전까지 연결되어 있었습니다`,
    ),
    next: text(
      'while it runs it dials again within seconds: ask again; else see its log, and start it',
      '실행 중이면 몇 초 안에 다시 연결합니다: 다시 시도하고, 아니면 에이전트 로그를 보고 시작하십시오',
    ),
  };
};
const COLLECTS: Text = text(
  'the JVM makes a full collection first, and stands still for it',
  '먼저 JVM이 전체 GC를 하며 그동안 멈춥니다',
);

/** What is asked for, as it is shown and audited. */
const requestText = ({ kind, isLive }: DumpAsk): string => (isLive === true ? `${kind} live` : kind);

/** Dumps over the connection an agent of ours opened and proved. */
export function createAgentWay(peers: ChannelPeers, by: string): DumpWay {
  const bind = async (target: DumpTarget, kind: DumpKind, signal: AbortSignal) => {
    const access = await peers.access(signal);
    const elsewhere = heardElsewhere(target);
    if ('why' in access) return elsewhere === undefined ? access : { why: elsewhere };
    const bound = bindAgent(target, access.peers);
    if (!('peer' in bound) && !bound.isConnected && elsewhere !== undefined) return { why: elsewhere };
    if (!('peer' in bound)) {
      if (bound.isConnected) return { why: bound.why };
      const gone = access.gone.find(({ peer }) => 'peer' in bindAgent(target, [peer]));
      return gone === undefined
        ? { why: bound.why, next: dialIn(target), ...dialInLater(access) }
        : { ...wasConnected(gone), ...dialInLater(access) };
    }
    return bound.peer.can.includes(kind) ? bound : cannot(kind);
  };
  return {
    id: WAY,
    async offer(target, ask, signal): Promise<DumpOffer | NoOffer> {
      const bound = await bind(target, ask.kind, signal);
      if ('why' in bound) return { way: WAY, ...bound };
      const pause = PAUSE[ask.kind];
      return {
        way: WAY,
        through: `l9s agent ${bound.peer.identity ?? ''} at ${bound.peer.address}`,
        asks: [requestText(ask)],
        isAuthenticated: true,
        missing: [],
        notes: [...(ask.isLive === true ? [COLLECTS] : []), ...(pause === undefined ? [] : [pause])],
      };
    },
    async take(target, ask, taking) {
      const bound = await bind(target, ask.kind, taking.signal);
      if ('why' in bound) throw appError('DUMP_FAILED', bound.why.en);
      const order = orderOf(target, ask, bound.serverId);
      return await peers.take({ ...order, way: WAY, peer: bound.peer.ref.id, by }, taking);
    },
    async room(target, signal) {
      const bound = await bind(target, 'heap', signal);
      if ('why' in bound) return undefined;
      const order = {
        ...orderOf(target, STATUS, bound.serverId),
        way: WAY,
        peer: bound.peer.ref.id,
        by,
      } as const;
      const parts: Uint8Array[] = [];
      await peers.take(order, {
        signal,
        report: () => undefined,
        write: (bytes) => {
          parts.push(bytes);
          return Promise.resolve();
        },
      });
      const heap = readAgentStatus(Buffer.concat(parts).toString('utf8'))?.heap;
      return heap === undefined || 'why' in heap ? undefined : heap;
    },
  };
}
