import { cleanLine } from '../../../core/text.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';

/** What an object's name says: `/HOST/SERVER/` and, after a double slash, a part of that server. */
export interface ObjectName {
  /** Row name: `vm/tomcat1`. */
  readonly server: string;
  readonly hostName: string;
  readonly serverName: string | undefined;
  /** `http-nio-8180`, `ROOT/name="jdbc/a"`; absent for the server itself. */
  readonly part: string | undefined;
  /** What an object of this name must have. */
  readonly objHash: number;
}

const LONGEST = 256;
const MAX_REMEMBERED = 65_536;
const remembered = new Map<string, ObjectName | undefined>();

function parse(objName: string): ObjectName | undefined {
  if (objName.length > LONGEST) return undefined;
  const clean = cleanLine(objName, LONGEST);
  const split = clean.indexOf('//', 1);
  const own = split < 0 ? clean : clean.slice(0, split);
  const segments = own.split('/').filter((segment) => segment !== '');
  const hostName = segments[0];
  if (hostName === undefined) return undefined;
  const serverName = segments.length > 1 ? segments.slice(1).join('/') : undefined;
  const part = split < 0 ? '' : clean.slice(split + 2);
  return {
    server: segments.join('/'),
    hostName,
    serverName,
    part: part === '' ? undefined : part,
    objHash: objHashOf(objName),
  };
}

/** Undefined where the name is empty or too long to be one. Remembered, for the same names come every two seconds. */
export function parseObjectName(objName: string): ObjectName | undefined {
  const known = remembered.get(objName);
  if (known !== undefined) return known;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const parsed = parse(objName);
  remembered.set(objName, parsed);
  return parsed;
}
