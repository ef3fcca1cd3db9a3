import type { z } from 'zod';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import {
  invalidEntry,
  type Kubeconfig,
  type KubeconfigOptions,
  type Placed,
  readKubeconfig,
} from './kubeconfig.ts';
import {
  type ClusterEntry,
  clusterSchema,
  contextSchema,
  type UserEntry,
  userSchema,
} from './kubeconfig-schema.ts';

/** Everything needed to talk to one cluster as one user. */
export interface KubeTarget {
  readonly contextName: string;
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  readonly userName: string | undefined;
  readonly user: UserEntry;
  /** The kubeconfig's namespace. */
  readonly namespace: string | undefined;
}

function parseEntry<Schema extends z.ZodType>(entry: Placed, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(entry.value ?? {});
  if (parsed.success) return parsed.data;
  throw invalidEntry(entry.file, entry.line, parsed.error);
}

/** The target of a context name, or of the current context. */
export function selectTarget(kubeconfig: Kubeconfig, contextName: string | undefined): KubeTarget {
  const name = contextName ?? kubeconfig.current;
  const files = kubeconfig.files.join(', ');
  if (name === undefined) {
    throw appError('KUBECONFIG_INVALID', `${files}: no current-context is set`, {
      hint: 'Name a context, or set one with `kubectl config use-context`.',
    });
  }
  const context = kubeconfig.contexts.get(name);
  if (context === undefined) {
    const known = [...kubeconfig.contexts.keys()].slice(0, 10).join(', ');
    throw appError(
      'CONTEXT_UNKNOWN',
      `${files}: no context ${cleanLine(name, 100)}; it has ${cleanLine(known, 300) || 'none'}`,
      { hint: 'Correct kube.context of the configuration, or --context.' },
    );
  }
  const { cluster, user, namespace } = parseEntry(context, contextSchema);
  const clusterEntry = kubeconfig.clusters.get(cluster);
  if (clusterEntry === undefined) {
    throw appError(
      'KUBECONFIG_INVALID',
      `${context.file}:${context.line(['cluster'])}: context ${cleanLine(name, 100)} names cluster ${cleanLine(cluster, 100)}, which does not exist`,
    );
  }
  const userEntry = user ? kubeconfig.users.get(user) : undefined;
  if (user && userEntry === undefined) {
    throw appError(
      'KUBECONFIG_INVALID',
      `${context.file}:${context.line(['user'])}: context ${cleanLine(name, 100)} names user ${cleanLine(user, 100)}, which does not exist`,
    );
  }
  const parsedCluster = parseEntry(clusterEntry, clusterSchema);
  if (!/^https?:\/\/\S+$/.test(parsedCluster.server) || !URL.canParse(parsedCluster.server)) {
    throw appError(
      'KUBECONFIG_INVALID',
      `${clusterEntry.file}:${clusterEntry.line(['server'])}: cluster ${cleanLine(cluster, 100)}: server is not an http(s) URL`,
    );
  }
  return {
    contextName: name,
    clusterName: cluster,
    cluster: parsedCluster,
    userName: user ?? undefined,
    user: userEntry === undefined ? {} : parseEntry(userEntry, userSchema),
    namespace: namespace ?? undefined,
  };
}

/** What a kubeconfig offers to choose from. */
export interface KubeContextList {
  readonly files: readonly string[];
  readonly current: string | undefined;
  readonly contexts: readonly {
    readonly name: string;
    readonly cluster: string | undefined;
    readonly namespace: string | undefined;
  }[];
}

/** Names of the contexts, in the order they are written; fails with KUBECONFIG_MISSING or KUBECONFIG_INVALID. */
export async function listKubeContexts(options: KubeconfigOptions): Promise<KubeContextList> {
  const { files, contexts, current } = await readKubeconfig(options);
  return {
    files,
    current,
    contexts: [...contexts.values()].map((entry) => {
      const parsed = contextSchema.safeParse(entry.value ?? {});
      return {
        name: entry.name,
        cluster: parsed.data?.cluster,
        namespace: parsed.data?.namespace ?? undefined,
      };
    }),
  };
}
