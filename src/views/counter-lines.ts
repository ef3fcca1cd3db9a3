import type { CounterMeaning } from '../diagnosis/counter-meaning.ts';
import { LENA_COUNTERS } from '../diagnosis/lena-counters.ts';
import { readCounter } from '../diagnosis/read-counter.ts';
import type { Sender } from '../domain/sender.ts';
import { text } from '../domain/text.ts';
import { type CounterValue, formatCounter } from './format-counter.ts';
import { lenaCounterValues, lenaPartValues, type PartValue } from './lena-counter-values.ts';
import type { DetailLine, ViewContext } from './view.ts';
import { line, say } from './words.ts';

export interface SentCounters {
  /** Absent where the sender itself is not known any more. */
  readonly sender: Sender | undefined;
  /** What has no field of its own. */
  readonly counters: Sender['counters'];
}

/** One name on the wire, and its two variants side by side. */
interface Both {
  now?: CounterValue;
  over5Minutes?: CounterValue;
  meaning: CounterMeaning | undefined;
}

/** Said in the lines above, with their number. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['rejectReason']);
const LABEL_CELLS = 30;
/** Connectors or data sources named in one line; a server may have sixty. */
const PARTS_NAMED = 8;

/** What is left to show as sent: without what is said of the sender itself. */
export const otherCounters = (counters: Sender['counters']): readonly (readonly [string, CounterValue])[] =>
  Object.entries(counters).filter(([name]) => !SAID_ELSEWHERE.has(name));

/** Every counter by its name on the wire, with unit, five-minute variant and meaning; the documented ones first. */
export function counterLines(
  { sender, counters }: SentCounters,
  context: ViewContext,
): readonly DetailLine[] {
  const rows = new Map<string, Both>();
  const isLena = sender?.codec === 'lena';
  if (isLena) {
    const sent = lenaCounterValues(sender);
    for (const [name, meaning] of Object.entries(LENA_COUNTERS)) {
      const now = sent.get(name);
      rows.set(name, now === undefined ? { meaning } : { now, meaning });
    }
  }
  for (const [counter, value] of otherCounters(counters)) {
    const { name, isOver5Minutes, meaning } = readCounter(counter, sender?.codec);
    const row = rows.get(name) ?? { meaning };
    if (isOver5Minutes) row.over5Minutes = value;
    else row.now = value;
    rows.set(name, row);
  }
  const parts = isLena ? lenaPartValues(sender) : new Map<string, readonly PartValue[]>();
  const lines: DetailLine[] = [];
  for (const [name, row] of rows) {
    const value = valueText(row, parts.get(name) ?? [], context);
    // A page cuts a longer label; its whole name is what one looks for in a document.
    if (value !== undefined) lines.push(line(name, name.length > LABEL_CELLS ? `${value} (${name})` : value));
  }
  return lines;
}

/** `0.37 requests/s · 5 min 0.04 requests/s — requests a second`; nothing where it was never sent. */
function valueText({ now, over5Minutes, meaning }: Both, parts: readonly PartValue[], context: ViewContext) {
  const said: string[] = [];
  if (now !== undefined) said.push(formatCounter(now, meaning, context));
  if (parts.length > 0) said.push(partsText(parts, meaning, context));
  const words = now === undefined && over5Minutes !== undefined ? meaning?.over5Minutes : undefined;
  if (over5Minutes !== undefined)
    said.push(`${say(context, text('5 min', '5분'))} ${formatCounter(over5Minutes, meaning, context)}`);
  if (said.length === 0) return undefined;
  const why = words ?? meaning?.meaning;
  return why === undefined ? said.join(' · ') : `${said.join(' · ')} — ${say(context, why)}`;
}

/** `http-nio-8180 4 threads, ajp-nio-8109 0 threads`. */
function partsText(parts: readonly PartValue[], meaning: CounterMeaning | undefined, context: ViewContext) {
  const named = parts
    .slice(0, PARTS_NAMED)
    .map(({ part, value }) => `${part} ${formatCounter(value, meaning, context)}`);
  const more = parts.length - named.length;
  if (more > 0) named.push(say(context, text(`${more} more`, `외 ${more}개`)));
  return named.join(', ');
}
