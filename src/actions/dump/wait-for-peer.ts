import { type Clock, sleep } from '../../core/clock.ts';
import { type DumpAsk, type DumpTarget, type DumpWay, isOffer } from '../../domain/dump-way.ts';

const LOOK_EVERY_MS = 500;
/** What a server that was connected a moment ago gets to dial in again: an agent is back a second later, or restarted. */
const DIAL_AGAIN_MS = 15_000;

export interface PeerWait {
  readonly way: DumpWay;
  readonly target: DumpTarget;
  readonly ask: DumpAsk;
  readonly clock: Clock;
}

/** Waits while the server has no connection open and may dial in again. Rejects with the signal's reason only. */
export async function waitForPeer({ way, target, ask, clock }: PeerWait, signal: AbortSignal): Promise<void> {
  const untilAt = clock.now() + DIAL_AGAIN_MS;
  for (;;) {
    const answer = await way.offer(target, ask, signal);
    signal.throwIfAborted();
    if (isOffer(answer) || answer.mayDialIn !== true || clock.now() >= untilAt) return;
    await sleep(clock, LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}
