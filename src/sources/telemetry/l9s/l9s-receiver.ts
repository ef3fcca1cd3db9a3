import { cleanLine } from '../../../core/text.ts';
import type { EventLevel } from '../../../domain/event.ts';
import { refOf } from '../../../domain/ref.ts';
import type { L9sDatagram, L9sEvent, L9sLevel } from '../../../wire/l9s/datagram.ts';
import type { ReceiverParts } from '../receiver-parts.ts';
import { senderOfName } from '../sender-of-name.ts';
import type { Peer } from '../tracked-sender.ts';
import { L9sSender } from './l9s-sender.ts';

const LEVELS: Record<L9sLevel, EventLevel> = {
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
};

/** Turns `l9s/1` datagrams into senders and events. */
export class L9sReceiver {
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }
  take(datagram: L9sDatagram, peer: Peer, now: number): void {
    const sender = this.#senderOf(datagram, peer, now);
    if (typeof sender === 'string') {
      this.#parts.tallies[sender]++;
      return;
    }
    sender.port = peer.port;
    peer.sender = sender;
    this.#parts.table.touch(sender);
    if (!sender.pulse.beat(now)) {
      this.#parts.tallies.limited++;
      return;
    }
    const arrival = sender.take(datagram, now);
    if (datagram.type === 'event' && arrival !== 'repeat') this.#addEvent(datagram, sender, now);
  }
  #senderOf(datagram: L9sDatagram, peer: Peer, now: number): L9sSender | 'unclear' | 'refused' {
    const { table, limit, budget, tallies } = this.#parts;
    const { address, port } = peer;
    const calls = cleanLine(datagram.id, 128);
    return senderOfName(table, {
      name: calls,
      codec: 'l9s',
      peer,
      now,
      isSame: (sender) => sender instanceof L9sSender,
      create: (id, name) => new L9sSender({ id, calls, name, address, port, now, limit, budget }),
      onNamesake: () => {
        tallies.namesakes++;
      },
    });
  }
  #addEvent(datagram: L9sEvent, sender: L9sSender, now: number): void {
    const { context, events } = this.#parts;
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
