import { cleanLine } from '../core/text.ts';
import { execTemplateOf } from '../domain/exec-template.ts';
import { maskWords } from '../domain/secret-name.ts';
import { mainIn } from '../wire/hsperfdata/java-command.ts';

const PID = /^[1-9]\d{0,6}$/;
const MAX_FOLDERS = 8;
const MAX_PIDS = 64;
const MAX_NAME = 80;

const linesOf = (bytes: Uint8Array): readonly string[] =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim());

/** Folders of hsperfdata files in what `ls -1 /tmp` said, of those that may be asked for. */
export const perfFoldersIn = (listed: Uint8Array): readonly string[] =>
  linesOf(listed)
    .map((line) => `/tmp/${line}`)
    .filter((folder) => execTemplateOf(['ls', '-1', folder])?.id === 'list-jvms')
    .slice(0, MAX_FOLDERS);

/** Pids in a listing of `/proc` or of an hsperfdata folder, highest first: what started last has the highest. */
export const pidsIn = (listed: Uint8Array): readonly number[] =>
  linesOf(listed)
    .filter((line) => PID.test(line))
    .map(Number)
    .sort((a, b) => b - a)
    .slice(0, MAX_PIDS);

/** Entries of a listing. */
export const entriesIn = (listed: Uint8Array): number => linesOf(listed).filter((line) => line !== '').length;

/** How much a main class looks like the server's own: JDK tools come and go beside it, and agents stay small. */
export function serverLikeness(command: string | undefined): number {
  const main = mainOf(command);
  if (main === undefined) return 1;
  if (/^(?:sun\.tools\.|jdk\.|com\.sun\.tools\.|sun\.jvmstat)/.test(main)) return 0;
  return /catalina|tomcat|lena|argus|jboss|wildfly|springframework|\.jar$/i.test(main) ? 3 : 2;
}

/** The main class or jar alone. */
export function mainOf(command: string | undefined): string | undefined {
  const main = mainIn(command);
  return main === '' ? undefined : maskWords(cleanLine(main, MAX_NAME));
}
