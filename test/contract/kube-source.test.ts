import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Fault } from '../../fixtures/fleet/fault.ts';
import {
  createKubeSimulator,
  EVERYTHING,
  type KubeSimulatorControl,
  READ_ONLY,
} from '../../fixtures/fleet/kube/kube-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  createKubeSource,
  type KubeSourceOptions,
  listKubeContexts,
} from '../../src/sources/kube/kube-source.ts';
import { createWorkspace, kubeconfigText } from '../support/kube-source-api.ts';
import { inMode } from '../support/modes.ts';
import { startSource } from '../support/sources-sink.ts';

const NAMESPACE = 'shop';
const USERS = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: READ_ONLY },
  { name: 'narrow', rules: READ_ONLY.map((rule) => ({ ...rule, namespaces: [NAMESPACE] })) },
  { name: 'nobody', rules: [] },
  { name: 'lister', rules: READ_ONLY.map((rule) => ({ ...rule, verbs: ['get', 'list'] })) },
  { name: 'expired', rules: EVERYTHING, tokenExpiresAt: 1 },
];

const workload = (kind: 'Deployment' | 'StatefulSet', name: string, replicas: number): KubeManifest => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas,
    ...(kind === 'StatefulSet' && { serviceName: name }),
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'server',
            image: 'lenacloud/lena-cluster:1.3.2',
            ports: [{ containerPort: 8180 }],
            envFrom: [{ configMapRef: { name: 'was' } }],
          },
        ],
      },
    },
  },
});
const configMap = (data: Readonly<Record<string, string>>): KubeManifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'was', namespace: NAMESPACE },
  data,
});

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`Kubernetes ${version}`, () => {
    let workspace: Awaited<ReturnType<typeof createWorkspace>>;
    let simulator: KubeSimulatorControl;
    let running: ReturnType<typeof startSource>[] = [];

    before(async () => {
      workspace = await createWorkspace();
      let seed = 7;
      simulator = createKubeSimulator({
        name: 'dev',
        version,
        processes: new ProcessTable(),
        clock: systemClock,
        random: () => {
          seed = (seed * 16_807) % 2_147_483_647;
          return seed / 2_147_483_647;
        },
        users: USERS,
        startAfterMs: 20,
        readyAfterMs: 20,
        stopAfterMs: 20,
        backOffMs: 200,
        bookmarkEveryMs: 300,
        ageAtStartMs: 600_000,
      });
      for (const name of [NAMESPACE, 'other']) {
        simulator.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      }
      simulator.apply(configMap({ LENA_SERVER_TYPE: 'was', LENA_MANAGER_KEY: 'EXAMPLE' }));
      simulator.apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'was', namespace: NAMESPACE },
        spec: { selector: { app: 'was' }, ports: [{ port: 8180 }] },
      });
      simulator.apply(workload('Deployment', 'was', 3));
      simulator.apply(workload('StatefulSet', 'session', 2));
      await simulator.listen();
    });
    after(async () => {
      await simulator.close();
      await workspace.remove();
    });
    afterEach(async () => {
      simulator.setFault(undefined);
      for (const source of running) await source.stop();
      running = [];
    });

    async function start(
      over: Partial<KubeSourceOptions> & { readonly user?: string; readonly useCertificate?: boolean } = {},
    ) {
      const { user = 'viewer', useCertificate = false, ...options } = over;
      const { token, certPem, keyPem } = simulator.credentials(user);
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const text = kubeconfigText({
        server: simulator.url,
        cluster: { 'certificate-authority-data': base64(simulator.caPem) },
        user: useCertificate
          ? { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) }
          : { token },
        namespace: NAMESPACE,
      });
      const source = createKubeSource({
        context: 'dev',
        kubeconfig: await workspace.write(`${user}.json`, text),
        clock: systemClock,
        random: () => 0.5,
        mode: inMode(),
        environment: {},
        ...options,
        limits: { backoffFirstMs: 20, backoffMaxMs: 200, deniedMs: 200, requestMs: 1_000, ...options.limits },
      });
      const started = startSource(source);
      running.push(started);
      return { ...started, source };
    }
    type Sink = Awaited<ReturnType<typeof start>>['sink'];
    const ready = (sink: Sink) => sink.all('instance').filter(({ state }) => state === 'ready').length;
    const ids = (sink: Sink) =>
      sink
        .all('instance')
        .map(({ ref }) => ref.id)
        .sort();

    test('lists, then says live, with workloads, environments, services and events', async () => {
      const { sink } = await start();
      await sink.untilState('live');
      assert.equal(ready(sink), 5);
      const was = sink.all('instance').filter(({ workload }) => workload?.name === 'was');
      assert.deepEqual(
        was.map(({ workload }) => workload?.kind),
        ['Deployment', 'Deployment', 'Deployment'],
      );
      const [first] = was;
      assert.equal(first?.environment.find(({ name }) => name === 'LENA_SERVER_TYPE')?.value, 'was');
      assert.equal(first?.environment.find(({ name }) => name === 'LENA_MANAGER_KEY')?.isMasked, true);
      assert.ok(!JSON.stringify(sink.all('instance')).includes('EXAMPLE'));
      assert.deepEqual(first?.ports, [8180]);
      assert.ok(
        (first?.addresses.length ?? 0) > 0 && first?.node !== undefined && first.readySince !== undefined,
      );
      const workloads = new Map(sink.all('workload').map((one) => [one.name, one]));
      assert.equal(workloads.get('was')?.rollout.state, 'stable');
      assert.equal(workloads.get('was')?.rollout.revision, '1');
      assert.equal(workloads.get('was')?.ready, 3);
      await sink.until(
        () => sink.all('workload').find(({ name }) => name === 'session')?.rollout.revision === '1',
        'revision',
      );
      assert.ok(sink.all('serviceAddress').some(({ name }) => name === 'was'));
      await sink.until(() => sink.lastFacts.version?.includes(version) === true, 'version');
    });

    test('a client certificate is as good as a token', async () => {
      const { sink } = await start({ useCertificate: true });
      await sink.untilState('live');
      await sink.until(() => sink.lastFacts.identity === 'viewer', 'identity');
      assert.ok((sink.lastFacts.credentialsEndAt ?? 0) > Date.now());
    });

    test('pages of two give the same rows', async () => {
      const { sink } = await start({ limits: { pageSize: 2 } });
      await sink.untilState('live');
      assert.equal(sink.all('instance').length, 5);
    });

    test('follows a scale, a container killed, an unready pod and a rollout', async () => {
      const { sink } = await start();
      await sink.untilState('live');
      simulator.apply(workload('Deployment', 'was', 4));
      await sink.until(() => ready(sink) === 6, 'a fourth pod');
      const pod = sink.all('instance').find(({ workload }) => workload?.name === 'was');
      assert.ok(pod !== undefined);
      const now = () => sink.all('instance').find(({ ref }) => ref.id === pod.ref.id);
      simulator.killContainer(
        { namespace: NAMESPACE, name: pod.name },
        { exitCode: 137, reason: 'OOMKilled' },
      );
      await sink.until(() => now()?.containers[0]?.lastTermination?.reason === 'OOMKilled', 'killed');
      assert.equal(now()?.restarts, 1);
      const ofPod = () => sink.all('event').filter(({ target }) => target?.id === pod.ref.id);
      await sink.until(() => ofPod().length > 0, 'an event of the pod');
      await sink.until(() => now()?.state === 'ready', 'restarted');
      simulator.apply({
        ...workload('Deployment', 'was', 4),
        metadata: { name: 'was', namespace: NAMESPACE, annotations: { a: 'b' } },
      });
      simulator.apply(workload('Deployment', 'was', 3));
      await sink.until(() => sink.all('instance').length === 5 && ready(sink) === 5, 'scaled back');
    });

    test('a ConfigMap changed after the start is marked', async () => {
      const { sink, source } = await start();
      await sink.untilState('live');
      simulator.apply(
        configMap({ LENA_SERVER_TYPE: 'was', LENA_JVM_HEAP_SIZE: '512m', LENA_MANAGER_KEY: 'EXAMPLE' }),
      );
      source.refresh?.();
      const entry = () =>
        sink
          .all('instance')
          .find(({ workload }) => workload?.name === 'session')
          ?.environment.find(({ name }) => name === 'LENA_JVM_HEAP_SIZE');
      await sink.until(() => entry()?.value === '512m', 'changed');
      assert.equal(entry()?.changedSinceStart, true);
    });

    test('relists after 410 Gone and keeps its rows', async () => {
      const { sink } = await start();
      await sink.untilState('live');
      const rows = ids(sink);
      let fewest = rows.length;
      const take = sink.changes.bind(sink);
      sink.changes = (batch) => {
        take(batch);
        fewest = Math.min(fewest, sink.all('instance').length);
      };
      const lists = () =>
        simulator.requests.filter(({ path }) => path.startsWith('/api/v1/pods?limit')).length;
      const listed = lists();
      // Away while the cache forgets: the resume finds nothing to resume from.
      simulator.setFault({ kind: 'reset' });
      simulator.dropWatches();
      await sink.untilState('failed');
      simulator.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `noise-${version}`, namespace: NAMESPACE },
        data: {},
      });
      simulator.apply(workload('Deployment', 'extra', 1));
      simulator.compact();
      simulator.setFault(undefined);
      await sink.until(
        () => sink.all('instance').some(({ workload }) => workload?.name === 'extra'),
        'relisted',
        15_000,
      );
      await sink.untilState('live');
      assert.ok(lists() > listed);
      assert.equal(fewest, rows.length);
      simulator.delete({ kind: 'Deployment', namespace: NAMESPACE, name: 'extra' });
      await sink.until(() => ids(sink).join() === rows.join(), 'gone again');
    });

    test('reopens watches that end, without a list', async () => {
      const { sink } = await start();
      await sink.untilState('live');
      await sink.until(() => Object.keys(sink.lastFacts.capabilities ?? {}).length >= 17, 'all open');
      const lists = simulator.requests.filter(({ path }) => path.includes('?limit')).length;
      simulator.dropWatches();
      simulator.apply(workload('Deployment', 'was', 4));
      await sink.until(() => ready(sink) === 6, 'seen');
      assert.equal(simulator.requests.filter(({ path }) => path.includes('?limit')).length, lists);
      simulator.apply(workload('Deployment', 'was', 3));
      await sink.until(() => sink.all('instance').length === 5, 'back');
    });

    test('notices a half-open connection by its silence and returns', async () => {
      const { sink } = await start({ limits: { silenceMs: 700, requestMs: 300 } });
      await sink.untilState('live');
      simulator.setFault({ kind: 'hang' });
      await sink.untilState('failed');
      assert.equal(sink.errorCode, 'TIMEOUT');
      assert.equal(sink.all('instance').length, 5);
      simulator.setFault(undefined);
      await sink.untilState('live');
    });

    const faults: readonly (readonly [Fault, string])[] = [
      [{ kind: 'refuse' }, 'REFUSED'],
      [{ kind: 'reset' }, 'CONNECTION_LOST'],
      [{ kind: 'hang' }, 'TIMEOUT'],
      [{ kind: 'status', status: 500 }, 'REMOTE_ERROR'],
      [{ kind: 'status', status: 503, headers: { 'retry-after': '0' } }, 'REMOTE_ERROR'],
      [{ kind: 'status', status: 429 }, 'THROTTLED'],
      [{ kind: 'html', status: 200 }, 'UNEXPECTED_ANSWER'],
      [{ kind: 'html', status: 403 }, 'UNEXPECTED_ANSWER'],
      [{ kind: 'garbage' }, 'UNEXPECTED_ANSWER'],
      [{ kind: 'redirect', location: 'https://127.0.0.1:9/' }, 'REDIRECTED'],
    ];
    for (const [fault, code] of faults) {
      test(`${JSON.stringify(fault)} at the start is ${code}, and it heals`, async () => {
        simulator.setFault(fault);
        const { sink } = await start({ limits: { requestMs: 300 } });
        await sink.untilState('failed');
        assert.equal(sink.errorCode, code);
        simulator.setFault(undefined);
        await sink.untilState('live');
        assert.equal(sink.all('instance').length, 5);
      });
    }

    test('a slow server is only slow', async () => {
      simulator.setFault({ kind: 'slow', delayMs: 300 });
      const { sink } = await start();
      await sink.untilState('live');
      assert.equal(sink.all('instance').length, 5);
    });

    test('an expired token is denied', async () => {
      const { sink } = await start({ user: 'expired' });
      await sink.untilState('denied');
      assert.equal(sink.errorCode, 'UNAUTHORIZED');
    });

    test('rights in one namespace only narrow the lists, and it is said', async () => {
      const { sink } = await start({ user: 'narrow' });
      await sink.untilState('live');
      assert.equal(sink.all('instance').length, 5);
      await sink.until(
        () => sink.lastFacts.notes?.[0] === `cluster-wide list forbidden: namespace ${NAMESPACE} only`,
        'note',
      );
    });

    test('no rights at all are denied', async () => {
      const { sink } = await start({ user: 'nobody' });
      await sink.untilState('denied');
      assert.equal(sink.errorCode, 'FORBIDDEN');
      const why = () => sink.lastFacts.capabilities?.['list pods']?.detail ?? '';
      await sink.until(() => why().includes('nobody'), 'capability');
    });

    test('who may list but not watch is polled', async () => {
      const { sink } = await start({ user: 'lister', limits: { pollMs: 100 } });
      await sink.untilState('live');
      simulator.apply(workload('StatefulSet', 'session', 3));
      await sink.until(() => ready(sink) === 6, 'polled');
      simulator.apply(workload('StatefulSet', 'session', 2));
      await sink.until(() => sink.all('instance').length === 5, 'back');
    });

    for (const fault of [undefined, { kind: 'hang' }, { kind: 'slow', delayMs: 5_000 }] as const) {
      test(`ends within a second of the abort (${fault?.kind ?? 'live'})`, async () => {
        if (fault !== undefined) simulator.setFault(fault);
        const { sink, stop } = await start();
        if (fault === undefined) await sink.untilState('live');
        else await sink.until(() => sink.lastFacts.target !== undefined, 'connecting');
        const tookMs = await stop();
        assert.ok(tookMs < 1_000, `${tookMs} ms`);
      });
    }
  });
}

const kubeconfig = process.env['E2E_KUBECONFIG'];
if (kubeconfig !== undefined && kubeconfig !== '') {
  test('a real cluster: lists its contexts, is live, ends within a second', async () => {
    const environment = process.env;
    const list = await listKubeContexts({ kubeconfig, environment });
    assert.ok(list.contexts.length > 0);
    const started = startSource(
      createKubeSource({
        context: 'real',
        kubeconfig,
        clock: systemClock,
        random: Math.random,
        environment,
        mode: inMode(),
      }),
    );
    await started.sink.untilState('live', 60_000);
    assert.ok(started.sink.all('instance').length > 0);
    assert.ok(started.sink.lastFacts.version !== undefined);
    assert.ok((await started.stop()) < 1_000);
  });
}
