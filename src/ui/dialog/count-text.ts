import { createPrompt, type Prompt } from '../../store/shell/prompt.ts';
import { editText } from '../input/edit-text.ts';
import type { KeyName } from '../input/keys.ts';

/** A number as it is typed. */
export interface CountText {
  readonly prompt: Prompt;
  /** It was given, not typed: the first digit takes its place. */
  readonly isGiven: boolean;
}

export const givenCount = (initial: string): CountText => ({
  prompt: createPrompt('command', initial),
  isGiven: initial !== '',
});

/** After a key; `refused` where it would put in what is no digit, `undefined` where the key does not edit. */
export function editCount({ prompt, isGiven }: CountText, key: KeyName): CountText | 'refused' | undefined {
  if (isGiven && /^\d$/.test(key)) return { prompt: createPrompt('command', key), isGiven: false };
  const next = editText(prompt, key);
  if (next === undefined) return undefined;
  const isMore = next.text.length > prompt.text.length;
  return isMore && !/^\d$/.test(key) ? 'refused' : { prompt: next, isGiven: false };
}

/** What is pasted is the number. */
export function pasteCount(pasted: string): CountText | 'refused' {
  const written = pasted.trim();
  if (!/^\d{1,16}$/.test(written)) return 'refused';
  return { prompt: createPrompt('command', written), isGiven: false };
}

/** One more or less, within the bounds. */
export function stepCount(
  { prompt }: CountText,
  { least, most }: { readonly least: number; readonly most: number },
  key: 'up' | 'down',
): CountText {
  const now = /^\d+$/.test(prompt.text) ? Number(prompt.text) : least;
  const next = Math.min(most, Math.max(least, now + (key === 'up' ? 1 : -1)));
  return { prompt: createPrompt('command', String(next)), isGiven: true };
}
