import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { checkRevision, diffRevisions } from '../../src/actions/template/diff-revisions.ts';
import {
  configMapOf,
  fromMap,
  lenaEnvironment,
  startSwitchFleet,
  workloadManifest,
} from '../support/actions-switch.ts';
import { waitFor } from '../support/fleet-wait.ts';

const SIGNAL = AbortSignal.timeout(60_000);
async function start(context: TestContext) {
  const fleet = await startSwitchFleet(context, [
    configMapOf('lena', lenaEnvironment('shop:1')),
    workloadManifest('was', [fromMap('lena')], { replicas: 2 }),
  ]);
  await fleet.workload('was');
  // Before its first server is known, a cluster has no contexts.
  const cluster = await waitFor('cluster shop with two servers', async () => {
    const row = await fleet.serviceCluster('shop');
    return row.servers === 2 && row.ready === 2 && row;
  });
  return { ...fleet, cluster, reading: { tools: fleet.tools, signal: SIGNAL } };
}

test('compares two revisions file by file without their secrets', async (context) => {
  const { cluster, reading } = await start(context);
  const diff = await diffRevisions(cluster, ['1', 'default'], reading);
  assert.deepEqual([diff.from, diff.to, diff.isEqual], ['1', '2', false]);
  assert.equal(diff.blocks[0]?.title, diff.summary.en);
  const xml = diff.blocks.find(({ title }) => title.startsWith('conf/datasource.xml'));
  assert.ok(xml?.lines.some((line) => line.startsWith('-') && line.includes('maxTotal="20"')));
  assert.ok(xml?.lines.some((line) => line.startsWith('+') && line.includes('maxTotal="30"')));
  assert.match(xml?.lines.join('\n') ?? '', /password="\*\*\*"/);
  assert.equal((await diffRevisions(cluster, ['2', 'default'], reading)).isEqual, true);
});

test('says which of the two cannot be had', async (context) => {
  const { cluster, reading, manager } = await start(context);
  await assert.rejects(diffRevisions(cluster, ['1', '99'], reading), /shop has no template revision 99 at /);
  manager.setTemplateFault('shop', 'zipBomb');
  await assert.rejects(diffRevisions(cluster, ['1', '2'], reading), { code: 'TEMPLATE_INVALID' });
});

test('checks a revision and names the servers that run another', async (context) => {
  const { cluster, reading } = await start(context);
  const found = await checkRevision(cluster, 'default', reading);
  assert.equal(found.revision, '2');
  assert.ok(found.files > 3 && found.bytes > 100);
  assert.deepEqual(
    found.otherwise.map(({ running }) => running),
    ['1', '1'],
  );
  assert.deepEqual((await checkRevision(cluster, '1', reading)).otherwise, []);
});
