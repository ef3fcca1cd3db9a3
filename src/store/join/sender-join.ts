import type { Sender } from '../../domain/sender.ts';
import type { MutableTables, Touched } from '../tables.ts';
import type { OfferBook, SeekBook } from './books.ts';
import { type Choice, type Claimant, chooseClaim, codecRank, isHeardWith } from './claims.ts';
import { type Decision, isSameDecision, NOBODY } from './decide.ts';
import type { Departures } from './departures.ts';
import { type Identity, isSameSenderIdentity, senderIdentity } from './identity.ts';
import { soughtKeys } from './join-keys.ts';
import type { RegistrationJoin } from './registration-join.ts';
import { decideSender } from './sender-decision.ts';
import type { Topology } from './topology.ts';

export interface SenderJoinOptions {
  readonly tables: MutableTables;
  readonly topology: Topology;
  readonly departures: Departures;
  readonly ruleOf: (identity: Identity) => string | undefined;
  readonly instances: OfferBook;
  readonly registrations: RegistrationJoin;
  readonly seekers: SeekBook;
}

/** One datagram of a server of which nothing else is new. */
export interface Beat {
  readonly server: string;
  readonly sender: Sender;
}

interface Marks {
  readonly dirty: Set<string>;
  /** Senders that said nothing new but their figures, with the server each shows in. */
  readonly beats: Beat[];
  readonly senders: Set<string>;
  readonly now: number;
}

/** A process may be heard a little after its server is gone; for longer it lives without it. */
const LAST_WORDS_INTERVALS = 3;

/** Attaches senders of datagrams to servers; those nobody claims are servers of the receiver's context. */
export class SenderJoin {
  readonly #options: SenderJoinOptions;
  readonly #identities = new Map<string, Identity>();
  readonly #decisions = new Map<string, Decision>();
  readonly #claims = new Map<string, Set<string>>();
  readonly #choices = new Map<string, Choice>();
  readonly #homes = new Map<string, string>();
  /** Senders that are not alone in claiming their server. */
  readonly #contested = new Set<string>();
  /** Senders whose server an orchestrator keeps. */
  readonly #orchestrated = new Set<string>();
  /** When an orchestrator dropped the server of a sender. */
  readonly #orphanedAt = new Map<string, number>();
  /** Senders of servers that ended, silent since: they show nowhere. */
  readonly #departed = new Set<string>();

  constructor(options: SenderJoinOptions) {
    this.#options = options;
    options.registrations.senderSeekers = options.seekers;
  }

  update(touched: Touched['sender'], marks: Marks): void {
    const { tables } = this.#options;
    const servers = new Set<string>();
    for (const [key, before] of touched) {
      const sender = tables.sender.rows.get(key);
      const home = this.#homes.get(key);
      if (
        sender !== undefined &&
        before !== undefined &&
        home !== undefined &&
        isSameSenderIdentity(before, sender)
      ) {
        if (saysTheSame(before, sender)) marks.beats.push({ server: home, sender });
        else marks.dirty.add(home);
        // Who of several speaks for a server depends on who is still heard.
        if (this.#contested.has(key)) {
          const decision = this.#decisions.get(key);
          if (decision?.kind === 'joined') servers.add(decision.to);
        }
        continue;
      }
      marks.dirty.add(home ?? key);
      this.#index(key);
      marks.senders.add(key);
    }
    for (const key of marks.senders) this.#decide(key, servers, marks.now);
    for (const server of servers) this.#choose(server, marks);
    for (const key of marks.senders) this.#settle(key, marks);
  }

  decisionOf(key: string): Decision | undefined {
    return this.#decisions.get(key);
  }
  homeOf(key: string): string | undefined {
    return this.#homes.get(key);
  }
  choiceOf(server: string): Choice | undefined {
    return this.#choices.get(server);
  }

