import { hostname, userInfo } from 'node:os';
import type { Clock } from '../core/clock.ts';
import type { DumpTarget, DumpWay } from '../domain/dump-way.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { PortCompanion } from '../domain/port-companion.ts';
import type { DumpChannel, LocalSharing } from '../sources/dumps/channel/dump-channel.ts';

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

const WAYS = ['lena-channel', 'agent-channel'] as const;

export function composeDumpChannel({ port = 0, ...settings }: DumpChannelSettings): ComposedDumpChannel {
  let loaded: Promise<DumpChannel> | undefined;
  const load = () => {
    loaded ??= import('../sources/dumps/channel/dump-channel.ts').then(({ createDumpChannel }) =>
      createDumpChannel({ ...settings, port, by: localName() }),
    );
    return loaded;
  };
  const wayOf = async (id: (typeof WAYS)[number]): Promise<DumpWay> => {
    const way = (await load()).ways.find((each) => each.id === id);
    if (way === undefined) throw new Error(`no way ${id}`);
    return way;
  };
  return {
    ways: WAYS.map((id) => ({
      id,
      offer: async (target, ask, signal) => (await wayOf(id)).offer(target, ask, signal),
      take: async (target, ask, taking) => (await wayOf(id)).take(target, ask, taking),
      ...(id === 'agent-channel' && {
        room: async (target: DumpTarget, signal: AbortSignal) => (await wayOf(id)).room?.(target, signal),
      }),
    })),
    companion: async () => (await load()).companion,
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
