import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeSimulatorControl } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { Job } from '../../src/domain/job.ts';
import { inLanguage } from '../../src/domain/text.ts';
import { type ActingOnKube, actOnKube } from '../support/actions-kube.ts';
import { applyLena, LENA_MANIFESTS } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const resultOf = ({ state, targets }: Job) => [state, ...targets.map((one) => one.error?.code ?? one.state)];
const IMAGES = {
  'lena-was': 'lena-cluster',
  'lena-session': 'lena-session',
  'lena-web': 'lena-web',
} as const;
type Name = keyof typeof IMAGES;

/** The sample workload with another image tag and a secret beside. */
function applyTag(simulator: KubeSimulatorControl, name: Name, tag: string, over: object = {}): void {
  const manifest = LENA_MANIFESTS.find(
    ({ kind, metadata }) => kind !== 'ConfigMap' && kind !== 'Service' && metadata.name === name,
  );
  assert.ok(manifest !== undefined);
  const spec: unknown = Reflect.get(manifest, 'spec');
  const template: unknown =
    typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'template') : undefined;
  const text = JSON.stringify(template).replace(
    /"image":"[^"]*"/,
    `"image":"docker.io/lenacloud/${IMAGES[name]}:${tag}"`,
  );
  const parsed: { readonly spec: { readonly containers: readonly object[] } } = JSON.parse(text);
  const containers = parsed.spec.containers.map((container) => ({
    ...container,
    env: [{ name: 'LENA_MANAGER_KEY', value: `EXAMPLE-${tag}` }],
  }));
  simulator.apply({
    ...manifest,
    spec: {
      ...(typeof spec === 'object' ? spec : {}),
      ...over,
      template: { ...parsed, spec: { ...parsed.spec, containers } },
    },
  });
}
/** Waits until the rollout of the newest template is over. */
const settled = (kube: ActingOnKube, name: Name, image: string) =>
  waitFor(`${name} at ${image}`, async () => {
    const workload = await kube.workload(name);
    const servers = [...kube.lookup.all('server')].filter((row) => row.workload?.name === name);
    const areNew = servers.every((row) => row.state === 'ready' && row.image?.endsWith(image) === true);
    return workload.rollout.state === 'stable' && servers.length === workload.desired && areNew;
  });
const limits = (count: number) => ({ revisionHistoryLimit: count });

