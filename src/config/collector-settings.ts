import { type ListenAddress, parseDestination, parseListen } from './listen-address.ts';
import { type ConfigPlaces, invalidConfig, readConfig } from './read-config.ts';

/** What receives for others needs of the configuration: no target of it is looked at. */
export interface CollectorSettings extends ListenAddress {
  readonly allow: readonly string[];
  readonly forward: readonly ListenAddress[];
}

const DEFAULT_LISTEN = '0.0.0.0:16100';

/** `forward` adds to the file's. Throws an AppError (exit 2) for what is wrong. */
export function collectorSettings(places: ConfigPlaces, forward: readonly string[]): CollectorSettings {
  const config = readConfig(places);
  if (!config.ok) throw invalidConfig(config.issues);
  const { telemetry } = config.value;
  const { listen } = places.flags;
  const address =
    listen === undefined
      ? parseListen(telemetry.listen ?? DEFAULT_LISTEN, 'telemetry.listen')
      : parseListen(listen, '--listen');
  return {
    ...address,
    allow: telemetry.allow,
    forward: [
      ...telemetry.forward.map((written) => parseDestination(written, 'telemetry.forward')),
      ...forward.map((written) => parseDestination(written, '--forward')),
    ],
  };
}
