const CACHE_LIMIT = 65_536;
const keys = new Map<string, string>();

/** A form of a name whose plain order is the one people expect: without case, and `was-2` before `was-10`. */
export function naturalKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= CACHE_LIMIT) keys.clear();
  const key = name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));
  keys.set(name, key);
  return key;
}
