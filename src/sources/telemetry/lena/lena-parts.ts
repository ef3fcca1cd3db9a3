import type { ConnectorUse, DataSourceUse } from '../../../domain/jvm-sample.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { CounterBag } from '../counters.ts';
import { LenaExtras } from './lena-extras.ts';
import { amountOf } from './lena-values.ts';

/** Figures of one object below a server, taken out of its pack. */
interface Part {
  at: number;
  connector: Omit<ConnectorUse, 'name'> | undefined;
  dataSource: Omit<DataSourceUse, 'name'> | undefined;
  extras: LenaExtras | undefined;
}
const MAX_PARTS = 256;
const NO_FIELDS: ReadonlySet<string> = new Set();

function connectorOf(counters: LenaMap): Part['connector'] {
  if (!counters.has('currentThreadsBusy') && !counters.has('maxThreads')) return undefined;
  return { busy: amountOf(counters.get('currentThreadsBusy')), max: amountOf(counters.get('maxThreads')) };
}
function dataSourceOf(counters: LenaMap): Part['dataSource'] {
  if (!counters.has('ConnActive') && !counters.has('ConnIdle') && !counters.has('dbMaxActive'))
    return undefined;
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

/** Connectors, data sources and whatever else a server sends as objects below its own. */
export class LenaParts {
  readonly #parts = new Map<string, Part>();

  clear(): void {
    this.#parts.clear();
  }
  set(name: string, counters: LenaMap, now: number): void {
    let part = this.#parts.get(name);
    if (part === undefined) {
      if (this.#parts.size >= MAX_PARTS) return;
      part = { at: now, connector: undefined, dataSource: undefined, extras: undefined };
      this.#parts.set(name, part);
    }
    part.at = now;
    part.connector = connectorOf(counters);
    part.dataSource = part.connector === undefined ? dataSourceOf(counters) : undefined;
    if (part.connector !== undefined || part.dataSource !== undefined) return;
    part.extras ??= new LenaExtras(NO_FIELDS);
    part.extras.take(counters);
  }
  /** Forgets what was not heard since: a connector that was removed while its server runs on. */
  dropUnheardSince(at: number): void {
    for (const [name, part] of this.#parts) if (part.at < at) this.#parts.delete(name);
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
  /** Parts of a kind not known here, as they came. */
  addUnknown(bag: CounterBag): void {
    for (const [name, { extras }] of this.#parts) extras?.addTo(bag, ` of ${name}`);
  }
  /** True once after a part of a kind not known here changed. */
  takeChanged(): boolean {
    let isChanged = false;
    for (const { extras } of this.#parts.values()) if (extras?.takeChanged() === true) isChanged = true;
    return isChanged;
  }
}
