import { createViewContext } from '../../src/app/view-context.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { DetailSection, ViewContext } from '../../src/views/view.ts';
import { contextOf, storeOptionsOf } from './store-entities.ts';
import type { TelemetryHarness } from './telemetry-harness.ts';

/** What a real receiver heard so far, joined by a real store: its rows and the context views read them in. */
export function heardServers({ batches, clock }: TelemetryHarness, language: ViewContext['language'] = 'en') {
  const now = clock.now();
  const store = createConsoleStore({ ...storeOptionsOf([contextOf('udp', 'udp')]), now });
  for (const batch of batches) store.apply(batch);
  const context = createViewContext(store, now, {
    language,
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
  });
  return { servers: [...store.state.getState().tables.server.rows.values()], context };
}

/** Lines of a page by label; tables by `COLUMN of NAME`. */
export function pageLines(sections: readonly DetailSection[]): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const { lines: own, table } of sections) {
    for (const { label, value } of own) lines.set(label.trim(), value);
    for (const [name = '', ...cells] of table?.rows ?? [])
      cells.forEach((cell, index) => {
        lines.set(`${table?.columns[index + 1]} of ${name}`, cell);
      });
  }
  return lines;
}
