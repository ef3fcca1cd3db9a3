import { type AssemblyLimits, createLenaAssembly } from '../../../wire/lena/assembly.ts';
import { decodeLenaPack, type LenaFragment, type LenaPacks } from '../../../wire/lena/decode.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';
import type { AlertPack, CounterPack, LenaPack, ObjectPack } from '../../../wire/lena/pack.ts';
import type { EventBook } from '../event-book.ts';
import type { RateLimit } from '../pulse.ts';
import type { SenderTable } from '../sender-table.ts';
import type { Tallies } from '../tallies.ts';
import type { Peer, TrackedSender } from '../tracked-sender.ts';
import { lenaEvent } from './lena-event.ts';
import { LenaIdentity } from './lena-identity.ts';
import { LenaSender } from './lena-sender.ts';
import { amountOf } from './lena-values.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';

export interface LenaReceiverOptions {
  readonly context: string;
  readonly table: SenderTable;
  readonly events: EventBook;
  readonly tallies: Tallies;
  readonly limit: RateLimit;
  readonly assembly?: AssemblyLimits | undefined;
}
/** One datagram on its way through: where from, when, and its number. */
export interface Passage {
  readonly peer: Peer;
  readonly now: number;
  readonly number: number;
}

/** Turns packs of LENA advertisers into senders and events. */
export class LenaReceiver {
  readonly #options: LenaReceiverOptions;
  readonly #assembly: ReturnType<typeof createLenaAssembly>;
  /** Address → name → the JVMs that call themselves so there. */
  readonly #identities = new Map<string, Map<string, LenaIdentity>>();

  constructor(options: LenaReceiverOptions) {
    this.#options = options;
    this.#assembly = createLenaAssembly(options.assembly);
  }
  /** Packs given up before all their chunks were in. */
  get abandonedPacks(): number {
    return this.#assembly.abandoned;
  }
  /** Gives the reason where a datagram must be counted as refused. */
  take(content: LenaPacks | LenaFragment, passage: Passage): string | undefined {
    if (content.kind === 'packs') return this.#takePacks(content.packs, passage);
    this.#options.tallies.fragments++;
    this.#beatOf(passage);
    const { peer, now } = passage;
    const whole = this.#assembly.add(`${peer.address} ${peer.port}`, content, now);
    if (whole === undefined) return undefined;
    const decoded = decodeLenaPack(whole);
    return decoded.kind === 'reject' ? decoded.reason : this.#takePacks(decoded.packs, passage);
  }
  forget(sender: TrackedSender): void {
    if (!(sender instanceof LenaSender)) return;
    const byName = this.#identities.get(sender.address);
    const identity = byName?.get(sender.name.server);
    identity?.forget(sender);
    if (identity?.isEmpty === true) byName?.delete(sender.name.server);
    if (byName?.size === 0) this.#identities.delete(sender.address);
  }
  #takePacks(packs: readonly LenaPack[], passage: Passage): string | undefined {
    let reason: string | undefined;
    for (const pack of packs) reason = this.#takePack(pack, passage) ?? reason;
    return reason;
  }
  #takePack(pack: LenaPack, passage: Passage): string | undefined {
    switch (pack.pack) {
      case 'counters':
      case 'object':
        return this.#takeNamed(pack, passage);
      case 'alert':
        this.#takeAlert(pack, passage);
        return undefined;
      case 'dictionary':
        this.#options.tallies.dictionaryPacks++;
        this.#beatOf(passage);
        return undefined;
      case 'opaque':
        this.#options.tallies.unreadPacks++;
        this.#beatOf(passage)?.addOpaque();
        return undefined;
    }
  }
  /** Packs without a name count for the sender this socket spoke for last. */
  #beatOf({ peer, number, now }: Passage): LenaSender | undefined {
    const { sender } = peer;
    if (!(sender instanceof LenaSender)) return undefined;
    sender.beat(number, now);
    this.#options.table.touch(sender);
    return sender;
  }
  #takeNamed(pack: CounterPack | ObjectPack, passage: Passage): string | undefined {
    const name = parseObjectName(pack.objName);
    if (name === undefined) return 'object name empty or too long';
    const isOwnCounters = pack.pack === 'counters' && name.part === undefined;
    const startedAt = isOwnCounters ? amountOf(pack.counters.get('serverStartTime')) : undefined;
    const sender = this.#spokeBefore(name, passage.peer) ?? this.#resolve(name, startedAt, passage);
    if (sender === undefined) return undefined;
    passage.peer.sender = sender;
    this.#options.table.touch(sender);
    if (!sender.beat(passage.number, passage.now)) {
      this.#options.tallies.limited++;
      return undefined;
    }
    if (pack.pack === 'object') sender.takeObject(pack, name.part);
    else sender.takeCounters(pack, name.part, passage.now);
    return undefined;
  }
  /** As a rule a socket speaks for one server: nothing to look up then. */
  #spokeBefore(name: ObjectName, { sender, address, port }: Peer): LenaSender | undefined {
    if (!(sender instanceof LenaSender) || sender.port !== port || sender.address !== address)
      return undefined;
    const isCurrent = sender.name.server === name.server && this.#options.table.get(sender.id) === sender;
    return isCurrent ? sender : undefined;
  }
  #resolve(name: ObjectName, startedAt: number | undefined, passage: Passage): LenaSender | undefined {
    const { peer, now } = passage;
    const { table, limit } = this.#options;
    const identity = this.#identityOf(name, peer.address);
    const sender = identity.resolve(
      { port: peer.port, startedAt, now },
      {
        create: (id) => {
          if (table.get(id) === undefined && !table.hasRoom(now)) return undefined;
          const created = new LenaSender({ id, name, address: peer.address, port: peer.port, now, limit });
          table.put(created);
          return created;
        },
        rename: (renamed, id) => table.rename(renamed, id),
      },
    );
    if (identity.isEmpty) this.#identities.get(peer.address)?.delete(name.server);
    return sender;
  }
  #identityOf(name: ObjectName, address: string): LenaIdentity {
    let byName = this.#identities.get(address);
    if (byName === undefined) {
      byName = new Map();
      this.#identities.set(address, byName);
    }
    const known = byName.get(name.server);
    if (known !== undefined) return known;
    const created = new LenaIdentity(`${name.server}@${address}`);
    byName.set(name.server, created);
    return created;
  }
  /** An alert names its object by hash only: the server of this socket, or any of this address it fits. */
  #takeAlert(pack: AlertPack, passage: Passage): void {
    const { peer, now } = passage;
    const { context, events } = this.#options;
    const spoke = this.#beatOf(passage);
    const sender = spoke !== undefined && isAbout(pack, spoke) ? spoke : this.#findByHash(pack, peer.address);
    events.add(lenaEvent(pack, { context, address: peer.address, sender: sender ?? spoke, now }), now);
  }
  #findByHash(pack: AlertPack, address: string): LenaSender | undefined {
    for (const identity of this.#identities.get(address)?.values() ?? []) {
      const found = identity.senders.find((sender) => isAbout(pack, sender));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const isAbout = (pack: AlertPack, sender: LenaSender): boolean =>
  pack.objHash === objHashOf(`/${sender.name.server}/`);