describe('rollback', () => {
  for (const name of ['lena-was', 'lena-session', 'lena-web'] as const)
    test(`takes ${name} back to the revision chosen, and shows what differs`, async (context) => {
      const kube = await actOnKube(context, {
        apply(simulator) {
          applyLena(simulator);
          applyTag(simulator, name, '1.3.3', limits(5));
        },
      });
      await settled(kube, name, ':1.3.3');
      const workload = await kube.workload(name);
      const order = { action: rollbackOf(kube), targets: [workload.ref], input: {} };
      const options = await kube.executor.options(order, 'revision', AbortSignal.timeout(5_000));
      assert.deepEqual(
        options.map(({ value }) => value),
        ['2', '1'],
      );
      const detail = (place: number) => inLanguage(options[place]?.detail ?? '', 'en');
      assert.match(detail(0), /:1\.3\.3 · now · \d running/);
      assert.match(detail(1), /:1\.3\.2/);
      assert.deepEqual(
        options.map(({ unfit }) => unfit?.en),
        ['is what runs now', undefined],
      );
      const prepared = await kube.prepare('rollback', [workload.ref], { revision: '1' });
      const lines = prepared.plan.diff.flatMap((block) => block.lines);
      assert.ok(
        lines.includes(`- spec.containers[${name}].image: docker.io/lenacloud/${IMAGES[name]}:1.3.3`),
        lines.join('\n'),
      );
      assert.ok(
        lines.includes(`+ spec.containers[${name}].image: docker.io/lenacloud/${IMAGES[name]}:1.3.2`),
      );
      assert.ok(lines.some((line) => line.endsWith('.env[LENA_MANAGER_KEY].value: ***')));
      assert.doesNotMatch(JSON.stringify(prepared.plan), /EXAMPLE/);
      const job = await kube.run(prepared);
      assert.deepEqual(resultOf(job), ['done', 'done'], JSON.stringify(job.targets));
      await settled(kube, name, ':1.3.2');
      assert.equal(kube.writes().length, name === 'lena-session' ? 3 : 1);
    });

  test('offers nothing, and says why, where nothing is kept', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyTag(simulator, 'lena-was', '1.3.2', limits(0));
      },
    });
    const workload = await kube.workload('lena-was');
    const order = { action: rollbackOf(kube), targets: [workload.ref], input: {} };
    await assert.rejects(kube.executor.options(order, 'revision', AbortSignal.timeout(5_000)), {
      code: 'ACTION_IMPOSSIBLE',
      message: /revisionHistoryLimit 0 keeps nothing/,
    });
  });

  test('to a revision that does not exist, or to the one it is at, is refused', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyLena(simulator);
        applyTag(simulator, 'lena-was', '1.3.3');
      },
    });
    await settled(kube, 'lena-was', ':1.3.3');
    const { ref } = await kube.workload('lena-was');
    await assert.rejects(kube.prepare('rollback', [ref], { revision: '7' }), /"7" is none of 2, 1/);
    await assert.rejects(kube.prepare('rollback', [ref], { revision: '2' }), {
      code: 'ACTION_IMPOSSIBLE',
      message: /^Rollout revision 2 of .* is what runs now$/,
    });
    assert.deepEqual(kube.writes(), []);
  });

  test('tells revisions apart by cause, template id and restart, and says what it leaves', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyLena(simulator);
        simulator.apply(deploymentOf({ value: 'shop:2' }, 'first release'));
      },
    });
    const { ref } = await kube.workload('told');
    assert.deepEqual(resultOf(await kube.act('rolling-restart', [ref])), ['done', 'done']);
    const order = { action: rollbackOf(kube), targets: [ref], input: {} };
    const [, old] = await kube.executor.options(order, 'revision', AbortSignal.timeout(5_000));
    const words = (language: 'en' | 'ko') => inLanguage(old?.detail ?? '', language);
    assert.match(words('en'), / · shop:2 · first release · same as now, only restarted since$/);
    assert.match(words('ko'), /현재와 같음, 이후 재시작만 됨$/);
    const { plan } = await kube.prepare('rollback', [ref], { revision: '1' });
    const codes = plan.warnings.map(({ code }) => code);
    assert.ok(codes.includes('only-restart'), codes.join());
    assert.ok(!codes.includes('template-revision-kept'));
  });

  test('says that the template revision stays where a ConfigMap holds it', async (context) => {
    const fromMap = { valueFrom: { configMapKeyRef: { name: 'lena', key: 'template' } } };
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyLena(simulator);
        simulator.apply({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'lena', namespace: 'lena' },
          data: { template: 'shop:3' },
        });
        simulator.apply(deploymentOf(fromMap, 'one'));
      },
    });
    const { ref } = await kube.workload('told');
    assert.deepEqual(resultOf(await kube.act('rolling-restart', [ref])), ['done', 'done']);
    await waitFor('the value of the ConfigMap', async () =>
      (await kube.workload('told')).environment.some(({ value }) => value === 'shop:3'),
    );
    const { plan } = await kube.prepare('rollback', [ref], { revision: '1' });
    const kept = plan.warnings.find(({ code }) => code === 'template-revision-kept');
    assert.match(
      kept?.text.en ?? '',
      /^The template revision of told stays as it is \(shop:3\): ConfigMap lena/,
    );
  });

  test('of two operators the second is a conflict', async (context) => {
    const kube = await actOnKube(context, {
      apply(simulator) {
        applyLena(simulator);
        applyTag(simulator, 'lena-was', '1.3.3');
      },
    });
    await settled(kube, 'lena-was', ':1.3.3');
    const { ref } = await kube.workload('lena-was');
    const first = await kube.prepare('rollback', [ref], { revision: '1' });
    const second = await kube.prepare('rollback', [ref], { revision: '1' });
    assert.deepEqual(resultOf(await kube.run(first)), ['done', 'done']);
    assert.deepEqual(resultOf(await kube.run(second)), ['failed', 'CONFLICT']);
  });
});

const deploymentOf = (templateId: object, cause: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'told', namespace: 'lena', annotations: { 'kubernetes.io/change-cause': cause } },
  spec: {
    selector: { matchLabels: { type: 'told' } },
    replicas: 1,
    template: {
      metadata: { labels: { type: 'told' } },
      spec: {
        containers: [
          {
            name: 'was',
            image: 'docker.io/lenacloud/lena-cluster:1.3.2',
            env: [{ name: 'LENA_CONFIG_TEMPLATE_ID', ...templateId }],
          },
        ],
      },
    },
  },
});

function rollbackOf({ executor }: ActingOnKube) {
  const action = executor.actions.find(({ id }) => id === 'rollback');
  assert.ok(action !== undefined);
  return action;
}
