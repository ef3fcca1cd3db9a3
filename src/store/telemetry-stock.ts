import type { TelemetryStock } from '../domain/ports.ts';
import { isSameRef, refKey } from '../domain/ref.ts';
import type { Sender } from '../domain/sender.ts';
import type { SenderHistory } from '../domain/series.ts';
import type { EventLog } from './event-log.ts';
import type { SeriesStore } from './series/series-store.ts';
import type { MutableTables } from './tables.ts';

const MAX_EVENTS = 200;

export interface TelemetryStockOptions {
  readonly tables: MutableTables;
  readonly events: EventLog;
  readonly series: SeriesStore;
  /** Key of the server that shows a sender. */
  readonly homeOf: (sender: string) => string | undefined;
}

/** What is known of the senders of one receiver; each part is read as it is walked through. */
export function createTelemetryStock(options: TelemetryStockOptions, context: string): TelemetryStock {
  const { tables, events, series, homeOf } = options;
  function* senders(): Generator<Sender> {
    for (const sender of tables.sender.rows.values()) if (sender.ref.context === context) yield sender;
  }
  function* history(): Generator<SenderHistory> {
    for (const { ref } of senders()) {
      const key = refKey(ref);
      const home = homeOf(key);
      const server = home === undefined ? undefined : tables.server.rows.get(home);
      // A server's history goes with the one sender that speaks for it.
      const isShown = home !== undefined && isSameRef(server?.records.sender, ref);
      const known = series.historyOf(isShown ? home : key);
      if (known !== undefined) yield { sender: ref, ...known };
    }
  }
  return {
    senders,
    history,
    events: () => events.of([...senders()].map(({ ref }) => ref)).slice(0, MAX_EVENTS),
  };
}
