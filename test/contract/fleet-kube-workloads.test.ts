import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProcessEvent } from '../../fixtures/fleet/process.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import {
  applyLena,
  at,
  items,
  type Json,
  names,
  type RunningKube,
  startKube,
} from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const PODS = '/api/v1/namespaces/lena/pods';
const READY = { httpGet: { path: '/', port: 8180 } };

function deployment(
  image: string,
  more: Readonly<Record<string, unknown>> = {},
  container: object = {},
): KubeManifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'was', namespace: 'lena' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'was' } },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      ...more,
      template: {
        metadata: { labels: { app: 'was' } },
        spec: {
          terminationGracePeriodSeconds: 20,
          containers: [
            { name: 'was', image, ports: [{ containerPort: 8180 }], readinessProbe: READY, ...container },
          ],
        },
      },
    },
  };
}
const TIMES = { startAfterMs: 1_000, readyAfterMs: 5_000, stopAfterMs: 2_000 };

async function onFakeClock(context: Parameters<typeof startKube>[0], options = {}) {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 4, 30));
  const kube = await startKube(context, { clock, ...TIMES, ...options });
  return { clock, kube };
}
const settle = async (clock: FakeClock, ms = 120_000) => clock.advance(ms);
const pods = async (kube: RunningKube) => items(await kube.json(PODS), 'items');
const containerOf = (pod: Json) => at(pod, 'status', 'containerStatuses', 0);
const readyCount = (all: readonly Json[]) =>
  all.filter((pod) => at(containerOf(pod), 'ready') === true).length;
const imageOf = (pod: Json) => at(pod, 'spec', 'containers', 0, 'image');
const reasons = async (kube: RunningKube) =>
  items(await kube.json('/api/v1/namespaces/lena/events'), 'items').map((event) => at(event, 'reason'));

