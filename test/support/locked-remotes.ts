import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import type { Fleet } from '../../fixtures/fleet/world/fleet.ts';
import type { Executor, Order, Prepared } from '../../src/actions/acting.ts';
import type { ActionKind, AnyAction, Reach } from '../../src/actions/action.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createExecutor } from '../../src/actions/executor.ts';
import { ACTIONS } from '../../src/actions/index.ts';
import { createRemoteOpener } from '../../src/app/open-remote.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CallRequest } from '../../src/domain/call.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import type { BackEnd, Remote, RemoteOf } from '../../src/domain/remote.ts';
import { NORMAL } from './acting.ts';
import { inMode } from './modes.ts';
import type { OpenedFleet } from './opened-fleet.ts';

/** Rows of each kind a verb is planned for; an account's ECS is asked slowly. */
const ROWS_EACH: Readonly<Record<BackEnd, number>> = { kube: 2, ecs: 1, manager: 2 };
const SIGNAL = AbortSignal.timeout(60_000);

/** A verb planned for a row it suits. */
export interface Planned {
  /** `verb of kind on back end`. */
  readonly what: string;
  readonly prepared: Prepared;
}
export interface PlannedCall {
  readonly context: string;
  readonly request: CallRequest;
}

/** Verbs that send calls; the others take files, each through ways of its own. */
export const CALLING_ACTIONS: readonly AnyAction[] = ACTIONS.filter(({ menu }) => menu === undefined);

/** A gate whose policy lets everything pass, over remotes whose own locks are all that is left. */
export function lockRemotes({ opened, environment, stateDirectory }: OpenedFleet, mode: Mode) {
  const { lookup } = opened.acting;
  const openRemote = createRemoteOpener({
    targets: opened.settings.targets,
    environment,
    clock: systemClock,
    modeOf: inMode(mode),
  });
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    openRemote,
    policy: NORMAL,
    modeOf: inMode('normal'),
    isProtected: () => false,
    audit: createAuditLog({ directory: `${stateDirectory}/open-gate`, clock: systemClock }),
    actor: { user: 'ops', host: 'bastion', pid: 1 },
    clock: systemClock,
  });
  const own = new Map<string, Promise<Remote>>();
  const open = (context: string): Promise<Remote> => {
    const remote = own.get(context) ?? openRemote(context);
    own.set(context, remote);
    return remote;
  };

  /** Every verb on every back end it has a way for, as far as it can be planned. */
  async function planAll(): Promise<readonly Planned[]> {
    const planned: Planned[] = [];
    for (const action of CALLING_ACTIONS) {
      const done = new Map<string, number>();
      for (const { ref, kind, backEnd } of rowsFor(action, lookup)) {
        const what = `${action.id} of ${kind} on ${backEnd}`;
        if ((done.get(what) ?? 0) >= ROWS_EACH[backEnd] || executor.disabledReason(action, ref) !== undefined)
          continue;
        const prepared = await tryPlans(executor, action, ref);
        if (prepared === undefined) continue;
        done.set(what, (done.get(what) ?? 0) + 1);
        planned.push({ what, prepared });
      }
    }
    return planned;
  }

  return {
    executor,
    planAll,
    /** The remote of a context, to be asked directly. */
    open,
    async openKind<K extends BackEnd>(kind: K, context: string): Promise<RemoteOf<K>> {
      const remote = await open(context);
      if (!isKind(remote, kind)) throw new Error(`${context} is ${remote.kind}, not ${kind}`);
      return remote;
    },
    async close() {
      await executor.close();
      for (const remote of own.values()) await (await remote).close();
    },
  };
}

const isKind = <K extends BackEnd>(remote: Remote, kind: K): remote is RemoteOf<K> => remote.kind === kind;

interface RowToTry {
  readonly ref: Ref<ActionKind>;
  readonly kind: string;
  readonly backEnd: BackEnd;
}

function rowsFor(action: AnyAction, lookup: OpenedFleet['opened']['acting']['lookup']): readonly RowToTry[] {
  const found = (ref: Ref<ActionKind>, kind: string, backEnd: Reach | undefined): readonly RowToTry[] =>
    backEnd === undefined || backEnd === 'channel' ? [] : [{ ref, kind, backEnd }];
  switch (action.kind) {
    case 'server':
      return [...lookup.all('server')].flatMap((row) =>
        found(row.ref, 'server', action.backEndOf(row, lookup)),
      );
    case 'workload':
      return [...lookup.all('workload')].flatMap((row) =>
        found(row.ref, row.kind, action.backEndOf(row, lookup)),
      );
    case 'serviceCluster':
      return [...lookup.all('serviceCluster')].flatMap((row) =>
        found(refOf('serviceCluster', row.ref.context, row.ref.id), 'cluster', action.backEndOf(row, lookup)),
      );
  }
}

/** The first answers with which a plan can be made; `undefined` where none can. */
async function tryPlans(
  executor: Executor,
  action: AnyAction,
  ref: Ref<ActionKind>,
): Promise<Prepared | undefined> {
  const target = { action, targets: [ref] };
  for (const input of await answersFor(executor, target)) {
    try {
      return await executor.prepare({ ...target, input }, SIGNAL);
    } catch {
      // Not possible for this row or with this answer: another is tried.
    }
  }
  return undefined;
}

async function answersFor(
  executor: Executor,
  order: Omit<Order, 'input'>,
): Promise<readonly Order['input'][]> {
  const [field] = order.action.inputs.filter(({ isRequired }) => isRequired);
  if (field === undefined) return [{}];
  if (field.type === 'count') return [{ [field.id]: '4' }, { [field.id]: '0' }];
  const offered = await executor.options({ ...order, input: {} }, field.id, SIGNAL).catch(() => []);
  const values = [...offered.map(({ value }) => value), '1', '2', '3'];
  return values.map((value) => ({ [field.id]: value }));
}

/** All calls of a plan, those of the way back among them. */
export const callsOf = ({ plan }: Prepared): readonly PlannedCall[] =>
  plan.targets
    .flatMap(({ steps, restore = [] }) => [...steps, ...restore])
    .flatMap((step) => (step.type === 'call' ? step.call : []));

/** Something to go back to for workloads and services, and a machine's server that can be started. */
export function giveHistory({ topology, kube, ecs, hosts }: Fleet): void {
  for (const { name, manifests } of topology.kube) {
    for (const manifest of manifests) if (isRolled(manifest)) kube.get(name)?.apply(withNextImage(manifest));
  }
  for (const { name, definitions } of topology.ecs) {
    for (const definition of definitions) ecs.get(name)?.registerTaskDefinition(definition);
  }
  hosts.get('vms')?.stop('vm-was-02');
}

const isRolled = ({ kind, metadata }: KubeManifest): boolean =>
  (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet') &&
  ['gateway', 'ledger', 'lena-session'].includes(metadata.name);

function withNextImage(manifest: KubeManifest): KubeManifest {
  const text = JSON.stringify(manifest).replaceAll(/"image":"([^"]+)"/g, '"image":"$1-next"');
  const next: KubeManifest = JSON.parse(text);
  return next;
}
