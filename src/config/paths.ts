import path from 'node:path';
import { xdgConfig, xdgState } from 'xdg-basedir';

/** Where l9s keeps its files. */
export interface Paths {
  readonly configDirectory: string;
  readonly stateDirectory: string;
  readonly configFile: string;
  readonly systemPolicyFile: string;
}

export function createPaths(base: {
  readonly config: string | undefined;
  readonly state: string | undefined;
  readonly home: string;
}): Paths {
  const configDirectory = path.join(base.config ?? path.join(base.home, '.config'), 'l9s');
  const stateDirectory = path.join(base.state ?? path.join(base.home, '.local', 'state'), 'l9s');
  return {
    configDirectory,
    stateDirectory,
    configFile: path.join(configDirectory, 'config.yaml'),
    systemPolicyFile: '/etc/l9s/policy.yaml',
  };
}

export const userPaths = (home: string): Paths => createPaths({ config: xdgConfig, state: xdgState, home });

/** What a run on the simulated fleet keeps lies beside the user's own, so that neither is taken for the other. */
export const demoStateDirectory = (stateDirectory: string): string => path.join(stateDirectory, 'demo');

/** Where sockets lie through which processes of one host share a port. */
export interface RuntimeDirectories {
  /** This user's. */
  readonly own: string;
  /** A collector's, for several users. */
  readonly shared: string;
}

/** `$XDG_RUNTIME_DIR/l9s`; without a login session a directory of the user's in /tmp. */
export function runtimeDirectories(
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): RuntimeDirectories {
  const base = environment['XDG_RUNTIME_DIR'] ?? '';
  const own = path.isAbsolute(base) ? path.join(base, 'l9s') : `/tmp/l9s-${uid}`;
  return { own, shared: '/run/l9s' };
}

/** `~` and `~/…` of a path written in a configuration. */
export const expandHome = (file: string, home: string): string =>
  file === '~' ? home : file.startsWith('~/') ? path.join(home, file.slice(2)) : file;
