import { appError } from '../domain/errors.ts';
import { expandHome } from './paths.ts';
import type { ReadFile } from './read-config.ts';
import type { Config } from './schema.ts';
import type { AttachTarget, Target } from './target.ts';

/** `telemetry.attach` with a name each. Throws an AppError where a context is unknown or a name is given twice. */
export function resolveAttach(
  config: ReadFile<Config>,
  targets: readonly Target[],
  home: string,
): readonly AttachTarget[] {
  const taken = new Set(['udp', ...targets.map(({ name }) => name)]);
  return config.value.telemetry.attach.map(({ name, kube, ssh, socket }, index) => {
    const line = config.lines.near(['telemetry', 'attach', index]);
    const origin = `${config.file ?? 'default'}:${line ?? ''}: telemetry.attach`;
    const way = wayOf({ kube, ssh, socket }, home);
    if (
      way.kind === 'kube' &&
      !targets.some((target) => target.kind === 'kube' && target.name === way.context)
    )
      throw appError('CONFIG_INVALID', `${origin}: "${way.context}" is no configured Kubernetes context`);
    const own = name ?? `udp-${placeOf(way)}`;
    if (taken.has(own)) throw appError('CONFIG_INVALID', `${origin}: the name "${own}" is given twice`);
    taken.add(own);
    return { name: own, way, origin };
  });
}

type Written = Pick<Config['telemetry']['attach'][number], 'kube' | 'ssh' | 'socket'>;

function wayOf({ kube, ssh, socket }: Written, home: string): AttachTarget['way'] {
  if (kube !== undefined) return { kind: 'kube', ...kube, container: kube.container };
  if (ssh !== undefined) return { kind: 'ssh', host: ssh };
  return { kind: 'socket', path: expandHome(socket ?? '', home) };
}

function placeOf(way: AttachTarget['way']): string {
  switch (way.kind) {
    case 'kube':
      return way.pod;
    case 'ssh':
      return way.host;
    case 'socket':
      return 'socket';
  }
}
