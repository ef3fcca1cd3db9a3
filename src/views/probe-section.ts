import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { formatDataAge } from './format-age.ts';
import { formatNumber, NOT_KNOWN, toHundredths } from './format-number.ts';
import { probeOf } from './jvm-absence.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { line, lineIfKnown, say, WORDS } from './words.ts';

/** How its JVM is read from outside, what was read last and why nothing newer is; nothing where it never was. */
export function probeSections(server: Server, context: ViewContext): readonly DetailSection[] {
  const probe = probeOf(server, context);
  // Without any figure the JVM's own section says why.
  if (probe === undefined || server.jvm === undefined) return [];
  const { way, pid, jvm, heartbeat, restarts, others = [], failure } = probe;
  const readAt = jvm?.at;
  const from = [way, pid === undefined ? undefined : `pid ${pid}`].filter((word) => word !== undefined);
  const lines: DetailLine[] = [
    line(say(context, text('Read from', '읽는 곳')), from.join(', ') || NOT_KNOWN),
    line(
      say(context, text('Last read', '마지막 읽기')),
      readAt === undefined ? NOT_KNOWN : formatDataAge(Math.max(0, context.now - readAt)),
    ),
    line(say(context, text('Pause between', '읽기 간격')), `${toHundredths(heartbeat.intervalMs / 1_000)} s`),
    ...lineIfKnown(
      say(context, text('Restarts seen', '확인된 재시작')),
      restarts === undefined ? undefined : formatNumber(restarts),
      (restarts ?? 0) > 0 ? 'warn' : 'normal',
    ),
    ...lineIfKnown(
      say(context, text('Other JVMs there', '다른 JVM')),
      others.length === 0 ? undefined : others.join(', '),
    ),
  ];
  if (failure !== undefined)
    lines.push(
      line(say(context, text('Error', '오류')), `${failure.code}: ${failure.message}`, 'bad'),
      line(say(context, WORDS.next), failure.hint, 'accent'),
    );
  return [{ title: text('Reading its JVM', 'JVM 읽기'), part: 'jvm', lines }];
}
