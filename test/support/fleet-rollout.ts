import type { TestContext } from 'node:test';
import type { KubeSimulatorOptions } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import { createFakeClock } from './fake-clock.ts';
import { at, items, type Json, startKube } from './fleet-kube.ts';
import { MERGE, PODS, STRATEGIC, writerOf } from './fleet-kube-writer.ts';

export const TIMES = { startAfterMs: 1_000, readyAfterMs: 5_000, stopAfterMs: 2_000 };

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';
/** A workload `app` of one container with a readiness probe. */
export const workload = (
  kind: WorkloadKind,
  spec: Readonly<Record<string, unknown>> = {},
  container: Readonly<Record<string, unknown>> = {},
): KubeManifest => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'app', namespace: 'lena' },
  spec: {
    selector: { matchLabels: { app: 'app' } },
    ...spec,
    template: {
      metadata: { labels: { app: 'app' } },
      spec: {
        terminationGracePeriodSeconds: 20,
        containers: [
          {
            name: 'app',
            image: 'x/lena-cluster:1',
            ports: [{ containerPort: 8180 }],
            readinessProbe: { httpGet: { path: '/', port: 8180 } },
            ...container,
          },
        ],
      },
    },
  },
});

const BASE = '/apis/apps/v1/namespaces/lena';
export const imageOf = (pod: Json): string =>
  String(at(pod, 'spec', 'containers', 0, 'image')).replace('x/lena-cluster:', '');
export const nameOf = (object: Json): string => String(at(object, 'metadata', 'name'));
export const isEnding = (pod: Json): boolean => at(pod, 'metadata', 'deletionTimestamp') !== undefined;
export const waitingOf = (pod: Json): Json =>
  at(pod, 'status', 'containerStatuses', 0, 'state', 'waiting', 'reason');
export const isUp = (pod: Json): boolean => at(pod, 'status', 'containerStatuses', 0, 'ready') === true;

/** A workload on a clock of the test's own, and what a test does with it. */
export async function startRollout(
  context: TestContext,
  manifest: KubeManifest,
  options: Partial<KubeSimulatorOptions> = {},
) {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 4, 30));
  const kube = await startKube(context, { clock, ...TIMES, ...options });
  const { patch, send } = writerOf(kube);
  const path = `${BASE}/${manifest.kind.toLowerCase()}s/app`;
  kube.simulator.apply(manifest);
  await clock.advance(240_000);
  const image = (tag: string, more: object = {}) =>
    patch(
      path,
      {
        spec: {
          ...more,
          template: { spec: { containers: [{ name: 'app', image: `x/lena-cluster:${tag}` }] } },
        },
      },
      STRATEGIC,
    );
  const list = async (where: string) => items(await kube.json(where), 'items');
  return {
    clock,
    kube,
    path,
    send,
    /** Sets the container's image by its tag. */
    image,
    change: (body: object) => patch(path, body, MERGE),
    scale: (replicas: number) => patch(`${path}/scale`, { spec: { replicas } }, MERGE),
    pods: () => list(PODS),
    /** The tags pods run, of those that are not ending, in order of their names. */
    images: async () => (await list(PODS)).filter((pod) => !isEnding(pod)).map(imageOf),
    object: () => kube.json(path),
    status: async (...fields: readonly string[]) => {
      const status = at(await kube.json(path), 'status');
      return fields.map((field) => at(status, field));
    },
    condition: async (type: string) =>
      items(await kube.json(path), 'status', 'conditions').find((one) => at(one, 'type') === type),
    sets: () => list(`${BASE}/replicasets`),
    revisions: () => list(`${BASE}/controllerrevisions`),
    messages: async (reason: string) =>
      (await list('/api/v1/namespaces/lena/events'))
        .filter((event) => at(event, 'reason') === reason)
        .map((event) => String(at(event, 'message'))),
    /** Looks each second, for as long as it takes. */
    async each(seconds: number, look: () => Promise<void>) {
      for (let second = 0; second < seconds; second++) {
        await look();
        await clock.advance(1_000);
      }
    },
  };
}
