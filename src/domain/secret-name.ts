import { cleanLine } from '../core/text.ts';

const SECRET_NAME = /KEY|CODE|PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL/i;

/** True where a value of this name is masked everywhere. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

export const MASK = '***';

/** Where a text writes a name and then its value; both patterns must be linear, since texts are foreign. */
export interface NamedValue {
  /** Global; its first group is the name. */
  readonly head: RegExp;
  /** Sticky, right behind the head. */
  readonly value: RegExp;
}

/** Masks the values of secret names; a value that is not masked may hold further ones. */
export function maskNamed(
  text: string,
  { head, value }: NamedValue,
  isSecret: (name: string) => boolean = isSecretName,
): string {
  const heads = new RegExp(head);
  const values = new RegExp(value);
  const parts: string[] = [];
  let at = 0;
  for (let found = heads.exec(text); found !== null; found = heads.exec(text)) {
    values.lastIndex = heads.lastIndex;
    if (!isSecret(found[1] ?? '') || !values.test(text)) continue;
    parts.push(text.slice(at, heads.lastIndex), MASK);
    at = values.lastIndex;
    heads.lastIndex = at;
  }
  return parts.join('') + text.slice(at);
}

/** The `=` is looked for behind the name, not within the head: a head that always holds is never tried twice. */
const QUERY: NamedValue = { head: /[?&;]([^=&;\s]+)=?/g, value: /(?<==)[^&;\s"']*/y };

/** Masks the values of secret-looking query parameters and any user info of a URL written in text. */
export function maskUrl(text: string): string {
  return maskNamed(text, QUERY).replace(/([a-z0-9+.-]:\/\/)[^/\s]+@/gi, `$1${MASK}@`);
}

/** `name=value`, as JVM options and arguments have it. */
const WORDS: NamedValue = { head: /(?<![\w.-])([\w.-]+)=/g, value: /[^\s,;"']+/y };

/** How a request proves who sends it. */
const AUTHORIZATION = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;

/** Masks what secret names are set to in words and URLs, and what a request proves itself by. */
export const maskWords = (text: string): string =>
  maskNamed(maskUrl(text), WORDS).replace(AUTHORIZATION, `$1 ${MASK}`);

/** `name = 'value'`, as statements have it; `?` stands for a value and is none. */
const STATED: NamedValue = {
  head: /(?<![\w.-])([\w.-]+)\s{0,2}=\s{0,2}/g,
  value: /'[^']*'?|"[^"]*"?|[^\s,;&"'?)][^\s,;&"')]*/y,
};
/** What every line without a secret lacks: most lines are of stacks. */
const MAY_HOLD_SECRET = /[=@]|\b(?:Bearer|Basic)\s/i;

/** One line of what a server says of itself (names of threads, URIs, SQL): cleaned, cut, its secrets masked. */
export function shownLine(text: string, maxLength: number): string {
  const line = cleanLine(text, maxLength);
  if (!MAY_HOLD_SECRET.test(line)) return line;
  return maskNamed(maskUrl(line), STATED).replace(AUTHORIZATION, `$1 ${MASK}`);
}
