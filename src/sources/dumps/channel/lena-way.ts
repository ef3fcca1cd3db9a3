import type { DumpAsk, DumpOffer, DumpTarget, DumpWay, NoOffer } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import type { DumpOrder } from '../../../wire/dump-channel/asks.ts';
import { bindLena } from './bind-lena.ts';
import { type ChannelPeers, dialInLater, heardElsewhere } from './channel-peers.ts';
import { LENA_MISSING } from './lena-missing.ts';

const WAY = 'lena-channel';
const ASKS = {
  thread: { asks: ['OBJECT_THREAD_DUMP'], missing: LENA_MISSING.thread },
  service: { asks: ['OBJECT_ACTIVE_SERVICE_LIST', 'OBJECT_THREAD_LIST'], missing: LENA_MISSING.service },
} as const;

const NEVER: Text = text(
  'a LENA advertiser is asked for thread and service dumps only',
  'LENA 어드버타이저에는 스레드 덤프와 서비스 덤프만 요청합니다',
);
const DIAL: Text = text(
  'it dials its primary address: advertiser.enable.reverse.tcp.connection=true and l9s as advertiser.server.addr (the secondary is never dialled)',
  '기본 주소로만 연결합니다: advertiser.enable.reverse.tcp.connection=true와 advertiser.server.addr에 l9s 지정(secondary로는 연결하지 않음)',
);
const THROUGH_OWNER: Text = text(
  'asked through the l9s of this host that owns the port',
  '포트를 가진 이 호스트의 l9s를 통해 요청합니다',
);

/** Dumps over the connection a LENA advertiser opened. */
export function createLenaWay(peers: ChannelPeers, by: string): DumpWay {
  const bind = async (target: DumpTarget, signal: AbortSignal) => {
    const access = await peers.access(signal);
    const elsewhere = heardElsewhere(target);
    if ('why' in access) return elsewhere === undefined ? access : { why: elsewhere };
    const bound = bindLena(target, access.peers);
    if ('peer' in bound) return { ...bound, isThroughOwner: access.isThroughOwner };
    if (bound.isConnected) return { why: bound.why };
    return elsewhere === undefined
      ? { why: bound.why, next: DIAL, ...dialInLater(access) }
      : { why: elsewhere };
  };
  return {
    id: WAY,
    async offer(target, { kind }, signal): Promise<DumpOffer | NoOffer> {
      if (kind !== 'thread' && kind !== 'service') return { way: WAY, why: NEVER };
      const bound = await bind(target, signal);
      if ('why' in bound) return { way: WAY, ...bound };
      const { peer, note, isThroughOwner } = bound;
      return {
        way: WAY,
        through: `LENA advertiser ${peer.address}`,
        asks: ASKS[kind].asks,
        isAuthenticated: false,
        missing: ASKS[kind].missing,
        notes: [...(note === undefined ? [] : [note]), ...(isThroughOwner ? [THROUGH_OWNER] : [])],
      };
    },
    async take(target, ask, taking) {
      const bound = await bind(target, taking.signal);
      if ('why' in bound) throw appError('DUMP_FAILED', bound.why.en);
      return await peers.take({ ...orderOf(target, ask), way: WAY, peer: bound.peer.ref.id, by }, taking);
    },
  };
}

/** What an order says of a dump, whoever answers. */
export const orderOf = (
  { server }: DumpTarget,
  { kind, isLive = false, maxBytes, timeoutMs }: Omit<DumpAsk, 'kind'> & Pick<DumpOrder, 'kind'>,
  id?: string,
) => ({
  server: { context: server.ref.context, name: server.name, id },
  kind,
  isLive,
  maxBytes,
  timeoutMs,
});
