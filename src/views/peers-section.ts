import { hostPort } from '../core/host-port.ts';
import { DUMP_TITLES, type DumpPeer } from '../domain/dump.ts';
import type { ContextView } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { formatAge } from './format-age.ts';
import type { DetailSection, ViewContext } from './view.ts';
import { line, say } from './words.ts';

const SHOWN = 40;
const PROTOCOLS = {
  lena: text('LENA advertiser, unauthenticated', 'LENA 어드버타이저, 인증되지 않음'),
  l9s: text('l9s agent', 'l9s 에이전트'),
} as const;

function peerText(peer: DumpPeer, context: ViewContext): string {
  const can = peer.can.map((kind) => say(context, DUMP_TITLES[kind])).join(', ');
  const parts = [
    say(context, PROTOCOLS[peer.protocol]),
    peer.identity,
    peer.serverIds.length === 0 ? undefined : peer.serverIds.join(', '),
    peer.refused === undefined ? can : say(context, peer.refused),
    formatAge(Math.max(0, context.now - peer.connectedAt)),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** Who dialled in over TCP and can be asked for dumps; whoever owns that port can read stacks, so it is shown. */
export function peersSections(row: ContextView, context: ViewContext): readonly DetailSection[] {
  const peers = [...context.related.all('peer')]
    .filter(({ ref }) => ref.context === row.name)
    .sort(
      (a, b) =>
        Number(b.refused !== undefined) - Number(a.refused !== undefined) ||
        a.address.localeCompare(b.address, 'en', { numeric: true }) ||
        a.port - b.port,
    );
  if (peers.length === 0) return [];
  const more = peers.length - SHOWN;
  return [
    {
      title: text(`Connected over TCP (${peers.length})`, `TCP로 연결됨 (${peers.length})`),
      lines: [
        ...peers
          .slice(0, SHOWN)
          .map((peer) =>
            line(
              hostPort(peer.address, peer.port),
              peerText(peer, context),
              peer.refused === undefined ? undefined : 'warn',
            ),
          ),
        ...(more > 0 ? [line('', say(context, text(`and ${more} more`, `외 ${more}개`)), 'muted')] : []),
      ],
    },
  ];
}
