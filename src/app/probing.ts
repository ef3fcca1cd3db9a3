import type { ProbeGate } from '../actions/probe-gate.ts';
import type { Lookup } from '../actions/tools.ts';
import { type Clock, sleep } from '../core/clock.ts';
import type { Instance } from '../domain/instance.ts';
import { type Ref, refKey, refOf, refOfKey } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { createJstatSlot } from '../sources/telemetry/probe/jstat-run.ts';
import type { ConsoleStore } from '../store/state.ts';
import { ProbeRows } from './probe-rows.ts';
import { type ProbeSession, startSession } from './probe-session.ts';
import {
  chanceOf,
  createRuleTest,
  isSameParts,
  type ProbeParts,
  type ProbeRule,
  partsOf,
} from './probe-targets.ts';
import { createTurns } from './turns.ts';

/** Reads JVMs from outside: those somebody looks at and that send nothing, and those a rule names. */
export interface Probing {
  /**
   * The servers whose JVM pages are on the screen now, and those of which only what session and web servers say of
   * themselves is.
   */
  look(servers: readonly Ref<'server'>[], own?: readonly Ref<'server'>[]): void;
  /** Begins what the rules of the configuration ask for. */
  startRules(): void;
  /** Waits until every server a rule names was read once or cannot be, `timeoutMs` at most. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Ends everything, records included; call it before the audit is closed. */
  close(): Promise<void>;
}

export interface ProbingOptions {
  readonly store: ConsoleStore;
  readonly gate: ProbeGate;
  readonly lookup: Pick<Lookup, 'get' | 'all'>;
  readonly rules: readonly ProbeRule[];
  readonly clock: Clock;
}

const LOOKED_AT_MS = 2_000;
const BY_RULE_MS = 15_000;
const MOST_LOOKED_AT = 8;
const MOST_BY_RULE = 50;
/** Of all probes together: each is a connection and a process in a container. */
const COMMANDS_AT_ONCE = 12;
const TICK_MS = 1_000;
/** A page that is only passed by is no reason to run commands anywhere. */
const REST_MS = 300;
const RULES_EVERY_MS = 5_000;
const BEGIN_AGAIN_MS = 30_000;
const CLOSE_MS = 2_000;

interface Wanted {
  readonly server: Server;
  readonly instance: Instance;
  readonly parts: ProbeParts;
  readonly isLookedAt: boolean;
}

/** Since when, and whether its JVM is looked at too. */
interface Looked {
  readonly since: number;
  readonly isJvm: boolean;
}