describe('a simulated Deployment', () => {
  test('starts its pods step by step and counts them', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(deployment('lenacloud/lena-cluster:1'));
    const [pending] = await pods(kube);
    assert.equal(at(containerOf(pending), 'state', 'waiting', 'reason'), 'ContainerCreating');
    assert.equal(at(pending, 'status', 'podIP'), undefined);
    assert.match(
      String(at(pending, 'metadata', 'name')),
      /^was-[456789bcdf]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    );
    await clock.advance(1_000);
    const [running] = await pods(kube);
    assert.equal(at(running, 'status', 'phase'), 'Running');
    assert.equal(at(containerOf(running), 'ready'), false);
    assert.match(String(at(running, 'status', 'podIP')), /^10\.20\./);
    assert.deepEqual(new Set(kube.processes.all().map(({ phase }) => phase)), new Set(['starting']));
    await clock.advance(5_000);
    assert.equal(readyCount(await pods(kube)), 4);
    assert.deepEqual(new Set(kube.processes.all().map(({ phase }) => phase)), new Set(['ready']));
    const status = at(await kube.json('/apis/apps/v1/namespaces/lena/deployments/was'), 'status');
    assert.deepEqual([at(status, 'readyReplicas'), at(status, 'availableReplicas')], [4, 4]);
    const known = new Set(await reasons(kube));
    for (const reason of [
      'Scheduled',
      'Pulled',
      'Created',
      'Started',
      'SuccessfulCreate',
      'ScalingReplicaSet',
    ]) {
      assert.ok(known.has(reason), reason);
    }
  });

  test('rolls within maxSurge and maxUnavailable until every pod is new', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(deployment('lenacloud/lena-cluster:1', { minReadySeconds: 3 }));
    await settle(clock);
    const before = new Set(names(await kube.json(PODS)));
    kube.simulator.apply(deployment('lenacloud/lena-cluster:2', { minReadySeconds: 3 }));
    let most = 0;
    let least = 4;
    let isMixed = false;
    for (let second = 0; second < 90; second++) {
      const all = (await pods(kube)).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined);
      most = Math.max(most, all.length);
      least = Math.min(least, readyCount(all));
      isMixed ||= new Set(all.map(imageOf)).size === 2;
      await clock.advance(1_000);
    }
    assert.deepEqual([most, least, isMixed], [5, 3, true]);
    const after = await pods(kube);
    assert.deepEqual(new Set(after.map(imageOf)), new Set(['lenacloud/lena-cluster:2']));
    assert.equal(
      after.some((pod) => before.has(at(pod, 'metadata', 'name'))),
      false,
    );
    const sets = items(await kube.json('/apis/apps/v1/namespaces/lena/replicasets'), 'items');
    const revisions = sets.map((set) =>
      at(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'),
    );
    assert.deepEqual([...revisions].sort(), ['1', '2']);
    const status = at(await kube.json('/apis/apps/v1/namespaces/lena/deployments/was'), 'status');
    const progressing = items(status, 'conditions').find((one) => at(one, 'type') === 'Progressing');
    assert.equal(at(progressing, 'reason'), 'NewReplicaSetAvailable');
  });

  test('takes the old ReplicaSet up again when it is rolled back', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    for (const image of ['x/lena-cluster:1', 'x/lena-cluster:2', 'x/lena-cluster:1']) {
      kube.simulator.apply(deployment(image));
      await settle(clock);
    }
    const sets = items(await kube.json('/apis/apps/v1/namespaces/lena/replicasets'), 'items');
    const annotations = sets
      .filter((set) => at(set, 'spec', 'replicas') === 4)
      .map((set) => at(set, 'metadata', 'annotations'));
    assert.equal(sets.length, 2);
    assert.equal(at(annotations[0], 'deployment.kubernetes.io/revision'), '3');
    assert.equal(at(annotations[0], 'deployment.kubernetes.io/revision-history'), '1');
  });

  test('stands still when the new pods never get ready, and says so in time', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(deployment('x/lena-cluster:1'));
    await settle(clock);
    const broken = deployment(
      'x/lena-cluster:2',
      { progressDeadlineSeconds: 60 },
      {
        envFrom: [{ configMapRef: { name: 'nosuch' } }],
      },
    );
    kube.simulator.apply(broken);
    await clock.advance(130_000);
    const all = await pods(kube);
    assert.equal(readyCount(all), 3);
    const waiting = all
      .map((pod) => at(containerOf(pod), 'state', 'waiting'))
      .find((state) => state !== undefined);
    assert.deepEqual(waiting, {
      reason: 'CreateContainerConfigError',
      message: 'configmap "nosuch" not found',
    });
    const status = at(await kube.json('/apis/apps/v1/namespaces/lena/deployments/was'), 'status');
    const progressing = items(status, 'conditions').find((one) => at(one, 'type') === 'Progressing');
    assert.equal(at(progressing, 'reason'), 'ProgressDeadlineExceeded');
    kube.simulator.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'nosuch', namespace: 'lena' },
      data: {},
    });
    await settle(clock);
    assert.deepEqual(new Set((await pods(kube)).map(imageOf)), new Set(['x/lena-cluster:2']));
  });

  test('scales down, and its pods end with their owner', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(deployment('x/lena-cluster:1'));
    await settle(clock);
    kube.simulator.apply(deployment('x/lena-cluster:1', { replicas: 1 }));
    const ending = (await pods(kube)).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') !== undefined);
    assert.equal(ending.length, 3);
    assert.ok(Date.parse(String(at(ending[0], 'metadata', 'deletionTimestamp'))) > clock.now());
    await settle(clock);
    assert.equal((await pods(kube)).length, 1);
    kube.simulator.delete({ kind: 'Deployment', namespace: 'lena', name: 'was' });
    await settle(clock);
    assert.equal((await pods(kube)).length, 0);
    assert.deepEqual(kube.processes.all(), []);
  });
});

