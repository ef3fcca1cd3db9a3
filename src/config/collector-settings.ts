import type { ModeInForce } from '../domain/policy.ts';
import { type ListenAddress, parseDestination, parseListen } from './listen-address.ts';
import { mergePolicy } from './merge-policy.ts';
import { expandHome } from './paths.ts';
import { type ConfigPlaces, invalidConfig, readConfig, readSystemPolicy } from './read-config.ts';

/** What receives for others needs of the configuration: no target of it is looked at. */
export interface CollectorSettings extends ListenAddress {
  readonly allow: readonly string[];
  readonly forward: readonly ListenAddress[];
  /** TCP on the same port, for dumps. */
  readonly tcp: boolean;
  /** File of the agents' master key. */
  readonly agentKeyFile: string | undefined;
  /** What it lets out, whoever asks it for a dump. */
  readonly mode: ModeInForce;
}

const DEFAULT_LISTEN = '0.0.0.0:16100';

/** `forward` adds to the file's. Throws an AppError (exit 2) for what is wrong. */
export function collectorSettings(places: ConfigPlaces, forward: readonly string[]): CollectorSettings {
  const config = readConfig(places);
  if (!config.ok) throw invalidConfig(config.issues);
  const { telemetry } = config.value;
  const { listen } = places.flags;
  const { mode, modeOrigin } = mergePolicy({ places, config, system: readSystemPolicy(places.paths) });
  const { tcp, agentKey } = telemetry;
  const address =
    listen === undefined
      ? parseListen(telemetry.listen ?? DEFAULT_LISTEN, 'telemetry.listen')
      : parseListen(listen, '--listen');
  return {
    ...address,
    allow: telemetry.allow,
    tcp,
    agentKeyFile: agentKey === undefined ? undefined : expandHome(agentKey, places.home),
    mode: { mode, origin: modeOrigin },
    forward: [
      ...telemetry.forward.map((written) => parseDestination(written, 'telemetry.forward')),
      ...forward.map((written) => parseDestination(written, '--forward')),
    ],
  };
}
