import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isRecord, recordOf } from '../../src/core/json-read.ts';
import {
  type ConfigMapState,
  createEnvironmentReader,
  resolveEnvironment,
} from '../../src/sources/kube/environment-spec.ts';
import { createInterner } from '../../src/sources/kube/intern.ts';
import { mapEvent, mapOwned, mapService } from '../../src/sources/kube/map-other.ts';
import { type MapContext, mapPod } from '../../src/sources/kube/map-pod.ts';
import { type KubeWorkloadKind, mapWorkload } from '../../src/sources/kube/map-workload.ts';
import { maskArguments, maskMessage } from '../../src/sources/kube/mask.ts';
import { quantityOf } from '../../src/sources/kube/quantity.ts';
import { podObject } from '../support/kube-source-api.ts';

const SAMPLES: unknown = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../support/kube-source-samples.json'), 'utf8'),
);
const VERSIONS = ['1.20.2', '1.36.2'] as const;
const sample = (version: string, name: string) => recordOf(recordOf(recordOf(SAMPLES)[version])[name]);
const mapContext = (): MapContext => ({
  context: 'dev',
  intern: createInterner(),
  environments: createEnvironmentReader(),
  now: () => 1_000,
});
const podOf = (version: string, name: string) => mapPod(sample(version, name), mapContext())?.instance;

for (const version of VERSIONS) {
  test(`${version}: a pod in CrashLoopBackOff is failed, with its last exit`, () => {
    const pod = podOf(version, 'pod-get-crashloop');
    assert.equal(pod?.state, 'failed');
    assert.equal(pod?.stateReason, 'CrashLoopBackOff');
    assert.equal(pod?.restarts, 6);
    assert.equal(pod?.containers[0]?.reason, 'CrashLoopBackOff');
    assert.equal(pod?.containers[0]?.lastTermination?.exitCode, 1);
    assert.deepEqual(pod?.workload, { kind: 'DaemonSet', name: 'lena-web' });
    assert.equal(pod?.gracePeriodMs, 0);
    assert.deepEqual(pod?.ports, [7180]);
  });

  test(`${version}: a restarted pod is ready and remembers OOMKilled`, () => {
    const pod = podOf(version, 'pod-get-restarted');
    assert.equal(pod?.state, 'ready');
    assert.ok(pod?.readySince !== undefined && pod.startedAt !== undefined);
    assert.deepEqual(pod?.workload, { kind: 'Deployment', name: 'lena-was' });
    assert.equal(pod?.containers[0]?.lastTermination?.reason, 'OOMKilled');
    assert.equal(pod?.containers[0]?.lastTermination?.exitCode, 137);
    assert.equal(pod?.addresses.length, 1);
    assert.equal(pod?.ref.id, `lena/${pod?.name}`);
  });

  test(`${version}: a pod of a StatefulSet is known by its host name`, () => {
    const pod = podOf(version, 'statefulset-pod-get');
    assert.deepEqual(pod?.hostNames, ['lena-session-0']);
    assert.deepEqual(pod?.workload, { kind: 'StatefulSet', name: 'lena-session' });
  });

  test(`${version}: an unscheduled pod is starting`, () => {
    assert.equal(podOf(version, 'pod-get-pending')?.state, 'starting');
  });

  test(`${version}: a pod being deleted is stopping since it was told, not since its grace ends`, () => {
    const pod = podOf(version, 'pod-get-terminating');
    const deletionAt = Date.parse(
      String(recordOf(sample(version, 'pod-get-terminating')['metadata'])['deletionTimestamp']),
    );
    assert.equal(pod?.state, 'stopping');
    assert.equal(pod?.gracePeriodMs, 5_000);
    assert.equal(pod?.deletingSince, deletionAt - 5_000);
  });

  const workload = (kind: KubeWorkloadKind, name: string) =>
    mapWorkload(kind, sample(version, name), mapContext())?.workload;
  test(`${version}: rollouts are judged as kubectl judges them`, () => {
    assert.equal(workload('Deployment', 'deployment-get-available')?.rollout.state, 'stable');
    assert.equal(workload('Deployment', 'deployment-get-available')?.rollout.revision, '1');
    assert.deepEqual(
      workload('Deployment', 'deployment-get-before-minready')?.rollout.message,
      '0 of 2 updated replicas available',
    );
    assert.equal(
      workload('Deployment', 'rollout-restart-deployment-progressing')?.rollout.state,
      'progressing',
    );
    assert.equal(workload('Deployment', 'rollout-paused-get')?.rollout.state, 'paused');
    assert.equal(workload('StatefulSet', 'statefulset-get-ready')?.rollout.state, 'stable');
    assert.equal(workload('StatefulSet', 'rollout-statefulset-progressing')?.rollout.state, 'progressing');
    assert.equal(workload('DaemonSet', 'daemonset-get-partly')?.rollout.state, 'progressing');
    assert.equal(workload('DaemonSet', 'daemonset-get-partly')?.desired, 2);
    assert.equal(workload('Deployment', 'deployment-get-available')?.ref.id, 'lena/Deployment/lena-was');
  });

  test(`${version}: a warning event names its pod`, () => {
    const event = mapEvent(sample(version, 'event-create-warning'), mapContext());
    assert.equal(event?.type, 'BackOff');
    assert.equal(event?.level, 'error');
    assert.equal(event?.count, 6);
    assert.equal(event?.target?.kind, 'instance');
  });

  test(`${version}: a ControllerRevision knows its owner and number`, () => {
    const list = sample(version, 'controllerrevisions-list')['items'];
    const [first] = Array.isArray(list) ? list.map((item) => mapOwned(item, mapContext())) : [];
    assert.equal(first?.revision, 1);
    assert.equal(first?.owner?.kind, 'StatefulSet');
  });
}

