import { toHundredths } from './format-number.ts';

/** Numbers keep two decimals. Leaves out what is not known: `undefined` members, and objects and lists that hold nothing. */
export function known(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Names come from datagrams too: an assignment to `__proto__` would not be a member.
  const members: [string, unknown][] = [];
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined) continue;
    if (typeof value === 'number') {
      members.push([name, toHundredths(value)]);
      continue;
    }
    if (isPlainObject(value)) {
      const inner = known(value);
      if (Object.keys(inner).length > 0) members.push([name, inner]);
      continue;
    }
    members.push([name, value]);
  }
  return Object.fromEntries(members);
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
