import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { asciiCell } from './ascii-cell.ts';
import { formatBytes, formatCount, formatNumber, formatPercent, NOT_KNOWN } from './format-number.ts';
import { levelTone } from './jvm-reading.ts';
import type { DetailSection, ViewContext } from './view.ts';
import {
  isWebServer,
  requestsPerSecond,
  threadPercent,
  unknownOfWeb,
  webThreads,
  workerCounts,
} from './web-reading.ts';
import { gapLine, line, lineIfKnown, say } from './words.ts';

function threadsText(server: Server, context: ViewContext): string {
  const { active, idle, max } = webThreads(server);
  if (active === undefined && max === undefined) return NOT_KNOWN;
  const percent = threadPercent(server);
  const share = percent === undefined ? '' : ` (${formatPercent(percent)})`;
  const [busy, most, spare] = [formatCount(active), formatCount(max), formatCount(idle)];
  return say(
    context,
    text(
      `${busy} active of ${most}${share}, ${spare} idle`,
      `${most} 중 ${busy} 활성${share}, ${spare} 유휴`,
    ),
  );
}
function sinceStart(rate: string, total: string, context: ViewContext): string {
  if (total === NOT_KNOWN) return rate;
  return say(context, text(`${rate}; ${total} since its start`, `${rate}, 시작 이후 ${total}`));
}

/** What a web server does, and where it hands requests to. */
export function webSections(server: Server, context: ViewContext): readonly DetailSection[] {
  if (!isWebServer(server)) return [];
  const web = server.jvm?.web;
  const cpu = server.jvm?.cpu?.process;
  const counts = workerCounts(server);
  const rps = requestsPerSecond(server);
  const perSecond = web?.bytesPerSecond;
  const lines = [
    line(
      say(context, text('Threads', '스레드')),
      threadsText(server, context),
      levelTone(threadPercent(server), context),
    ),
    line(
      say(context, text('Requests', '요청')),
      sinceStart(
        rps === undefined ? NOT_KNOWN : `${formatNumber(rps)} requests/s`,
        formatNumber(web?.requests),
        context,
      ),
    ),
    line(
      say(context, text('Traffic', '트래픽')),
      sinceStart(
        perSecond === undefined ? NOT_KNOWN : `${formatBytes(perSecond)}/s`,
        formatBytes(web?.trafficBytes),
        context,
      ),
    ),
    line('CPU', cpu === undefined ? NOT_KNOWN : formatPercent(cpu * 100)),
    ...lineIfKnown(
      say(context, text('Back ends down', '중단된 백엔드')),
      counts === undefined ? undefined : `${counts.down}/${counts.all}`,
      (counts?.down ?? 0) > 0 ? 'bad' : 'normal',
    ),
    ...gapLine(unknownOfWeb(server, context), context),
  ];
  return [
    { title: text('Web server', '웹 서버'), part: 'web', lines },
    {
      title: text('Back ends', '백엔드'),
      part: 'web',
      lines: [],
      table: {
        columns: ['worker', 'state', 'busy', 'idle', 'max', 'errors'],
        rows: (web?.workers ?? []).map(({ name, state, active, idle, max, errors }) => [
          asciiCell(name),
          asciiCell(state ?? NOT_KNOWN),
          formatCount(active),
          formatCount(idle),
          formatCount(max),
          formatCount(errors),
        ]),
      },
    },
  ].filter((section) => section.lines.length > 0 || (section.table?.rows.length ?? 0) > 0);
}
