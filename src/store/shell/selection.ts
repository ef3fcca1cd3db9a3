import { type Ref, refKey } from '../../domain/ref.ts';
import type { Page } from './page.ts';

/** The rows a page shows now, in order. */
export type ShownRefs = readonly Ref[];

/** Where the cursor is among the rows shown; `gone` when its row is not among them any more. */
export type CursorPlace =
  | { readonly state: 'at'; readonly index: number; readonly ref: Ref }
  | { readonly state: 'gone'; readonly ref: Ref }
  | { readonly state: 'none' };

export function cursorPlace(page: Page, indexOf: (ref: Ref) => number, first: Ref | undefined): CursorPlace {
  if (page.cursor === undefined) {
    return first === undefined ? { state: 'none' } : { state: 'at', index: 0, ref: first };
  }
  const index = indexOf(page.cursor);
  return index === -1 ? { state: 'gone', ref: page.cursor } : { state: 'at', index, ref: page.cursor };
}

/** Puts the cursor on the row at `index`, held within the rows. */
export function cursorTo(shown: ShownRefs, index: number): Partial<Page> {
  const held = Math.min(shown.length - 1, Math.max(0, index));
  const ref = shown[held];
  return ref === undefined ? {} : { cursor: ref, cursorIndex: held };
}

/** Rows went by the user's own deed: the cursor goes on to the next that stays, and nothing of them stays marked. */
export function leaveRows(page: Page, shown: ShownRefs, gone: readonly Ref[]): Partial<Page> {
  const keys = new Set(gone.map(refKey));
  const stays = (ref: Ref): boolean => !keys.has(refKey(ref));
  const marks = new Map([...page.marks].filter(([key]) => !keys.has(key)));
  if (page.cursor === undefined || stays(page.cursor)) return { marks };
  const { cursor } = page;
  const found = shown.findIndex((ref) => refKey(ref) === refKey(cursor));
  const from = found === -1 ? page.cursorIndex : found;
  const next = shown.slice(from).find(stays) ?? shown.slice(0, from).findLast(stays);
  // Those above it go too: it moves up by so many.
  const index = shown.filter(stays).findIndex((ref) => next !== undefined && refKey(ref) === refKey(next));
  return { marks, cursor: next, cursorIndex: Math.max(0, index) };
}

export function toggleMark(page: Page, ref: Ref): Partial<Page> {
  const marks = new Map(page.marks);
  const key = refKey(ref);
  if (!marks.delete(key)) marks.set(key, ref);
  return { marks, markAnchor: ref };
}

/** Marks everything between the last mark and `index`. */
export function markRange(page: Page, shown: ShownRefs, index: number): Partial<Page> {
  const anchorKey = page.markAnchor === undefined ? undefined : refKey(page.markAnchor);
  const anchor = anchorKey === undefined ? -1 : shown.findIndex((ref) => refKey(ref) === anchorKey);
  const from = anchor === -1 ? index : anchor;
  const marks = new Map(page.marks);
  for (const ref of shown.slice(Math.min(from, index), Math.max(from, index) + 1))
    marks.set(refKey(ref), ref);
  const at = shown[index];
  return at === undefined ? { marks } : { marks, markAnchor: at };
}

export const markAll = (page: Page, shown: ShownRefs): Partial<Page> => ({
  marks: new Map([...page.marks, ...shown.map((ref) => [refKey(ref), ref] as const)]),
});

export const clearMarks = (): Partial<Page> => ({ marks: new Map(), markAnchor: undefined });
