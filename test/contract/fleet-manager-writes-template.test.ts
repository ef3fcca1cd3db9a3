import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { createManagerSimulator } from '../../fixtures/fleet/manager/manager-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { ManagerSimulator } from '../../fixtures/fleet/simulator.ts';

let manager: ManagerSimulator;
before(async () => {
  manager = createManagerSimulator({ name: 'mgr', processes: new ProcessTable(), serves: [] });
  for (const name of ['shop-was', 'shop-web', 'cart']) {
    manager.setServiceCluster({ name, revisions: ['1', '2', '3'] });
  }
  await manager.listen();
});
after(() => manager.close());
afterEach(() => manager.setTemplateFault('shop-was', undefined));

const get = (id: string): Promise<Response> =>
  fetch(`${manager.url}/lena/rest/template/download/container/${encodeURIComponent(id)}?key=${manager.key}`);
async function bytesOf(id: string): Promise<Uint8Array> {
  const response = await get(id);
  assert.equal(response.headers.get('content-type'), 'application/zip');
  return new Uint8Array(await response.arrayBuffer());
}
const filesOf = async (id: string): Promise<ReadonlyMap<string, Uint8Array>> =>
  new Map(Object.entries(unzipSync(await bytesOf(id))));
const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string): string => {
  const bytes = files.get(path);
  assert.ok(bytes !== undefined, path);
  return strFromU8(bytes);
};
/** Names and told sizes, as the zip's directory has them; nothing is unpacked. */
function directoryOf(bytes: Uint8Array) {
  const entries: { readonly name: string; readonly packed: number; readonly told: number }[] = [];
  unzipSync(bytes, {
    filter: ({ name, size, originalSize }) => {
      entries.push({ name, packed: size, told: originalSize });
      return false;
    },
  });
  return entries;
}

test('each revision of a WAS template differs in its texts, a binary and the files there are', async () => {
  const revisions = await Promise.all(['1', '2', '3'].map((revision) => filesOf(`shop-was:${revision}`)));
  const common = [
    'conf/server.xml',
    'conf/context.xml',
    'conf/lena.conf',
    'conf/logging.properties',
    'lib/lena-valve.jar',
    'lena-template.ver',
  ];
  for (const path of common) {
    const versions = new Set(revisions.map((files) => textOf(files, path)));
    assert.ok(versions.size > 1, `${path} differs`);
  }
  assert.deepEqual(
    revisions.map((files) => files.has('conf/maintenance.html')),
    [false, true, false],
  );
  const jar = revisions[0]?.get('lib/lena-valve.jar') ?? new Uint8Array();
  assert.ok(jar.includes(0));
  const manifest = textOf(new Map(Object.entries(unzipSync(jar))), 'META-INF/MANIFEST.MF');
  assert.match(manifest, /Implementation-Version: 1\.0/);
});

test('a web template has files of its own', async () => {
  const files = await filesOf('shop-web');
  assert.equal(textOf(files, 'lena-template.ver'), 'shop-web:3\n');
  assert.match(textOf(files, 'conf/httpd.conf'), /Listen 7180/);
  assert.match(textOf(files, 'conf/lena.conf'), /server\.type=web/);
});

test('a revision stays what it was when others come and go', async () => {
  const early = await bytesOf('cart:3');
  manager.setServiceCluster({ name: 'cart', revisions: ['3', '4', '12'] });
  assert.deepEqual(await bytesOf('cart:3'), early);
  assert.equal(textOf(await filesOf('cart'), 'lena-template.ver'), 'cart:12\n');
  assert.match((await get('cart:1')).headers.get('content-type') ?? '', /text\/html/);
});

test('a template fault is of one service cluster, and ends', async () => {
  manager.setTemplateFault('shop-was', 'page');
  const page = await get('shop-was:2');
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<h1>Error<\/h1>/);
  assert.equal(textOf(await filesOf('shop-web'), 'lena-template.ver'), 'shop-web:3\n');
  manager.setTemplateFault('shop-was', undefined);
  assert.equal(textOf(await filesOf('shop-was:2'), 'lena-template.ver'), 'shop-was:2\n');
});

test('a broken zip lists its files and gives none', async () => {
  manager.setTemplateFault('shop-was', 'brokenZip');
  const bytes = await bytesOf('shop-was');
  assert.ok(directoryOf(bytes).length > 3);
  assert.throws(() => unzipSync(bytes));
});

test('a cut download ends before its length', async () => {
  manager.setTemplateFault('shop-was', 'cut');
  const response = await get('shop-was');
  assert.ok(Number(response.headers.get('content-length')) > 0);
  await assert.rejects(response.arrayBuffer());
});

test('a bomb tells of far more than it weighs, and a liar of far less than it holds', async () => {
  manager.setTemplateFault('shop-was', 'zipBomb');
  const [bomb] = directoryOf(await bytesOf('shop-was'));
  assert.ok(bomb !== undefined && bomb.told === 64 * 2 ** 20 && bomb.told / bomb.packed > 900);
  manager.setTemplateFault('shop-was', 'lyingSize');
  const bytes = await bytesOf('shop-was');
  const [liar] = directoryOf(bytes);
  assert.ok(liar !== undefined && liar.told === 100 && liar.packed > 1_000);
});

test('too many entries, paths outside and a wrong version are what they are called', async () => {
  manager.setTemplateFault('shop-was', 'tooManyEntries');
  assert.ok(directoryOf(await bytesOf('shop-was')).length > 20_000);
  manager.setTemplateFault('shop-was', 'pathOutside');
  const names = directoryOf(await bytesOf('shop-was')).map(({ name }) => name);
  assert.deepEqual(names.slice(0, 2), ['../outside.txt', 'conf/../../outside.txt']);
  manager.setTemplateFault('shop-was', 'wrongVersion');
  assert.equal(textOf(await filesOf('shop-was:2'), 'lena-template.ver'), 'another-cluster:999\n');
});
