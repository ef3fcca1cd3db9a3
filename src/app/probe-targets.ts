import type { ProbeTarget } from '../actions/probe-gate.ts';
import { createGlobMatcher } from '../core/glob.ts';
import { silentFrom } from '../diagnosis/findings/silent.ts';
import { serverContainerOf } from '../diagnosis/server-type-rules.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { Instance } from '../domain/instance.ts';
import type { Sender } from '../domain/sender.ts';
import type { Server } from '../domain/server.ts';
import { SERVER_TYPES } from '../domain/server-type.ts';
import type { SourceFailure } from '../domain/source-status.ts';

/** What a probe would read of one server, and of which container that is the first and only chance. */
export interface Probeable {
  readonly target: ProbeTarget;
  /** Another one is another container: nothing read of the former holds for it. */
  readonly uid: string;
  readonly cpuLimit: number | undefined;
  /** What of it is read. */
  readonly parts: ProbeParts;
}
/** The figures of its JVM, and what a session or web server says of itself. */
export interface ProbeParts {
  readonly isJvm: boolean;
  readonly own?: { readonly kind: 'session' } | { readonly kind: 'web'; readonly port: number } | undefined;
}
export type Chance =
  | { readonly kind: 'probeable'; readonly probeable: Probeable }
  | { readonly kind: 'none'; readonly failure: SourceFailure };

const LET_IT_SEND = 'Let the server send datagrams.';
const LET_JVM_SEND = 'Let the server send datagrams, or start `l9s advertise` beside it.';

/** How a server's JVM could be read from outside, or why it cannot. */
export function chanceOf(server: Server, instance: Instance, parts: ProbeParts): Chance {
  const { ref, name } = server;
  const none = (code: 'ACTION_IMPOSSIBLE' | 'NO_JVM', why: string, hint: string): Chance => ({
    kind: 'none',
    failure: sourceFailure(code, `${name}: ${why}`, hint),
  });
  // The agent reads JVMs only.
  const next = mayBeJvm(server) ? LET_JVM_SEND : LET_IT_SEND;
  if (instance.contextKind !== 'kube')
    return none('ACTION_IMPOSSIBLE', 'only what runs in a pod can be read from outside', next);
  const container = serverContainerOf(instance);
  if (container === undefined) return none('NO_JVM', 'its pod has no container', next);
  if (container.state === 'waiting' || container.state === 'terminated') {
    const why = container.reason === undefined ? '' : ` (${container.reason})`;
    return none(
      'NO_JVM',
      `container ${container.name} is ${container.state}${why}`,
      'It is read once it runs.',
    );
  }
  const target = {
    server: ref,
    name,
    namespace: instance.place.name,
    pod: instance.name,
    container: container.name,
  };
  return {
    kind: 'probeable',
    probeable: {
      target,
      uid: `${instance.uid}/${container.name}`,
      cpuLimit: container.cpuLimit,
      parts,
    },
  };
}

const DEFAULT_WEB_PORT = 7180;

/**
 * What is worth reading of a server beside what its datagrams tell; `undefined` where they tell all of it. Its JVM only
 * where that is looked at, its own word wherever it is.
 */
export function partsOf(
  server: Server,
  {
    sender,
    isJvmLookedAt,
    now,
  }: { readonly sender: Sender | undefined; readonly isJvmLookedAt: boolean; readonly now: number },
): ProbeParts | undefined {
  const isFresh = sender?.jvm !== undefined && now < silentFrom(sender.jvm.at, sender.heartbeat);
  const isJvm = isJvmLookedAt && mayBeJvm(server) && !hasFreshFigures(sender, now);
  const own = ownOf(server, isFresh ? sender : undefined);
  return isJvm || own !== undefined ? { isJvm, own } : undefined;
}

function ownOf({ type, port }: Server, fresh: Sender | undefined): ProbeParts['own'] {
  if (type === 'session' && fresh?.jvm?.sessionStore === undefined) return { kind: 'session' };
  if (type === 'web' && fresh?.jvm?.web === undefined) return { kind: 'web', port: port ?? DEFAULT_WEB_PORT };
  return undefined;
}

export const isSameParts = (a: ProbeParts, b: ProbeParts): boolean =>
  a.isJvm === b.isJvm && a.own?.kind === b.own?.kind;

export const mayBeJvm = ({ type }: Server): boolean => type === 'unknown' || SERVER_TYPES[type].isJvm;

/** True while datagrams tell the heap: then nobody needs to be asked. */
export const hasFreshFigures = (sender: Sender | undefined, now: number): boolean =>
  sender?.jvm?.heap !== undefined && now < silentFrom(sender.jvm.at, sender.heartbeat);

/** `telemetry.probe` of the config: an absent list matches all. */
export interface ProbeRule {
  readonly contexts?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
}
export function createRuleTest(rules: readonly ProbeRule[]): (server: Server) => boolean {
  const tests = rules.map(({ contexts, names }) => {
    const isContext = contexts === undefined ? () => true : createGlobMatcher(contexts);
    const isName = names === undefined ? () => true : createGlobMatcher(names);
    return ({ ref, name }: Server) => isContext(ref.context) && isName(name);
  });
  return (server) => tests.some((matches) => matches(server));
}
