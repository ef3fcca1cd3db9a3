import { cleanLine } from '../../core/text.ts';

/** Longest text a prompt takes, UTF-16 units. */
export const PROMPT_LIMIT = 256;
const RECENT_LIMIT = 50;

export interface Prompt {
  readonly kind: 'command' | 'filter';
  readonly text: string;
  /** Index into `text`, always between whole characters. */
  readonly cursor: number;
  /** The page's filter when the prompt opened; `esc` puts it back. */
  readonly before: string;
  /** Steps back in the list of recent entries; 0 is what is being typed. */
  readonly recall: number;
  /** What was typed before recalling. */
  readonly draft: string;
  /** What stood before the cursor when `tab` was first pressed; the next `tab` offers the next of its candidates. */
  readonly stem?: string | undefined;
}

export const createPrompt = (kind: Prompt['kind'], text: string, before = text): Prompt => ({
  kind,
  text,
  cursor: text.length,
  before,
  recall: 0,
  draft: text,
});

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const graphemes = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Puts text in at the cursor: one line, cleaned, cut at the limit. */
export function insertText(prompt: Prompt, text: string): Prompt {
  const line = cleanLine(text.replace(/[\r\n\t]+/g, ' ').trimEnd() || text.replace(/[\r\n\t]+/g, ' '));
  const room = Math.max(0, PROMPT_LIMIT - prompt.text.length);
  let added = '';
  for (const grapheme of graphemes(line)) {
    if (added.length + grapheme.length > room) break;
    added += grapheme;
  }
  return withText(
    prompt,
    prompt.text.slice(0, prompt.cursor) + added + prompt.text.slice(prompt.cursor),
    prompt.cursor + added.length,
  );
}

const withText = (prompt: Prompt, text: string, cursor: number): Prompt => ({
  ...prompt,
  text,
  cursor,
  recall: 0,
  draft: text,
  stem: undefined,
});

export function moveCursor(given: Prompt, to: 'left' | 'right' | 'start' | 'end'): Prompt {
  const prompt: Prompt = { ...given, stem: undefined };
  const before = graphemes(prompt.text.slice(0, prompt.cursor));
  const after = graphemes(prompt.text.slice(prompt.cursor));
  switch (to) {
    case 'left':
      return { ...prompt, cursor: prompt.cursor - (before.at(-1)?.length ?? 0) };
    case 'right':
      return { ...prompt, cursor: prompt.cursor + (after[0]?.length ?? 0) };
    case 'start':
      return { ...prompt, cursor: 0 };
    case 'end':
      return { ...prompt, cursor: prompt.text.length };
  }
}

export function erase(prompt: Prompt, what: 'before' | 'after' | 'word' | 'line'): Prompt {
  const head = prompt.text.slice(0, prompt.cursor);
  const tail = prompt.text.slice(prompt.cursor);
  switch (what) {
    case 'before': {
      const kept = head.slice(0, head.length - (graphemes(head).at(-1)?.length ?? 0));
      return withText(prompt, kept + tail, kept.length);
    }
    case 'after':
      return withText(prompt, head + tail.slice(graphemes(tail)[0]?.length ?? 0), prompt.cursor);
    case 'word': {
      const kept = head.replace(/\S+\s*$/, '');
      return withText(prompt, kept + tail, kept.length);
    }
    case 'line':
      return withText(prompt, tail, 0);
  }
}

/** Walks through recent entries, newest first; back at 0 stands what was typed. */
export function recall(prompt: Prompt, recent: readonly string[], by: -1 | 1): Prompt {
  const steps = Math.min(recent.length, Math.max(0, prompt.recall + by));
  const text = steps === 0 ? prompt.draft : (recent[recent.length - steps] ?? prompt.draft);
  return { ...prompt, text, cursor: text.length, recall: steps, stem: undefined };
}

/** Adds an entry as the newest of a bounded list without repeats. */
export const remember = (recent: readonly string[], entry: string): readonly string[] =>
  entry === '' ? recent : [...recent.filter((one) => one !== entry), entry].slice(-RECENT_LIMIT);