describe('a simulated StatefulSet', () => {
  const session = (image: string): KubeManifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'session', namespace: 'lena' },
    spec: {
      replicas: 3,
      serviceName: 'session',
      selector: { matchLabels: { app: 'session' } },
      template: {
        metadata: { labels: { app: 'session' } },
        spec: { containers: [{ name: 'session', image, readinessProbe: READY }] },
      },
    },
  });
  test('starts its pods one after the other and replaces them from the last', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(session('x/lena-session:1'));
    assert.deepEqual(names(await kube.json(PODS)), ['session-0']);
    await clock.advance(6_000);
    assert.deepEqual(names(await kube.json(PODS)), ['session-0', 'session-1']);
    await settle(clock);
    kube.simulator.apply(session('x/lena-session:2'));
    const order: Json[] = [];
    for (let second = 0; second < 60; second++) {
      for (const pod of await pods(kube)) {
        const name = at(pod, 'metadata', 'name');
        if (imageOf(pod) === 'x/lena-session:2' && !order.includes(name)) order.push(name);
      }
      await clock.advance(1_000);
    }
    assert.deepEqual(order, ['session-2', 'session-1', 'session-0']);
    const status = at(await kube.json('/apis/apps/v1/namespaces/lena/statefulsets/session'), 'status');
    assert.equal(at(status, 'currentRevision'), at(status, 'updateRevision'));
    const revisions = items(await kube.json('/apis/apps/v1/namespaces/lena/controllerrevisions'), 'items');
    assert.deepEqual(revisions.map((one) => at(one, 'revision')).sort(), [1, 2]);
  });
});

describe('a simulated kubelet', () => {
  test('restarts a killed container at once, then with back-off', async (context) => {
    const events: ProcessEvent[] = [];
    const processes = new ProcessTable();
    processes.subscribe((event) => events.push(event));
    const { clock, kube } = await onFakeClock(context, { processes });
    kube.simulator.apply(deployment('x/lena-cluster:1', { replicas: 1 }));
    await settle(clock);
    const name = String(names(await kube.json(PODS))[0]);
    kube.simulator.killContainer(
      { namespace: 'lena', name },
      { exitCode: 137, reason: 'OOMKilled', failures: 2 },
    );
    const [killed] = await pods(kube);
    assert.deepEqual(
      [at(containerOf(killed), 'state', 'terminated', 'exitCode'), at(killed, 'status', 'phase')],
      [137, 'Running'],
    );
    await clock.advance(2_500);
    const [looping] = await pods(kube);
    assert.equal(at(containerOf(looping), 'state', 'waiting', 'reason'), 'CrashLoopBackOff');
    assert.match(
      String(at(containerOf(looping), 'state', 'waiting', 'message')),
      /^back-off 10s restarting failed container=was pod=/,
    );
    assert.equal(at(containerOf(looping), 'lastState', 'terminated', 'reason'), 'OOMKilled');
    const previous = await kube.ask(`${PODS}/${name}/log?previous=true`);
    assert.equal(previous.status, 200);
    await settle(clock);
    const [recovered] = await pods(kube);
    assert.deepEqual(
      [at(containerOf(recovered), 'restartCount'), at(containerOf(recovered), 'ready')],
      [3, true],
    );
    const ids = events.filter(({ type }) => type === 'started').map((event) => event.process.id);
    assert.equal(new Set(ids).size, 4);
    assert.equal(events.filter(({ type }) => type === 'stopped').length, 3);
    assert.ok((await reasons(kube)).includes('BackOff'));
  });

  test('gives the process what its variables refer to', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    const put = (kind: string, name: string, fields: object) =>
      kube.simulator.apply({ apiVersion: 'v1', kind, metadata: { name, namespace: 'lena' }, ...fields });
    put('ConfigMap', 'shared', { data: { LENA_MANAGER_ADDRESS: 'manager:7700', A: 'map' } });
    put('Secret', 'keys', { stringData: { KEY: 'EXAMPLE-KEY' } });
    kube.simulator.apply(
      deployment(
        'registry.example/shop:1',
        { replicas: 1 },
        {
          envFrom: [{ configMapRef: { name: 'shared' } }, { prefix: 'S_', secretRef: { name: 'keys' } }],
          env: [
            { name: 'A', value: 'own' },
            { name: 'JOINED', value: '$(A)-$(NONE)' },
            { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'LENA_MANAGER_KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'KEY' } } },
            { name: 'NOT', valueFrom: { configMapKeyRef: { name: 'shared', key: 'no', optional: true } } },
          ],
          resources: { limits: { memory: '512Mi' } },
        },
      ),
    );
    await settle(clock);
    const [{ process } = { process: undefined }] = kube.processes.all();
    const [pod] = await pods(kube);
    const name = at(pod, 'metadata', 'name');
    assert.equal(process?.type, 'was');
    assert.equal(process?.workload, 'was');
    assert.equal(process?.memoryLimitBytes, 512 * 1024 * 1024);
    const { environment } = process ?? { environment: {} };
    assert.deepEqual(
      ['A', 'JOINED', 'POD', 'IP', 'LENA_MANAGER_KEY', 'S_KEY', 'NOT', 'LENA_MANAGER_ADDRESS'].map((key) =>
        at(environment, key),
      ),
      [
        'own',
        'own-$(NONE)',
        name,
        at(pod, 'status', 'podIP'),
        'EXAMPLE-KEY',
        'EXAMPLE-KEY',
        undefined,
        'manager:7700',
      ],
    );
  });

  test('makes a pod unready and ready as its probe would', async (context) => {
    const { clock, kube } = await onFakeClock(context);
    kube.simulator.apply(deployment('x/lena-cluster:1', { replicas: 1 }));
    await settle(clock);
    const name = String(names(await kube.json(PODS))[0]);
    kube.simulator.setReady({ namespace: 'lena', name }, false, 'connection refused');
    const unready = (await pods(kube))[0];
    const ready = items(unready, 'status', 'conditions').find((one) => at(one, 'type') === 'Ready');
    assert.deepEqual([at(ready, 'status'), at(ready, 'reason')], ['False', 'ContainersNotReady']);
    assert.equal(kube.processes.all()[0]?.phase, 'starting');
    assert.ok((await reasons(kube)).includes('Unhealthy'));
    kube.simulator.setReady({ namespace: 'lena', name }, true);
    assert.equal(readyCount(await pods(kube)), 1);
  });

  test('writes logs that can be cut, dated and followed', async (context) => {
    const kube = await startKube(context, { logEveryMs: 20 }, applyLena);
    const name = String(names(await kube.json(`${PODS}?labelSelector=type%3Dlena-was`))[0]);
    kube.simulator.appendLog({ namespace: 'lena', name }, 'one', 'two', '세 번째');
    const log = (query: string) => kube.ask(`${PODS}/${name}/log?${query}`).then(({ text }) => text);
    assert.equal(await log('tailLines=2'), 'two\n세 번째\n');
    assert.match(await log('tailLines=1&timestamps=true'), /^\d{4}-\d\d-\d\dT[\d:.]+Z 세 번째\n$/);
    assert.equal((await log('limitBytes=5')).length, 5);
    assert.match(await log('previous=true'), /previous terminated container .* not found/);
    const stream = await kube.watch(`${PODS}/${name}/log?follow=true&tailLines=1`);
    kube.simulator.appendLog({ namespace: 'lena', name }, 'four');
    await waitFor('a line by itself', () => stream.lines.length >= 3);
    assert.deepEqual(stream.lines.slice(0, 2), ['세 번째', 'four']);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name });
    await waitFor('the end', () => stream.isEnded);
  });
});

