import { cleanLine } from '../../../core/text.ts';
import type { EventLevel } from '../../../domain/event.ts';
import { refOf } from '../../../domain/ref.ts';
import type { L9sDatagram, L9sEvent, L9sLevel } from '../../../wire/l9s/datagram.ts';
import type { EventBook } from '../event-book.ts';
import type { RateLimit } from '../pulse.ts';
import type { SenderTable } from '../sender-table.ts';
import type { Tallies } from '../tallies.ts';
import type { Peer } from '../tracked-sender.ts';
import type { ValueBudget } from '../value-budget.ts';
import { L9sSender, type L9sSenderOptions } from './l9s-sender.ts';

export interface L9sReceiverOptions {
  readonly context: string;
  readonly table: SenderTable;
  readonly events: EventBook;
  readonly tallies: Tallies;
  readonly limit: RateLimit;
  readonly budget: ValueBudget;
}

const LEVELS: Record<L9sLevel, EventLevel> = {
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
};

/** Turns `l9s/1` datagrams into senders and events. */
export class L9sReceiver {
  readonly #options: L9sReceiverOptions;

  constructor(options: L9sReceiverOptions) {
    this.#options = options;
  }
  take(datagram: L9sDatagram, peer: Peer, now: number): void {
    const sender = this.#senderOf(datagram, peer, now);
    if (sender === undefined) return;
    sender.port = peer.port;
    peer.sender = sender;
    this.#options.table.touch(sender);
    if (!sender.pulse.beat(now)) {
      this.#options.tallies.limited++;
      return;
    }
    const arrival = sender.take(datagram, now);
    if (datagram.type === 'event' && arrival !== 'repeat') this.#addEvent(datagram, sender, now);
  }
  #senderOf(datagram: L9sDatagram, { address, port }: Peer, now: number): L9sSender | undefined {
    const { table, tallies, limit, budget } = this.#options;
    const name = cleanLine(datagram.id, 128);
    // Apart from a LENA advertiser of the same name: both may run beside one JVM.
    const id = `${name}@${address}/l9s`;
    const known = table.get(id);
    if (!(known instanceof L9sSender))
      return this.#create({ id, calls: name, name, address, port, now, limit, budget });
    switch (known.ports.judge(port, now)) {
      case 'own':
        return known;
      case 'unclear':
        tallies.unclear++;
        return undefined;
      case 'other': {
        const twinName = `${name}:${port}`;
        const twinId = `${twinName}@${address}/l9s`;
        const twin = table.get(twinId);
        if (twin instanceof L9sSender) return twin;
        return this.#create({ id: twinId, calls: name, name: twinName, address, port, now, limit, budget });
      }
    }
  }
  #create(options: L9sSenderOptions): L9sSender | undefined {
    const { table, tallies } = this.#options;
    if (table.get(options.id) === undefined && !table.hasRoom(options.now)) {
      tallies.refused++;
      return undefined;
    }
    const created = new L9sSender(options);
    table.put(created);
    return created;
  }
  #addEvent(datagram: L9sEvent, sender: L9sSender, now: number): void {
    const { context, events } = this.#options;
    events.add(
      {
        ref: refOf('event', context, `${sender.id}#${datagram.at - datagram.upMs}-${datagram.seq}`),
        at: Math.min(now, datagram.at - sender.skewMs),
        level: LEVELS[datagram.level],
        type: datagram.event,
        message: datagram.message,
        target: refOf('sender', context, sender.id),
        targetName: sender.name,
      },
      now,
    );
  }
}
