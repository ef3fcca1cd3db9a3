import type { Clock } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { BackEnd, Remote, RemoteOf } from '../../domain/remote.ts';
import type { ActionTools, Lookup, ReadingOf } from '../tools.ts';
import { createLimit, orAborted } from './concurrency.ts';

const IDENTITY_TIMEOUT_MS = 5_000;

/** The remotes actions use, each opened once; a failure is not remembered. */
export interface Remotes {
  open(context: string): Promise<Remote>;
  /** Who we are there; `undefined` where it cannot be told in 5 s. Never rejects. */
  identity(context: string): Promise<string | undefined>;
  /** What plans get: the same remotes without their way to change anything. */
  tools(lookup: Lookup, more?: Pick<ActionTools, 'dumps' | 'modeOf'>): ActionTools;
  close(): Promise<void>;
}

export function createRemotes(openRemote: (context: string) => Promise<Remote>, clock: Clock): Remotes {
  const opened = new Map<string, Promise<Remote>>();

  function open(context: string): Promise<Remote> {
    const known = opened.get(context);
    if (known !== undefined) return known;
    const opening = openRemote(context);
    opened.set(context, opening);
    opening.catch(() => opened.delete(context));
    return opening;
  }

  return {
    open,
    async identity(context) {
      const limit = createLimit(new AbortController().signal, IDENTITY_TIMEOUT_MS, clock);
      try {
        const asked = open(context).then((remote) => remote.identity(limit.signal));
        const identity = await orAborted(asked, limit.signal);
        return identity === undefined ? undefined : cleanLine(identity, 300);
      } catch {
        return undefined;
      } finally {
        limit.clear();
      }
    },
    tools: (lookup, more) => ({
      lookup,
      clock,
      ...more,
      async remote(kind, context) {
        const remote = await open(context);
        if (!isKind(remote, kind)) {
          throw appError('ACTION_IMPOSSIBLE', `${context} is ${remote.kind}, not ${kind}`);
        }
        return readingOf(remote);
      },
    }),
    async close() {
      const all = [...opened.values()];
      opened.clear();
      await Promise.allSettled(all.map(async (opening) => (await opening).close()));
    },
  };
}

const isKind = <B extends BackEnd>(remote: Remote, kind: B): remote is RemoteOf<B> => remote.kind === kind;

/** Not the type alone: what a plan holds has no way to change anything. */
function readingOf<B extends BackEnd>(remote: RemoteOf<B>): ReadingOf<B> {
  const hidden: readonly PropertyKey[] = ['send', 'dryRun', 'close'];
  return new Proxy(remote, {
    get(target, name) {
      if (hidden.includes(name)) return undefined;
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}
