import type { ConnectorUse, DataSourceUse } from '../../../domain/jvm-sample.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { Holding } from '../value-budget.ts';
import { amountOf } from './lena-values.ts';

/** Figures of one object below a server, taken out of its pack. */
interface Part {
  at: number;
  connector: Omit<ConnectorUse, 'name'> | undefined;
  dataSource: Omit<DataSourceUse, 'name'> | undefined;
}
const MAX_PARTS = 256;
const CONNECTOR_FIELDS: ReadonlySet<string> = new Set(['currentThreadsBusy', 'maxThreads']);
const DATA_SOURCE_FIELDS: ReadonlySet<string> = new Set(['ConnActive', 'ConnIdle', 'dbMaxActive']);
const NO_FIELDS: ReadonlySet<string> = new Set();

const isConnector = (counters: LenaMap): boolean =>
  counters.has('currentThreadsBusy') || counters.has('maxThreads');
const isDataSource = (counters: LenaMap): boolean =>
  counters.has('ConnActive') || counters.has('ConnIdle') || counters.has('dbMaxActive');

/** The counters of an object below a server that become fields: what is left is shown as it came. */
export function partFields(counters: LenaMap): ReadonlySet<string> {
  if (isConnector(counters)) return CONNECTOR_FIELDS;
  return isDataSource(counters) ? DATA_SOURCE_FIELDS : NO_FIELDS;
}

function connectorOf(counters: LenaMap): Part['connector'] {
  if (!isConnector(counters)) return undefined;
  return { busy: amountOf(counters.get('currentThreadsBusy')), max: amountOf(counters.get('maxThreads')) };
}
function dataSourceOf(counters: LenaMap): Part['dataSource'] {
  if (!isDataSource(counters)) return undefined;
  return {
    active: amountOf(counters.get('ConnActive')),
    idle: amountOf(counters.get('ConnIdle')),
    max: amountOf(counters.get('dbMaxActive')),
  };
}
/** `ROOT/name="jdbc/a"` → context `ROOT`, pool `jdbc/a`. */
const POOL = /^(?:(.*)\/)?name="?(.*?)"?$/;

function poolNames(part: string): { readonly context: string; readonly pool: string } {
  const [, context, pool] = POOL.exec(part) ?? [];
  return { context: context ?? '', pool: pool === undefined || pool === '' ? part : pool };
}
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** Connectors and data sources of a server, which it sends as objects below its own. */
export class LenaParts {
  readonly #holding: Holding;
  readonly #parts = new Map<string, Part>();

  constructor(holding: Holding) {
    this.#holding = holding;
  }
  clear(): void {
    this.#holding.give(this.#parts.size);
    this.#parts.clear();
  }
  set(name: string, counters: LenaMap, now: number): void {
    const connector = connectorOf(counters);
    const dataSource = connector === undefined ? dataSourceOf(counters) : undefined;
    if (connector === undefined && dataSource === undefined) return;
    const part = this.#parts.get(name);
    if (part !== undefined) {
      part.at = now;
      part.connector = connector;
      part.dataSource = dataSource;
    } else if (this.#parts.size < MAX_PARTS && this.#holding.add())
      this.#parts.set(name, { at: now, connector, dataSource });
  }
  /** True for the hash of one of the parts, whose whole names begin with `prefix`. */
  hasHash(objHash: number, prefix: string): boolean {
    for (const name of this.#parts.keys()) if (objHashOf(`${prefix}${name}`) === objHash) return true;
    return false;
  }
  /** Forgets what was not heard since: a connector that was removed while its server runs on. */
  dropUnheardSince(at: number): void {
    for (const [name, part] of this.#parts) {
      if (part.at >= at) continue;
      this.#parts.delete(name);
      this.#holding.give(1);
    }
  }
  connectors(): readonly ConnectorUse[] | undefined {
    const found: ConnectorUse[] = [];
    for (const [name, { connector }] of this.#parts)
      if (connector !== undefined) found.push({ name, busy: connector.busy, max: connector.max });
    return found.length === 0 ? undefined : found.sort(byName);
  }
  /** Named by their pool; with its web application before it only where two share a name. */
  dataSources(): readonly DataSourceUse[] | undefined {
    const found: { readonly context: string; readonly use: DataSourceUse }[] = [];
    const names = new Map<string, number>();
    for (const [part, { dataSource }] of this.#parts) {
      if (dataSource === undefined) continue;
      const { context, pool } = poolNames(part);
      names.set(pool, (names.get(pool) ?? 0) + 1);
      found.push({ context, use: { name: pool, ...dataSource } });
    }
    if (found.length === 0) return undefined;
    return found
      .map(({ context, use }) =>
        (names.get(use.name) ?? 0) > 1 ? { ...use, name: `${context}:${use.name}` } : use,
      )
      .sort(byName);
  }
}