test('what was there before the cluster listens is old, ready and quiet', async (context) => {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 4, 30));
  const day = 86_400_000;
  const kube = await startKube(context, { clock, ...TIMES, ageAtStartMs: day }, applyLena);
  const all = await pods(kube);
  assert.equal(readyCount(all), all.length);
  for (const pod of all) {
    assert.equal(Date.parse(String(at(pod, 'metadata', 'creationTimestamp'))), clock.now() - day);
  }
  assert.deepEqual(await reasons(kube), []);
  assert.equal(kube.processes.all()[0]?.process.startedAt, clock.now() - day);
});

test('the same seed gives the same names', async (context) => {
  const run = async () => names(await (await startKube(context, {}, applyLena)).json('/api/v1/pods'));
  assert.deepEqual(await run(), await run());
});

test('two thousand pods are made at once and listed in pages', async (context) => {
  const kube = await startKube(context, {}, (simulator) => {
    simulator.apply(deployment('x/lena-cluster:1', { replicas: 2_000 }));
  });
  let count = 0;
  let token = '';
  do {
    const page = await kube.json(`/api/v1/pods?limit=500&continue=${token}`);
    count += items(page, 'items').length;
    token = String(at(page, 'metadata', 'continue') ?? '');
  } while (token !== '');
  assert.equal(count, 2_000);
});
