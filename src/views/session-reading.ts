import { sessionPartnerOf } from '../diagnosis/session-partner.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import { percentOf, sumOf } from './format-number.ts';
import type { ViewContext } from './view.ts';

/** True for a session server, or who sends as one. */
export const isSessionServer = ({ type, jvm }: Server): boolean =>
  type === 'session' || jvm?.sessionStore !== undefined;

export const sessionsOf = ({ jvm }: Server): number | undefined =>
  jvm?.sessionStore?.sessions ?? jvm?.sessions;
export const sessionPercent = (server: Server): number | undefined =>
  percentOf(sessionsOf(server), server.jvm?.sessionStore?.maxSessions);

/** Messages between session servers and their clients that were lost, together. */
export function lostMessages({ jvm }: Server): number | undefined {
  const lost = jvm?.sessionStore?.lost;
  return lost && sumOf([lost.received, lost.requests, lost.responses]);
}

/** Session servers of a context, looked up once for each frame: every row of the view asks. */
const sessionServers = new WeakMap<ViewContext, readonly Server[]>();

function allSessionServers(context: ViewContext): readonly Server[] {
  let found = sessionServers.get(context);
  if (found === undefined) {
    found = [...context.related.all('server')].filter(isSessionServer);
    sessionServers.set(context, found);
  }
  return found;
}

/** The other one of its pair: by their environment or StatefulSet, else the one whose address its mirror has. */
export function partnerOf(server: Server, context: ViewContext): Server | undefined {
  const servers = allSessionServers(context);
  const partner = sessionPartnerOf(server, servers);
  if (partner !== undefined) return partner;
  const host = hostOf(server.jvm?.sessionStore?.mirrorAddress);
  if (host === undefined) return undefined;
  const mirrors = servers.filter(
    (other) =>
      other !== server &&
      other.ref.context === server.ref.context &&
      (other.address === host || other.name === host || other.name === host.split('.', 1)[0]),
  );
  return mirrors.length === 1 ? mirrors[0] : undefined;
}

/** `10.0.0.5:5180` → `10.0.0.5`; an IPv6 address keeps its colons. */
function hostOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const bracketed = /^\[([^\]]+)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const parts = address.split(':');
  return parts.length > 2 ? address : parts[0];
}

/** What of a session server is not known and how it can be had; `undefined` where its own counts are there. */
export function unknownOfSession({ jvm }: Server): { readonly why: Text; readonly next: Text } | undefined {
  if (jvm?.sessionStore !== undefined) return undefined;
  return {
    why: text('No datagram tells its sessions and mirror', '세션 수와 미러를 담은 데이터그램 없음'),
    next: text('console.sh status in its place does', '서버에서 console.sh status로 확인'),
  };
}
