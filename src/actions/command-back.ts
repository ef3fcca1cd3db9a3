import type { Ref } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';

/** The command that goes back to what was there before a plan, for `PlanTarget.wayBack`. */
export function commandBack(verb: string, { context, id }: Ref, option: string): Text {
  const command = `l9s ${verb} ${context}:${id} ${option}`;
  return text(command, command);
}
