import type { Effect } from '../../domain/policy.ts';
import type { HttpGate } from '../http-client.ts';
import { assertUnlocked, type ModeReader, unclassified } from '../transport-lock.ts';

/** One shape of request that may leave: path below the base path, `*` for one name. */
interface Known {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly effect: Effect;
}
const read = (path: string): Known => ({ method: 'GET', path, effect: 'observe' });

/** All there is; a new call is one line here. `container/license` is not among them and never will be. */
const KNOWN: readonly Known[] = [
  '/rest/public/managerInfo',
  '/rest/systems',
  '/rest/nodes',
  '/rest/licenses',
  '/rest/notification',
  '/rest/analysis/event',
  '/rest/analysis/event/*',
  '/rest/admin/actionTraceLogList',
  '/rest/admin/actionTraceLogList/*',
  '/rest/template/download/container/*',
  ...['was', 'web'].flatMap((type) => [
    `/rest/${type}/container/servers`,
    `/meters/${type}/container/*`,
    `/rest/meters/${type}/container/*`,
  ]),
  ...['was', 'web', 'session'].flatMap((type) => [
    `/rest/${type}/servers`,
    `/meters/${type}/servers/*/nodes/*/systems/*`,
    `/rest/meters/${type}/servers/*/nodes/*/systems/*`,
  ]),
  '/meters/nodes',
  '/rest/meters/nodes',
].map(read);
const ACTIONS: readonly Known[] = ['was', 'web', 'session'].map((type) => ({
  method: 'POST',
  path: `/rest/${type}/servers/*/nodes/*/systems/*/action`,
  effect: 'change',
}));
const ALL: readonly (Known & { readonly segments: readonly string[] })[] = [...KNOWN, ...ACTIONS].map(
  (known) => ({ ...known, segments: known.path.split('/') }),
);

/** Of query parameters, those the known calls have; an unknown one could mean anything. */
const PARAMETERS = new Set([
  'key',
  'interval',
  'dateTime',
  'limit',
  'systemName',
  'eventType',
  'startDate',
  'endDate',
]);

/** What a request does to a Manager; `undefined` where it is none of the known ones. */
export function effectOfManagerRequest(
  method: string,
  path: string,
  query: URLSearchParams,
): Effect | undefined {
  const segments = path.split('/');
  // The first is empty: a path begins with its slash.
  if (!segments.slice(1).every(isPlainSegment)) return undefined;
  if (![...query.keys()].every((name) => PARAMETERS.has(name))) return undefined;
  return ALL.find((known) => known.method === method && hasShape(segments, known.segments))?.effect;
}

const hasShape = (segments: readonly string[], shape: readonly string[]): boolean =>
  segments.length === shape.length &&
  shape.every((expected, index) => expected === '*' || expected === segments[index]);

/**
 * False for what a server might read as another path than we do: dots, slashes and percent signs hidden in an
 * encoding, path parameters (`;x`), control characters.
 */
function isPlainSegment(segment: string): boolean {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    return false;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  return !/^\.{0,2}$|[/\\;%?#\u0000-\u001f\u007f]/.test(decoded);
}

export interface ManagerLockOptions {
  readonly urls: readonly string[];
  /** Paths before `/rest` that are tried. */
  readonly basePaths: readonly string[];
  readonly mode: ModeReader;
}

/** Lets out the calls of the list and nothing else, to the addresses given and nowhere else. */
export function createManagerLock({ urls, basePaths, mode }: ManagerLockOptions): HttpGate {
  const homes = urls.flatMap((url) =>
    basePaths.flatMap((base) => (URL.canParse(`${url}${base}/`) ? [new URL(`${url}${base}/`)] : [])),
  );
  return ({ method, url, what }) => {
    const effects = homes.flatMap((home) => {
      if (home.origin !== url.origin || !url.pathname.startsWith(home.pathname)) return [];
      const path = url.pathname.slice(home.pathname.length - 1);
      return effectOfManagerRequest(method, path, url.searchParams) ?? [];
    });
    const [effect] = effects;
    if (effect === undefined) throw unclassified(what, 'it is none of the requests known of a Manager');
    assertUnlocked(what, effect, mode());
  };
}
