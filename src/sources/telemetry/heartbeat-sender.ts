import { refOf } from '../../domain/ref.ts';
import type { Sender } from '../../domain/sender.ts';
import { CounterBag } from './counters.ts';
import { Pulse, type RateLimit } from './pulse.ts';
import type { TrackedSender } from './tracked-sender.ts';

/** Nothing is known of its interval; a minute of silence is three missed ones. */
const INTERVAL_MS = 20_000;

export interface HeartbeatSenderOptions {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly now: number;
  readonly limit: RateLimit;
}

/** Somebody whose datagrams no codec can read: it lives, and that is all. */
export class HeartbeatSender implements TrackedSender {
  id: string;
  readonly isNameless = true;
  readonly byeAt = undefined;
  readonly address: string;
  readonly pulse: Pulse;
  port: number;

  constructor({ id, address, port, now, limit }: HeartbeatSenderOptions) {
    this.id = id;
    this.address = address;
    this.port = port;
    this.pulse = new Pulse(now, INTERVAL_MS, limit);
  }
  toSender(context: string, now: number): Sender {
    const bag = new CounterBag();
    bag.add('rejectReason', this.pulse.rejectReason);
    return {
      ref: refOf('sender', context, this.id),
      codec: 'heartbeat',
      name: this.id,
      sourceAddress: this.address,
      sourcePort: this.port,
      restarts: 0,
      heartbeat: this.pulse.toHeartbeat(now),
      counters: bag.toRecord(),
    };
  }
}
