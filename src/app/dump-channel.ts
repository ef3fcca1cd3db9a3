import { hostname, userInfo } from 'node:os';
import type { Clock } from '../core/clock.ts';
import type { DumpWay } from '../domain/dump-way.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { PortCompanion } from '../domain/port-companion.ts';
import type { LocalSharing } from '../sources/dumps/channel/dump-channel.ts';
import { lazyWay, once } from './lazy-way.ts';

export interface DumpChannelSettings {
  /** `telemetry.tcp` */
  readonly isOn: boolean;
  /** Of `telemetry.listen`; `undefined` without a receiver. */
  readonly port: number | undefined;
  /** `telemetry.agentKey`, with `~` resolved. */
  readonly agentKeyFile: string | undefined;
  readonly modeOf: (context: string) => ModeInForce;
  readonly local: LocalSharing | undefined;
  readonly clock: Clock;
}
/** The channel, loaded when it is needed first: TLS and its codecs cost every start otherwise. */
export interface ComposedDumpChannel {
  /** Best first. */
  readonly ways: readonly DumpWay[];
  /** For the telemetry source. */
  companion(): Promise<PortCompanion>;
}

export function composeDumpChannel({ port = 0, ...settings }: DumpChannelSettings): ComposedDumpChannel {
  const channel = once(async () => {
    const { createDumpChannel } = await import('../sources/dumps/channel/dump-channel.ts');
    return createDumpChannel({ ...settings, port, by: localName() });
  });
  const load = async () => (await channel()).ways;
  return {
    ways: [lazyWay('lena-channel', { load }), lazyWay('agent-channel', { load, hasRoom: true })],
    companion: async () => (await channel()).companion,
  };
}

/** user@host, as files name whoever took them. */
export function localName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A uid without an entry in the user database, as containers have.
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
