import type { TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { DumpWay, ServerFile } from '../../src/domain/dump-way.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createEcsExecWays } from '../../src/sources/dumps/ecs-exec/ecs-exec-ways.ts';
import { ownChannel } from './dump-channel-stage.ts';
import { answerWith, dialAgent, dialLena } from './dump-peers.ts';
import { startDumpPod } from './dump-pod.ts';
import { CONTAINER, startExec } from './ecs-exec.ts';
import { containerOf, instanceOf } from './store-entities.ts';

const DAYS_MS = 3 * 86_400_000;

/** A simulated server with real clients to it, in one mode, and what of them arrived at it. */
export interface DumpPlace {
  readonly instance: Instance;
  readonly ways: readonly DumpWay[];
  /** Commands and requests that the server got, in words. */
  readonly arrived: () => readonly string[];
}
export const DUMP_PLACES = ['pod exec', 'ECS exec', 'our agent', 'LENA advertiser'] as const;
export type DumpPlaceName = (typeof DUMP_PLACES)[number];

/** A heap a LENA server wrote beside its other dumps; whether it is there does not matter to who may not have it. */
const withHeap = (way: DumpWay): DumpWay => ({
  ...way,
  ...(way.list === undefined
    ? {}
    : {
        list: async (...asked) => {
          const files = (await way.list?.(...asked)) ?? [];
          const text = files.find(({ kind }) => kind === 'thread');
          return [
            ...files.filter(({ kind }) => kind !== 'heap'),
            ...(text === undefined ? [] : [heapBeside(text)]),
          ];
        },
      }),
});
const heapBeside = ({ path }: ServerFile): ServerFile => ({
  path: path.replace('/tdump/', '/hdump/').replace('_tdump.txt', '_hdump.hprof'),
  kind: 'heap',
  sizeBytes: 5_000,
});

/** Starts it; it ends with the test. */
export function startDumpPlace(t: TestContext, name: DumpPlaceName, mode: Mode): Promise<DumpPlace> {
  switch (name) {
    case 'pod exec':
      return startPod(t, mode);
    case 'ECS exec':
      return startTask(t, mode);
    case 'our agent':
    case 'LENA advertiser':
      return startPeer(t, name, mode);
  }
}

async function startPod(t: TestContext, mode: Mode): Promise<DumpPlace> {
  const pod = await startDumpPod(t, { mode, image: 'lenacloud/lena-cluster:1.3.2.10', ageMs: DAYS_MS });
  const { instance } = pod.target;
  if (instance === undefined) throw new Error('no pod');
  return {
    instance,
    ways: [withHeap(pod.way('pod-exec')), withHeap(pod.way('server-file'))],
    arrived: () =>
      pod.kube.simulator.requests.flatMap(({ path }) => {
        const [, search] = /\/exec\?(.*)$/.exec(path) ?? [];
        return search === undefined ? [] : [new URLSearchParams(search).getAll('command').join(' ')];
      }),
  };
}

async function startTask(t: TestContext, mode: Mode): Promise<DumpPlace> {
  const { task, remote, processes, simulator } = await startExec(t, { in: mode });
  const [server] = processes.all();
  const instance: Instance = {
    ...instanceOf(task),
    ref: refOf('instance', 'prod', `prod/${task}`),
    contextKind: 'ecs',
    place: { kind: 'ecsCluster', name: 'prod' },
    hostNames: [server?.process.hostName ?? ''],
    containers: [containerOf({ name: CONTAINER })],
  };
  const ways = createEcsExecWays({ ecs: async () => remote, clock: systemClock });
  return {
    instance,
    ways: ways.map(withHeap),
    arrived: () =>
      simulator.requests.flatMap(({ path }) => {
        const [, asked] = /^\/ExecuteCommand\?(.*)$/.exec(path) ?? [];
        return asked === undefined ? [] : [new URLSearchParams(asked).get('command') ?? ''];
      }),
  };
}

async function startPeer(
  t: TestContext,
  name: 'our agent' | 'LENA advertiser',
  mode: Mode,
): Promise<DumpPlace> {
  const stage = await ownChannel(t);
  stage.setMode(mode);
  // As the key of the agent and the name of the advertiser bind it.
  const instance = instanceOf('was-1', {
    addresses: ['127.0.0.1'],
    workload: { kind: 'Deployment', name: 'was' },
  });
  const ways = (id: string) => stage.channel.ways.filter((way) => way.id === id);
  if (name === 'LENA advertiser') {
    const lena = await dialLena(t, stage.place);
    await stage.untilPeers((peers) => peers.length === 1, 'one peer');
    return {
      instance,
      ways: ways('lena-channel'),
      arrived: () => lena.heard.filter((command) => command !== 'KEEP_ALIVE'),
    };
  }
  const agent = await dialAgent(t, stage.place, {
    answers: ({ id, what, server }, own) => answerWith(own, id, Buffer.from(`${what} of ${server}`)),
  });
  await stage.untilPeers((peers) => peers.length === 1, 'one peer');
  return {
    instance,
    ways: ways('agent-channel'),
    arrived: () =>
      agent.asked.flatMap((asked) =>
        asked.type === 'request' ? [asked.options.isLive ? `${asked.what} live` : asked.what] : [],
      ),
  };
}
