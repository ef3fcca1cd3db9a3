import type { Mode } from '../domain/policy.ts';
import type { Language } from '../domain/text.ts';

/** What the console is told once; nothing of it changes while it runs. */
export interface ConsoleSettings {
  readonly language: Language;
  /** Clock and instants start in UTC; `Z` switches. */
  readonly isUtc: boolean;
  readonly isColor: boolean;
  /** Bits of colour the terminal has: 1, 4, 8 or 24. */
  readonly colorDepth: number;
  readonly theme: string;
  /** Where heap colours change, 0–1. */
  readonly levels: { readonly middle: number; readonly high: number };
  readonly mode: Mode;
  /** Shortest pause between frames that only data asked for, ms. */
  readonly refreshMs: number;
  readonly version: string;
  /** Said in the header: nothing shown is real. */
  readonly isDemo: boolean;
  /** Names of the configured contexts, for completion. */
  readonly configuredContexts: readonly string[];
  /** Id of the first view; @default the servers */
  readonly homeView?: string;
  /** Namespaces the first view is narrowed to. */
  readonly namespaces?: readonly string[];
  /** Charts in block characters; @default true */
  readonly isUnicode?: boolean;
}
