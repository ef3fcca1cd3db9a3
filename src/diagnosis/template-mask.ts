import { isSecretName, MASK } from '../domain/secret-name.ts';

/** Hides a value and keeps its line breaks, so that the lines of a file stay in their places. */
const hide = (value: string): string => value.replace(/[^\r\n]+/g, MASK);

const TAG = /<[^<>]*>/g;
const NAMING_ATTRIBUTE = /\s(?:name|key|id|property)\s{0,4}=\s{0,4}(?:"([^"]*)"|'([^']*)')/gi;
const VALUE_ATTRIBUTE = /(\s(?:value|default|defaultValue)\s{0,4}=\s{0,4})(?:"[^"]*"|'[^']*')/gi;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)([\s\S]*?)(-----END|$)/g;
const BEARER = /\b(Bearer|Basic)([ \t]+)[\w.~+/=-]{8,}/gi;
const JWT = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g;
/** Of URLs; bounded, so that a hostile file costs no more than its size. */
const QUERY = /([?&;])([\w.-]{1,100})=[^&;\s"'<>]+/g;
const USER_INFO = /(:\/\/)[^/@\s"'<>]{1,300}@/g;
/** `name=value`, `name: value`, `"name": "value"`: anywhere; a quoted value may go over lines. */
const ASSIGNED =
  /(?<![\w.-])([\w.-]+)(["']?[ \t]{0,8}[=:][ \t]{0,8})("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[^\s"'<>;,&]+)/g;
/** A line that begins with a name and, after `=`, `:` or blanks, is its value to the end (properties, directives). */
const WHOLE_LINE =
  /^([ \t]*(?:export[ \t]+|set[ \t]+|[-#!][ \t]*)?["']?)([\w.-]+)(["']?(?:[ \t]*[=:][ \t]*|[ \t]+))(\S(?:[^\r\n]*\\\r?\n)*[^\r\n]*)/gm;

/**
 * A configuration file with every value masked whose name looks secret: key=value, properties with continued lines,
 * directives, JSON, YAML, shell, XML attributes and elements, `name`/`value` pairs, URLs, private keys. It has as
 * many lines as before.
 */
export function maskConfiguration(content: string): string {
  const text = content
    .replace(PRIVATE_KEY, (_, head: string, body: string, tail: string) => `${head}${hide(body)}${tail}`)
    .replace(JWT, MASK)
    .replace(BEARER, `$1$2${MASK}`);
  return maskLines(maskMarkup(text))
    .replace(ASSIGNED, maskAssigned)
    .replace(QUERY, (whole, head: string, name: string) =>
      isSecretName(name) ? `${head}${name}=${MASK}` : whole,
    )
    .replace(USER_INFO, `$1${MASK}@`);
}

function maskAssigned(whole: string, name: string, sign: string, value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  const inner = quote === '' ? value : value.slice(1, -1);
  if (isSecretName(name)) return `${name}${sign}${quote}${hide(inner)}${quote}`;
  // A quoted value may be a list of options: `JAVA_OPTS="-Dx.password=…"`.
  return quote === '' ? whole : `${name}${sign}${quote}${inner.replace(ASSIGNED, maskAssigned)}${quote}`;
}

/** `<a name="password" value="x"/>`, `<password>x</password>` and `<entry key="password">x</entry>`. */
function maskMarkup(text: string): string {
  let out = '';
  let end = 0;
  let isSecretText = false;
  for (const match of text.matchAll(TAG)) {
    const between = text.slice(end, match.index);
    const [tag] = match;
    out += isSecretText ? hideText(between) : between;
    end = match.index + tag.length;
    const isSecret = namesSecret(tag);
    out += isSecret ? tag.replace(VALUE_ATTRIBUTE, `$1"${MASK}"`) : tag;
    isSecretText = !/^<[/!?]|\/>$/.test(tag) && (isSecret || isSecretElement(tag));
  }
  return out + (isSecretText ? hideText(text.slice(end)) : text.slice(end));
}

const hideText = (text: string): string => (text.trim() === '' ? text : hide(text));

const isSecretElement = (tag: string): boolean => isSecretName(/^<([\w.:-]+)/.exec(tag)?.[1] ?? '');

function namesSecret(tag: string): boolean {
  for (const [, double, single] of tag.matchAll(NAMING_ATTRIBUTE)) {
    if (isSecretName(double ?? single ?? '')) return true;
  }
  return false;
}

/** Lines whose first word is a secret's name; a quoted value that ends on its line is left to `ASSIGNED`. */
function maskLines(text: string): string {
  return text.replace(WHOLE_LINE, (whole, indent: string, name: string, sign: string, value: string) => {
    if (!isSecretName(name)) return whole;
    const isAssignment = /[=:]/.test(sign);
    if (isAssignment && /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=[\s,;/>]|$)/.test(value)) return whole;
    return `${indent}${name}${sign}${hide(value)}`;
  });
}
