/**
 * Text from outside (names, labels, messages, logs, datagrams) made safe for a terminal: escape sequences, control
 * characters, bidirectional overrides and lone surrogates become visible; the rest stays as it is.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function makeVisible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x09) return ' ';
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return '\ufffd';
}

/** One line of untrusted text, at most `maxLength` UTF-16 units (an ellipsis marks a cut). */
export function cleanLine(text: string, maxLength = 1_024): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
  return cut.replace(UNSAFE, makeVisible);
}

/** Untrusted text of several lines: line breaks stay, `\r\n` becomes `\n`, everything else as in {@link cleanLine}. */
export function cleanText(text: string, maxLength = 65_536): string {
  return text
    .slice(0, maxLength)
    .split(/\r?\n/)
    .map((line) => cleanLine(line, maxLength))
    .join('\n');
}

/** `1 server`, `2 servers`; `written` is the count as it is shown. */
export const counted = (count: number, noun: string, written = `${count}`): string =>
  `${written} ${noun}${count === 1 ? '' : 's'}`;
