import type { Kind } from './kind.ts';

/** The identity of one thing: its kind, the context it belongs to and an id unique within both. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K;
  readonly context: string;
  readonly id: string;
}

export const refOf = <K extends Kind>(kind: K, context: string, id: string): Ref<K> => ({
  kind,
  context,
  id,
});

/** The key of a ref within its kind's table; contexts never hold a line feed. */
export const refKey = (ref: Ref): string => `${ref.context}\n${ref.id}`;

/** The ref of a key. */
export function refOfKey<K extends Kind>(kind: K, key: string): Ref<K> {
  const end = key.indexOf('\n');
  return refOf(kind, key.slice(0, end), key.slice(end + 1));
}

export const isSameRef = (a: Ref | undefined, b: Ref | undefined): boolean =>
  a !== undefined && b !== undefined && a.kind === b.kind && a.context === b.context && a.id === b.id;
