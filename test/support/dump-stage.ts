import type { TestContext } from 'node:test';
import type { Consent, Prepared } from '../../src/actions/acting.ts';
import type { AnyAction } from '../../src/actions/action.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor, type ExecutorOptions } from '../../src/actions/executor.ts';
import { ACTIONS } from '../../src/actions/index.ts';
import type { DumpTools } from '../../src/actions/tools.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { DumpWayId } from '../../src/domain/dump.ts';
import type { DumpAsk, DumpTaking, DumpTarget, DumpWay, TakenDump } from '../../src/domain/dump-way.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Change } from '../../src/domain/ports.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { createDumpFolder } from '../../src/sources/dumps/folder/dump-folder.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { NORMAL, temporaryDirectory } from './acting.ts';
import { bytesOf, dumpDirectory } from './dumps.ts';
import { contextOf, instanceOf, NOW, putOf, senderOf, storeOptionsOf } from './store-entities.ts';

export interface TakeCall {
  readonly target: DumpTarget;
  readonly ask: DumpAsk;
  readonly taking: DumpTaking;
  /** From 1. */
  readonly number: number;
}
export interface FakeWayOptions extends Partial<Omit<DumpWay, 'id' | 'take'>> {
  readonly take?: (call: TakeCall) => Promise<TakenDump | undefined>;
}
export interface FakeWay extends DumpWay {
  readonly takes: TakeCall[];
  readonly asked: DumpAsk[];
}

/** A way that offers, and answers with a line of text unless told otherwise. */
export function fakeWay(id: DumpWayId, { take, ...more }: FakeWayOptions = {}): FakeWay {
  const takes: TakeCall[] = [];
  const asked: DumpAsk[] = [];
  return {
    id,
    takes,
    asked,
    async offer(target, ask, signal) {
      asked.push(ask);
      return (
        more.offer?.(target, ask, signal) ?? {
          way: id,
          through: `${id} of ${target.server.name}`,
          asks: [`ask ${ask.kind}`, 'ask again'],
          isAuthenticated: true,
          missing: [],
        }
      );
    },
    async take(target, ask, taking) {
      const call = { target, ask, taking, number: takes.length + 1 };
      takes.push(call);
      const given = await take?.(call);
      if (given !== undefined) return given;
      await taking.write(bytesOf(`dump ${call.number} of ${target.server.name}`));
      return { how: `ask ${ask.kind}`, missing: [] };
    },
    ...(more.room === undefined ? {} : { room: more.room }),
    ...(more.list === undefined ? {} : { list: more.list }),
    ...(more.fetch === undefined ? {} : { fetch: more.fetch }),
  };
}
export const closedWay = (id: DumpWayId, why = 'it is shut', next?: string): FakeWay =>
  fakeWay(id, {
    offer: async () => ({
      way: id,
      why: text(why, why),
      ...(next === undefined ? {} : { next: text(next, next) }),
    }),
  });

export interface DumpStageOptions
  extends Partial<Pick<ExecutorOptions, 'policy' | 'modeOf' | 'isProtected'>> {
  readonly ways?: readonly DumpWay[];
  readonly changes?: readonly Change[];
  readonly clock?: Clock;
  readonly tools?: Partial<DumpTools>;
  readonly freeBytes?: number;
  readonly hasNoDumps?: true;
}

/** Two pods, a web server, a stopped one, a machine and a stranger; the real executor, verbs and folder. */
export function startDumpStage(t: TestContext, options: DumpStageOptions = {}) {
  const { ways = [fakeWay('pod-exec')], clock = systemClock } = options;
  const store = createConsoleStore(
    storeOptionsOf([contextOf('prod'), contextOf('dev'), contextOf('vms', 'hosts'), contextOf('udp', 'udp')]),
  );
  const web = instanceOf('web-1', {
    containers: [{ name: 'web', image: 'lenacloud/lena-web:1', state: 'running' }],
    ports: [7180],
    addresses: ['10.42.0.12'],
  });
  store.apply([
    putOf('instance', instanceOf('was-1')),
    putOf('instance', instanceOf('was-2', { addresses: ['10.42.0.11'] })),
    putOf('instance', web),
    putOf('instance', instanceOf('was-off', { state: 'stopped', addresses: ['10.42.0.13'] })),
    putOf('sender', senderOf('stranger', { sourceAddress: '10.90.0.9', name: 'vm9/tomcat1' })),
    ...(options.changes ?? []),
  ]);
  const lookup = createLookup(store, []);
  const directory = dumpDirectory(t);
  const { freeBytes } = options;
  const folder = createDumpFolder({
    directory,
    limits: { keepFiles: 200, keepBytes: 1_000_000_000 },
    clock,
    ...(freeBytes === undefined ? {} : { freeBytesOf: async () => freeBytes }),
  });
  const auditDirectory = temporaryDirectory(t);
  const dumps: DumpTools = {
    ways,
    folder,
    by: 'ops@bastion',
    verdict: async () => undefined,
    limits: { maxBytes: 1_000_000, maxHeapBytes: 10_000_000_000 },
    ...options.tools,
  };
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    openRemote: () => Promise.reject(new Error('nothing is asked')),
    policy: NORMAL,
    modeOf: () => ({ mode: 'normal', origin: 'default' }),
    isProtected: () => false,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.modeOf === undefined ? {} : { modeOf: options.modeOf }),
    ...(options.isProtected === undefined ? {} : { isProtected: options.isProtected }),
    ...(options.hasNoDumps === true ? {} : { dumps }),
    audit: createAuditLog({ directory: auditDirectory, clock }),
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock,
  });
  t.after(() => executor.close());
  const action = (id: string): AnyAction => {
    const found = ACTIONS.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no action ${id}`);
    return found;
  };
  const server = (name: string): Ref<'server'> => {
    const found = [...lookup.all('server')].find((row) => row.name === name);
    return found?.ref ?? refOf('server', 'prod', `shop/${name}`);
  };
  const order = (id: string, names: readonly string[], input: Readonly<Record<string, string>> = {}) => ({
    action: action(id),
    targets: names.map(server),
    input,
  });
  const signal = new AbortController().signal;
  const prepare = (
    id: string,
    names: readonly string[],
    input?: Readonly<Record<string, string>>,
  ): Promise<Prepared> => executor.prepare(order(id, names, input), signal);
  return {
    store,
    lookup,
    executor,
    folder,
    directory,
    auditDirectory,
    dumps,
    action,
    server,
    order,
    prepare,
    /** Prepares and runs to the end, with the name typed. */
    async take(
      id: string,
      names: readonly string[],
      input?: Readonly<Record<string, string>>,
      consent?: Consent,
    ): Promise<Job> {
      const prepared = await prepare(id, names, input);
      const { nameToType } = prepared.plan;
      return (await executor.run(prepared, { typedName: nameToType, ...consent })).done;
    },
  };
}
export { NOW };
