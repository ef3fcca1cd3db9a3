import { counted } from '../core/text.ts';
import {
  BUFFER_ADVICE,
  folded,
  isBufferSmall,
  isReceiver,
  type ReceiverReading,
  type ReceiverTrouble,
  readReceiver,
  sendersOff,
  WANTED_BUFFER_BYTES,
} from '../diagnosis/receiver-reading.ts';
import type { ContextView } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { skewText } from './datagram-section.ts';
import { formatBytes, formatNumber } from './format-number.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { line, say, WORDS } from './words.ts';

/** `48 senders, 12 lost, 3 rejected, 2 consoles`: a receiver in a cell; nothing for other contexts. */
export function receiverBrief(row: ContextView, context: ViewContext): string | undefined {
  if (!isReceiver(row)) return undefined;
  const reading = readReceiver(row.facts);
  const { senders, kernelDrops = 0, rejected } = reading;
  const denied = reading.troubles.find(({ name }) => name === 'denied')?.count ?? 0;
  const readers = reading.counts.find(({ name }) => name === 'readers')?.count ?? 0;
  const words = [
    ...(senders === undefined
      ? []
      : [text(counted(senders, 'sender', formatNumber(senders)), `송신자 ${formatNumber(senders)}`)]),
    ...(kernelDrops > 0
      ? [text(`${formatNumber(kernelDrops)} lost`, `손실 ${formatNumber(kernelDrops)}`)]
      : []),
    ...(rejected > 0 ? [text(`${formatNumber(rejected)} rejected`, `거부 ${formatNumber(rejected)}`)] : []),
    ...(denied > 0
      ? [text(`${formatNumber(denied)} not allowed`, `허용 안 됨 ${formatNumber(denied)}`)]
      : []),
    ...(readers > 0
      ? [text(readers === 1 ? '1 more console' : `${readers} more consoles`, `다른 콘솔 ${readers}`)]
      : []),
  ];
  return words.map((one) => say(context, one)).join(', ') || undefined;
}

/** The first thing to do about a receiver, where there is one. */
export function receiverNote(row: ContextView, context: ViewContext) {
  if (!isReceiver(row)) return undefined;
  const [trouble] = readReceiver(row.facts).troubles;
  if (trouble === undefined) return undefined;
  const words = `▲ ${formatNumber(trouble.count)} ${say(context, trouble.label)} → ${say(context, trouble.next)}`;
  return { text: words, tone: 'warn' as const };
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
const nextLine = ({ next }: ReceiverTrouble, context: ViewContext): DetailLine =>
  line(`  ${say(context, WORDS.next)}`, say(context, next));

function lostLines({ kernelDrops, troubles }: ReceiverReading, context: ViewContext): DetailLine[] {
  const label = say(context, text('Lost by the kernel', '커널 손실'));
  if (kernelDrops === undefined) {
    const silent = text('n/a: this system does not say', 'n/a: 시스템이 알려 주지 않음');
    return [line(label, say(context, silent), 'muted')];
  }
  const trouble = troubles.find(({ name }) => name === 'dropped');
  const count = line(label, formatNumber(kernelDrops), trouble === undefined ? 'good' : 'warn');
  return trouble === undefined ? [count] : [count, nextLine(trouble, context)];
}

function bufferLine(reading: ReceiverReading, context: ViewContext): DetailLine {
  const label = say(context, text('Receive buffer', '수신 버퍼'));
  const granted = formatBytes(reading.bufferBytes);
  if (!isBufferSmall(reading)) return line(label, granted);
  const wanted = formatBytes(WANTED_BUFFER_BYTES);
  const words = text(
    `${granted} of the ${wanted} asked for: ${BUFFER_ADVICE}, then start again`,
    `요청한 ${wanted} 중 ${granted}: ${BUFFER_ADVICE} 후 다시 시작`,
  );
  return line(label, say(context, words), 'warn');
}

/** A port is a name, not an amount: its digits are not grouped. */
function tcpLines({ tcp }: ReceiverReading, context: ViewContext): DetailLine[] {
  if (tcp === undefined) return [];
  const connected = formatNumber(tcp.peers);
  const words = text(
    `port ${tcp.port}, ${counted(tcp.peers, 'connection', connected)}`,
    `포트 ${tcp.port}, 연결 ${connected}`,
  );
  return [line(say(context, text('Dumps over TCP', 'TCP 덤프')), say(context, words))];
}

function rejectedLines({ rejected, rejectReasons }: ReceiverReading, context: ViewContext): DetailLine[] {
  const label = say(context, text('Rejected', '거부'));
  if (rejected === 0) return [line(label, '0')];
  const reasons = rejectReasons.map(({ reason, count }) => `${reason} (${formatNumber(count)})`);
  const why = reasons.length === 0 ? '' : `: ${say(context, folded(reasons))}`;
  return [line(label, `${formatNumber(rejected)}${why}`, 'warn')];
}

function sendersLines(row: ContextView, context: ViewContext): DetailLine[] {
  const { skewed, rejecting } = sendersOff(context.related.all('sender'), row.name);
  const lines: DetailLine[] = [];
  if (rejecting.length > 0) {
    const names = rejecting.map(({ name, rejected }) => `${name} (${formatNumber(rejected)})`);
    lines.push(line(say(context, text('  of them', '  송신자')), say(context, folded(names)), 'warn'));
  }
  if (skewed.length > 0) {
    const names = skewed.map(({ name, skewMs }) => `${name} ${skewText(skewMs, context)}`);
    const words = `${say(context, folded(names))} → ${say(context, text('synchronise them (NTP)', '시각 동기화 필요 (NTP)'))}`;
    lines.push(line(say(context, text('Clocks off', '시계 차이')), words, 'warn'));
  }
  return lines;
}

/** What a receiver hears, loses and refuses; nothing for other contexts. */
export function receiverSections(row: ContextView, context: ViewContext): readonly DetailSection[] {
  if (!isReceiver(row)) return [];
  const reading = readReceiver(row.facts);
  const { perMinute, datagrams, senders } = reading;
  const [rate, all, from] = [formatNumber(perMinute), formatNumber(datagrams), formatNumber(senders)];
  return [
    {
      title: text('Receiver', '수신기'),
      lines: [
        line(
          say(context, text('Heard', '수신')),
          say(
            context,
            text(
              `${rate} a minute from ${counted(senders ?? 0, 'sender', from)}; ${all} in all`,
              `송신자 ${from}, 분당 ${rate}, 누적 ${all}`,
            ),
          ),
        ),
        ...lostLines(reading, context),
        bufferLine(reading, context),
        ...tcpLines(reading, context),
        ...rejectedLines(reading, context),
        ...sendersLines(row, context),
        ...reading.troubles
          .filter(({ name }) => name !== 'dropped')
          .flatMap((trouble) => [
            line(capital(say(context, trouble.label)), formatNumber(trouble.count), 'warn'),
            nextLine(trouble, context),
          ]),
        ...reading.counts.map(({ label, count }) => line(capital(say(context, label)), formatNumber(count))),
        ...reading.others.map(([name, count]) => line(name, formatNumber(count))),
      ],
    },
  ];
}
