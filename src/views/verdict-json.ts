import type { VerdictLine } from '../domain/analysis.ts';
import type { Language } from '../domain/text.ts';
import { known } from './known.ts';

/** What an analysis says, as programs get it: `[{code, level, text, next?}]`. */
export const verdictJson = (verdict: readonly VerdictLine[], language: Language) =>
  verdict.map(({ code, level, text, next }) =>
    known({ code, level, text: text[language], next: next?.[language] }),
  );
