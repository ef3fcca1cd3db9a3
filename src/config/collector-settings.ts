import { appError } from '../domain/errors.ts';
import { type ListenAddress, parseListen } from './listen-address.ts';
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
      ...telemetry.forward.map((written) => parseListen(written, 'telemetry.forward')),
      ...forward.map(forwardOf),
    ],
  };
}

function forwardOf(written: string): ListenAddress {
  const address = parseListen(written, '--forward');
  if (address.port === 0 || !/:\d+$/.test(written) || written.startsWith(':')) {
    throw appError('CONFIG_INVALID', `--forward: "${written}" is not host:port`, {
      hint: 'Write it as collector.example:16100, 10.0.0.5:16100 or [fd00::5]:16100.',
    });
  }
  return address;
}
