import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { type ExecTemplate, execTemplateOf } from '../../domain/exec-template.ts';
import { type Effect, isAllowed, MODE_TITLES, type ModeInForce } from '../../domain/policy.ts';

/** A request as it is about to leave, without the path of the server's own address. */
export interface Leaving {
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly target: string;
  readonly isUpgrade: boolean;
}

/** What a request asks of the API server. */
export interface KubeAct {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  /** Empty for the core group and for paths that are no resource. */
  readonly group: string;
  /** `undefined` for paths that are no resource, e.g. `/version`. */
  readonly resource: string | undefined;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly effect: Effect;
  /** Allowed in normal mode alone, whatever its effect. */
  readonly isNormalOnly: boolean;
}
type Place = Pick<KubeAct, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** Paths that tell about the server itself. */
const ABOUT_SERVER = /^\/(version|healthz|livez|readyz|openapi\/v2|openapi\/v3(\/[a-z0-9][a-z0-9.-]*)*)$/;
const DISCOVERY = /^\/(api|api\/v1|apis|apis\/[a-z0-9.-]+|apis\/[a-z0-9.-]+\/v[a-z0-9]+)$/;
const GROUP_VERSION = /^\/(?:api\/v1|apis\/([a-z0-9.-]+)\/v\d+(?:(?:alpha|beta)\d+)?)\/(.+)$/;
const RESOURCE = /^[a-z][a-z0-9-]*$/;
const NAMESPACE = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** Object names may hold a colon (`system:node`), which is escaped on its way; nothing else needs to be. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/;
/** No resources, but prefixes of old paths that lead on to something else, and ways in that belong below an object. */
const NO_RESOURCES: ReadonlySet<string> = new Set([
  'watch',
  'proxy',
  'redirect',
  'exec',
  'attach',
  'portforward',
]);
/** What may be read below an object. Everything else there can be a way in, and is never a read. */
const READABLE: ReadonlySet<string> = new Set(['status', 'scale']);
/** Questions about ourselves that are asked by creating them. */
const REVIEWS: ReadonlySet<string> = new Set([
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authentication.k8s.io/selfsubjectreviews',
]);

const WRITES: Readonly<Record<string, 'create' | 'update' | 'patch' | 'delete'>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const NOWHERE: Place = {
  group: '',
  resource: undefined,
  subresource: undefined,
  namespace: undefined,
  name: undefined,
};

function decodeName(segment: string): string | undefined {
  const decoded = segment.replaceAll(/%3a/gi, ':');
  return NAME.test(decoded) ? decoded : undefined;
}

