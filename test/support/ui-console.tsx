import { afterEach } from 'node:test';
import type { AnyAction } from '../../src/actions/action.ts';
import type { Lift } from '../../src/actions/lift.ts';
import { createRelated } from '../../src/app/view-context.ts';
import type { Kind } from '../../src/domain/kind.ts';
import type { Mode } from '../../src/domain/policy.ts';
import type { Change } from '../../src/domain/ports.ts';
import type { Ref } from '../../src/domain/ref.ts';
import { type Text, text } from '../../src/domain/text.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ContextSettings } from '../../src/store/state.ts';
import type { Acting } from '../../src/ui/acting.ts';
import { Console } from '../../src/ui/console.tsx';
import type { ConsoleOptions } from '../../src/ui/create-console.ts';
import { GUARD_MS } from '../../src/ui/dialog/dialogs.ts';
import type { ConsoleSettings } from '../../src/ui/settings.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeExecutor } from './fake-executor.ts';
import {
  contextOf,
  environmentOf,
  instanceOf,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from './store-entities.ts';
import { launch, type TerminalOptions } from './terminal.tsx';

const REFRESH_MS = 100;

/** A test that fails leaves its console open, which would keep the process alive. */
const opened = new Set<() => void>();
afterEach(() => {
  for (const close of opened) close();
  opened.clear();
});

export interface OpenOptions extends TerminalOptions {
  /** @default a few of its own */
  readonly verbs?: readonly AnyAction[];
  readonly settings?: Partial<ConsoleSettings>;
  readonly contexts?: readonly ContextSettings[];
  readonly changes?: readonly Change[];
  /** A gate that sends nothing stands behind the keys of verbs. */
  readonly isActing?: boolean;
}

/** A Manager that has every revision, each with one file that holds its name. */
function createFakeTemplates() {
  const asked: string[] = [];
  let error: Error | undefined;
  const reads: Acting['templates'] & { readonly asked: string[]; refuse(next: Error | undefined): void } = {
    asked,
    refuse(next) {
      error = next;
    },
    diff({ name }, [from, to]) {
      asked.push(`${name} ${from} ${to}`);
      if (error !== undefined) return Promise.reject(error);
      const summary = text(`Template ${name} ${from} → ${to}: 1 changed`, `템플릿 ${name}`);
      const lines = [' <Server>', `-  maxThreads="${from}"`, `+  maxThreads="${to}"`];
      const others = Array.from({ length: 80 }, (_, index) => ` line ${index}`);
      const equal = { title: summary.en, lines: [' 3 files are equal'] };
      const block = { title: 'conf/server.xml (changed, +1 -1)', lines: [...lines, ...others] };
      return Promise.resolve({ from, to, summary, isEqual: false, blocks: [equal, block] });
    },
    check({ name }, revision) {
      asked.push(`${name} ${revision}`);
      if (error !== undefined) return Promise.reject(error);
      const otherwise = [{ name: 'was-1', running: '11' }];
      return Promise.resolve({ serviceCluster: name, revision, files: 34, bytes: 2_048, otherwise });
    },
  };
  return reads;
}

/** A gate that sends nothing, with lifts and acknowledgements that only the test sees. */
function createFakeActing(related: ConsoleOptions['related'], verbs?: readonly AnyAction[]) {
  const fake = createFakeExecutor(verbs);
  const state = {
    mode: 'normal' as Mode,
    lifts: [] as Lift[],
    liftReason: undefined as Text | undefined,
    acknowledged: [] as Parameters<Acting['acknowledge']>[0][],
    acknowledgeError: undefined as Error | undefined,
    removedDumps: [] as Ref<'dump'>[],
    templates: createFakeTemplates(),
  };
  const acting: Acting = {
    executor: fake.executor,
    lookup: {
      get: <K extends Kind>(ref: Ref<K>) => related.get(ref),
      all: (kind) => related.all(kind),
      managersServing: () => [],
      servedBy: () => [],
    },
    modeOf: () => ({ mode: state.mode, origin: 'test' }),
    lift: {
      maxMinutes: 60,
      active: () => state.lifts,
      disabledReason: () => state.liftReason,
      begin({ context, reason, minutes }) {
        state.lifts.push({ context, reason, at: NOW, until: NOW + minutes * 60_000 });
        return Promise.resolve();
      },
    },
    acknowledge(order) {
      if (state.acknowledgeError !== undefined) return Promise.reject(state.acknowledgeError);
      state.acknowledged.push(order);
      return Promise.resolve();
    },
    removeDump(dump) {
      state.removedDumps.push(dump);
      return Promise.resolve();
    },
    templates: {
      diff: (...asked) => state.templates.diff(...asked),
      check: (...asked) => state.templates.check(...asked),
    },
  };
  return { ...fake, acting, state };
}

/** The console on a headless terminal, over the real store, with a clock that is turned by hand. */
export async function openConsole({
  settings,
  contexts,
  changes = [],
  isActing,
  verbs,
  ...size
}: OpenOptions = {}) {
  const named = contexts ?? [contextOf('prod'), contextOf('vms', 'hosts'), contextOf('udp', 'udp')];
  const store = createConsoleStore(storeOptionsOf(named));
  const clock = createFakeClock(NOW);
  const calls = {
    quits: 0,
    refreshes: 0,
    copied: [] as string[],
    saved: [] as { readonly name: string; readonly text: string }[],
    /** Ids of the servers whose charts were looked at, each time another set was. */
    looks: [] as (readonly string[])[],
    /** Ids of the analyses that were shown, each time another one was. */
    analyses: [] as (string | undefined)[],
  };
  if (changes.length > 0) store.apply(changes);
  const related = createRelated(store);
  const gate = createFakeActing(related, verbs);
  let stopWatching: (() => void) | undefined;
  gate.executor.onJob((job) => store.apply([putOf('job', job)]));
  const options: ConsoleOptions = {
    store,
    related,
    ...(isActing === true ? { acting: gate.acting } : {}),
    clock,
    settings: {
      language: 'en',
      isUtc: true,
      isColor: true,
      colorDepth: 8,
      theme: 'auto',
      levels: { middle: 0.6, high: 0.8 },
      mode: 'normal',
      refreshMs: REFRESH_MS,
      version: '0.1.0',
      isDemo: false,
      configuredContexts: named.map(({ name }) => name),
      ...settings,
    },
    onQuit() {
      calls.quits++;
    },
    onRefresh() {
      calls.refreshes++;
    },
    async saveFile(name, text) {
      calls.saved.push({ name, text });
      return `/saved/${name}`;
    },
    copy(text) {
      calls.copied.push(text);
    },
    onAnalysis(analysis) {
      calls.analyses.push(analysis?.id);
    },
    onLook(servers) {
      calls.looks.push(servers.map(({ id }) => id));
      const stop = stopWatching;
      stopWatching = store.watch(servers);
      stop?.();
    },
  };
  const terminal = await launch(<Console {...options} />, size);
  opened.add(terminal.close);
  const afterData = async () => {
    await clock.advance(REFRESH_MS);
    await terminal.idle();
  };
  return {
    ...terminal,
    store,
    clock,
    calls,
    gate,
    /** Presses keys that a dialog just opened would take for typed ahead. */
    async answer(...keys: readonly string[]) {
      await clock.advance(GUARD_MS);
      await terminal.press(...keys);
    },
    /** What sources say, and the data frame that shows it. */
    async data(...batch: readonly Change[]) {
      store.apply(batch);
      await afterData();
    },
    afterData,
    /** Turns the clock and lets the store know. */
    async tick(byMs: number) {
      await clock.advance(byMs);
      store.tick(clock.now());
      await afterData();
    },
    /** The line the cursor is on, or `undefined` where it is nowhere. */
    cursorLine: () => terminal.lines().find((line) => line.startsWith(' ▸')),
    bottom: () => terminal.lines().at(-1)?.trim() ?? '',
  };
}

const TEMPLATE = environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' });

/** A ready WAS with its datagrams: heap in percent of one GiB. */
export function wasWithHeap(name: string, percent: number, address: string): readonly Change[] {
  const sender = senderOf(name, { sourceAddress: address });
  const heap = { usedBytes: Math.round((percent / 100) * 2 ** 30), maxBytes: 2 ** 30 };
  return [
    putOf('instance', instanceOf(name, { addresses: [address], environment: TEMPLATE })),
    putOf('sender', { ...sender, jvm: { ...sender.jvm, source: 'lena', at: NOW, heap } }),
  ];
}

/** `count` WAS `was-0` … with heaps that rise with the number. */
export const fleetOf = (count: number): readonly Change[] =>
  Array.from({ length: count }, (_, index) =>
    wasWithHeap(`was-${index}`, Math.min(99, 5 + index * 3), `10.42.0.${index + 10}`),
  ).flat();
