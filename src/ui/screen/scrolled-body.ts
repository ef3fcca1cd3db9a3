import type { Part } from '../kit/styled-line.ts';

/** A page of lines to scroll: everything but the window into it. */
export interface ScrolledBody {
  readonly title: string;
  readonly facts?: readonly Part[] | undefined;
  /** What `lines` are made from; they are made anew when one of these is another. */
  readonly key: readonly unknown[];
  readonly lines: () => readonly string[];
}
