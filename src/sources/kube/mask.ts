import { cleanLine } from '../../core/text.ts';
import { isSecretName, MASK, maskUrl } from '../../domain/secret-name.ts';

const ASSIGNED_SECRET =
  /(?<![\w.-])(?=[\w.-]*(?:KEY|CODE|PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL))([\w.-]+)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;]+)/gi;
/** An exit or HTTP code is no secret, though its name says "code". */
const PLAIN_CODE = /^code$/i;
const JWT = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;

/** A cleaned line of a message (Status, stderr) without anything that looks like a secret. */
export function maskMessage(message: string, maxLength = 300): string {
  return cleanLine(
    maskUrl(message.slice(0, 4 * maxLength))
      .replace(JWT, MASK)
      .replace(BEARER, `$1 ${MASK}`)
      .replace(ASSIGNED_SECRET, (whole, name: string, sign: string, value: string) =>
        PLAIN_CODE.test(name) && /^\d{1,3}$/.test(value) ? whole : `${name}${sign}${MASK}`,
      ),
    maxLength,
  );
}

const OPTION = /^(--?[\w.-]+|-D[\w.-]+|[\w.-]+)(=)(.*)$/s;

/** A command line with the values of secret-looking options masked (`-Dx.password=…`, `--token …`). */
export function maskArguments(command: readonly string[]): string[] {
  let isValueSecret = false;
  return command.map((argument) => {
    const wasSecret = isValueSecret;
    isValueSecret = false;
    if (wasSecret && !argument.startsWith('-')) return MASK;
    const option = OPTION.exec(argument);
    if (option !== null) {
      const [, name = '', sign = ''] = option;
      if (isSecretName(name)) return `${cleanLine(name)}${sign}${MASK}`;
    } else if (/^--?[\w.-]+$/.test(argument)) {
      isValueSecret = isSecretName(argument);
    }
    return argument.includes(' ') ? maskMessage(argument, 2_048) : cleanLine(maskUrl(argument), 2_048);
  });
}