test('a pod unready since before its start is starting, since after it notReady', () => {
  const unready = (at: string) =>
    mapPod(
      podObject('a', {
        status: {
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              lastTransitionTime: at,
              message: 'containers with unready status: [shop]',
            },
          ],
        },
      }),
      mapContext(),
    )?.instance;
  assert.equal(unready('2026-01-01T00:00:05Z')?.state, 'starting');
  assert.equal(unready('2026-01-01T00:05:00Z')?.state, 'notReady');
  assert.equal(unready('2026-01-01T00:05:00Z')?.stateReason, 'containers with unready status: [shop]');
});

test('an evicted pod is failed with its message, a finished one stopped', () => {
  const evicted = mapPod(
    podObject('a', { status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' } }),
    mapContext(),
  );
  assert.equal(evicted?.instance.state, 'failed');
  assert.equal(evicted?.instance.stateReason, 'Evicted: The node was low on memory');
  const done = mapPod(podObject('a', { status: { phase: 'Succeeded' } }), mapContext());
  assert.equal(done?.instance.state, 'stopped');
});

test('the server container goes before its sidecars, which follow', () => {
  const pod = mapPod(
    podObject('a', {
      spec: {
        hostname: 'was-1',
        containers: [
          { name: 'istio-proxy', image: 'istio/proxyv2:1' },
          {
            name: 'was',
            image: 'registry.example/shop:1',
            command: ['java', '-Dpassword=hunter2', '--token', 'abc'],
            resources: { limits: { memory: '1Gi', cpu: '500m' } },
            env: [{ name: 'LENA_SERVER_TYPE', value: 'was' }],
          },
        ],
        initContainers: [{ name: 'prepare', image: 'busybox' }],
      },
    }),
    mapContext(),
  );
  assert.deepEqual(
    pod?.instance.containers.map(({ name }) => name),
    ['was', 'istio-proxy', 'prepare'],
  );
  assert.equal(pod?.instance.containers[0]?.memoryLimitBytes, 2 ** 30);
  assert.equal(pod?.instance.containers[0]?.cpuLimit, 0.5);
  assert.deepEqual(pod?.instance.command, ['java', '-Dpassword=***', '--token', '***']);
  assert.deepEqual(pod?.instance.hostNames, ['a', 'was-1']);
});

test('replicas share what they have in common', () => {
  const context = mapContext();
  const [a, b] = [mapPod(podObject('a'), context), mapPod(podObject('b'), context)];
  assert.equal(a?.instance.labels, b?.instance.labels);
  assert.equal(a?.instance.ports, b?.instance.ports);
  assert.equal(a?.environment, b?.environment);
});

test('escape sequences in names and messages do not get through', () => {
  const pod = mapPod(
    podObject('a\u001b[31m', { status: { phase: 'Failed', reason: 'X\u001b]0;t\u0007' } }),
    mapContext(),
  );
  assert.ok(!JSON.stringify(pod).includes('\\u001b'));
});

test('what is no pod is refused', () => {
  for (const bad of [
    undefined,
    5,
    'x',
    [],
    {},
    { metadata: { name: 5 } },
    { metadata: { name: 'a', namespace: 'b' }, spec: { containers: 'x' } },
  ]) {
    assert.equal(mapPod(bad, mapContext()), undefined);
  }
});

test('environment: prefix, order, expansion, fields, secrets and what is missing', () => {
  const reader = createEnvironmentReader();
  const spec = reader.read({
    envFrom: [
      { prefix: 'P_', configMapRef: { name: 'one' } },
      { configMapRef: { name: 'gone', optional: true } },
    ],
    env: [
      { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'URL', value: 'http://$(HOST):8080/$$(X)?key=abc' },
      { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } },
      { name: 'JDBC', value: 'jdbc:$(DB_PASSWORD)' },
      { name: 'P_A', value: 'wins' },
      { name: 'MISSING', valueFrom: { configMapKeyRef: { name: 'one', key: 'zz' } } },
      { name: 'MAYBE', valueFrom: { configMapKeyRef: { name: 'one', key: 'zz', optional: true } } },
      { name: 'API_TOKEN', value: 'abc' },
      { name: 'LATER', valueFrom: { configMapKeyRef: { name: 'two', key: 'k' } } },
    ],
  });
  const states: Readonly<Record<string, ConfigMapState>> = {
    one: {
      kind: 'read',
      values: new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
      changedAt: 500,
    },
    gone: { kind: 'absent' },
  };
  const entries = resolveEnvironment(spec, {
    configMap: (name) => states[name],
    fields: { 'metadata.name': 'was-0' },
    startedAt: 400,
  });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  assert.equal(byName.get('P_B')?.value, '2');
  assert.equal(byName.get('P_B')?.changedSinceStart, true);
  assert.equal(byName.get('P_A')?.value, 'wins');
  assert.equal(byName.get('URL')?.value, 'http://was-0:8080/$(X)?key=***');
  assert.equal(byName.get('DB_PASSWORD')?.isMasked, true);
  assert.equal(byName.get('JDBC')?.isMasked, true);
  assert.equal(byName.get('MISSING')?.unread, 'key zz does not exist');
  assert.equal(byName.has('MAYBE'), false);
  assert.equal(byName.get('API_TOKEN')?.value, undefined);
  assert.equal(byName.get('LATER')?.unread, 'not read yet');
  assert.ok(!JSON.stringify(entries).includes('abc'));
});

test('services and events without names are refused, others read', () => {
  assert.equal(mapService({}, mapContext()), undefined);
  assert.equal(mapEvent({}, mapContext()), undefined);
  const service = mapService(
    { metadata: { name: 's', namespace: 'n' }, spec: { ports: [{ port: 80 }, { port: 'x' }] } },
    mapContext(),
  );
  assert.deepEqual(service?.ports, [80]);
  const event = mapEvent(
    {
      metadata: { name: 'e', namespace: 'n' },
      series: { count: 3, lastObservedTime: '2026-01-01T00:00:00.5Z' },
      involvedObject: { kind: 'Node', name: 'n1' },
    },
    mapContext(),
  );
  assert.equal(event?.count, 3);
  assert.equal(event?.at, Date.parse('2026-01-01T00:00:00.500Z'));
  assert.equal(event?.target, undefined);
});

test('owners leave their marks', () => {
  const deployment = (metadata: object) =>
    mapWorkload(
      'Deployment',
      { metadata: { name: 'd', namespace: 'n', ...metadata }, spec: {} },
      mapContext(),
    )?.workload.ownedBy;
  assert.deepEqual(deployment({}), []);
  assert.deepEqual(deployment({ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }), ['Helm']);
  assert.deepEqual(deployment({ annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }), ['Argo CD']);
  assert.deepEqual(deployment({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }), ['Flux']);
});

test('quantities', () => {
  const cases: readonly (readonly [unknown, number | undefined])[] = [
    ['512Mi', 536_870_912],
    ['1G', 1e9],
    ['250m', 0.25],
    ['1e3', 1_000],
    ['1.5Gi', 1_610_612_736],
    [2, 2],
    ['', undefined],
    ['12x', undefined],
    [undefined, undefined],
  ];
  for (const [text, value] of cases) assert.equal(quantityOf(text), value, String(text));
});

test('messages and arguments lose their secrets', () => {
  assert.equal(
    maskMessage('login failed: token=abc123, password: "x y"'),
    'login failed: token=***, password: ***',
  );
  assert.equal(maskMessage('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here'), 'got *** here');
  assert.equal(maskMessage('https://user:pw@host/?key=1'), 'https://***@host/?key=***');
  assert.deepEqual(maskArguments(['sh', '-c', 'run --password=abc x']), ['sh', '-c', 'run --password=*** x']);
  assert.deepEqual(maskArguments(['--secret', '--other', 'x']), ['--secret', '--other', 'x']);
});

test('samples hold what the tests read', () => {
  for (const version of VERSIONS) assert.ok(isRecord(recordOf(SAMPLES)[version]));
});
