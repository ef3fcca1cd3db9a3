import { isReceiver } from '../diagnosis/receiver-reading.ts';
import type { ContextView } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { failureOf, lastGoodAt, serversOf } from './context-reading.ts';
import { formatDataAge } from './format-age.ts';
import { formatMs, formatNumber, NOT_KNOWN } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { peersSections } from './peers-section.ts';
import { receiverSections } from './receiver-section.ts';
import type { DetailLine, DetailSection, Tone, ViewContext } from './view.ts';
import { instantWithAge, line, lineIfKnown, SOURCE_SIGNS, SOURCE_TONES, say, WORDS } from './words.ts';

const CAPABILITY_TONES: Readonly<Record<string, Tone>> = { found: 'good', denied: 'bad', absent: 'muted' };

function stateLines(row: ContextView, context: ViewContext): DetailLine[] {
  const { status } = row;
  const failure = failureOf(row);
  const retryAt = 'retryAt' in status ? status.retryAt : undefined;
  return [
    line(
      say(context, WORDS.state),
      `${SOURCE_SIGNS[status.state]} ${status.state}`,
      SOURCE_TONES[status.state],
    ),
    line(
      say(context, text('Last good data', '마지막 정상 데이터')),
      instantWithAge(lastGoodAt(row), context, formatInstant, formatDataAge) ?? NOT_KNOWN,
    ),
    ...(failure === undefined
      ? []
      : [
          line(say(context, text('Error', '오류')), failure.code, 'bad'),
          line(say(context, text('Message', '메시지')), failure.message),
          line(say(context, WORDS.next), failure.hint, 'accent'),
        ]),
    ...lineIfKnown(
      say(context, text('Next attempt', '다음 시도')),
      retryAt === undefined ? undefined : formatInstant(retryAt, context.isUtc),
    ),
  ];
}

/** Everything known about one context. */
export function contextDetail(row: ContextView, context: ViewContext): readonly DetailSection[] {
  const { facts } = row;
  return [
    { title: text('State', '상태'), part: 'reasons', lines: stateLines(row, context) },
    {
      title: text('Target', '대상'),
      lines: [
        line(say(context, WORDS.name), row.name),
        line(say(context, WORDS.type), row.kind),
        line(
          say(context, text('Protected', '보호됨')),
          say(context, row.isProtected ? text('yes', '예') : text('no', '아니요')),
        ),
        line(say(context, WORDS.address), facts.target ?? NOT_KNOWN),
        line(say(context, text('Version', '버전')), facts.version ?? NOT_KNOWN),
        ...(row.kind === 'udp'
          ? []
          : [line(say(context, text('We are', '접속 주체')), facts.identity ?? NOT_KNOWN)]),
        line(say(context, text('Servers', '서버')), String(serversOf(row) ?? NOT_KNOWN)),
        line(
          say(context, text('Requests per minute', '분당 요청')),
          facts.requestsPerMinute === undefined ? NOT_KNOWN : String(facts.requestsPerMinute),
        ),
        ...lineIfKnown(
          say(context, text('Credentials end', '인증 만료')),
          facts.credentialsEndAt === undefined
            ? undefined
            : formatInstant(facts.credentialsEndAt, context.isUtc),
          facts.credentialsEndAt !== undefined && facts.credentialsEndAt - context.now < 3_600_000
            ? 'warn'
            : 'normal',
        ),
        ...lineIfKnown(
          say(context, text('Clock skew', '시계 차이')),
          facts.clockSkewMs === undefined ? undefined : formatMs(facts.clockSkewMs),
        ),
        ...(facts.notes ?? []).map((note) => line(say(context, text('Note', '참고')), note, 'warn')),
      ],
    },
    {
      title: text('Capabilities', '기능'),
      lines: Object.entries(facts.capabilities ?? {}).map(([name, { state, detail: why }]) =>
        line(name, why === undefined ? state : `${state}: ${why}`, CAPABILITY_TONES[state] ?? 'normal'),
      ),
    },
    ...receiverSections(row, context),
    ...peersSections(row, context),
    {
      title: text('Counts', '집계'),
      lines: isReceiver(row)
        ? []
        : Object.entries(facts.counts ?? {}).map(([name, count]) => line(name, formatNumber(count))),
    },
  ].filter((section) => section.lines.length > 0);
}
