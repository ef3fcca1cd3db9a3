import type { OpsEvent } from '../../../domain/event.ts';
import type { TelemetryStock } from '../../../domain/ports.ts';
import type { Sender } from '../../../domain/sender.ts';
import {
  encodeFrame,
  encodeList,
  eventItem,
  historyItem,
  type RelayItem,
  senderItem,
} from '../../../wire/relay/encode.ts';
import type { StockLines } from './relay-client.ts';

const MAX_EVENTS = 2_048;

/**
 * Everything a newcomer is told, made piece by piece as it takes it: senders as they are at that moment, what is
 * remembered of them, the newest events (oldest first), `ready`.
 */
export function* stockLines(
  senders: ReadonlyMap<string, Sender>,
  stock: TelemetryStock | undefined,
): StockLines {
  yield* encodeList('senders', senderItems(senders));
  if (stock !== undefined) {
    yield* silent(encodeList('history', historyItems(stock)));
    yield* silent(encodeList('events', newestEvents(stock).reverse().map(eventItem)));
  }
  yield { text: encodeFrame({ type: 'ready' }), ids: [] };
}

function* senderItems(senders: ReadonlyMap<string, Sender>): Iterable<RelayItem> {
  // The keys of now: who comes later is told as a change.
  for (const id of [...senders.keys()]) {
    const sender = senders.get(id);
    if (sender !== undefined) yield senderItem(sender);
  }
}

function* historyItems(stock: TelemetryStock): Iterable<RelayItem> {
  for (const history of stock.history()) yield historyItem(history);
}

function newestEvents(stock: TelemetryStock): OpsEvent[] {
  const newest: OpsEvent[] = [];
  for (const event of stock.events()) {
    if (newest.length >= MAX_EVENTS) break;
    newest.push(event);
  }
  return newest;
}

/** Lines that tell nothing of what a sender is now. */
function* silent(lines: StockLines): StockLines {
  for (const { text } of lines) yield { text, ids: [] };
}
