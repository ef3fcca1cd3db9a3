import { counted } from '../../core/text.ts';
import type { ServiceDump, ServiceRequest } from '../../domain/service-dump.ts';
import { type Text, text } from '../../domain/text.ts';
import type { EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import { spoken } from './words.ts';

/** LENA's own border between running and slow requests, and of a long transaction. */
const SLOW_MS = 8_000;
const LONG_MS = 300_000;
const MAX_NAMED = 3;

const elapsed = ({ elapsedMs }: ServiceRequest): number => elapsedMs ?? -1;

/** Longest first; of several dumps the last one counts. */
export const byAge = ({ requests }: ServiceDump): readonly ServiceRequest[] =>
  [...requests].sort((a, b) => elapsed(b) - elapsed(a));

export const isBlocked = ({ state, lock }: ServiceRequest): boolean =>
  state === 'BLOCKED' || (lock !== undefined && lock !== '');

interface RequestGroup {
  readonly name: string;
  readonly requests: readonly ServiceRequest[];
  readonly longestMs: number | undefined;
}
/** Most requests first; those that do not tell it are left out. */
function groupRequests(
  requests: readonly ServiceRequest[],
  of: (request: ServiceRequest) => string | undefined,
): readonly RequestGroup[] {
  return [...Map.groupBy(requests, (request) => of(request) ?? '')]
    .filter(([name]) => name !== '')
    .map(([name, members]) => {
      const longest = Math.max(...members.map(elapsed));
      return { name, requests: members, longestMs: longest < 0 ? undefined : longest };
    })
    .sort((a, b) => b.requests.length - a.requests.length);
}

export function judgeServices(dumps: readonly ServiceDump[]): readonly Finding[] {
  const last = dumps.at(-1);
  if (last === undefined) return [];
  const requests = byAge(last);
  const blocked = requests.filter(isBlocked);
  const slow = requests.filter((request) => elapsed(request) >= SLOW_MS);
  const still = stayed(dumps);
  const findings: Finding[] = [];
  const [longest] = slow;
  if (longest?.elapsedMs !== undefined)
    findings.push({
      code: 'slow-requests',
      subject: 'requests',
      level: longest.elapsedMs >= LONG_MS ? 'error' : 'warn',
      text: text(
        `${counted(slow.length, 'request')} of ${requests.length} ${slow.length === 1 ? 'has' : 'have'} run for more than ${spoken(SLOW_MS)}; longest ${spoken(longest.elapsedMs)}: ${describe(longest)}`,
        `요청 ${requests.length}개 중 ${slow.length}개가 ${spoken(SLOW_MS)} 이상 실행 중; 최장 ${spoken(longest.elapsedMs)}: ${describe(longest)}`,
      ),
      next: text(
        'Take a thread dump of the same moment: it shows what they wait for',
        '스레드 덤프를 함께 떠서 무엇을 기다리는지 확인하십시오',
      ),
      weight: slow.length,
      blocks: () => [
        { title: text('Longest first', '오래된 순'), lines: slow.slice(0, 40).map(requestLine) },
      ],
    });
  if (blocked.length > 0)
    findings.push({
      code: 'blocked-requests',
      subject: 'requests',
      level: blocked.length >= 5 ? 'error' : 'warn',
      text: text(
        `${counted(blocked.length, 'request')} wait${blocked.length === 1 ? 's' : ''} for a lock: ${describe(blocked[0])}`,
        `요청 ${blocked.length}개가 락 대기: ${describe(blocked[0])}`,
      ),
      weight: blocked.length,
      blocks: () => [
        { title: text('Waiting for a lock', '락 대기'), lines: blocked.slice(0, 40).map(requestLine) },
      ],
    });
  if (still.length > 0)
    findings.push({
      code: 'stuck-requests',
      subject: 'requests',
      level: 'warn',
      text: text(
        `${counted(still.length, 'request')} ran through all ${dumps.length} service dumps: ${still
          .slice(0, MAX_NAMED)
          .map(describe)
          .join('; ')}`,
        `요청 ${still.length}개가 서비스 덤프 ${dumps.length}개 동안 계속 실행 중: ${still
          .slice(0, MAX_NAMED)
          .map(describe)
          .join('; ')}`,
      ),
      weight: still.length,
      blocks: () => [
        { title: text('In all dumps', '모든 덤프에 있음'), lines: still.slice(0, 40).map(requestLine) },
      ],
    });
  if (findings.length === 0) findings.push(quiet(requests));
  return findings;
}

/** What nobody told is not good news: without times nothing is called quick. */
function quiet(requests: readonly ServiceRequest[]): Finding {
  const [first] = requests;
  const hasTimes = requests.some(({ elapsedMs }) => elapsedMs !== undefined);
  const hasStates = requests.some(({ state, lock }) => state !== undefined || lock !== undefined);
  const judged = hasTimes
    ? hasStates
      ? JUDGED.whole
      : JUDGED.times
    : hasStates
      ? JUDGED.states
      : JUDGED.none;
  const longest =
    first?.elapsedMs === undefined ? undefined : `${spoken(first.elapsedMs)}: ${describe(first)}`;
  return {
    code: 'requests',
    subject: 'requests',
    level: 'ok',
    text:
      requests.length === 0
        ? text('no request is in flight', '처리 중인 요청 없음')
        : text(
            `${counted(requests.length, 'request')} in flight, ${judged.en}${longest === undefined ? '' : `, longest ${longest}`}`,
            `처리 중인 요청 ${requests.length}개, ${judged.ko}${longest === undefined ? '' : `, 최장 ${longest}`}`,
          ),
    weight: 0,
    blocks: () => [],
  };
}
const JUDGED = {
  whole: text('none slow or blocked', '느리거나 막힌 요청 없음'),
  times: text('none slow; which wait for a lock is not known', '느린 요청 없음, 락 대기 여부는 알 수 없음'),
  states: text('none blocked; how long they run is not known', '막힌 요청 없음, 실행 시간은 알 수 없음'),
  none: text(
    'neither how long they run nor what they wait for is known',
    '실행 시간과 대기 여부는 알 수 없음',
  ),
};

/** The same request in every dump: by its transaction, else by thread and service with a time that went on. */
function stayed(dumps: readonly ServiceDump[]): readonly ServiceRequest[] {
  if (dumps.length < 2) return [];
  const [first, ...others] = dumps.slice(0, -1);
  const last = dumps.at(-1);
  if (first === undefined || last === undefined) return [];
  const earlier = [first, ...others].map(({ requests }) => Map.groupBy(requests, ({ thread }) => thread));
  return last.requests.filter((request) =>
    earlier.every((byThread) => byThread.get(request.thread)?.some((before) => isSame(before, request))),
  );
}
function isSame(earlier: ServiceRequest, later: ServiceRequest): boolean {
  if (earlier.service !== later.service) return false;
  if (earlier.txid !== undefined || later.txid !== undefined) return earlier.txid === later.txid;
  return earlier.elapsedMs !== undefined && later.elapsedMs !== undefined
    ? later.elapsedMs > earlier.elapsedMs
    : earlier.frame !== undefined && earlier.frame === later.frame;
}

const describe = (request: ServiceRequest | undefined): string =>
  request === undefined
    ? ''
    : [request.service ?? request.frame, `on "${request.thread}"`].filter(Boolean).join(' ');

function requestLine(request: ServiceRequest): string {
  const age = request.elapsedMs === undefined ? '' : spoken(request.elapsedMs).padStart(10);
  const facts = [request.service, request.sql, request.frame, request.lock].filter(Boolean).join(' · ');
  return `${age}  ${request.thread}  ${request.state ?? ''}  ${facts}`;
}

/** Every request, longest first, then by service and by SQL. */
export function addServiceEvidence(rows: EvidenceRows, dump: ServiceDump): void {
  const requests = byAge(dump);
  for (const request of requests) {
    const facts = [request.service, request.frame, request.lock].filter(Boolean).join(' · ');
    rows.add(
      {
        part: 'request',
        subject: request.thread,
        text: text(facts, facts),
        state: request.state,
        cpuMs: request.cpuMs,
        elapsedMs: request.elapsedMs,
      },
      () => [{ title: request.thread, lines: factLines(request) }],
    );
  }
  const grouped: readonly (readonly [Text, (request: ServiceRequest) => string | undefined])[] = [
    [text('service', '서비스'), ({ service }) => service],
    [text('SQL', 'SQL'), ({ sql }) => sql],
    [text('place', '위치'), ({ frame }) => frame],
  ];
  for (const [what, of] of grouped)
    for (const { name, requests: members, longestMs } of groupRequests(requests, of)) {
      if (what.en !== 'service' && members.length < 2) continue;
      const longest = longestMs === undefined ? '' : spoken(longestMs);
      rows.add(
        {
          part: 'group',
          subject: name,
          text: text(
            `${what.en}${longest === '' ? '' : `, longest ${longest}`}`,
            `${what.ko}${longest === '' ? '' : `, 최장 ${longest}`}`,
          ),
          count: members.length,
          elapsedMs: longestMs,
        },
        () => [
          {
            title: text(counted(members.length, 'request'), `요청 ${members.length}개`),
            lines: members.slice(0, 60).map(requestLine),
          },
        ],
      );
    }
}

function factLines(request: ServiceRequest): readonly string[] {
  return Object.entries(request).flatMap(([field, value]) =>
    value === undefined || value === '' ? [] : [`${field}: ${String(value)}`],
  );
}
