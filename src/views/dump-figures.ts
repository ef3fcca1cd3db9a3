import type { Dump } from '../domain/dump.ts';
import { text } from '../domain/text.ts';
import { formatBytes, formatNumber, formatPercent, percentOf } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import type { DetailLine, ViewContext } from './view.ts';
import { line, lineIfKnown, say } from './words.ts';

/** Those with words of their own; what another version wrote beside them stands under the name it gave. */
const SAID = new Set([
  'heapUsedBytes',
  'heapMaxBytes',
  'gcTimePercent',
  'threads',
  'blockedThreads',
  'activeRequests',
  'cpu',
  'heardAt',
]);

/** How the server was when the dump was taken, in units; nothing where that is not known. */
export function dumpFigureLines(
  { figures }: Pick<Dump, 'figures'>,
  context: ViewContext,
): readonly DetailLine[] {
  const number = (name: string): number | undefined => {
    const value = figures[name];
    return typeof value === 'number' ? value : undefined;
  };
  const [used, max] = [number('heapUsedBytes'), number('heapMaxBytes')];
  const share = percentOf(used, max);
  const of = say(context, text('of', '/'));
  const heap =
    share === undefined
      ? formatBytes(used)
      : `${formatBytes(used)} ${of} ${formatBytes(max)} (${formatPercent(share)})`;
  const [gc, cpu, heardAt] = [number('gcTimePercent'), number('cpu'), number('heardAt')];
  const count = (name: string) => {
    const value = number(name);
    return value === undefined ? undefined : formatNumber(value);
  };
  return [
    ...lineIfKnown(say(context, text('Heap used', '힙 사용')), used === undefined ? undefined : heap),
    ...lineIfKnown(
      say(context, text('GC time', 'GC 시간')),
      gc === undefined ? undefined : formatPercent(gc, 1),
    ),
    ...lineIfKnown('CPU', cpu === undefined ? undefined : formatPercent(cpu * 100, 1)),
    ...lineIfKnown(say(context, text('Threads', '스레드')), count('threads')),
    ...lineIfKnown(say(context, text('Blocked threads', '블록된 스레드')), count('blockedThreads')),
    ...lineIfKnown(say(context, text('Active requests', '처리 중 요청')), count('activeRequests')),
    ...Object.entries(figures).flatMap(([name, value]) =>
      SAID.has(name) ? [] : [line(name, typeof value === 'number' ? formatNumber(value) : String(value))],
    ),
    ...lineIfKnown(
      say(context, text('Heard', '수신')),
      heardAt === undefined ? undefined : formatInstant(heardAt, context.isUtc),
    ),
  ];
}
