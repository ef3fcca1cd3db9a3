import { hostPort } from '../core/host-port.ts';
import { SENDER_SKEW_WARN_MS, skewAmount } from '../diagnosis/receiver-reading.ts';
import type { Heartbeat } from '../domain/jvm-sample.ts';
import type { Sender } from '../domain/sender.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { counterLines } from './counter-lines.ts';
import { formatAge, formatDataAge } from './format-age.ts';
import { formatNumber, NOT_KNOWN, toHundredths } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { isOverdue } from './jvm-reading.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { instantWithAge, line, lineIfKnown, say } from './words.ts';

/** `6.2 s ahead of ours`, or that it is in step; the sender's clock minus ours. */
export function skewText(skewMs: number, context: ViewContext): string {
  const amount = skewAmount(skewMs);
  if (Math.abs(skewMs) < 50) return say(context, text('in step with ours', '우리와 같음'));
  return say(
    context,
    skewMs > 0
      ? text(`${amount} ahead of ours`, `${amount} 빠름`)
      : text(`${amount} behind ours`, `${amount} 느림`),
  );
}

/** `3: lena: cut short (2), bad length (1)`. */
function rejectedText({ rejected, rejectReasons = [] }: Heartbeat): string {
  if (rejectReasons.length === 0) return formatNumber(rejected);
  const reasons = rejectReasons.map(({ reason, count }) => `${reason} (${formatNumber(count)})`);
  return `${formatNumber(rejected)}: ${reasons.join(', ')}`;
}

function heardLines(heartbeat: Heartbeat, context: ViewContext): readonly DetailLine[] {
  const { clockSkewMs: skewMs, lost, intervalMs } = heartbeat;
  const age = formatDataAge(Math.max(0, context.now - heartbeat.at));
  const pause = `${toHundredths(intervalMs / 1_000)} s`;
  const expected = intervalMs > 0 ? formatNumber(Math.round(60_000 / intervalMs)) : NOT_KNOWN;
  return [
    line(
      say(context, text('Last heard', '마지막 수신')),
      age,
      isOverdue(heartbeat, context.now) ? 'warn' : 'normal',
    ),
    line(
      say(context, text('Rate', '수신율')),
      say(
        context,
        text(
          `${formatNumber(heartbeat.perMinute)} a minute; one each ${pause} expected, ${expected} a minute`,
          `분당 ${formatNumber(heartbeat.perMinute)}, 예상 ${pause}마다 1개 (분당 ${expected})`,
        ),
      ),
    ),
    line(
      say(context, text('Lost', '손실')),
      lost === undefined
        ? say(context, text('n/a: this form counts none', 'n/a: 이 형식은 세지 않음'))
        : formatNumber(lost),
      (lost ?? 0) > 0 ? 'warn' : 'normal',
    ),
    line(
      say(context, text('Rejected', '거부')),
      rejectedText(heartbeat),
      heartbeat.rejected > 0 ? 'warn' : 'normal',
    ),
    ...(skewMs === undefined
      ? []
      : [
          line(
            say(context, text('Its clock', '송신 측 시계')),
            skewText(skewMs, context),
            Math.abs(skewMs) > SENDER_SKEW_WARN_MS ? 'warn' : 'normal',
          ),
        ]),
  ];
}

function senderLines(sender: Sender, context: ViewContext): readonly DetailLine[] {
  return [
    line(
      say(context, text('Form', '형식')),
      sender.version === undefined ? sender.codec : `${sender.codec}, ${sender.version}`,
    ),
    line(say(context, text('Sent from', '송신 주소')), hostPort(sender.sourceAddress, sender.sourcePort)),
    ...lineIfKnown(say(context, text('Says it is', '스스로 밝힌 주소')), sender.reportedAddress),
    ...lineIfKnown(say(context, text('Says its status is', '스스로 밝힌 상태')), sender.appStatus),
    line(
      say(context, text('Restarts heard', '확인된 재시작')),
      formatNumber(sender.restarts),
      sender.restarts > 0 ? 'warn' : 'normal',
    ),
    ...lineIfKnown(
      say(context, text('Said goodbye', '종료 알림')),
      instantWithAge(sender.byeAt, context, formatInstant, formatAge),
    ),
  ];
}

/** How its datagrams are heard, and every counter they carry with unit and meaning. */
export function datagramSections(server: Server, context: ViewContext): readonly DetailSection[] {
  const { heartbeat, counters, records } = server;
  const sender = records.sender === undefined ? undefined : context.related.get(records.sender);
  const lines = [
    ...(sender === undefined ? [] : senderLines(sender, context)),
    ...(heartbeat === undefined ? [] : heardLines(heartbeat, context)),
  ];
  return [
    { title: text('Datagrams', '데이터그램'), part: 'jvm', lines },
    {
      title: text('Counters as sent', '수신한 카운터'),
      part: 'jvm',
      lines: counterLines({ sender, counters: counters ?? {} }, context),
    },
  ].filter((section) => section.lines.length > 0);
}