  #index(key: string): void {
    const { tables, seekers, ruleOf } = this.#options;
    const sender = tables.sender.rows.get(key);
    if (sender === undefined) {
      this.#identities.delete(key);
      seekers.set(key, undefined);
      return;
    }
    const identity = senderIdentity(sender);
    this.#identities.set(key, identity);
    seekers.set(key, soughtKeys(identity, ruleOf(identity)));
  }

  /** A server as candidates are compared: with the names its Manager gives it. */
  #serverIdentity(server: string): Identity | undefined {
    const { instances, registrations } = this.#options;
    const instance = instances.get(server);
    if (instance === undefined) return registrations.offers.get(server);
    const attached = registrations.choiceOf(server)?.primary;
    const known = attached === undefined ? undefined : registrations.offers.get(attached);
    if (known === undefined) return instance;
    return {
      ...instance,
      names: [...instance.names, ...known.names],
      addresses: [...instance.addresses, ...known.addresses],
      ports: [...instance.ports, ...known.ports],
    };
  }

  readonly #serversUnder = (key: string): readonly Identity[] => {
    const { instances, registrations } = this.#options;
    const found = new Map<string, Identity>();
    const enter = (server: string | undefined) => {
      if (server === undefined || found.has(server)) return;
      const identity = this.#serverIdentity(server);
      if (identity !== undefined) found.set(server, identity);
    };
    for (const instance of instances.find(key)) enter(instance);
    for (const registration of registrations.offers.find(key)) enter(registrations.homeOf(registration));
    return [...found.values()];
  };

  #decide(key: string, servers: Set<string>, now: number): void {
    const { ruleOf, departures, topology } = this.#options;
    const identity = this.#identities.get(key);
    const before = this.#decisions.get(key);
    let decision =
      identity === undefined
        ? undefined
        : decideSender(identity, ruleOf(identity), {
            serversUnder: this.#serversUnder,
            departures,
            topology,
          });
    const isOrphaned = before?.kind === 'joined' && this.#options.instances.get(before.to) === undefined;
    if (isOrphaned && this.#orchestrated.has(key)) this.#orphanedAt.set(key, now);
    this.#departed.delete(key);
    if (identity === undefined || decision === undefined) {
      this.#orphanedAt.delete(key);
    } else if (this.#hasDeparted(identity, before, decision)) {
      this.#departed.add(key);
      decision = NOBODY;
    }
    if (decision !== undefined && isSameDecision(before, decision)) {
      if (decision.kind === 'joined') servers.add(decision.to);
      return;
    }
    this.#orchestrated.delete(key);
    if (before?.kind === 'joined') {
      const claimants = this.#claims.get(before.to);
      claimants?.delete(key);
      if (claimants?.size === 0) this.#claims.delete(before.to);
      servers.add(before.to);
    }
    if (decision === undefined) {
      this.#decisions.delete(key);
      return;
    }
    this.#decisions.set(key, decision);
    if (decision.kind !== 'joined') return;
    if (this.#options.instances.get(decision.to) !== undefined) this.#orchestrated.add(key);
    const claimants = this.#claims.get(decision.to) ?? new Set<string>();
    this.#claims.set(decision.to, claimants.add(key));
    servers.add(decision.to);
  }

  /** True where its server went and it has not gone on sending since, so that it must not stand for another. */
  #hasDeparted({ key, hosts }: Identity, before: Decision | undefined, decision: Decision): boolean {
    const { tables, instances, departures, topology } = this.#options;
    const sender = tables.sender.rows.get(key);
    const leftAt = departures.find(topology.contexts, hosts);
    const goneAt = Math.max(leftAt ?? 0, this.#orphanedAt.get(key) ?? 0);
    if (goneAt === 0 || sender === undefined) return false;
    if (decision.kind === 'joined' && instances.get(decision.to) !== undefined) {
      const isKept = before?.kind === 'joined' && before.to === decision.to;
      const isBack = leftAt === undefined && decision.by !== 'address';
      if (isKept || isBack) return false;
    }
    const { at, intervalMs } = sender.heartbeat;
    return at < goneAt + LAST_WORDS_INTERVALS * intervalMs;
  }

  #choose(server: string, marks: Marks): void {
    const before = this.#choices.get(server);
    const identity = this.#serverIdentity(server);
    const choice = identity === undefined ? undefined : chooseClaim(identity, this.#claimantsOf(server));
    if (choice === undefined) this.#choices.delete(server);
    else this.#choices.set(server, choice);
    for (const known of [before, choice]) {
      if (known === undefined) continue;
      const keys = [known.primary, ...known.hidden, ...known.extra];
      for (const key of keys) {
        marks.senders.add(key);
        if (known === choice && keys.length > 1) this.#contested.add(key);
        else this.#contested.delete(key);
      }
    }
    marks.dirty.add(server);
  }

  #claimantsOf(server: string): readonly Claimant[] {
    const keys = [...(this.#claims.get(server) ?? [])];
    const rows = this.#options.tables.sender.rows;
    const newestAt = Math.max(0, ...keys.map((key) => rows.get(key)?.heartbeat.at ?? 0));
    return keys.flatMap((key) => {
      const sender = rows.get(key);
      const identity = this.#identities.get(key);
      if (sender === undefined || identity === undefined) return [];
      return [
        {
          identity,
          group: sender.codec,
          isAlive: keys.length < 2 || isHeardWith(sender, newestAt),
          rank: codecRank(sender),
        },
      ];
    });
  }

  #settle(key: string, marks: Marks): void {
    const decision = this.#decisions.get(key);
    const before = this.#homes.get(key);
    let home: string | undefined;
    if (this.#identities.has(key) && !this.#departed.has(key)) {
      const isExtra = decision?.kind === 'joined' && this.#choices.get(decision.to)?.extra.includes(key);
      home = decision?.kind === 'joined' && isExtra !== true ? decision.to : key;
    }
    if (before === home) {
      marks.dirty.add(home ?? key);
      return;
    }
    if (home === undefined) this.#homes.delete(key);
    else this.#homes.set(key, home);
    if (before !== undefined) marks.dirty.add(before);
    marks.dirty.add(home ?? key);
  }
}

/** True where two datagrams of a sender differ in nothing but figures and time. */
const saysTheSame = (a: Sender, b: Sender): boolean =>
  a.codec === b.codec &&
  a.serverType === b.serverType &&
  a.serviceCluster === b.serviceCluster &&
  a.revision === b.revision &&
  a.appStatus === b.appStatus &&
  a.byeAt === b.byeAt &&
  a.restarts === b.restarts &&
  a.jvm?.startedAt === b.jvm?.startedAt;