/** `[namespaces/N/]RESOURCE[/NAME[/SUB]]` below a group and version; `undefined` for any other shape. */
function readPlace(group: string, rest: string): Place | undefined {
  let segments = rest.split('/');
  if (NO_RESOURCES.has(segments[0] ?? '')) return undefined;
  let namespace: string | undefined;
  // `namespaces/N/status` and `…/finalize` are the namespace's own.
  const isOwn = segments.length <= 2 || segments[2] === 'status' || segments[2] === 'finalize';
  if (segments[0] === 'namespaces' && !isOwn) {
    namespace = segments[1] ?? '';
    if (!NAMESPACE.test(namespace)) return undefined;
    segments = segments.slice(2);
  }
  const [resource = '', rawName, subresource, ...more] = segments;
  const name = rawName === undefined ? undefined : decodeName(rawName);
  if (!RESOURCE.test(resource) || NO_RESOURCES.has(resource)) return undefined;
  if (rawName !== undefined && name === undefined) return undefined;
  if (subresource !== undefined && !RESOURCE.test(subresource)) return undefined;
  // Only a proxy has a path behind it.
  if (more.length > 0 && (subresource !== 'proxy' || more.some((part) => !isPlain(part)))) return undefined;
  return { group, resource, subresource, namespace, name };
}
const isPlain = (segment: string): boolean =>
  segment === '' || (/^[\w.~:@!$&'()*+,=-]+$/.test(segment) && segment !== '.' && segment !== '..');

/** As the API server reads a boolean of the query: everything but these is true. */
const isSet = (values: readonly string[]): boolean =>
  values.some((value) => value !== 'false' && value !== '0');

function judgeRead(place: Place, query: URLSearchParams): KubeAct | undefined {
  const { group, resource, subresource, name } = place;
  const isWatch = isSet(query.getAll('watch'));
  // A watch of one object, or below it, is nothing anybody here asks for.
  if (isWatch && name !== undefined) return undefined;
  const verb = name !== undefined ? 'get' : isWatch ? 'watch' : 'list';
  const isLog = group === '' && resource === 'pods' && subresource === 'log';
  if (subresource !== undefined && !isLog && !READABLE.has(subresource))
    return { ...place, verb, effect: 'change', isNormalOnly: true };
  const isSecret = resource === 'secrets';
  return { ...place, verb, effect: isSecret ? 'diagnose' : 'observe', isNormalOnly: isSecret };
}

function judgeUpgrade(place: Place, method: string, query: URLSearchParams): KubeAct | undefined {
  const { group, resource, subresource, name } = place;
  if (method !== 'GET' || group !== '' || name === undefined) return undefined;
  const act = { ...place, verb: 'get', effect: 'change', isNormalOnly: true } as const;
  const template = resource === 'pods' && subresource === 'exec' ? templateOf(query) : undefined;
  if (template !== undefined)
    return { ...act, effect: template.isObserving === true ? 'observe' : 'diagnose', isNormalOnly: false };
  const isKnown = ['exec', 'attach', 'portforward', 'proxy'].includes(subresource ?? '');
  return isKnown && ['pods', 'services', 'nodes'].includes(resource ?? '') ? act : undefined;
}

/** An exec that can only look: one container, output alone, an argv of the list. */
function templateOf(query: URLSearchParams): ExecTemplate | undefined {
  for (const [name, value] of query) {
    const isOutput = (name === 'stdout' || name === 'stderr') && value === 'true';
    if (!isOutput && name !== 'command' && name !== 'container') return undefined;
  }
  return query.getAll('container').length === 1 ? execTemplateOf(query.getAll('command')) : undefined;
}

/** Sorts a request by what it asks for; `undefined` where that cannot be told for certain. */
export function classify({ method, target, isUpgrade }: Leaving): KubeAct | undefined {
  const [, path = '', search = ''] = /^(\/[^?#\s\\;]*)(?:\?([^?#\s;]*))?$/.exec(target) ?? [];
  const isOdd = path.split('/').some((part, index) => index > 0 && (part === '.' || part === '..'));
  if (path === '' || isOdd) return undefined;
  const write = WRITES[method];
  if (method !== 'GET' && write === undefined) return undefined;
  if (ABOUT_SERVER.test(path) || DISCOVERY.test(path)) {
    const isRead = method === 'GET' && !isUpgrade;
    return isRead ? { ...NOWHERE, verb: 'get', effect: 'observe', isNormalOnly: false } : undefined;
  }
  const [, group = '', rest = ''] = GROUP_VERSION.exec(path) ?? [];
  const place = rest === '' ? undefined : readPlace(group, rest);
  if (place === undefined) return undefined;
  const query = new URLSearchParams(search);
  if (isUpgrade) return judgeUpgrade(place, method, query);
  if (write === undefined) return judgeRead(place, query);
  const { resource, subresource, namespace, name } = place;
  const isReview = write === 'create' && namespace === undefined && name === undefined;
  if (isReview && REVIEWS.has(`${group}/${resource}`))
    return { ...place, verb: 'create', effect: 'observe', isNormalOnly: false };
  if (write !== 'delete') return { ...place, verb: write, effect: 'change', isNormalOnly: true };
  const isOne = name !== undefined && subresource === undefined;
  return { ...place, verb: isOne ? 'delete' : 'deletecollection', effect: 'destroy', isNormalOnly: true };
}

const nameOf = ({ verb, resource, subresource }: KubeAct): string =>
  `${verb} of ${[resource, subresource].filter((part) => part !== undefined).join('/')}`;

/** The lock: throws TRANSPORT_LOCKED unless the mode lets this request out. */
export function assertMayLeave(leaving: Leaving, { mode, origin }: ModeInForce): void {
  const act = classify(leaving);
  if (act !== undefined && isAllowed(mode, act.effect) && (mode === 'normal' || !act.isNormalOnly)) return;
  const what = cleanLine(`${leaving.method} ${leaving.target.split('?')[0]}`, 200);
  const why =
    act === undefined
      ? 'it cannot be told for certain what it asks for'
      : `mode ${MODE_TITLES[mode].en}, set by ${origin}, lets no ${nameOf(act)} out`;
  throw appError('TRANSPORT_LOCKED', `${what} was not sent: ${why}`);
}
