const MAX_TEXT = 262_144;
const MAX_LISTS = 4_096;
const MAX_FIELDS = 256;
const MAX_WORD = 512;

const FIELD = /([A-Za-z_][\w.-]*)["']?\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^,{}\n]*))/g;

/**
 * The brace lists of a text, e.g. `{session_count=12, pid=1}`, as names and values. How the console writes them is not
 * documented beyond that, so quotes, colons and spaces are taken as well. Bounded; never throws.
 */
export function readBraceLists(output: string): readonly ReadonlyMap<string, string>[] {
  const lists: ReadonlyMap<string, string>[] = [];
  for (const [, inner = ''] of output.slice(0, MAX_TEXT).matchAll(/\{([^{}]*)\}/g)) {
    if (lists.length >= MAX_LISTS) break;
    const fields = readFields(inner);
    if (fields.size > 0) lists.push(fields);
  }
  return lists;
}

/** Names and values of a text without braces. */
export function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = '', double, single, plain] of text.slice(0, MAX_TEXT).matchAll(FIELD)) {
    if (fields.size >= MAX_FIELDS) break;
    const value = (double ?? single ?? plain ?? '').trim();
    if (value.length <= MAX_WORD && name.length <= MAX_WORD) fields.set(name, value);
  }
  return fields;
}
