import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { formatDataAge } from './format-age.ts';
import { formatNumber, formatPercent, grouped, NOT_KNOWN } from './format-number.ts';
import {
  isSessionServer,
  ownWordOf,
  partnerOf,
  sessionPercent,
  sessionsOf,
  unknownOfSession,
} from './session-reading.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { gapLine, line, lineIfKnown, say } from './words.ts';

const countText = (value: number | undefined): string => (value === undefined ? NOT_KNOWN : grouped(value));

function mirrorLine(server: Server, context: ViewContext): DetailLine {
  const { mirrorAddress, isMirrorConnected } = server.jvm?.sessionStore ?? {};
  const label = say(context, text('Mirror', '미러'));
  const peer = mirrorAddress ?? say(context, text('address not told', '주소 미상'));
  switch (isMirrorConnected) {
    case undefined:
      return line(label, mirrorAddress ?? NOT_KNOWN, 'muted');
    case true:
      return line(label, say(context, text(`${peer}, connected`, `${peer}, 연결됨`)), 'good');
    case false:
      return line(label, say(context, text(`${peer}, not connected`, `${peer}, 연결 안 됨`)), 'bad');
  }
}

function partnerLine(server: Server, context: ViewContext): DetailLine {
  const label = say(context, text('Partner', '상대 서버'));
  const partner = partnerOf(server, context);
  if (partner === undefined) {
    const why = text(
      'n/a: neither LENA_SESSION_n_ADDRESS, a StatefulSet nor a mirror address names one',
      'n/a: LENA_SESSION_n_ADDRESS, StatefulSet, 미러 주소 어디에도 없음',
    );
    return line(label, say(context, why), 'muted');
  }
  return line(label, `${partner.name} (${partner.state})`, partner.state === 'ready' ? 'normal' : 'bad');
}

function sessionsText(server: Server, context: ViewContext): string {
  const max = server.jvm?.sessionStore?.maxSessions;
  const count = countText(sessionsOf(server));
  if (max === undefined) return count;
  const share = formatPercent(sessionPercent(server), 1);
  return say(
    context,
    text(`${count} of ${grouped(max)} (${share})`, `${grouped(max)} 중 ${count} (${share})`),
  );
}

/** Where its figures come from, when they are its own console's, and who keeps sessions in it. */
function ownWordLines(server: Server, context: ViewContext): readonly DetailLine[] {
  const own = ownWordOf(server, context);
  if (own?.at === undefined) return [];
  const age = formatDataAge(Math.max(0, context.now - own.at));
  const fromPartner = own.counters?.['data_from_secondary'];
  return [
    line(say(context, text('Asked of', '확인 방법')), `${own.way}, ${age}`),
    ...lineIfKnown(
      say(context, text('Taken over from its partner', '상대 서버에서 받은 데이터')),
      fromPartner === undefined ? undefined : grouped(fromPartner),
    ),
    ...(own.failure === undefined
      ? []
      : [line(own.failure.code, `${own.failure.message} → ${own.failure.hint}`, 'warn')]),
  ];
}

/** The servers whose sessions it holds, as `console.sh was_list` names them. */
function clientSections(server: Server, context: ViewContext): readonly DetailSection[] {
  const clients = ownWordOf(server, context)?.clients;
  if (clients === undefined) return [];
  return [
    {
      title: text(`Servers that use it (${clients.length})`, `사용하는 서버 (${clients.length})`),
      part: 'session',
      lines: [],
      grid: {
        columns: ['name', 'address', 'host', 'JVM'].map((title) => ({ title })),
        rows: clients.map(({ name, serverName, address, hostName, jvmName }) => ({
          cells: [
            name ?? serverName ?? NOT_KNOWN,
            address ?? NOT_KNOWN,
            hostName ?? NOT_KNOWN,
            jvmName ?? '',
          ],
        })),
      },
    },
  ];
}

/** What a session server holds, and whether the other one of its pair has it too. */
export function sessionSections(server: Server, context: ViewContext): readonly DetailSection[] {
  if (!isSessionServer(server)) return [];
  const store = server.jvm?.sessionStore;
  const lost = store?.lost;
  const lostWords = text(
    `${formatNumber(lost?.received)} received, ${formatNumber(lost?.requests)} requests, ${formatNumber(lost?.responses)} responses`,
    `수신 ${formatNumber(lost?.received)}, 요청 ${formatNumber(lost?.requests)}, 응답 ${formatNumber(lost?.responses)}`,
  );
  const hasLost = [lost?.received, lost?.requests, lost?.responses].some((count) => (count ?? 0) > 0);
  return [
    {
      title: text('Sessions', '세션'),
      part: 'session',
      lines: [
        line(say(context, text('Sessions held', '보유 세션')), sessionsText(server, context)),
        line(say(context, text('Expired', '만료')), countText(store?.expired)),
        mirrorLine(server, context),
        partnerLine(server, context),
        line(
          say(context, text('Messages lost', '유실 메시지')),
          lost === undefined ? NOT_KNOWN : say(context, lostWords),
          hasLost ? 'warn' : 'normal',
        ),
        ...ownWordLines(server, context),
        ...gapLine(unknownOfSession(server, context), context),
      ],
    },
    ...clientSections(server, context),
  ];
}
