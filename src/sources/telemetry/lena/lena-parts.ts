import type { ConnectorUse, DataSourceUse } from '../../../domain/jvm-sample.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { CounterBag } from '../counters.ts';
import { amountOf, counterOf } from './lena-values.ts';

interface Part {
  counters: LenaMap;
  at: number;
}
const MAX_PARTS = 256;

const isConnector = (counters: LenaMap): boolean =>
  counters.has('currentThreadsBusy') || counters.has('maxThreads');
const isDataSource = (counters: LenaMap): boolean =>
  counters.has('ConnActive') || counters.has('ConnIdle') || counters.has('dbMaxActive');

/** `ROOT/name="jdbc/a"` → context `ROOT`, pool `jdbc/a`. */
const POOL = /^(?:(.*)\/)?name="?(.*?)"?$/;

function poolNames(part: string): { readonly context: string; readonly pool: string } {
  const [, context, pool] = POOL.exec(part) ?? [];
  return { context: context ?? '', pool: pool === undefined || pool === '' ? part : pool };
}
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** Connectors, data sources and whatever else a server sends as objects below its own. */
export class LenaParts {
  readonly #parts = new Map<string, Part>();

  clear(): void {
    this.#parts.clear();
  }
  set(name: string, counters: LenaMap, now: number): void {
    const known = this.#parts.get(name);
    if (known !== undefined) {
      known.counters = counters;
      known.at = now;
    } else if (this.#parts.size < MAX_PARTS) this.#parts.set(name, { counters, at: now });
  }
  /** Forgets what was not heard since: a connector that was removed while its server runs on. */
  dropUnheardSince(at: number): void {
    for (const [name, part] of this.#parts) if (part.at < at) this.#parts.delete(name);
  }
  connectors(): readonly ConnectorUse[] | undefined {
    const found: ConnectorUse[] = [];
    for (const [name, { counters }] of this.#parts) {
      if (!isConnector(counters)) continue;
      const busy = amountOf(counters.get('currentThreadsBusy'));
      found.push({ name, busy, max: amountOf(counters.get('maxThreads')) });
    }
    return found.length === 0 ? undefined : found.sort(byName);
  }
  /** Named by their pool; with its web application before it only where two share a name. */
  dataSources(): readonly DataSourceUse[] | undefined {
    const names = new Map<string, number>();
    const pools = [...this.#parts].filter(([, { counters }]) => isDataSource(counters));
    if (pools.length === 0) return undefined;
    for (const [part] of pools) {
      const { pool } = poolNames(part);
      names.set(pool, (names.get(pool) ?? 0) + 1);
    }
    return pools
      .map(([part, { counters }]) => {
        const { context, pool } = poolNames(part);
        return {
          name: (names.get(pool) ?? 0) > 1 ? `${context}:${pool}` : pool,
          active: amountOf(counters.get('ConnActive')),
          idle: amountOf(counters.get('ConnIdle')),
          max: amountOf(counters.get('dbMaxActive')),
        };
      })
      .sort(byName);
  }
  /** Parts of a kind not known here, as they came. */
  addUnknown(bag: CounterBag): void {
    for (const [part, { counters }] of this.#parts) {
      if (isConnector(counters) || isDataSource(counters)) continue;
      for (const [name, value] of counters) bag.add(`${part}:${name}`, counterOf(value));
    }
  }
}
