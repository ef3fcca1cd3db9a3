import type { TestContext } from 'node:test';
import type { Consent, Executor, Order, Prepared, RunOptions } from '../../src/actions/acting.ts';
import type { ActionKind, AnyAction } from '../../src/actions/action.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor, type ExecutorOptions } from '../../src/actions/executor.ts';
import { ACTIONS } from '../../src/actions/index.ts';
import type { Lookup } from '../../src/actions/tools.ts';
import { createSinkHub } from '../../src/app/batching-sink.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { Job } from '../../src/domain/job.ts';
import type { ContextKind } from '../../src/domain/place.ts';
import type { Mode } from '../../src/domain/policy.ts';
import type { Source } from '../../src/domain/ports.ts';
import type { Ref } from '../../src/domain/ref.ts';
import type { Remote } from '../../src/domain/remote.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { NORMAL, temporaryDirectory } from './acting.ts';
import { waitFor } from './fleet-wait.ts';
import { inMode } from './modes.ts';

export interface ActingContext {
  readonly name: string;
  readonly kind: ContextKind;
  readonly source: Source;
  /** Absent for what has no verbs. */
  readonly remote?: () => Promise<Remote>;
}
export interface Acting {
  readonly executor: Executor;
  readonly lookup: Lookup;
  workload(name: string): Promise<Entities['workload']>;
  /** The server of a name once it is in a state. */
  server(name: string, state?: Entities['server']['state']): Promise<Entities['server']>;
  /** Ready servers of a workload, at least as many as asked for. */
  servers(workload: string, least?: number): Promise<readonly Entities['server'][]>;
  action(id: string, kind?: ActionKind): AnyAction;
  prepare(id: string, targets: readonly Ref<ActionKind>[], input?: Order['input']): Promise<Prepared>;
  run(prepared: Prepared, consent?: Consent, options?: RunOptions): Promise<Job>;
  /** Prepares and runs, with the name typed. */
  act(id: string, targets: readonly Ref<ActionKind>[], input?: Order['input']): Promise<Job>;
}

/** Pauses are so many times shorter; instants stay what they are. */
export function clockTimes(quicker: number): Clock {
  return {
    now: systemClock.now,
    after: (delayMs, task) => systemClock.after(delayMs / quicker, task),
  };
}
const quickClock = clockTimes(100);
const SIGNAL = AbortSignal.timeout(120_000);

export interface ActingOnOptions extends Partial<Pick<ExecutorOptions, 'modeOf' | 'isProtected' | 'policy'>> {
  readonly mode?: Mode;
  readonly clock?: Clock;
}

/** The real executor and verbs over real sources and remotes. */
export function startActingOn(
  context: TestContext,
  contexts: readonly ActingContext[],
  { mode = 'normal', clock = quickClock, ...gate }: ActingOnOptions = {},
): Acting {
  const store = createConsoleStore({
    contexts: contexts.map(({ name, kind }) => ({
      name,
      kind,
      isProtected: false,
      network: 'lab',
      serves:
        kind === 'manager' ? contexts.filter((other) => other.name !== name).map((other) => other.name) : [],
    })),
    rules: [],
    identity: [],
    now: Date.now(),
  });
  const hub = createSinkHub({ store, clock: systemClock, intervalMs: 5 });
  const abort = new AbortController();
  const running = contexts.map(({ name, source }) =>
    source.run(
      hub.sinkOf(name, () => undefined),
      abort.signal,
    ),
  );
  const lookup = createLookup(store, []);
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    async openRemote(name) {
      const remote = contexts.find((one) => one.name === name)?.remote;
      if (remote === undefined) throw new Error(`nothing acts on ${name}`);
      return remote();
    },
    policy: { ...NORMAL, mode },
    modeOf: inMode(mode),
    isProtected: () => false,
    ...gate,
    audit: createAuditLog({ directory: temporaryDirectory(context), clock: systemClock }),
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock,
  });
  context.after(async () => {
    await executor.close();
    abort.abort();
    await Promise.all(running);
    hub.close();
  });
  const action: Acting['action'] = (id) => {
    const found = ACTIONS.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no action ${id}`);
    return found;
  };
  const prepare: Acting['prepare'] = (id, targets, input = {}) =>
    executor.prepare({ action: action(id), targets, input }, SIGNAL);
  const run: Acting['run'] = async (prepared, consent = { typedName: prepared.plan.nameToType }, options) =>
    (await executor.run(prepared, consent, options)).done;
  return {
    executor,
    lookup,
    action,
    prepare,
    run,
    workload: (name) =>
      waitFor(`workload ${name}`, () => [...lookup.all('workload')].find((row) => row.name === name)),
    server: (name, state) =>
      waitFor(`server ${name} ${state ?? ''}`, () =>
        [...lookup.all('server')].find(
          (row) => row.name === name && (state === undefined || row.state === state),
        ),
      ),
    servers: (workload, least = 1) =>
      waitFor(`${least} ready servers of ${workload}`, () => {
        const rows = [...lookup.all('server')].filter(
          (row) => row.workload?.name === workload && row.state === 'ready',
        );
        return rows.length >= least && rows;
      }),
    act: async (id, targets, input) => run(await prepare(id, targets, input)),
  };
}
