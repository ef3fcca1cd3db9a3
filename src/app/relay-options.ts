import { runtimeDirectories } from '../config/paths.ts';
import type { TelemetryStock } from '../domain/ports.ts';
import type { SocketDirectory } from '../sources/socket-directory.ts';
import type { RelayOptions } from '../sources/telemetry/relay/relay-options.ts';

export interface RelayContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Version of l9s. */
  readonly program: string;
  readonly stock: TelemetryStock | undefined;
}

/** Where an owner of a port is looked for: a collector first. Empty where the system knows no user ids. */
export function relayDirectories(environment: RelayContext['environment']): readonly SocketDirectory[] {
  const uid = process.getuid?.();
  if (uid === undefined) return [];
  const { own, shared } = runtimeDirectories(environment, uid);
  return [
    { path: shared, kind: 'shared' },
    { path: own, kind: 'own' },
  ];
}

/** How a console shares its port; `undefined` where the system has no way to tell users apart. */
export function consoleRelay({ environment, program, stock }: RelayContext): RelayOptions | undefined {
  const lookIn = relayDirectories(environment);
  const serveIn = lookIn.find(({ kind }) => kind === 'own');
  if (serveIn === undefined) return undefined;
  return { role: 'console', program, pid: process.pid, uid: process.getuid?.(), serveIn, lookIn, stock };
}