export function createProbing({ store, gate, lookup, rules, clock }: ProbingOptions): Probing {
  const jstat = createJstatSlot();
  const turns = createTurns(COMMANDS_AT_ONCE);
  const isNamedByRule = createRuleTest(rules);
  const sessions = new Map<string, ProbeSession>();
  const ending = new Set<Promise<void>>();
  const rows = new ProbeRows({
    store,
    clock,
    instanceOf: ({ ref }) => lookup.get(refOf('instance', ref.context, ref.id)),
  });
  let looked: ReadonlyMap<string, Looked> = new Map();
  let byRule: readonly string[] = [];
  let rulesReadAt = Number.NEGATIVE_INFINITY;
  let hasRules = false;
  let isClosed = false;
  let release: (() => void) | undefined;
  let cancelTick: (() => void) | undefined;

  function stop(key: string): void {
    const session = sessions.get(key);
    if (session === undefined) return;
    sessions.delete(key);
    session.stop();
    ending.add(session.done);
    void session.done.finally(() => ending.delete(session.done));
  }

  /** A row that a probe could help: it sends no figures itself. */
  function needy(
    key: string,
    server: Server | undefined,
    isJvmLookedAt = true,
  ): Omit<Wanted, 'isLookedAt'> | undefined {
    const { sender: senderRef, instance: instanceRef } = server?.records ?? {};
    const instance = instanceRef === undefined ? undefined : lookup.get(instanceRef);
    if (server === undefined || instance === undefined || refKey(instance.ref) !== key) return undefined;
    const sender = senderRef === undefined ? undefined : lookup.get(senderRef);
    const parts = partsOf(server, { sender, isJvmLookedAt, now: clock.now() });
    return parts && { server, instance, parts };
  }

  function readRules(): void {
    if (!hasRules || clock.now() - rulesReadAt < RULES_EVERY_MS) return;
    rulesReadAt = clock.now();
    const named: string[] = [];
    for (const server of lookup.all('server')) {
      const key = refKey(server.ref);
      // Pods only: a rule does not ask for what cannot be had.
      if (server.contextKind === 'kube' && isNamedByRule(server) && needy(key, server) !== undefined)
        named.push(key);
    }
    // Those that are read already stay, so that which ones are does not change by itself.
    byRule = named
      .sort((a, b) => Number(sessions.has(b)) - Number(sessions.has(a)) || (a < b ? -1 : 1))
      .slice(0, MOST_BY_RULE);
  }

  function wanted(): ReadonlyMap<string, Wanted> {
    const all = new Map<string, Wanted>();
    const add = (key: string, isLookedAt: boolean, isJvm = true) => {
      const found = needy(key, lookup.get(refOfKey('server', key)), isJvm);
      if (found !== undefined && !all.has(key)) all.set(key, { ...found, isLookedAt });
    };
    for (const [key, { isJvm }] of [...looked].slice(0, MOST_LOOKED_AT)) add(key, true, isJvm);
    for (const key of byRule) add(key, false);
    return all;
  }

  function serve(key: string, { server, instance, parts, isLookedAt }: Wanted): void {
    const chance = chanceOf(server, instance, parts);
    if (chance.kind === 'none') {
      stop(key);
      const target = { server: server.ref, name: server.name, namespace: '', pod: '', container: '' };
      rows.explain(key, { target, uid: instance.uid }, chance.failure);
      return;
    }
    const { probeable } = chance;
    const { target, uid } = probeable;
    const everyMs = isLookedAt ? LOOKED_AT_MS : BY_RULE_MS;
    const before = sessions.get(key)?.probeable;
    if (before !== undefined && (before.uid !== uid || !isSameParts(before.parts, parts))) stop(key);
    const others = [...sessions].flatMap(([other, session]) =>
      other === key || session.failedAt !== undefined ? [] : [session.probeable.target],
    );
    const refused = gate.refusal(target, others);
    if (refused !== undefined) {
      stop(key);
      rows.explain(key, probeable, refused);
      return;
    }
    const running = sessions.get(key);
    if (running?.failedAt !== undefined && clock.now() - running.failedAt >= BEGIN_AGAIN_MS) stop(key);
    const known = sessions.get(key);
    if (known !== undefined) {
      known.setInterval(everyMs);
      return;
    }
    const since = looked.get(key)?.since;
    if (since !== undefined && clock.now() - since < REST_MS) return;
    rows.begin(key, probeable);
    sessions.set(
      key,
      startSession({
        probeable,
        order: { others, occasion: isLookedAt ? 'page' : 'rule' },
        gate,
        jstat,
        turns,
        clock,
        everyMs,
        put(reading) {
          if (sessions.get(key)?.probeable === probeable) rows.put(key, probeable, reading);
        },
      }),
    );
  }
  function evaluate(): void {
    if (isClosed) return;
    readRules();
    const all = wanted();
    for (const key of sessions.keys()) if (!all.has(key)) stop(key);
    for (const [key, one] of all) serve(key, one);
    rows.forget((key) => all.has(key));
    cancelTick?.();
    const isBusy = hasRules || looked.size > 0 || sessions.size > 0 || rows.size > 0;
    const isPassing = [...looked.values()].some(({ since }) => clock.now() - since < REST_MS);
    cancelTick = isBusy ? clock.after(isPassing ? REST_MS : TICK_MS, evaluate) : undefined;
  }

  return {
    look(servers, own = []) {
      if (isClosed) return;
      const before = release;
      release = servers.length === 0 ? undefined : store.watch(servers);
      before?.();
      const now = clock.now();
      const wants = new Map<string, boolean>([
        ...own.map((ref) => [refKey(ref), false] as const),
        ...servers.map((ref) => [refKey(ref), true] as const),
      ]);
      looked = new Map(
        Array.from(wants, ([key, isJvm]) => [key, { since: looked.get(key)?.since ?? now, isJvm }]),
      );
      evaluate();
    },
    startRules() {
      hasRules = rules.length > 0;
      if (hasRules) evaluate();
    },
    async settled(timeoutMs, signal) {
      const until = clock.now() + timeoutMs;
      // The rows are there now, whenever the rules were asked last.
      rulesReadAt = Number.NEGATIVE_INFINITY;
      evaluate();
      while (byRule.some((key) => rows.isOpen(key)) && clock.now() < until && !signal.aborted && !isClosed)
        await sleep(clock, 50, signal);
    },
    async close() {
      isClosed = true;
      cancelTick?.();
      release?.();
      release = undefined;
      for (const key of [...sessions.keys()]) stop(key);
      const waited = new AbortController();
      await Promise.race([Promise.allSettled(ending), sleep(clock, CLOSE_MS, waited.signal)]);
      waited.abort();
    },
  };
}
