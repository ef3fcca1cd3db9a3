import { type Clock, sleep } from '../../../core/clock.ts';
import { readPrivateFile } from '../../../core/private-file.ts';
import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpWay } from '../../../domain/dump-way.ts';
import type { ModeInForce } from '../../../domain/policy.ts';
import type { PortCompanion } from '../../../domain/port-companion.ts';
import type { Change, Sink } from '../../../domain/ports.ts';
import { refOf } from '../../../domain/ref.ts';
import { masterKeyOf } from '../../../wire/dump-channel/agent-key.ts';
import type { SocketDirectory, UserId } from '../../socket-directory.ts';
import { createAgentWay } from './agent-way.ts';
import { ChannelListener } from './channel-listener.ts';
import { type ChannelPeers, NO_ACCESS } from './channel-peers.ts';
import { GonePeers } from './gone-peers.ts';
import { createLenaWay } from './lena-way.ts';
import { OwnerClient } from './owner-client.ts';
import { OwnerSocket } from './owner-socket.ts';
import { PeerBook } from './peer-book.ts';
import { assertMayAsk, takeOrder } from './take-order.ts';

export interface DumpChannelOptions {
  /** `telemetry.tcp`: servers may dial in while this process owns the datagram port. */
  readonly isOn: boolean;
  /** Of `telemetry.listen`; 0 where a free one is taken. */
  readonly port: number;
  /** File with the agents' master key, read anew for each that dials in. @default no agent is let in */
  readonly agentKeyFile?: string | undefined;
  /** What this process may let out, whoever asks for it. */
  readonly modeOf: (context: string) => ModeInForce;
  /** user@host. */
  readonly by: string;
  /** How processes of this host share the port; absent: they do not. */
  readonly local?: LocalSharing | undefined;
  readonly clock: Clock;
  /** Connections over all and of one address. @default 2000 and 16 */
  readonly limits?: { readonly connections: number; readonly ofOneAddress: number } | undefined;
}
export interface LocalSharing {
  readonly uid: UserId;
  readonly serveIn: SocketDirectory;
  readonly lookIn: readonly SocketDirectory[];
}
export interface DumpChannel {
  /** Best first. */
  readonly ways: readonly DumpWay[];
  /** For the telemetry source, whose port it shares. */
  readonly companion: PortCompanion;
}

const LOOK_AGAIN_MS = 2_000;

/** Dumps from servers that dial in: over the LENA advertisers' reverse connections and our agents' channel. */
export function createDumpChannel(options: DumpChannelOptions): DumpChannel {
  const { isOn, port, agentKeyFile, modeOf, by, local, clock, limits } = options;
  const book = new PeerBook(clock);
  const listener = new ChannelListener({
    book,
    masterKey: agentKeyFile === undefined ? undefined : () => masterKeyOf(readPrivateFile(agentKeyFile)),
    clock,
    maxConnections: limits?.connections,
    maxOfOneAddress: limits?.ofOneAddress,
  });
  const takeHere: ChannelPeers['take'] = (order, taking) =>
    takeOrder(order, taking, { book, modeOf, now: () => clock.now() });
  const client = local === undefined || port === 0 ? undefined : new OwnerClient({ ...local, port });
  const ownerSocket =
    local === undefined ? undefined : new OwnerSocket({ ...local, book, take: takeHere, clock });
  const gone = new GonePeers(clock);
  let isOwner = false;
  /** Who owns the port without taking TCP, while we read along with it. */
  let ownerWithout: string | undefined;

  const peers: ChannelPeers = {
    async access(signal) {
      if (isOwner) {
        return listener.port === undefined && !isOn
          ? NO_ACCESS.off
          : { peers: book.rows(), gone: gone.rows(), isThroughOwner: false };
      }
      const told = await client?.peers(signal);
      switch (told?.state) {
        case 'told':
          return { peers: told.peers, gone: gone.rows(), isThroughOwner: true };
        case 'denied':
          return NO_ACCESS.otherUser(told.file);
        case 'failed':
          return NO_ACCESS.failed(told.error);
        case 'absent':
        case undefined:
          if (!isOn) return NO_ACCESS.off;
          return ownerWithout === undefined ? NO_ACCESS.notListening : NO_ACCESS.ownerWithout(ownerWithout);
      }
    },
    async take(order, taking) {
      if (isOwner || client === undefined) return await takeHere(order, taking);
      // The owner holds to its own mode; this process to its own as well.
      assertMayAsk(order, modeOf);
      return await client.take(order, taking);
    },
  };

  const companion: PortCompanion = {
    async own(owned, signal) {
      isOwner = true;
      if (isOn) {
        const shown = showIn(owned.sink, gone);
        const end = book.onChange(shown.tell);
        await Promise.all([listener.run(owned, signal), ownerSocket?.run(owned, signal)]);
        book.close();
        end();
        shown.clear();
      }
      isOwner = false;
    },
    async follow(_port, sink, signal) {
      while (!signal.aborted) {
        const shown = showIn(sink, gone);
        await client?.watch(shown.tell, signal);
        shown.clear();
        await sleep(clock, LOOK_AGAIN_MS, signal);
      }
      ownerWithout = undefined;
    },
    ownerNotes({ pid, role, takesTcp }) {
      ownerWithout = takesTcp ? undefined : `the l9s of pid ${pid} (${role})`;
      if (ownerWithout === undefined || !isOn) return [];
      const { why, next } = NO_ACCESS.ownerWithout(ownerWithout);
      return [`no dumps by TCP: ${why.en} → ${next.en}`];
    },
    counts: () => (isOwner && isOn ? listener.counts() : {}),
    notes: () => {
      const problem = ownerSocket?.problem;
      return isOwner && isOn ? [...listener.notes(), ...(problem === undefined ? [] : [problem])] : [];
    },
  };
  return { ways: [createLenaWay(peers, by), createAgentWay(peers, by)], companion };
}

/** Rows of peers in a sink, until they are cleared. */
function showIn(sink: Pick<Sink, 'changes'>, gone: GonePeers) {
  const shown = new Set<string>();
  const dropOf = (id: string): Change => ({ type: 'drop', kind: 'peer', ref: refOf('peer', 'udp', id) });
  return {
    tell(put: readonly DumpPeer[], drop: readonly string[]): void {
      gone.tell(put, drop);
      for (const { ref } of put) shown.add(ref.id);
      for (const id of drop) shown.delete(id);
      sink.changes([
        ...drop.map(dropOf),
        ...put.map((entity): Change => ({ type: 'put', kind: 'peer', entity })),
      ]);
    },
    clear(): void {
      gone.clear();
      if (shown.size > 0) sink.changes([...shown].map(dropOf));
      shown.clear();
    },
  };
}
