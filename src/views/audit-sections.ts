import type { AuditCall, AuditEntry } from '../domain/audit-entry.ts';
import { type Text, text } from '../domain/text.ts';
import { callLooks, factsText, OUTCOMES, outcomeInFull, outcomeText } from './acted-words.ts';
import { formatInstant } from './format-time.ts';
import { stateNowLines } from './state-now.ts';
import type { DetailSection, ViewContext } from './view.ts';
import { line, lineIfKnown, say, WORDS } from './words.ts';

/** What was really sent, in order, each with what became of it. */
export function callsSection(entry: AuditEntry, context: ViewContext): DetailSection {
  const { calls } = entry;
  return {
    title: text('Calls', '호출'),
    part: 'calls',
    lines: calls.flatMap((call) => {
      const outcome = call.outcome === undefined ? undefined : callLooks(call.outcome, entry.result);
      const state =
        outcome === undefined ? say(context, openWords(entry, call)) : outcomeText(outcome, context);
      return [
        line(
          call.at === undefined ? '' : formatInstant(call.at, context.isUtc),
          `${call.title} (${call.context}): ${state}`,
          outcome?.tone,
        ),
        line('', call.request, 'muted'),
      ];
    }),
  };
}

/** Of a call without an outcome: that it leaves is on the disk before it does, so without that it has not left. */
function openWords({ result }: AuditEntry, { at }: AuditCall): Text {
  const isOn = result === 'running';
  if (at === undefined)
    return isOn ? text('○ not sent yet', '○ 아직 보내지 않음') : text('– not sent', '– 보내지 않음');
  return isOn ? text('◐ under way', '◐ 진행 중') : text('nothing heard of it', '들은 것이 없음');
}

/** One section a target: what it was before and after, how it ended, and where that is open what it is now. */
export const targetSections = (entry: AuditEntry, context: ViewContext): readonly DetailSection[] =>
  entry.targets.map((target) => {
    const outcome = target.result === undefined ? undefined : OUTCOMES[target.result];
    const place = target.namespace === undefined ? '' : `${target.namespace}/`;
    const name = `${target.kind} ${place}${target.name}`;
    return {
      title: text(name, name),
      lines: [
        line(say(context, WORDS.context), target.context),
        line(
          say(context, text('Result', '결과')),
          outcome === undefined
            ? say(context, text('not known', '알 수 없음'))
            : outcomeInFull(outcome, context),
          outcome?.tone,
        ),
        ...lineIfKnown(say(context, text('Error', '오류')), target.error, 'bad'),
        ...lineIfKnown(say(context, text('Before', '이전')), factsText(target.before)),
        ...lineIfKnown(say(context, text('After', '이후')), factsText(target.after)),
        ...stateNowLines(entry, target, context),
      ],
    };
  });
