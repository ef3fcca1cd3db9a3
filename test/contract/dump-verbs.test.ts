import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Mode } from '../../src/domain/policy.ts';
import { type DumpPodOptions, startDumpPod } from '../support/dump-pod.ts';
import { startDumpStage } from '../support/dump-stage.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { inMode } from '../support/modes.ts';
import { putOf } from '../support/store-entities.ts';

/** The verbs over the real way into a simulated pod; the gate's mode and the client's may differ. */
async function startPod(t: TestContext, mode: Mode, gate: Mode = mode, more: DumpPodOptions = {}) {
  const pod = await startDumpPod(t, { mode, ...more });
  const { instance } = pod.target;
  if (instance === undefined) throw new Error('no pod');
  const stage = startDumpStage(t, {
    ways: [pod.way('pod-exec'), pod.way('server-file')],
    changes: [putOf('instance', instance)],
    modeOf: inMode(gate),
  });
  const { name } = pod.target.server;
  return {
    ...pod,
    stage,
    name,
    take: (id: string, input?: Readonly<Record<string, string>>) => stage.take(id, [name], input),
    execs: () => pod.kube.simulator.requests.filter(({ path }) => path.includes('/exec')).length,
    kept: () => (existsSync(stage.directory) ? readdirSync(stage.directory) : []),
  };
}

const LOOKING = ['dump-thread', 'dump-service', 'dump-histogram'] as const;
const CHANGING = ['dump-histogram-live', 'dump-heap'] as const;

for (const mode of ['normal', 'triage'] as const) {
  test(`what looks passes gate, record and client in ${mode}, and is kept`, async (t) => {
    const { take, stage } = await startPod(t, mode);
    for (const id of LOOKING) {
      const job = await take(id);
      assert.equal(job.state, 'done', `${id}: ${job.targets[0]?.error?.message}`);
    }
    const dumps = await stage.folder.list();
    assert.deepEqual(dumps.map(({ kind }) => kind).sort(), ['histogram', 'service', 'thread']);
    for (const { path, sizeBytes, how, way } of dumps) {
      assert.equal(readFileSync(path).length, sizeBytes);
      assert.ok(how.length > 0 && way === 'pod-exec');
    }
  });
}

for (const mode of ['triage', 'readonly'] as const) {
  test(`in ${mode} the client holds back what changes, where policy lets it pass`, async (t) => {
    const { take, kept } = await startPod(t, mode, 'normal');
    const held = mode === 'readonly' ? [...LOOKING, ...CHANGING] : CHANGING;
    for (const id of held) {
      const job = await take(id);
      assert.deepEqual([job.state, job.targets[0]?.error?.code], ['failed', 'TRANSPORT_LOCKED'], id);
    }
    assert.deepEqual(kept(), []);
  });
}

for (const mode of ['triage', 'readonly'] as const) {
  test(`the gate in ${mode} lets nothing out that the mode refuses`, async (t) => {
    const { take, execs, kept } = await startPod(t, 'normal', mode);
    const refused = mode === 'readonly' ? [...LOOKING, ...CHANGING] : CHANGING;
    for (const id of refused) await assert.rejects(take(id), { code: 'MODE_REFUSED' }, id);
    assert.deepEqual([execs(), kept()], [0, []]);
  });
}

test('a heap dump is asked about room, comes whole and leaves nothing there', async (t) => {
  const { take, stage, name, kube } = await startPod(t, 'normal');
  const { plan } = await stage.prepare('dump-heap', [name]);
  assert.ok(plan.warnings.some(({ code }) => code === 'room'));
  const pauses = plan.warnings.filter(({ text: { en } }) => /stands still/.test(en));
  assert.equal(pauses.length, 1, 'what it does to the JVM is said once');
  const job = await take('dump-heap', { live: 'live' });
  assert.equal(job.state, 'done', job.targets[0]?.error?.message);
  const [dump] = await stage.folder.list();
  assert.match(dump?.how ?? '', /^jcmd \d+ GC\.heap_dump \/tmp\/l9s-/);
  assert.ok(kube.simulator.requests.some(({ path }) => path.includes('command=rm')));
});

test('a series of a real way has its files, one after another', async (t) => {
  const { take, stage } = await startPod(t, 'triage');
  const job = await take('dump-series', { count: '3', interval: '1' });
  assert.equal(job.state, 'done', job.targets[0]?.error?.message);
  assert.deepEqual(
    (await stage.folder.list()).map(({ series }) => series?.number),
    [3, 2, 1],
  );
});

test('who may not exec is told which right is missing, before anything runs', async (t) => {
  const { stage, name, execs } = await startPod(t, 'normal', 'normal', { as: 'viewer' });
  await assert.rejects(stage.prepare('dump-thread', [name]), {
    code: 'NO_WAY_TO_DUMP',
    message: /pod exec: no right to get pods\/exec in pay.*\(ask for/,
  });
  assert.equal(execs(), 0);
});

test('a pod deleted in the middle of it fails the dump in words, and leaves no half file', async (t) => {
  const { stage, name, kube, pod, kept } = await startPod(t, 'normal');
  const running = await stage.executor.run(await stage.prepare('dump-series', [name], { interval: '1' }), {});
  await waitFor('the first', () => (stage.executor.jobs()[0]?.targets[0]?.taken?.length ?? 0) > 0);
  kube.simulator.delete({ kind: 'Pod', ...pod });
  const job = await running.done;
  assert.equal(job.state, 'failed');
  assert.match(job.targets[0]?.error?.message ?? '', /^\d of 5 taken, then: /);
  assert.deepEqual(
    kept().filter((file) => file.endsWith('.part')),
    [],
  );
});
