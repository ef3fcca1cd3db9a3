import { listOf, recordOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';

export type TableChange<Entry> =
  | { readonly type: 'put'; readonly entries: readonly Entry[] }
  | { readonly type: 'drop'; readonly entries: readonly Entry[] }
  | { readonly type: 'replace' };

export interface ResourceTableOptions<Entry> {
  /** `undefined` = not what this resource looks like: dropped and counted. */
  readonly decode: (object: unknown) => Entry | undefined;
  readonly maxObjects: number;
  /** With it the oldest give way when the table is full; without it what comes last is left out. */
  readonly ageOf?: (entry: Entry) => number;
  readonly changed: (change: TableChange<Entry>) => void;
  readonly count: (name: 'badObjects' | 'overLimit', by: number) => void;
}

/** A list under way: what the table held stays until `finish`, so that no row blinks during a relist. */
export interface ListIntake {
  page(items: unknown): void;
  finish(): void;
}

function keyOf(object: unknown): string | undefined {
  const metadata = recordOf(recordOf(object)['metadata']);
  const name = stringOf(metadata['name']);
  return name === undefined ? undefined : cleanLine(`${stringOf(metadata['namespace']) ?? ''}/${name}`, 600);
}

/** What one resource's lists and watches say, over all namespaces ("scopes") they cover. */
export class ResourceTable<Entry> {
  readonly #options: ResourceTableOptions<Entry>;
  readonly #scopes = new Map<string, Map<string, Entry>>();
  /** Scopes whose first list has been taken in whole. */
  readonly #complete = new Set<string>();
  /** Scopes whose first list broke off after some pages. */
  readonly #partial = new Set<string>();
  constructor(options: ResourceTableOptions<Entry>) {
    this.#options = options;
  }

  *values(): Generator<Entry> {
    for (const scope of this.#scopes.values()) yield* scope.values();
  }
  get size(): number {
    let size = 0;
    for (const scope of this.#scopes.values()) size += scope.size;
    return size;
  }
  get(key: string): Entry | undefined {
    for (const scope of this.#scopes.values()) {
      const entry = scope.get(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
  /** Swaps entries for completed ones without telling anybody. */
  refine(refined: (entry: Entry) => Entry | undefined): Entry[] {
    const changed: Entry[] = [];
    for (const scope of this.#scopes.values()) {
      for (const [key, entry] of scope) {
        const next = refined(entry);
        if (next === undefined) continue;
        scope.set(key, next);
        changed.push(next);
      }
    }
    return changed;
  }

  /** The first list of a scope is told page by page; a later one replaces all at its end. */
  startList(scope: string): ListIntake {
    const isFirst = !this.#complete.has(scope);
    const wasPartial = this.#partial.has(scope);
    const next = new Map<string, Entry>();
    let pages = 0;
    if (isFirst) this.#partial.add(scope);
    return {
      page: (items) => {
        pages++;
        const taken = this.#take(items, next);
        if (!isFirst) return;
        this.#scopes.set(scope, wasPartial ? new Map([...(this.#scopes.get(scope) ?? []), ...next]) : next);
        if (taken.length > 0) this.#options.changed({ type: 'put', entries: taken });
      },
      finish: () => {
        this.#scopes.set(scope, next);
        this.#complete.add(scope);
        this.#partial.delete(scope);
        // A first list that came in one go has been told already; an empty one is still worth saying.
        if (!isFirst || wasPartial || next.size === 0 || pages === 0)
          this.#options.changed({ type: 'replace' });
      },
    };
  }

  removeScope(scope: string): void {
    this.#complete.delete(scope);
    if (this.#scopes.delete(scope)) this.#options.changed({ type: 'replace' });
  }

  /** Takes in the objects of one stretch of a watch. */
  apply(scope: string, events: readonly { readonly isDeleted: boolean; readonly object: unknown }[]): void {
    const entries = this.#scopes.get(scope) ?? new Map<string, Entry>();
    this.#scopes.set(scope, entries);
    let put = new Map<string, Entry>();
    const flush = () => {
      if (put.size > 0) this.#options.changed({ type: 'put', entries: [...put.values()] });
      put = new Map();
    };
    for (const { isDeleted, object } of events) {
      const key = keyOf(object);
      if (key === undefined) {
        this.#options.count('badObjects', 1);
      } else if (isDeleted) {
        const gone = entries.get(key);
        entries.delete(key);
        flush();
        if (gone !== undefined) this.#options.changed({ type: 'drop', entries: [gone] });
      } else {
        const entry = this.#decode(object);
        if (entry === undefined || !this.#makeRoom(entries, key)) continue;
        entries.set(key, entry);
        put.set(key, entry);
      }
    }
    flush();
  }

  #decode(object: unknown): Entry | undefined {
    const entry = this.#options.decode(object);
    if (entry === undefined) this.#options.count('badObjects', 1);
    return entry;
  }

  #take(items: unknown, into: Map<string, Entry>): Entry[] {
    const taken = new Map<string, Entry>();
    for (const object of listOf(items)) {
      const key = keyOf(object);
      const entry = this.#decode(object);
      if (key === undefined || entry === undefined || !this.#makeRoom(into, key)) continue;
      into.set(key, entry);
      taken.set(key, entry);
    }
    // Making room may have put some of these out again.
    return [...taken].filter(([key, entry]) => into.get(key) === entry).map(([, entry]) => entry);
  }

  #makeRoom(entries: Map<string, Entry>, key: string): boolean {
    const { maxObjects, ageOf, changed, count } = this.#options;
    if (entries.size < maxObjects || entries.has(key)) return true;
    if (ageOf === undefined) {
      count('overLimit', 1);
      return false;
    }
    // A tenth at once: sorting for every single event would cost more than the events.
    const oldest = [...entries]
      .sort(([, a], [, b]) => ageOf(a) - ageOf(b))
      .slice(0, Math.ceil(maxObjects / 10));
    for (const [old] of oldest) entries.delete(old);
    changed({ type: 'drop', entries: oldest.map(([, entry]) => entry) });
    return true;
  }
}
