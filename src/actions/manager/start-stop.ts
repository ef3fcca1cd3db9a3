import { appError, sourceFailure } from '../../domain/errors.ts';
import type { CallStep, PlanDraft, PlanTarget, PlanWarning, Step, WaitStep } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import type { ServerState } from '../../domain/server-type.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { guardSessionPair, type PairGuard } from '../guards/session-pair.ts';
import type { ReadingOf } from '../tools.ts';
import {
  actionCall,
  type Listed,
  type ManagedServer,
  openManaged,
  readListed,
  whyUnmanaged,
} from './live-registration.ts';

const EVERY_MS = 2_000;
const STOP_TIMEOUT_MS = 5 * 60_000;
const START_TIMEOUT_MS = 10 * 60_000;

const after: Way<'server'>['after'] = async ({ context, before }, tools, signal) => {
  const manager = await tools.remote('manager', context);
  const { server, node, system, list } = before;
  const listed = await readListed(
    manager,
    {
      context,
      list: list === 'web' || list === 'session' ? list : 'was',
      serverId: String(server),
      nodeName: String(node),
      systemName: String(system),
    },
    signal,
  );
  return { server: String(server), status: listed?.status ?? 'not listed' };
};

/** Starts a server of a machine and waits until its Manager lists it as Started. */
export const startManager: Way<'server'> = {
  disabledReason: whyUnmanaged,
  async plan({ target: server, signal }, tools) {
    const { managed, manager, listed } = await openManaged(server, tools, signal);
    refuseIn(managed, listed, ['ready', 'starting', 'stopping']);
    return draftOf(server, managed, {
      listed,
      steps: [callStep(managed, 'start'), stateWait(managed, manager, 'ready')],
      warnings: [],
    });
  },
  after,
};

/** Stops a server of a machine and waits until its Manager lists it as Stopped. */
export const stopManager: Way<'server'> = {
  disabledReason: whyUnmanaged,
  async plan({ target: server, together, signal }, tools) {
    const { managed, manager, listed } = await openManaged(server, tools, signal);
    refuseIn(managed, listed, ['stopped', 'stopping']);
    const pair = await guardSessionPair({ server, together }, tools, signal);
    return draftOf(server, managed, {
      listed,
      pair,
      steps: [callStep(managed, 'stop'), stateWait(managed, manager, 'stopped')],
      warnings: [...sessionsEnd(server), ...pair.warnings],
    });
  },
  after,
};

/** Stops and starts a server of a machine. One that is down is not started: that is another verb. */
export const restartManager: Way<'server'> = {
  disabledReason: whyUnmanaged,
  async plan({ target: server, together, signal }, tools) {
    const { managed, manager, listed } = await openManaged(server, tools, signal);
    refuseIn(managed, listed, ['stopped', 'stopping', 'starting']);
    const pair = await guardSessionPair({ server, together }, tools, signal);
    return draftOf(server, managed, {
      listed,
      pair,
      steps: [
        callStep(managed, 'stop'),
        stateWait(managed, manager, 'stopped'),
        callStep(managed, 'start'),
        stateWait(managed, manager, 'ready'),
        ...pair.waits,
      ],
      warnings: [...pair.order, ...sessionsEnd(server), ...pair.warnings],
    });
  },
  after,
};

interface Draft {
  readonly listed: Listed;
  readonly steps: readonly Step[];
  readonly warnings: readonly PlanWarning[];
  readonly pair?: PairGuard;
}

function draftOf(server: Server, managed: ManagedServer, draft: Draft): PlanDraft {
  const target: PlanTarget = {
    ref: server.ref,
    // The call goes to the Manager, whatever context the row is of.
    context: managed.context,
    kind: 'Server',
    name: server.name,
    before: {
      server: managed.serverId,
      node: managed.nodeName,
      system: managed.systemName,
      list: managed.list,
      status: draft.listed.status,
    },
    group: draft.pair?.group,
    steps: draft.steps,
  };
  return { targets: [target], warnings: draft.warnings, diff: [] };
}

/** The Manager answers "N" to what is so already; it is better not to ask. */
function refuseIn(
  { serverId, context }: ManagedServer,
  { state, status }: Listed,
  states: readonly ServerState[],
): void {
  if (!states.includes(state)) return;
  throw appError('ACTION_IMPOSSIBLE', `Manager ${context} lists ${serverId} as ${status}`, {
    hint: 'Nothing was sent: look at it again.',
  });
}

function callStep(managed: ManagedServer, action: 'start' | 'stop'): CallStep {
  const name = `${managed.systemName}/${managed.nodeName}/${managed.serverId}`;
  const title: Text =
    action === 'start'
      ? text(`start ${name} by Manager ${managed.context}`, `Manager ${managed.context}(으)로 ${name} 시작`)
      : text(`stop ${name} by Manager ${managed.context}`, `Manager ${managed.context}(으)로 ${name} 중지`);
  return {
    type: 'call',
    call: { context: managed.context, title, request: actionCall(managed, action) },
  };
}

/** Waits until the Manager lists the server in a state; Error is an end too. */
function stateWait(
  managed: ManagedServer,
  manager: ReadingOf<'manager'>,
  wanted: 'ready' | 'stopped',
): WaitStep {
  const isStart = wanted === 'ready';
  const { serverId } = managed;
  return {
    type: 'wait',
    title: isStart
      ? text(`wait until ${serverId} is Started`, `${serverId} 시작(Started) 대기`)
      : text(`wait until ${serverId} is Stopped`, `${serverId} 중지(Stopped) 대기`),
    everyMs: EVERY_MS,
    timeoutMs: isStart ? START_TIMEOUT_MS : STOP_TIMEOUT_MS,
    async check(signal) {
      const listed = await readListed(manager, managed, signal);
      if (listed === undefined) return { state: 'waiting', detail: 'not listed' };
      if (listed.state === wanted) return { state: 'done', detail: listed.status };
      if (listed.state !== 'failed') return { state: 'waiting', detail: listed.status };
      const words = `Manager ${managed.context} lists ${serverId} as ${listed.status} after the ${isStart ? 'start' : 'stop'}`;
      return { state: 'failed', error: sourceFailure('ROLLOUT_FAILED', words) };
    },
  };
}

/** Nothing is known of a machine's session configuration: neither its environment nor its files are read. */
function sessionsEnd({ type, name }: Server): readonly PlanWarning[] {
  if (type !== 'was' && type !== 'embedded') return [];
  return [
    {
      level: 'warn',
      code: 'sessions-unknown',
      text: text(
        `Requests in flight at ${name} are lost, and its sessions too unless they are mirrored, which its Manager does not tell`,
        `${name}이(가) 처리 중인 요청이 유실되며, 미러링되지 않은 세션도 유실됨 (미러링 여부는 Manager가 알려 주지 않음)`,
      ),
    },
  ];
}
