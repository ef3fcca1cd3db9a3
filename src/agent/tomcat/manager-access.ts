import { open } from 'node:fs/promises';
import { isIP } from 'node:net';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { Secret } from '../../core/secret.ts';
import { appError } from '../../domain/errors.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import type { ManagerAccess } from './manager-http.ts';
import type { TomcatWay } from './tomcat-reader.ts';

const DEFAULT_MANAGER = 'http://127.0.0.1:8080/manager';
const USER_VARIABLE = 'L9S_TOMCAT_USER';
const PASSWORD_VARIABLE = 'L9S_TOMCAT_PASSWORD';

type Credentials = NonNullable<ManagerAccess['credentials']>;
const MAX_FILE_BYTES = 4_096;
const BY_GROUP = 0o070;
const BY_GROUP_WRITE = 0o020;
const BY_OTHERS = 0o007;

const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
};

/** `user:password` in the first line, or the user in the first line and the password in the second. */
function parseCredentials(content: string, origin: string): Credentials {
  const [first = '', second = ''] = content.split(/\r?\n/);
  const colon = first.indexOf(':');
  const [user, password] = colon < 0 ? [first, second] : [first.slice(0, colon), first.slice(colon + 1)];
  if (user === '' || password === '')
    throw appError('INPUT_INVALID', `${origin} holds no user and password`, {
      hint: 'Write user:password in its first line.',
    });
  return { user, password: new Secret(password) };
}

/** From a file nobody else can read: what root owns may be for a group, as Kubernetes mounts a secret. */
export async function readCredentialsFile(file: string): Promise<Credentials> {
  const handle = await open(file, 'r').catch((thrown: unknown) => {
    const why = systemCode(thrown) ?? describeThrown(thrown);
    throw appError('INPUT_INVALID', `--tomcat-credentials ${file} cannot be read: ${why}`, { cause: thrown });
  });
  try {
    const { mode, uid, size } = await handle.stat();
    const isOpen =
      (mode & BY_OTHERS) !== 0 || (uid === 0 ? (mode & BY_GROUP_WRITE) !== 0 : (mode & BY_GROUP) !== 0);
    if (isOpen)
      throw appError('INPUT_INVALID', `--tomcat-credentials ${file} can be read or written by others`, {
        hint: `Close it: chmod 600 ${file}`,
      });
    if (size > MAX_FILE_BYTES)
      throw appError('INPUT_INVALID', `--tomcat-credentials ${file} is larger than 4 KiB`);
    return parseCredentials(await handle.readFile('utf8'), `--tomcat-credentials ${file}`);
  } finally {
    await handle.close();
  }
}

export function credentialsOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Credentials | undefined {
  const user = environment[USER_VARIABLE];
  const password = environment[PASSWORD_VARIABLE];
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined || user === '' || password === '')
    throw appError('INPUT_INVALID', `${USER_VARIABLE} and ${PASSWORD_VARIABLE} belong together`);
  return { user, password: new Secret(password) };
}

/** The manager's address: the application itself, or one of its two pages for that way only. */
export function parseManagerUrl(
  written: string,
  credentials: Credentials | undefined,
): { readonly access: ManagerAccess; readonly onlyWay: TomcatWay | undefined } {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw appError('INPUT_INVALID', `--tomcat ${maskUrl(written)} is no http address`, {
      hint: `Write it as ${DEFAULT_MANAGER}`,
    });
  if (url.username !== '' || url.password !== '')
    throw appError('INPUT_INVALID', '--tomcat takes no user or password: everybody sees the command line', {
      hint: `Give --tomcat-credentials FILE, or ${USER_VARIABLE} and ${PASSWORD_VARIABLE}.`,
    });
  if (credentials !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname))
    throw appError('INPUT_INVALID', `--tomcat ${url.host} would get the password in clear over the network`, {
      hint: 'Use https, or run the agent beside that Tomcat and give its loopback address.',
    });
  const [, base = '', page] = /^(.*?)\/?(?:\/(status|jmxproxy))?\/*$/.exec(url.pathname) ?? [];
  const onlyWay = page === 'status' || page === 'jmxproxy' ? page : undefined;
  const folder = new URL(url.origin);
  folder.pathname = base === '' && onlyWay === undefined ? '/manager' : base;
  return { access: { base: folder, credentials }, onlyWay };
}
