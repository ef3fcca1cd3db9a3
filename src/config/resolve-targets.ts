import { suggest } from '../core/suggest.ts';
import { appError } from '../domain/errors.ts';
import { maskUrl } from '../domain/secret-name.ts';
import type { KubeconfigNames } from './kubeconfig-names.ts';
import { expandHome } from './paths.ts';
import type { ConfigPlaces, ReadFile } from './read-config.ts';
import type { Config, ConfigContext } from './schema.ts';
import type { Target } from './target.ts';

export interface TargetSources extends ConfigPlaces {
  readonly config: ReadFile<Config>;
  readonly isProtected: (name: string) => boolean;
  /** Read only when a kubeconfig is needed. */
  readonly kubeconfig: () => KubeconfigNames | undefined;
}

/**
 * Everything to connect to: the file's contexts, then what flags add; without either, the current kubeconfig
 * context and LENA_MANAGER_ADDRESS. `--context` chooses among them and kubeconfig contexts.
 */
export function resolveTargets(sources: TargetSources): readonly Target[] {
  const { flags, environment, config } = sources;
  const configured = config.value.contexts.map((context, index) => targetOf(context, index, sources));
  const added: Target[] = [...ecsOfFlags(sources), ...managersOfFlags(sources)];
  const known = new Map(configured.map((target) => [target.name, target]));
  if (flags.contexts !== undefined && flags.contexts.length > 0) {
    return [...chosen(flags.contexts, known, sources), ...added];
  }
  if (flags.allContexts === true) {
    const names = sources.kubeconfig()?.contexts ?? [];
    const more = names
      .filter((name) => !known.has(name))
      .map((name) => kubeTarget(name, '--all-contexts', sources));
    return [...configured, ...more, ...added];
  }
  if (configured.length > 0) return [...configured, ...added];
  const byDefault: Target[] = [];
  const current =
    added.length === 0 || flags.kubeconfig !== undefined ? sources.kubeconfig()?.current : undefined;
  if (current !== undefined) byDefault.push(kubeTarget(current, 'kubeconfig', sources));
  const address = environment['LENA_MANAGER_ADDRESS'];
  if (address !== undefined && address !== '' && flags.managers === undefined) {
    byDefault.push(
      managerTarget(address, 'LENA_MANAGER_ADDRESS', { sources, serves: [...byDefault, ...added] }),
    );
  }
  return [...byDefault, ...added];
}

function chosen(
  names: readonly string[],
  known: ReadonlyMap<string, Target>,
  sources: TargetSources,
): readonly Target[] {
  return [...new Set(names)].map((name) => {
    const target = known.get(name);
    if (target !== undefined) return target;
    const kubeContexts = sources.kubeconfig()?.contexts ?? [];
    if (kubeContexts.includes(name)) return kubeTarget(name, '--context', sources);
    const candidates = [...known.keys(), ...kubeContexts];
    const near = suggest(name, candidates);
    const help = near === undefined ? `known: ${candidates.join(', ') || 'none'}` : `did you mean "${near}"?`;
    throw appError('CONTEXT_UNKNOWN', `no context "${name}"; ${help}`);
  });
}

function targetOf(context: ConfigContext, index: number, sources: TargetSources): Target {
  const { home, config, isProtected, flags } = sources;
  const line = config.lines.near(['contexts', index]);
  const base = {
    name: context.name,
    isProtected: context.protected || isProtected(context.name),
    network: context.network ?? context.name,
    origin: `${config.file ?? ''}${line === undefined ? '' : `:${line}`}`,
  };
  if (context.kube !== undefined) {
    const file = flags.kubeconfig ?? context.kube.kubeconfig;
    return {
      ...base,
      kind: 'kube',
      kubeconfig: file === undefined ? undefined : [expandHome(file, home)],
      kubeContext: context.kube.context,
      namespaces: flags.namespaces ?? context.kube.namespaces,
    };
  }
  if (context.ecs !== undefined) {
    return {
      ...base,
      kind: 'ecs',
      region: context.ecs.region ?? flags.region,
      profile: context.ecs.profile ?? flags.profile,
      clusters: context.ecs.clusters ?? ['*'],
      endpoint: context.ecs.endpoint ?? undefined,
    };
  }
  if (context.manager !== undefined) {
    const key = context.manager.key;
    return {
      ...base,
      kind: 'manager',
      urls: context.manager.urls ?? [],
      basePath: context.manager.basePath,
      key: key !== undefined && 'file' in key ? { file: expandHome(key.file, home) } : key,
      serves: context.manager.serves,
    };
  }
  const servers = context.hosts?.servers ?? [];
  return { ...base, kind: 'hosts', servers: servers.map((server) => ({ ...server, health: server.health })) };
}

function kubeTarget(name: string, origin: string, sources: TargetSources): Target {
  return {
    kind: 'kube',
    name,
    origin,
    isProtected: sources.isProtected(name),
    network: name,
    kubeconfig: sources.kubeconfig()?.files,
    kubeContext: name,
    namespaces: sources.flags.namespaces,
  };
}

function ecsOfFlags({ flags, isProtected }: TargetSources): readonly Target[] {
  const isWanted = (flags.ecsClusters?.length ?? 0) > 0 || flags.region !== undefined;
  if (!isWanted) return [];
  const name = flags.region ?? 'ecs';
  return [
    {
      kind: 'ecs',
      name,
      origin: flags.region === undefined ? '--ecs-cluster' : '--region',
      isProtected: isProtected(name),
      network: name,
      region: flags.region,
      profile: flags.profile,
      clusters: flags.ecsClusters ?? ['*'],
      endpoint: undefined,
    },
  ];
}

function managersOfFlags(sources: TargetSources): readonly Target[] {
  const addresses = sources.flags.managers ?? [];
  return addresses.map((address, index) =>
    managerTarget(address, '--manager', { sources, serves: [], suffix: index === 0 ? '' : `-${index + 1}` }),
  );
}

function managerTarget(
  address: string,
  origin: string,
  {
    sources,
    serves,
    suffix = '',
  }: { readonly sources: TargetSources; readonly serves: readonly Target[]; readonly suffix?: string },
): Target {
  const name = `manager${suffix}`;
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`;
  // Two schemes (`ftp://x`) would pass for a host named like the first.
  if (!URL.canParse(url) || url.lastIndexOf('://') !== url.indexOf('://')) {
    throw appError('CONFIG_INVALID', `${origin}: "${maskUrl(address)}" is not an http(s) address`, {
      hint: 'Write it as http://lena-manager:7700 or lena-manager:7700.',
    });
  }
  return {
    kind: 'manager',
    name,
    origin,
    isProtected: sources.isProtected(name),
    network: name,
    urls: [url],
    basePath: 'auto',
    key: sources.environment['LENA_MANAGER_KEY'] === undefined ? undefined : { env: 'LENA_MANAGER_KEY' },
    serves: serves.map((target) => target.name),
  };
}
