import { refOf } from '../domain/ref.ts';
import type { ContextView, SourceFacts, SourceStatus } from '../domain/source-status.ts';
import type { ContextSettings } from './state.ts';
import { type MutableTable, setRow } from './tables.ts';

/** Rows of `:contexts`: one for every configured target from the start, whatever its source says. */
export class ContextRows {
  readonly #table: MutableTable<ContextView>;
  readonly #byName = new Map<string, ContextView>();

  constructor(table: MutableTable<ContextView>, contexts: readonly ContextSettings[], now: number) {
    this.#table = table;
    for (const settings of contexts) this.#enter(settings, now);
  }

  get(context: string): ContextView | undefined {
    return this.#byName.get(context);
  }
  /** True when the kind of state is another than before. */
  setStatus(context: string, status: SourceStatus, now: number): boolean {
    const row = this.#known(context, now);
    this.#write({ ...row, status });
    return row.status.state !== status.state;
  }
  setFacts(context: string, facts: SourceFacts, now: number): void {
    const row = this.#known(context, now);
    this.#write({ ...row, facts });
  }
  addServers(context: string, by: number, now: number): void {
    const row = this.#known(context, now);
    this.#write({ ...row, servers: row.servers + by });
  }

  /** Senders have a context even where the configuration names none for them. */
  #known(context: string, now: number): ContextView {
    return this.get(context) ?? this.#enter({ name: context, kind: 'udp', isProtected: false }, now);
  }
  #enter(
    { name, kind, isProtected }: Pick<ContextSettings, 'name' | 'kind' | 'isProtected'>,
    now: number,
  ): ContextView {
    const row: ContextView = {
      ref: refOf('context', name, name),
      name,
      kind,
      isProtected,
      status: { state: 'connecting', since: now },
      facts: {},
      servers: 0,
    };
    this.#write(row);
    return row;
  }
  #write(row: ContextView): void {
    this.#byName.set(row.name, row);
    setRow(this.#table, `${row.name}\n${row.name}`, row);
  }
}
