const DIGITS = /\d+/g;
const PAD = 16;

/** Names hardly change and are sorted many times a second, so their keys are remembered, within bounds. */
const REMEMBERED = 65_536;
const keys = new Map<string, string>();

/** A key whose plain order is the natural one: `was-9` before `was-10`, case set aside. */
export function naturalKey(text: string): string {
  const known = keys.get(text);
  if (known !== undefined) return known;
  if (keys.size >= REMEMBERED) keys.clear();
  const key = makeKey(text);
  keys.set(text, key);
  return key;
}

function makeKey(text: string): string {
  const lower = text.toLowerCase();
  return lower.replace(DIGITS, (digits) => {
    const significant = digits.replace(/^0+(?=\d)/, '');
    return significant.length > PAD ? significant : significant.padStart(PAD, '0');
  });
}

export function compareNatural(a: string, b: string): number {
  if (a === b) return 0;
  const left = naturalKey(a);
  const right = naturalKey(b);
  return left === right ? 0 : left < right ? -1 : 1;
}
