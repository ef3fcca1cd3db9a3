import type { Clock } from '../../core/clock.ts';
import type { KubeAccess, Permission } from '../../domain/remote.ts';
import { createLimit } from './concurrency.ts';
import type { Remotes } from './remotes.ts';

const TIMEOUT_MS = 10_000;
/** As long as a remote itself remembers an answer. */
const KNOWN_FOR_MS = 60_000;
const MAX_KNOWN = 2_000;

/** What access reviews answered, for as long as it may be believed. */
export interface Permissions {
  /** The first right that is known to be missing; asks nobody. */
  knownDenial(context: string, needs: readonly KubeAccess[]): Denial | undefined;
  /** Asks for what is not known; never rejects. True when an answer was new. */
  ask(context: string, needs: readonly KubeAccess[], signal: AbortSignal): Promise<boolean>;
  /** The answer for one right, asked where it is not known. Never rejects. */
  answer(context: string, access: KubeAccess, signal: AbortSignal): Promise<Permission>;
}
export interface Denial {
  readonly access: KubeAccess;
  readonly reason?: string | undefined;
}

export function createPermissions(remotes: Remotes, clock: Clock): Permissions {
  const known = new Map<string, { readonly at: number; readonly permission: Permission }>();
  const asking = new Map<string, Promise<Permission>>();

  const keyOf = (context: string, access: KubeAccess) => JSON.stringify([context, access]);

  function recall(key: string): Permission | undefined {
    const found = known.get(key);
    if (found === undefined) return undefined;
    const ageMs = clock.now() - found.at;
    return ageMs >= 0 && ageMs < KNOWN_FOR_MS ? found.permission : undefined;
  }

  async function review(context: string, access: KubeAccess, signal: AbortSignal): Promise<Permission> {
    const limit = createLimit(signal, TIMEOUT_MS, clock);
    try {
      const remote = await remotes.open(context);
      // Only Kubernetes can be asked; elsewhere the answer to the call itself is the first to know.
      return remote.kind === 'kube' ? await remote.mayI(access, limit.signal) : { state: 'unknown' };
    } catch {
      return { state: 'unknown' };
    } finally {
      limit.clear();
    }
  }

  function answer(context: string, access: KubeAccess, signal: AbortSignal): Promise<Permission> {
    const key = keyOf(context, access);
    const remembered = recall(key);
    if (remembered !== undefined) return Promise.resolve(remembered);
    const running = asking.get(key);
    if (running !== undefined) return running;
    const asked = review(context, access, signal).then((permission) => {
      asking.delete(key);
      if (permission.state !== 'unknown') {
        known.delete(key);
        known.set(key, { at: clock.now(), permission });
        const oldest = known.keys().next().value;
        if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      }
      return permission;
    });
    asking.set(key, asked);
    return asked;
  }

  return {
    answer,
    knownDenial(context, needs) {
      for (const access of needs) {
        const permission = recall(keyOf(context, access));
        if (permission?.state === 'denied') return { access, reason: permission.reason };
      }
      return undefined;
    },
    async ask(context, needs, signal) {
      const unknown = needs.filter((access) => recall(keyOf(context, access)) === undefined);
      const answers = await Promise.all(unknown.map((access) => answer(context, access, signal)));
      return answers.some(({ state }) => state !== 'unknown');
    },
  };
}

/** A right in words, as kubectl writes it: `patch deployments.apps/scale in shop`. */
export function accessText({ verb, group, resource, subresource, namespace, name }: KubeAccess): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  const named = name === undefined ? '' : ` ${name}`;
  return `${verb} ${what}${named}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
