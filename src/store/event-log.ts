import type { OpsEvent } from '../domain/event.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import { Multimap } from './multimap.ts';
import { deleteRow, type MutableTable } from './tables.ts';

/** Newest events kept for each context. */
export const MAX_EVENTS_PER_CONTEXT = 5_000;
/** Sorting at every event would cost too much; the bound may be passed by this many. */
const SLACK = 250;

const targetKey = (target: Ref): string => `${target.kind}\n${refKey(target)}`;

/** Bounds the event table and finds the events of one thing. */
export class EventLog {
  readonly #table: MutableTable<OpsEvent>;
  readonly #byTarget = new Multimap();
  readonly #counts = new Map<string, number>();

  constructor(table: MutableTable<OpsEvent>) {
    this.#table = table;
  }

  /** Follows what a batch did to the table; the answer is the targets of what changed. */
  update(touched: ReadonlyMap<string, OpsEvent | undefined>): readonly Ref[] {
    const targets: Ref[] = [];
    const contexts = new Set<string>();
    for (const [key, before] of touched) {
      const event = this.#table.rows.get(key);
      if (before?.target !== undefined) this.#byTarget.delete(targetKey(before.target), key);
      if (event?.target !== undefined) {
        this.#byTarget.add(targetKey(event.target), key);
        targets.push(event.target);
      }
      const context = (event ?? before)?.ref.context;
      if (context === undefined) continue;
      contexts.add(context);
      const change = (event === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
      this.#counts.set(context, (this.#counts.get(context) ?? 0) + change);
    }
    for (const context of contexts) this.#bound(context);
    return targets;
  }

  /** Newest first, of all these targets together. */
  of(targets: readonly Ref[]): readonly OpsEvent[] {
    const events: OpsEvent[] = [];
    for (const target of targets) {
      for (const key of this.#byTarget.get(targetKey(target))) {
        const event = this.#table.rows.get(key);
        if (event !== undefined) events.push(event);
      }
    }
    return events.sort(newestFirst);
  }

  #bound(context: string): void {
    const count = this.#counts.get(context) ?? 0;
    if (count <= MAX_EVENTS_PER_CONTEXT + SLACK) return;
    const own = [...this.#table.rows.values()].filter(({ ref }) => ref.context === context).sort(newestFirst);
    for (const event of own.slice(MAX_EVENTS_PER_CONTEXT)) {
      const key = refKey(event.ref);
      if (event.target !== undefined) this.#byTarget.delete(targetKey(event.target), key);
      deleteRow(this.#table, key);
    }
    this.#counts.set(context, Math.min(own.length, MAX_EVENTS_PER_CONTEXT));
  }
}

const newestFirst = (a: OpsEvent, b: OpsEvent): number => b.at - a.at || (a.ref.id < b.ref.id ? -1 : 1);
