import type { Clock } from '../../../core/clock.ts';
import type { DumpOffer, DumpTarget, DumpWay, NoOffer } from '../../../domain/dump-way.ts';
import { environmentValue } from '../../../domain/environment.ts';
import { appError } from '../../../domain/errors.ts';
import type { KubeAccess, KubeRemote, Permission } from '../../../domain/remote.ts';
import { type Text, text } from '../../../domain/text.ts';
import { type ContainerDumps, containerOffer, createContainerDumps } from '../container/container-dumps.ts';
import { saidLine, thrownWords } from '../container/container-failure.ts';
import type { ContainerDumpsOptions, ContainerLog } from '../container/runner.ts';
import { createPodLog } from './pod-log.ts';
import { isPlace, type PodPlace, podPlaceOf } from './pod-place.ts';
import { createPodRunner } from './pod-runner.ts';

/** What of a Kubernetes context these ways ask; nothing of it changes anything. */
export type DumpKube = Pick<KubeRemote, 'mayI' | 'exec' | 'stream' | 'log'>;

export interface PodExecWaysOptions {
  /** The client of a context. Rejects with an AppError where there is none. */
  readonly kube: (context: string) => Promise<DumpKube>;
  readonly clock: Clock;
}

const EXEC_RIGHT = text(
  'ask for `create` and `get` on `pods/exec` there',
  '그 네임스페이스의 `pods/exec`에 대한 `create`, `get` 권한을 요청',
);
const FILES_ONLY = text(
  'it has only what the server wrote before: fetch such a file from the dump menu',
  '서버가 이미 쓴 파일만 있음: 덤프 메뉴에서 가져오기',
);
const TO_FILE = text(
  'LOG_OUTPUT_TYPE is file: what the JVM prints goes to a file whose place is not known, so that SIGQUIT is not used',
  'LOG_OUTPUT_TYPE이 file이라 JVM 출력 위치를 알 수 없어 SIGQUIT을 쓰지 않음',
);

/** The ways into a pod: tools run in its container, and the files a LENA server wrote there. */
export function createPodExecWays({ kube, clock }: PodExecWaysOptions): readonly DumpWay[] {
  async function optionsOf(
    target: DumpTarget,
    place: PodPlace,
    signal: AbortSignal,
  ): Promise<ContainerDumpsOptions> {
    const remote = await kube(place.context);
    signal.throwIfAborted();
    return {
      runner: createPodRunner(remote, place),
      clock,
      serverName: target.server.name,
      log: await logOf(remote, target, { place, clock }, signal),
      hostNames: [...(target.instance?.hostNames ?? []), place.pod],
      outputFolder: environmentValue(target.instance?.environment ?? [], 'LENA_DUMP_OUTPUT_DIR'),
    };
  }
  async function dumpsOf(target: DumpTarget, signal: AbortSignal): Promise<ContainerDumps> {
    const place = podPlaceOf(target);
    if (!isPlace(place))
      throw appError('NO_WAY_TO_DUMP', `${target.server.name}: no pod exec: ${place.why.en}`);
    return createContainerDumps(await optionsOf(target, place, signal));
  }

  const execWay: DumpWay = {
    id: 'pod-exec',
    async offer(target, ask, signal) {
      const none = (why: Text, next?: Text): NoOffer => ({ way: 'pod-exec', why, next });
      const place = podPlaceOf(target);
      if (!isPlace(place)) return none(place.why, place.next);
      try {
        const denied = await deniedExec(await kube(place.context), place, signal);
        if (denied !== undefined) return none(denied, EXEC_RIGHT);
        const options = await optionsOf(target, place, signal);
        const offered = containerOffer(ask, options);
        if (!('asks' in offered)) return none(offered);
        const through = options.runner.describe();
        return { way: 'pod-exec', through, isAuthenticated: true, ...offered } satisfies DumpOffer;
      } catch (thrown) {
        return none(...thrownWords(thrown));
      }
    },
    take: async (target, ask, taking) => (await dumpsOf(target, taking.signal)).take(ask, taking),
    room: async (target, signal) => (await dumpsOf(target, signal)).room(signal),
  };
  const fileWay: DumpWay = {
    id: 'server-file',
    async offer(target) {
      const place = podPlaceOf(target);
      return { way: 'server-file', why: isPlace(place) ? FILES_ONLY : place.why };
    },
    take: (target) => Promise.reject(appError('NO_WAY_TO_DUMP', `${target.server.name}: ${FILES_ONLY.en}`)),
    list: async (target, signal, note) => (await dumpsOf(target, signal)).list(signal, note),
    fetch: async (target, file, taking) => (await dumpsOf(target, taking.signal)).fetch(file, taking),
  };
  return [execWay, fileWay];
}

const accessOf = (verb: string, subresource: string, { namespace, pod }: PodPlace): KubeAccess => ({
  verb,
  group: '',
  resource: 'pods',
  subresource,
  namespace,
  name: pod,
});
const deniedText = (right: string, { namespace }: PodPlace, { reason }: Permission): Text => {
  const said = reason === undefined || reason === '' ? '' : ` (${saidLine(reason)})`;
  return text(`no right to ${right} in ${namespace}${said}`, `${namespace}의 ${right} 권한 없음${said}`);
};

/** A WebSocket is a `get`; a server that asks for `create` besides says so itself. */
async function deniedExec(kube: DumpKube, place: PodPlace, signal: AbortSignal): Promise<Text | undefined> {
  const get = await kube.mayI(accessOf('get', 'exec', place), signal);
  return get.state === 'denied' ? deniedText('get pods/exec', place, get) : undefined;
}

async function logOf(
  kube: DumpKube,
  { instance }: DumpTarget,
  { place, clock }: { readonly place: PodPlace; readonly clock: Clock },
  signal: AbortSignal,
): Promise<ContainerLog | { readonly missing: Text }> {
  const output = environmentValue(instance?.environment ?? [], 'LOG_OUTPUT_TYPE');
  if (output?.toLowerCase() === 'file') return { missing: TO_FILE };
  const permission = await kube.mayI(accessOf('get', 'log', place), signal);
  if (permission.state === 'denied') return { missing: deniedText('get pods/log', place, permission) };
  return createPodLog(kube, place, clock);
}
