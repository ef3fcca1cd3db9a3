import { type AssemblyLimits, createLenaAssembly } from '../../../wire/lena/assembly.ts';
import { decodeLenaPack, type LenaFragment, type LenaPacks } from '../../../wire/lena/decode.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';
import type { AlertPack, CounterPack, LenaPack, ObjectPack } from '../../../wire/lena/pack.ts';
import type { ReceiverParts } from '../receiver-parts.ts';
import type { Peer, TrackedSender } from '../tracked-sender.ts';
import { lenaEvent } from './lena-event.ts';
import { LenaIdentity } from './lena-identity.ts';
import { LenaSender } from './lena-sender.ts';
import { amountOf } from './lena-values.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';

/** One datagram on its way through: where from, when, and its number. */
export interface Passage {
  readonly peer: Peer;
  readonly now: number;
  readonly number: number;
}

/** Turns packs of LENA advertisers into senders and events. */
export class LenaReceiver {
  readonly #parts: ReceiverParts;
  readonly #assembly: ReturnType<typeof createLenaAssembly>;
  /** Address → name → the JVMs that call themselves so there. */
  readonly #identities = new Map<string, Map<string, LenaIdentity>>();
  /** Address and object hash → the same. */
  readonly #byHash = new Map<string, LenaIdentity>();

  /** Last datagram that was counted as left out, and last one left out for want of room. */
  #leftOut = -1;
  #refused = -1;

  constructor(parts: ReceiverParts, assembly?: AssemblyLimits) {
    this.#parts = parts;
    this.#assembly = createLenaAssembly(assembly);
  }
  /** Packs given up before all their chunks were in. */
  get abandonedPacks(): number {
    return this.#assembly.abandoned;
  }
  /** Gives the reason where a datagram must be counted as refused. */
  take(content: LenaPacks | LenaFragment, passage: Passage): string | undefined {
    if (content.kind === 'packs') return this.#takePacks(content.packs, passage);
    const { peer, now } = passage;
    const { tallies } = this.#parts;
    if (!this.#mayRead(passage)) return undefined;
    tallies.fragments++;
    const whole = this.#assembly.add(`${peer.address} ${peer.port}`, content, now);
    if (whole === undefined) return undefined;
    const decoded = decodeLenaPack(whole);
    return decoded.kind === 'reject' ? decoded.reason : this.#takePacks(decoded.packs, passage);
  }
  forget(sender: TrackedSender): void {
    if (!(sender instanceof LenaSender)) return;
    const identity = this.#identities.get(sender.address)?.get(sender.name.server);
    identity?.forget(sender);
    if (identity?.isEmpty === true) this.#forgetIdentity(sender.name, sender.address);
  }
  #forgetIdentity({ server }: ObjectName, address: string): void {
    const byName = this.#identities.get(address);
    byName?.delete(server);
    if (byName?.size === 0) this.#identities.delete(address);
    this.#byHash.delete(hashKey(address, objHashOf(`/${server}/`)));
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
        this.#parts.tallies.dictionaryPacks++;
        this.#beatOf(passage);
        return undefined;
      case 'opaque':
        this.#parts.tallies.unreadPacks++;
        this.#beatOf(passage)?.addOpaque(pack.packType);
        return undefined;
    }
  }
  /** Packs without a name count for the sender this socket spoke for last. */
  #beatOf({ peer, number, now }: Passage): LenaSender | undefined {
    const { sender } = peer;
    if (!(sender instanceof LenaSender)) return undefined;
    sender.beat(number, now);
    this.#parts.table.touch(sender);
    return sender;
  }
  /** False, and counted, where the sender of this socket already sent more than it may. */
  #mayRead(passage: Passage): boolean {
    const sender = this.#beatOf(passage);
    if (sender === undefined || sender.beat(passage.number, passage.now)) return true;
    if (sender.isFirstLimited(passage.number)) this.#parts.tallies.limited++;
    return false;
  }
  #takeNamed(pack: CounterPack | ObjectPack, passage: Passage): string | undefined {
    const name = parseObjectName(pack.objName);
    if (name === undefined) return 'lena: object name empty or too long';
    if (pack.pack === 'object' && pack.objHash !== name.objHash)
      return 'lena: object hash is not that of its name';
    const isOwnCounters = pack.pack === 'counters' && name.part === undefined;
    const startedAt = isOwnCounters ? amountOf(pack.counters.get('serverStartTime')) : undefined;
    const sender = this.#spokeBefore(name, passage.peer) ?? this.#resolve(name, startedAt, passage);
    if (sender === undefined) {
      this.#countLeftOut(passage.number);
      return undefined;
    }
    passage.peer.sender = sender;
    this.#parts.table.touch(sender);
    if (!sender.beat(passage.number, passage.now)) {
      if (sender.isFirstLimited(passage.number)) this.#parts.tallies.limited++;
      return undefined;
    }
    if (pack.pack === 'object') sender.takeObject(pack, name.part, passage.now);
    else sender.takeCounters(pack, name.part, passage.now);
    return undefined;
  }
  /** As a rule a socket speaks for one server: nothing to look up then. */
  #spokeBefore(name: ObjectName, { sender, address, port }: Peer): LenaSender | undefined {
    if (!(sender instanceof LenaSender) || sender.port !== port || sender.address !== address)
      return undefined;
    const isCurrent = sender.name.server === name.server && this.#parts.table.get(sender.id) === sender;
    return isCurrent ? sender : undefined;
  }
  #resolve(name: ObjectName, startedAt: number | undefined, passage: Passage): LenaSender | undefined {
    const { peer, now } = passage;
    const { table, limit, budget, tallies } = this.#parts;
    const identity = this.#identityOf(name, peer.address);
    const sender = identity.resolve(
      { port: peer.port, startedAt, now },
      {
        create: (id) => {
          if (table.get(id) === undefined && !table.hasRoom(now)) {
            this.#refused = passage.number;
            return undefined;
          }
          const { address, port } = peer;
          const created = new LenaSender({ id, name, address, port, now, limit, budget });
          table.put(created);
          return created;
        },
        hasRoom: () => table.hasRoom(now),
        rename: (renamed, id) => table.rename(renamed, id),
        onNamesake: () => {
          tallies.namesakes++;
        },
      },
    );
    if (identity.isEmpty) this.#forgetIdentity(name, peer.address);
    return sender;
  }
  /** A datagram counts once, however many of its packs are left out. */
  #countLeftOut(number: number): void {
    if (number !== this.#leftOut) this.#parts.tallies[number === this.#refused ? 'refused' : 'unclear']++;
    this.#leftOut = number;
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
    this.#byHash.set(hashKey(address, objHashOf(`/${name.server}/`)), created);
    return created;
  }
  /**
   * An alert names its object by hash only: the server of this socket, or the one of this address it fits. One that
   * fits nobody is told of the address alone.
   */
  #takeAlert(pack: AlertPack, passage: Passage): void {
    const { peer, now } = passage;
    const { context, events } = this.#parts;
    if (!this.#mayRead(passage)) return;
    const spoke = peer.sender instanceof LenaSender ? peer.sender : undefined;
    const sender =
      spoke?.isNamedBy(pack.objHash) === true ? spoke : this.#findByHash(pack.objHash, peer.address);
    events.add(lenaEvent(pack, { context, address: peer.address, sender, now }), now);
  }
  #findByHash(objHash: number, address: string): LenaSender | undefined {
    return this.#byHash.get(hashKey(address, objHash))?.senders[0];
  }
}

const hashKey = (address: string, objHash: number): string => `${address} ${objHash}`;
