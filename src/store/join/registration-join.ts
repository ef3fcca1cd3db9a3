import type { MutableTables, Touched } from '../tables.ts';
import { OfferBook, type SeekBook } from './books.ts';
import { type Choice, chooseClaim } from './claims.ts';
import { type Decision, isSameDecision } from './decide.ts';
import type { Departures } from './departures.ts';
import { type Identity, isSameRegistrationIdentity, registrationIdentity } from './identity.ts';
import { soughtKeys } from './join-keys.ts';
import { decideRegistration } from './registration-decision.ts';
import type { Topology } from './topology.ts';

export interface RegistrationJoinOptions {
  readonly tables: MutableTables;
  readonly topology: Topology;
  readonly departures: Departures;
  readonly ruleOf: (identity: Identity) => string | undefined;
  readonly instances: OfferBook;
  readonly seekers: SeekBook;
}

interface Marks {
  /** Servers to build anew. */
  readonly dirty: Set<string>;
  /** Registrations to decide anew. */
  readonly registrations: Set<string>;
  /** Senders to decide anew. */
  readonly senders: Set<string>;
  readonly now: number;
}

/** Attaches Manager records to orchestrated servers; those left over are servers themselves. */
export class RegistrationJoin {
  /** Found by senders: every registration by its own names. */
  readonly offers = new OfferBook();
  /** Senders that look under a registration's keys are told through this book; set by the sender join. */
  senderSeekers: SeekBook | undefined;
  readonly #options: RegistrationJoinOptions;
  readonly #decisions = new Map<string, Decision>();
  readonly #claims = new Map<string, Set<string>>();
  readonly #choices = new Map<string, Choice>();
  /** Registration → key of the server it shows in. */
  readonly #homes = new Map<string, string>();
  readonly #orphanedAt = new Map<string, number>();

  constructor(options: RegistrationJoinOptions) {
    this.#options = options;
  }

  update(touched: Touched['registration'], marks: Marks): void {
    const { tables, instances } = this.#options;
    const servers = new Set<string>();
    for (const [key, before] of touched) {
      const registration = tables.registration.rows.get(key);
      marks.dirty.add(this.#homes.get(key) ?? key);
      if (
        registration !== undefined &&
        before !== undefined &&
        this.offers.get(key) !== undefined &&
        isSameRegistrationIdentity(before, registration)
      )
        continue;
      this.#index(key, marks);
    }
    for (const key of marks.registrations) this.#decide(key, servers, marks);
    for (const server of servers) this.#choose(server, marks);
    for (const key of marks.registrations) this.#settle(key, marks);
    for (const server of servers) if (instances.get(server) !== undefined) marks.dirty.add(server);
  }

  decisionOf(key: string): Decision | undefined {
    return this.#decisions.get(key);
  }
  homeOf(key: string): string | undefined {
    return this.#homes.get(key);
  }
  /** The registrations of one server: the one shown and those that claim it too. */
  choiceOf(server: string): Choice | undefined {
    return this.#choices.get(server);
  }
  goneSince(key: string): number | undefined {
    if (this.#decisions.get(key)?.kind !== 'none') return undefined;
    const identity = this.offers.get(key);
    if (identity === undefined) return undefined;
    const { departures, topology } = this.#options;
    return departures.find(topology.servedBy(identity.context), identity.hosts) ?? this.#orphanedAt.get(key);
  }

  #index(key: string, marks: Marks): void {
    const { tables, seekers, ruleOf } = this.#options;
    const registration = tables.registration.rows.get(key);
    const identity = registration === undefined ? undefined : registrationIdentity(registration);
    const offered = this.offers.set(key, identity);
    seekers.set(key, identity === undefined ? undefined : soughtKeys(identity, ruleOf(identity)));
    this.senderSeekers?.addSeekersTo(marks.senders, offered);
    marks.registrations.add(key);
  }

  #decide(key: string, servers: Set<string>, marks: Marks): void {
    const identity = this.offers.get(key);
    const before = this.#decisions.get(key);
    const decision =
      identity === undefined
        ? undefined
        : decideRegistration(identity, this.#options.ruleOf(identity), this.#options);
    if (decision !== undefined && isSameDecision(before, decision)) {
      if (decision.kind === 'joined') servers.add(decision.to);
      return;
    }
    if (before?.kind === 'joined') {
      const claimants = this.#claims.get(before.to);
      claimants?.delete(key);
      if (claimants?.size === 0) this.#claims.delete(before.to);
      servers.add(before.to);
      if (this.#options.instances.get(before.to) === undefined) this.#orphanedAt.set(key, marks.now);
    }
    if (decision === undefined) {
      this.#decisions.delete(key);
      this.#orphanedAt.delete(key);
      return;
    }
    this.#decisions.set(key, decision);
    if (decision.kind !== 'joined') return;
    this.#orphanedAt.delete(key);
    const claimants = this.#claims.get(decision.to) ?? new Set<string>();
    this.#claims.set(decision.to, claimants.add(key));
    servers.add(decision.to);
  }

  #choose(server: string, marks: Marks): void {
    const before = this.#choices.get(server);
    const identity = this.#options.instances.get(server);
    const claimants = [...(this.#claims.get(server) ?? [])].flatMap((key) => {
      const claimant = this.offers.get(key);
      return claimant === undefined
        ? []
        : [{ identity: claimant, group: claimant.context, isAlive: true, rank: 0 }];
    });
    const choice = identity === undefined ? undefined : chooseClaim(identity, claimants);
    if (choice === undefined) this.#choices.delete(server);
    else this.#choices.set(server, choice);
    for (const known of [before, choice]) {
      if (known === undefined) continue;
      for (const key of [known.primary, ...known.hidden, ...known.extra]) marks.registrations.add(key);
    }
    if (before?.primary !== choice?.primary && identity !== undefined) {
      // The server's names are now others, and several senders of one host are told apart by them.
      for (const offered of [identity.hosts, identity.addresses]) {
        this.senderSeekers?.addSeekersTo(
          marks.senders,
          offered.map((name) => (offered === identity.hosts ? `h\n${name}` : `a\n${name}`)),
        );
      }
    }
  }

  /** Where a registration shows: in the server it claims, unless another one stands there in its own right. */
  #settle(key: string, marks: Marks): void {
    const identity = this.offers.get(key);
    const decision = this.#decisions.get(key);
    const before = this.#homes.get(key);
    let home: string | undefined;
    if (identity !== undefined) {
      home = key;
      if (decision?.kind === 'joined' && !this.#choices.get(decision.to)?.extra.includes(key))
        home = decision.to;
    }
    if (home === undefined) this.#homes.delete(key);
    else this.#homes.set(key, home);
    if (before !== undefined) marks.dirty.add(before);
    marks.dirty.add(home ?? key);
    if (before !== home && identity !== undefined)
      this.senderSeekers?.addSeekersTo(marks.senders, this.offers.set(key, identity));
  }
}
