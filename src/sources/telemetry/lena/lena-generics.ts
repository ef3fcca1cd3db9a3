import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { CounterBag } from '../counters.ts';
import type { Holding } from '../value-budget.ts';
import { LenaExtras } from './lena-extras.ts';

const MAX_GROUPS = 256;

interface Group {
  readonly extras: LenaExtras;
  readonly suffix: string;
  at: number;
  /** Forgotten when not heard for so long. */
  readonly keepMs: number;
}
export interface GroupFacts {
  readonly key: string;
  /** Put behind each name: `.5m`, ` of http-nio-8080`; empty for the server's own. */
  readonly suffix: string;
  /** Names that are shown elsewhere. */
  readonly withFields: ReadonlySet<string>;
  readonly keepMs: number;
  readonly now: number;
}

/** Everything one server sends that has no field of its own, in groups that come together. */
export class LenaGenerics {
  readonly #holding: Holding;
  readonly #groups = new Map<string, Group>();
  #isChanged = false;

  constructor(holding: Holding) {
    this.#holding = holding;
  }
  take(counters: LenaMap, { key, suffix, withFields, keepMs, now }: GroupFacts): void {
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) return;
      group = { extras: new LenaExtras(withFields, this.#holding), suffix, at: now, keepMs };
      this.#groups.set(key, group);
    }
    group.at = now;
    group.extras.take(counters);
  }
  #drop(key: string, { extras }: Group): void {
    extras.clear();
    this.#groups.delete(key);
    this.#isChanged = true;
  }
  dropUnheard(now: number): void {
    for (const [key, group] of this.#groups) if (now - group.at > group.keepMs) this.#drop(key, group);
  }
  clear(): void {
    for (const [key, group] of this.#groups) this.#drop(key, group);
  }
  /** True once after something changed. */
  takeChanged(): boolean {
    let isChanged = this.#isChanged;
    this.#isChanged = false;
    for (const { extras } of this.#groups.values()) if (extras.takeChanged()) isChanged = true;
    return isChanged;
  }
  addTo(bag: CounterBag): void {
    for (const { extras, suffix } of this.#groups.values()) extras.addTo(bag, suffix);
  }
}
