import { sumOf } from '../../../core/sum.ts';
import { cleanLine } from '../../../core/text.ts';
import type { ConnectorUse, DataSourceUse } from '../../../domain/jvm-sample.ts';
import { ownText } from '../../../wire/own-text.ts';
import type { StatsdTags } from '../../../wire/statsd/datagram.ts';
import { tagOf } from '../../../wire/statsd/tags.ts';
import type { Holding } from '../value-budget.ts';

const MAX_PARTS = 128;
const known = (value: number): number | undefined => (value < 0 ? undefined : value);

/** Figures of several things of one kind, by the tag that names them. */
class Parts<T extends object> {
  readonly #holding: Holding;
  readonly #parts = new Map<string, T>();

  constructor(holding: Holding) {
    this.#holding = holding;
  }
  set(name: string, change: Partial<T>, create: (name: string) => T): void {
    const part = this.#parts.get(name);
    if (part !== undefined) Object.assign(part, change);
    else if (this.#parts.size < MAX_PARTS && this.#holding.add()) {
      const own = ownText(name);
      this.#parts.set(own, { ...create(own), ...change });
    }
  }
  clear(): void {
    this.#holding.give(this.#parts.size);
    this.#parts.clear();
  }
  /** Copies: what was told does not change. */
  list(): readonly T[] | undefined {
    if (this.#parts.size === 0) return undefined;
    const names = [...this.#parts.keys()].sort();
    return names.flatMap((name) => this.#parts.get(name) ?? []).map((part) => ({ ...part }));
  }
  values(): Iterable<T> {
    return this.#parts.values();
  }
}

/** The first of these tags; quotes around a connector's name are Tomcat's, not part of it. */
function nameOf(tags: StatsdTags, names: readonly string[], fallback: string): string {
  for (const name of names) {
    const value = tagOf(tags, name);
    if (value !== undefined && value !== '') return cleanLine(value, 128).replace(/^"(.*)"$/, '$1');
  }
  return fallback;
}

/** Connectors, data sources, thread states and sessions of one server, from gauges. */
export class StatsdParts {
  readonly #connectors: Parts<ConnectorUse>;
  readonly #dataSources: Parts<DataSourceUse>;
  readonly #sessions: Parts<{ readonly count: number | undefined }>;

  constructor(holding: Holding) {
    this.#connectors = new Parts(holding);
    this.#dataSources = new Parts(holding);
    this.#sessions = new Parts(holding);
  }
  takeConnector(field: 'busy' | 'max', value: number, tags: StatsdTags): void {
    this.#connectors.set(nameOf(tags, ['name'], 'threads'), { [field]: known(value) }, (name) => ({ name }));
  }
  takeDataSource(field: 'active' | 'idle' | 'max', value: number, tags: StatsdTags): void {
    const name = nameOf(tags, ['pool', 'name'], 'pool');
    this.#dataSources.set(name, { [field]: known(value) }, (own) => ({ name: own }));
  }
  takeSessions(value: number, tags: StatsdTags): void {
    const name = tags.map(([tag, text]) => `${tag}=${text}`).join(',');
    this.#sessions.set(cleanLine(name, 256), { count: known(value) }, () => ({ count: undefined }));
  }
  clear(): void {
    this.#connectors.clear();
    this.#dataSources.clear();
    this.#sessions.clear();
  }
  connectors(): readonly ConnectorUse[] | undefined {
    return this.#connectors.list();
  }
  dataSources(): readonly DataSourceUse[] | undefined {
    return this.#dataSources.list();
  }
  /** Of all web applications together. */
  sessions(): number | undefined {
    return sumOf([...this.#sessions.values()].map(({ count }) => count));
  }
}
