import type { StatsdTags } from './datagram.ts';

/** The value of the first tag of this name. */
export function tagOf(tags: StatsdTags, name: string): string | undefined {
  for (const [tag, value] of tags) if (tag === name) return value;
  return undefined;
}
