import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { formatDataAge } from './format-age.ts';
import { formatMs, formatNumber, toHundredths } from './format-number.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { line, lineIfKnown } from './words.ts';

const counterText = (value: string | number | boolean): string =>
  String(typeof value === 'number' ? toHundredths(value) : value);

/** How we hear it, and everything it sends that has no field of its own. */
export function datagramSection(server: Server, context: ViewContext): DetailSection | undefined {
  const { heartbeat, counters } = server;
  if (heartbeat === undefined && counters === undefined) return undefined;
  const lines: DetailLine[] = [];
  if (heartbeat !== undefined) {
    lines.push(
      line('Heartbeat', formatDataAge(Math.max(0, context.now - heartbeat.at))),
      line('Per minute', formatNumber(heartbeat.perMinute)),
      line('Lost', formatNumber(heartbeat.lost)),
      line('Rejected', formatNumber(heartbeat.rejected), heartbeat.rejected > 0 ? 'warn' : 'normal'),
      ...lineIfKnown(
        'Clock skew',
        heartbeat.clockSkewMs === undefined ? undefined : formatMs(Math.round(heartbeat.clockSkewMs)),
      ),
    );
  }
  const sender = server.records.sender === undefined ? undefined : context.related.get(server.records.sender);
  if (sender !== undefined) {
    lines.push(
      line('Codec', sender.codec),
      line('Sent from', `${sender.sourceAddress}:${sender.sourcePort}`),
      ...lineIfKnown('Says it is', sender.reportedAddress),
      ...lineIfKnown('Version', sender.version),
      ...lineIfKnown('Says its status is', sender.appStatus),
      line('Restarts heard', String(sender.restarts)),
    );
  }
  for (const [name, value] of Object.entries(counters ?? {})) {
    lines.push(line(name, typeof value === 'object' ? value.map(counterText).join(' ') : counterText(value)));
  }
  return { title: text('Datagrams', '데이터그램'), part: 'jvm', lines };
}
