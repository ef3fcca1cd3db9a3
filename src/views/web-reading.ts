import { backEndStand } from '../diagnosis/back-end-state.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { percentOf } from './format-number.ts';
import { connectorTotals } from './jvm-reading.ts';
import { failureGap, ownWordOf, probeFailureOf } from './session-reading.ts';
import type { ViewContext } from './view.ts';
import type { Gap } from './words.ts';

const WEB_TYPES: ReadonlySet<Server['type']> = new Set(['web', 'httpd', 'nginx']);

/** True for a web server, or who sends as one. */
export const isWebServer = ({ type, jvm }: Server): boolean => WEB_TYPES.has(type) || jvm?.web !== undefined;

/** Worker threads: its own word, else what its Manager's meters say. */
export function webThreads(server: Server): {
  readonly active: number | undefined;
  readonly idle: number | undefined;
  readonly max: number | undefined;
} {
  const web = server.jvm?.web;
  if (web !== undefined) return { active: web.activeThreads, idle: web.idleThreads, max: web.maxThreads };
  const { busy, max } = connectorTotals(server);
  return { active: busy, idle: undefined, max };
}
export function threadPercent(server: Server): number | undefined {
  const { active, max } = webThreads(server);
  return percentOf(active, max);
}
export const requestsPerSecond = ({ jvm }: Server): number | undefined =>
  jvm?.web?.requestsPerSecond ?? jvm?.tps;

/** Back ends by how they stand; `unsaid` where it does not tell their state. */
export function workerCounts({
  jvm,
}: Server): { readonly all: number; readonly down: number; readonly unsaid: number } | undefined {
  const workers = jvm?.web?.workers;
  if (workers === undefined) return undefined;
  let down = 0;
  let unsaid = 0;
  for (const { state } of workers) {
    const stand = backEndStand(state);
    if (stand === undefined) unsaid++;
    else if (stand !== 'serving') down++;
  }
  return { all: workers.length, down, unsaid };
}

/** What of a web server is not known and how it can be had; `undefined` where its own figures are there. */
export function unknownOfWeb(server: Server, context: ViewContext): Gap | undefined {
  if (server.jvm?.web !== undefined) return undefined;
  const failure = ownWordOf(server, context)?.failure ?? probeFailureOf(server, context);
  if (failure !== undefined) return failureGap(failure);
  // Others have no status page that is known here.
  if (server.type !== 'web')
    return {
      why: text('No datagram tells its requests and back ends', '요청과 백엔드를 담은 데이터그램 없음'),
      next: text(
        'see its own status page; l9s reads that of LENA web servers only',
        '자체 상태 페이지를 확인하십시오. l9s는 LENA 웹 서버의 것만 읽습니다',
      ),
    };
  return {
    why: text('No datagram tells its requests and back ends', '요청과 백엔드를 담은 데이터그램 없음'),
    next: text('/cmx-status in its pod does', '파드에서 /cmx-status로 읽음'),
  };
}
