import type { JsonObject, KubeCall } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanWarning, WaitStep } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import { text } from '../../domain/text.ts';
import type { InputOption, Way } from '../action.ts';
import { guardSessionPair } from '../guards/session-pair.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfServer } from '../guards/starting.ts';
import type { ActionTools } from '../tools.ts';
import { podPath } from './kube-paths.ts';
import { type LiveServer, namespaceOf, podAfter, readPodIfAny, readServer, whyNoPod } from './live-server.ts';
import { openKube } from './live-workload.ts';
import { podDraft } from './pod-draft.ts';

const EVERY_MS = 1_000;
const DEFAULT_GRACE_SECONDS = 30;
/** Beside the grace period: until the kubelet has cleaned up and said so. */
const END_TIMEOUT_MS = 5 * 60_000;

/** Seconds each way gives the pod; `undefined` for its own grace period. */
const SECONDS: Readonly<Record<string, number | undefined>> = { grace: undefined, now: 1, force: 0 };

const NEVER_FOR_SESSIONS = text(
  'a session server may run twice then, and its pair would not hold the same sessions',
  '세션 서버가 두 번 실행될 수 있고, 쌍이 같은 세션을 보유하지 않게 됨',
);

/** How the pod of a server may be ended. */
export const podDeleteOptions = ({ type }: Server): readonly InputOption[] => [
  { value: 'grace', label: 'grace', detail: text('its own grace period', '자체 유예 시간') },
  { value: 'now', label: 'now', detail: text('1 second', '1초') },
  {
    value: 'force',
    label: 'force',
    detail: text('may run twice; never for session servers', '두 번 실행될 수 있음; 세션 서버에는 사용 금지'),
    ...(type === 'session' ? { unfit: NEVER_FOR_SESSIONS } : {}),
  },
];

/** Deletes the pod and waits until it is gone; another of its name by then is its workload's doing. */
export const deleteKube: Way<'server'> = {
  disabledReason: whyNoPod,
  needs: (server, lookup) => [
    {
      verb: 'delete',
      group: '',
      resource: 'pods',
      namespace: namespaceOf(server, lookup),
      name: server.name,
    },
  ],
  async plan({ target: server, together, input, signal }, tools) {
    const seconds = SECONDS[input['how'] ?? 'grace'];
    if (seconds === 0 && server.type === 'session') {
      throw appError('ACTION_IMPOSSIBLE', `force of ${server.name}: ${NEVER_FOR_SESSIONS.en}`, {
        hint: 'Delete it with its own grace period, or with 1 second.',
      });
    }
    const live = await readServer(server, tools, signal);
    const { namespace, pod } = live;
    const [starting, pair] = await Promise.all([
      pod.owner === undefined ? [] : startWarnings(startingOfServer(server, tools.lookup), tools, signal),
      guardSessionPair({ server, together }, tools, signal),
    ]);
    const options: JsonObject = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: pod.uid },
      ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    };
    const request: KubeCall = {
      system: 'kube',
      method: 'DELETE',
      path: podPath(namespace, pod.name),
      body: options,
    };
    const title = text(`delete pod ${namespace}/${pod.name}`, `파드 ${namespace}/${pod.name} 삭제`);
    return podDraft(server, live, {
      title,
      request,
      waits: [goneWait(live, seconds, tools), ...(pod.owner === undefined ? [] : pair.waits)],
      group: pair.group,
      warnings: [
        ...(pod.owner === undefined ? [] : pair.order),
        ...comesBack(live),
        ...hardWarnings(live, seconds),
        ...pair.warnings,
        ...starting,
      ],
    });
  },
  after: podAfter,
};

function comesBack({ pod: { name, owner } }: LiveServer): readonly PlanWarning[] {
  if (owner === undefined) {
    const never = text(
      `Pod ${name} has no controller: it does not come back`,
      `파드 ${name}에 컨트롤러가 없음: 다시 생기지 않음`,
    );
    return [{ level: 'warn', code: 'no-controller', text: never }];
  }
  const anew = text(
    `${owner.kind} ${owner.name} makes another pod in its place`,
    `${owner.kind} ${owner.name}이(가) 대신할 파드를 새로 만듦`,
  );
  return [{ level: 'info', code: 'comes-back', text: anew }];
}

function hardWarnings({ pod }: LiveServer, seconds: number | undefined): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (seconds !== undefined) {
    warnings.push({
      level: 'warn',
      code: 'cuts-requests',
      text: text(
        `${pod.name} gets ${seconds} s to end: its requests and unsaved sessions are lost`,
        `${pod.name}의 종료 시간은 ${seconds}초: 처리 중인 요청과 저장되지 않은 세션이 유실됨`,
      ),
    });
  }
  if (seconds === 0) {
    warnings.push({
      level: 'danger',
      code: 'force',
      text: text(
        `${pod.name} is forgotten without waiting for its node: it may still run beside its replacement`,
        `노드의 확인 없이 ${pod.name}을(를) 지움: 대체 파드와 함께 계속 실행될 수 있음`,
      ),
    });
  }
  if (pod.finalizers.length > 0) {
    const held = pod.finalizers.join(', ');
    warnings.push({
      level: 'warn',
      code: 'finalizers',
      text: text(
        `${pod.name} stays until ${held} lets it go`,
        `${held}이(가) 놓을 때까지 ${pod.name}이(가) 남음`,
      ),
    });
  }
  return warnings;
}

function goneWait(live: LiveServer, seconds: number | undefined, tools: ActionTools): WaitStep {
  const { context, namespace, pod } = live;
  const graceSeconds = seconds ?? pod.graceSeconds ?? DEFAULT_GRACE_SECONDS;
  return {
    type: 'wait',
    title: text(`wait until ${pod.name} is gone`, `${pod.name} 종료 대기`),
    everyMs: EVERY_MS,
    timeoutMs: graceSeconds * 1_000 + END_TIMEOUT_MS,
    async check(signal) {
      const kube = await openKube(tools, context);
      const now = await readPodIfAny(kube, { namespace, name: pod.name }, signal);
      if (now === undefined) return { state: 'done', detail: 'gone' };
      if (now.uid !== pod.uid) return { state: 'done', detail: 'gone; another pod has its name' };
      const held = now.finalizers.length > 0 ? `, held by ${now.finalizers.join(', ')}` : '';
      return { state: 'waiting', detail: `${now.isEnding ? 'ending' : 'still there'}${held}` };
    },
  };
}
