import { sumOf } from '../core/sum.ts';
import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import { sessionPartnerOf } from '../diagnosis/session-partner.ts';
import type { OwnWord } from '../domain/probe-reading.ts';
import { isSameRef } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { percentOf } from './format-number.ts';
import type { ViewContext } from './view.ts';
import type { Gap } from './words.ts';

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

/** Session servers by what pairs them, within their context; looked up once for each frame, for every row asks. */
interface SessionBook {
  readonly pairs: ReadonlyMap<string, readonly Server[]>;
  readonly addresses: ReadonlyMap<string, readonly Server[]>;
  readonly partners: Map<Server, Server | undefined>;
}
const books = new WeakMap<ViewContext, SessionBook>();

function pairKeys({ ref, place, environment, workload }: Server): readonly string[] {
  const pair = readLenaEnvironment(environment).sessionPair;
  const where = `${ref.context}\n${place?.name ?? ''}`;
  return [
    ...(pair === undefined ? [] : [`${where}\npair ${pair}`]),
    ...(workload === undefined ? [] : [`${where}\nset ${workload.name}`]),
  ];
}

function bookOf(context: ViewContext): SessionBook {
  const known = books.get(context);
  if (known !== undefined) return known;
  const pairs = new Map<string, Server[]>();
  const addresses = new Map<string, Server[]>();
  const note = (index: Map<string, Server[]>, key: string, server: Server) => {
    const others = index.get(key);
    if (others === undefined) index.set(key, [server]);
    else if (!others.includes(server)) others.push(server);
  };
  for (const server of context.related.all('server')) {
    if (!isSessionServer(server)) continue;
    for (const key of pairKeys(server)) note(pairs, key, server);
    for (const name of [server.address, server.name])
      if (name !== undefined) note(addresses, `${server.ref.context}\n${name}`, server);
  }
  const book = { pairs, addresses, partners: new Map<Server, Server | undefined>() };
  books.set(context, book);
  return book;
}

/** The other one of its pair: by their environment or StatefulSet, else the one whose address its mirror has. */
export function partnerOf(server: Server, context: ViewContext): Server | undefined {
  const book = bookOf(context);
  if (book.partners.has(server)) return book.partners.get(server);
  const beside = new Set(pairKeys(server).flatMap((key) => book.pairs.get(key) ?? []));
  const partner = sessionPartnerOf(server, beside) ?? mirrorOf(server, book);
  book.partners.set(server, partner);
  return partner;
}

function mirrorOf({ ref, jvm }: Server, { addresses }: SessionBook): Server | undefined {
  const host = hostOf(jvm?.sessionStore?.mirrorAddress);
  if (host === undefined) return undefined;
  const names = new Set([host, host.split('.', 1)[0] ?? host]);
  const found = new Set(
    [...names]
      .flatMap((name) => addresses.get(`${ref.context}\n${name}`) ?? [])
      .filter((other) => !isSameRef(other.ref, ref)),
  );
  const [mirror] = found;
  return found.size === 1 ? mirror : undefined;
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
export function unknownOfSession(server: Server, context: ViewContext): Gap | undefined {
  if (server.jvm?.sessionStore !== undefined) return undefined;
  const failure = ownWordOf(server, context)?.failure ?? probeFailureOf(server, context);
  if (failure !== undefined) return failureGap(failure);
  return {
    why: text('No datagram tells its sessions and mirror', '세션 수와 미러를 담은 데이터그램 없음'),
    next: text('console.sh status in its pod does', '파드에서 console.sh status로 읽음'),
  };
}

/** What it says of itself, asked in its container. */
export const ownWordOf = ({ records }: Server, { related }: ViewContext): OwnWord | undefined =>
  records.probe === undefined ? undefined : related.get(records.probe)?.own;
/** Why it could not be asked. */
export const probeFailureOf = ({ records }: Server, { related }: ViewContext): SourceFailure | undefined =>
  records.probe === undefined ? undefined : related.get(records.probe)?.failure;
export const failureGap = ({ message, hint }: SourceFailure): Gap => ({
  why: text(message, message),
  next: text(hint, hint),
});
