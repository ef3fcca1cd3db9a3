import type { Change } from '../domain/ports.ts';
import { refKey } from '../domain/ref.ts';

/** Something that must happen after everything queued before it. */
export type Note = () => void;

/** Up to so many changes, then the note (if any) that was waiting behind them. */
export interface Part {
  readonly changes: readonly Change[];
  readonly note?: Note | undefined;
}

/**
 * Changes waiting for the store. Of several about one entity only the newest waits, so the queue holds no more than
 * there are entities, however long the store is busy.
 */
export class ChangeQueue {
  #items: (Change | Note)[] = [];
  #next = 0;
  /** Place in `#items` of the change that waits for an entity. */
  readonly #places = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#next >= this.#items.length;
  }

  push(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type === 'replace') {
        // It speaks of many entities: what comes after it must stay after it.
        this.#places.clear();
        this.#items.push(change);
        continue;
      }
      const ref = change.type === 'put' ? change.entity.ref : change.ref;
      const key = `${change.kind}\n${refKey(ref)}`;
      const place = this.#places.get(key);
      if (place !== undefined && place >= this.#next) this.#items[place] = change;
      else {
        this.#places.set(key, this.#items.length);
        this.#items.push(change);
      }
    }
  }
  pushNote(note: Note): void {
    this.#items.push(note);
  }

  take(most: number): Part {
    const changes: Change[] = [];
    let note: Note | undefined;
    while (note === undefined && changes.length < most && this.#next < this.#items.length) {
      const item = this.#items[this.#next++];
      if (typeof item === 'function') note = item;
      else if (item !== undefined) changes.push(item);
    }
    if (this.isEmpty) this.clear();
    return { changes, note };
  }

  clear(): void {
    this.#items = [];
    this.#next = 0;
    this.#places.clear();
  }
}
