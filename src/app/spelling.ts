import { hasUnicode } from '../core/locale.ts';

/** How what is printed is spelled for a terminal that does not read UTF-8; `undefined` where it does. */
export async function spellingOf(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<((text: string) => string) | undefined> {
  if (hasUnicode(environment)) return undefined;
  const { asciiLine } = await import('../ui/kit/ascii-line.ts');
  // Korean is said only to who asked for it.
  return (text) => asciiLine(text, { keepsHangul: true });
}
