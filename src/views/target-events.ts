import type { EventLevel, OpsEvent } from '../domain/event.ts';
import type { Ref } from '../domain/ref.ts';
import { formatInstant } from './format-time.ts';
import type { DetailSection, Tone, ViewContext } from './view.ts';
import { line, say, WORDS } from './words.ts';

export const EVENT_TONES: Readonly<Record<EventLevel, Tone>> = {
  info: 'normal',
  warning: 'warn',
  error: 'bad',
  critical: 'bad',
};
export const EVENT_SIGNS: Readonly<Record<EventLevel, string>> = {
  info: '·',
  warning: '▲',
  error: '✖',
  critical: '‼',
};

/** As its system said it, or in the user's language where we said it. */
export const messageOf = (
  { message, said }: OpsEvent,
  { language }: Pick<ViewContext, 'language'>,
): string => (said === undefined ? message : said[language]);

/** What happened to one thing, newest first, as many as a page can bear. */
export function eventsSection(target: Ref, context: ViewContext, limit = 20): DetailSection {
  const events = context.related.events(target).slice(0, limit);
  return {
    title: WORDS.events,
    part: 'events',
    lines:
      events.length === 0
        ? [line(say(context, WORDS.none), '')]
        : events.map((event) =>
            line(
              formatInstant(event.at, context.isUtc),
              `${event.level} ${event.type}${event.count !== undefined && event.count > 1 ? ` ×${event.count}` : ''}: ${messageOf(event, context)}`,
              EVENT_TONES[event.level],
            ),
          ),
  };
}
