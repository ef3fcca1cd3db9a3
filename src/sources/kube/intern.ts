import { isRecord, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';

const MAX_ENTRIES = 50_000;

/**
 * Cleans text and keeps one copy of what repeats in thousands of pods (images, nodes, label sets), so that 10,000
 * pods stay small. Forgets everything when full: a second copy costs memory, a leak costs the process.
 */
export function createInterner() {
  const lines = new Map<string, string>();
  const labelSets = new Map<string, Readonly<Record<string, string>>>();
  const lists = new Map<string, readonly unknown[]>();
  const line = (value: unknown): string | undefined => {
    const raw = stringOf(value);
    if (raw === undefined) return undefined;
    const known = lines.get(raw);
    if (known !== undefined) return known;
    if (lines.size >= MAX_ENTRIES) lines.clear();
    const clean = cleanLine(raw);
    lines.set(raw, clean);
    return clean;
  };
  return {
    line,
    labels(value: unknown): Readonly<Record<string, string>> {
      const record = isRecord(value) ? value : {};
      const key = JSON.stringify(record);
      const known = labelSets.get(key);
      if (known !== undefined) return known;
      if (labelSets.size >= MAX_ENTRIES) labelSets.clear();
      const labels: Record<string, string> = {};
      for (const [name, label] of Object.entries(record)) {
        if (typeof label === 'string') labels[cleanLine(name, 320)] = cleanLine(label, 256);
      }
      labelSets.set(key, labels);
      return labels;
    },
    /** The first list that looked the same. */
    list<T extends string | number>(items: readonly T[]): readonly T[] {
      const key = `${typeof items[0]} ${items.join('\u0000')}`;
      const known = lists.get(key);
      // The key holds the element type and every element, so an equal key means an equal list.
      if (known !== undefined) return known as readonly T[];
      if (lists.size >= MAX_ENTRIES) lists.clear();
      lists.set(key, items);
      return items;
    },
  };
}
export type Interner = ReturnType<typeof createInterner>;
