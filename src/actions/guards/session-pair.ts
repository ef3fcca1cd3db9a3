import { describeThrown } from '../../core/app-error.ts';
import { sessionPartnerOf } from '../../diagnosis/session-partner.ts';
import type { PlanWarning, Progress, WaitStep } from '../../domain/plan.ts';
import { isSameRef } from '../../domain/ref.ts';
import type { Server } from '../../domain/server.ts';
import { text } from '../../domain/text.ts';
import type { ActionTools } from '../tools.ts';
import { memberName, sessionMemberOf } from './session-member.ts';
import { lookAtMirror, type SessionPair, whyUnseen } from './session-mirror.ts';

const EVERY_MS = 3_000;
const MIRROR_TIMEOUT_MS = 600_000;

/** What restarting one server of a pair asks for; empty for anything that is no session server. */
export interface PairGuard {
  readonly warnings: readonly PlanWarning[];
  /** In which order the pair is treated, in words: for a plan that has `waits` too. */
  readonly order: readonly PlanWarning[];
  /** For `PlanTarget.group`: both of the pair carry the same, so the second waits for the first. */
  readonly group?: string | undefined;
  /** After the target's own steps: both are ready and mirrored again. */
  readonly waits: readonly WaitStep[];
}
const NO_PAIR: PairGuard = { warnings: [], order: [], waits: [] };

export interface PairMember {
  readonly server: Server;
  /** All servers of the order, in its order; @default this one alone */
  readonly together?: readonly Server[] | undefined;
}

/** Guards the restart of one server. Never rejects. */
export async function guardSessionPair(
  { server, together = [] }: PairMember,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<PairGuard> {
  if (server.type !== 'session') return NO_PAIR;
  const partner = sessionPartnerOf(server, tools.lookup.all('server'));
  if (partner === undefined) {
    return {
      waits: [],
      order: [],
      warnings: [
        {
          level: 'danger',
          code: 'session-partner-unknown',
          text: text(
            `The other session server of ${server.name} is not known: its sessions may be lost`,
            `${server.name}의 상대 세션 서버를 알 수 없음: 세션이 유실될 수 있음`,
          ),
        },
      ],
    };
  }
  const [first, second] = server.ref.id < partner.ref.id ? [server, partner] : [partner, server];
  const group = `session pair ${first.ref.id} ${second.ref.id}`;
  const warnings: PlanWarning[] = [];
  if (partner.state !== 'ready') {
    warnings.push({
      level: 'danger',
      code: 'session-partner-down',
      text: text(
        `${partner.name}, the mirror of ${server.name}, is ${partner.state}: all sessions would be lost`,
        `${server.name}의 미러 ${partner.name}이(가) ${partner.state} 상태: 모든 세션이 유실됨`,
      ),
    });
  }
  const begun = together.filter(({ ref }) => isSameRef(ref, server.ref) || isSameRef(ref, partner.ref));
  const pair = pairOf(server, partner);
  const seen = pair === undefined ? 'its back end has no exec' : await mirrorSeen(pair, tools, signal);
  if (pair === undefined || typeof seen === 'string') {
    const order = [orderOf({ server, partner, begun, isSeen: false })];
    return { group, order, waits: [], warnings: [...warnings, mirrorUnseen(server.name, String(seen))] };
  }
  if (seen.state !== 'done') warnings.push(notMirrored(`${server.name}, ${partner.name}`, detailOf(seen)));
  const order = [orderOf({ server, partner, begun, isSeen: true })];
  return { group, order, warnings, waits: [mirrorWait(pair, tools)] };
}

interface PairOrder {
  readonly server: Server;
  readonly partner: Server;
  /** Those of the two that were asked for, in order. */
  readonly begun: readonly Server[];
  /** Whether mirroring can be seen, and so waited for. */
  readonly isSeen: boolean;
}

function orderOf({ server, partner, begun, isSeen }: PairOrder): PlanWarning {
  const [first, second] = begun;
  if (first !== undefined && second !== undefined) return pairOrder(first.name, second.name, isSeen);
  const done = isSeen
    ? text('; done when both are ready and mirrored', '; 둘 다 준비되고 미러링되면 완료')
    : text('', '');
  return {
    level: 'info',
    code: 'session-pair',
    text: text(
      `${server.name} alone, not ${partner.name}, its mirror${done.en}`,
      `${server.name}만 해당하며 미러 ${partner.name}은(는) 제외${done.ko}`,
    ),
  };
}

/** Which member of a pair goes first, and what the other one waits for. */
export const pairOrder = (first: string, second: string, isSeen: boolean): PlanWarning => ({
  level: 'info',
  code: 'session-pair',
  text: isSeen
    ? text(
        `${first} first; ${second} when both are ready and mirrored`,
        `${first} 먼저; 둘 다 준비되고 미러링되면 ${second}`,
      )
    : text(
        `${first} first; ${second} when that is done, mirrored or not`,
        `${first} 먼저; 그것이 끝나면 미러링과 관계없이 ${second}`,
      ),
});

function pairOf(first: Server, second: Server): SessionPair | undefined {
  const a = sessionMemberOf(first);
  const b = sessionMemberOf(second);
  return a === undefined || b === undefined ? undefined : { context: first.ref.context, members: [a, b] };
}

/** How a pair stands now, or why that cannot be seen. Never rejects. */
export async function mirrorSeen(
  pair: SessionPair,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Progress | string> {
  try {
    return await lookAtMirror(pair, tools, signal);
  } catch (error) {
    return whyUnseen(error, pair) ?? { state: 'waiting', detail: describeThrown(error) };
  }
}

const detailOf = (progress: Progress): string =>
  progress.state === 'failed' ? progress.error.message : (progress.detail ?? '');

export const mirrorUnseen = (name: string, why: string): PlanWarning => ({
  level: 'danger',
  code: 'mirror-unseen',
  text: text(
    `Whether the sessions of ${name} are mirrored cannot be seen (${why}): make sure before the other one is restarted`,
    `${name}의 세션 미러링 여부를 볼 수 없음 (${why}): 상대 서버를 재시작하기 전에 확인하십시오`,
  ),
});
export const notMirrored = (names: string, detail: string): PlanWarning => ({
  level: 'danger',
  code: 'session-not-mirrored',
  text: text(
    `${names} are not mirrored now (${detail}): sessions will be lost`,
    `${names}: 현재 미러링되지 않음 (${detail}): 세션이 유실됨`,
  ),
});

/** Waits until both of a pair answer and hold the same sessions. */
export const mirrorWait = (pair: SessionPair, tools: ActionTools): WaitStep => ({
  type: 'wait',
  title: text(
    `wait until ${pair.members.map(memberName).join(' and ')} are ready and mirrored`,
    `${pair.members.map(memberName).join(', ')} 준비 및 미러링 대기`,
  ),
  everyMs: EVERY_MS,
  timeoutMs: MIRROR_TIMEOUT_MS,
  check: (signal) => lookAtMirror(pair, tools, signal),
});
