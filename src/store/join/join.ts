import type { IdentityRule } from '../state.ts';
import type { MutableTables, Touched } from '../tables.ts';
import { OfferBook, SeekBook } from './books.ts';
import { Departures } from './departures.ts';
import { instanceIdentity, isSameInstanceIdentity } from './identity.ts';
import { createRuleReader } from './identity-rules.ts';
import { RegistrationJoin } from './registration-join.ts';
import { type Beat, SenderJoin } from './sender-join.ts';
import type { Topology } from './topology.ts';

export interface JoinOptions {
  readonly tables: MutableTables;
  readonly topology: Topology;
  readonly identity: readonly IdentityRule[];
}

/**
 * Which records make one server. A server's key is the key of the record it is anchored on: its orchestrator's
 * instance, else its Manager's registration, else its sender. Each step looks only at what a batch touched.
 */
export class Join {
  readonly #tables: MutableTables;
  readonly #instances = new OfferBook();
  readonly registrations: RegistrationJoin;
  readonly senders: SenderJoin;
  readonly #departures = new Departures();
  readonly #instanceSeekers = { registrations: new SeekBook(), senders: new SeekBook() };

  constructor({ tables, topology, identity }: JoinOptions) {
    this.#tables = tables;
    const ruleOf = createRuleReader(identity);
    const departures = this.#departures;
    this.registrations = new RegistrationJoin({
      tables,
      topology,
      departures,
      ruleOf,
      instances: this.#instances,
      seekers: this.#instanceSeekers.registrations,
    });
    this.senders = new SenderJoin({
      tables,
      topology,
      departures,
      ruleOf,
      instances: this.#instances,
      registrations: this.registrations,
      seekers: this.#instanceSeekers.senders,
    });
  }

  /** Joins what a batch touched: `dirty` is every server to be built anew (or dropped), `beats` those only heard. */
  update(touched: Touched, now: number): { readonly dirty: Set<string>; readonly beats: readonly Beat[] } {
    const dirty = new Set<string>();
    const beats: Beat[] = [];
    const registrations = new Set<string>();
    const senders = new Set<string>();
    this.#indexInstances(touched.instance, { dirty, registrations, senders, now });
    this.registrations.update(touched.registration, { dirty, registrations, senders, now });
    this.senders.update(touched.sender, { dirty, beats, senders, now });
    return { dirty, beats };
  }

  /** When the orchestrator dropped what this registration still lists. */
  goneSince(registrationKey: string): number | undefined {
    return this.registrations.goneSince(registrationKey);
  }

  #indexInstances(
    touched: Touched['instance'],
    marks: { dirty: Set<string>; registrations: Set<string>; senders: Set<string>; now: number },
  ): void {
    for (const [key, before] of touched) {
      marks.dirty.add(key);
      const instance = this.#tables.instance.rows.get(key);
      if (instance !== undefined && before !== undefined && isSameInstanceIdentity(before, instance))
        continue;
      const old = this.#instances.get(key);
      const identity = instance === undefined ? undefined : instanceIdentity(instance);
      if (identity !== undefined) this.#departures.returned(identity.context, identity.hosts);
      else if (old !== undefined) this.#departures.left(old.context, old.hosts, marks.now);
      const offered = this.#instances.set(key, identity);
      this.#instanceSeekers.registrations.addSeekersTo(marks.registrations, offered);
      this.#instanceSeekers.senders.addSeekersTo(marks.senders, offered);
    }
  }
}
