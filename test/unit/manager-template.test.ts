import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strToU8, Zip, ZipDeflate, zipSync } from 'fflate';
import { AppError } from '../../src/core/app-error.ts';
import { templatePath } from '../../src/sources/manager/template-download.ts';
import { readTemplate, readTemplateVersion } from '../../src/sources/manager/template-zip.ts';

const zipOf = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)] as const)),
  );

const revisionOf = (zip: Uint8Array, serviceCluster = 'shop'): string =>
  readTemplateVersion(zip, { serviceCluster }).revision;
const isInvalid = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.equal(error.code, 'TEMPLATE_INVALID');
  assert.match(error.message, words);
  return true;
};

for (const [content, revision] of [
  ['shop:12\n', '12'],
  ['# written by the Manager\r\nshop:12\r\n', '12'],
  ['12', '12'],
  ['revision=12', '12'],
  ['shop:1\u001b[31m2', '1␛[31m2'],
] as const) {
  test(`reads revision ${revision} of ${JSON.stringify(content)}`, () => {
    assert.equal(revisionOf(zipOf({ 'conf/a.xml': '<a/>', 'lena-template.ver': content })), revision);
  });
}

test('finds the version file inside a folder', () => {
  assert.equal(revisionOf(zipOf({ 'shop/lena-template.ver': 'shop:3' })), '3');
});

test('gives every file as it is, nested zips as bytes, without the version file', () => {
  const inner = zipOf({ '../../etc/passwd': 'x' });
  const zip = zipSync({
    'lena-template.ver': strToU8('shop:3\n'),
    conf: { 'server.xml': strToU8('<Server/>'), '로그.properties': strToU8('a=1') },
    'lib/app.jar': [inner, { level: 0 }],
  });
  const template = readTemplate(zip, { serviceCluster: 'shop', revision: '3' });
  assert.equal(template.revision, '3');
  assert.deepEqual([...template.files.keys()].sort(), [
    'conf/server.xml',
    'conf/로그.properties',
    'lib/app.jar',
  ]);
  assert.deepEqual(template.files.get('conf/server.xml'), strToU8('<Server/>'));
  assert.deepEqual(template.files.get('lib/app.jar'), inner);
});

test('refuses a template that is not the one asked for', () => {
  const zip = zipOf({ 'lena-template.ver': 'shop:3' });
  assert.throws(
    () => readTemplate(zip, { serviceCluster: 'shop', revision: '4' }),
    isInvalid(/asked for the template shop:4 .* says shop:3/),
  );
  assert.throws(
    () => readTemplate(zip, { serviceCluster: 'bank' }),
    isInvalid(/asked for the template bank/),
  );
});

test('refuses a zip without a version file, with two in folders, or one that is large', () => {
  assert.throws(() => revisionOf(zipOf({ a: 'b' })), isInvalid(/no readable lena-template.ver/));
  const two = zipOf({ 'a/lena-template.ver': 'shop:1', 'b/lena-template.ver': 'shop:2' });
  assert.throws(() => revisionOf(two), isInvalid(/no readable lena-template.ver/));
  assert.throws(() => revisionOf(zipOf({ 'lena-template.ver': '0'.repeat(60_000) })), isInvalid(/too large/));
});

for (const path of ['../x', 'conf/../../x', '/etc/x', 'C:/x', 'conf\\x', 'conf//x', './x']) {
  test(`refuses the path ${path}`, () => {
    const zip = zipOf({ 'lena-template.ver': 'shop:3', [path]: 'x' });
    assert.throws(() => readTemplate(zip, { serviceCluster: 'shop' }), isInvalid(/leads outside/));
  });
}

test('refuses too many entries, and what unpacks to too much', () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`f${index}`, '']));
  assert.throws(() => revisionOf(zipOf(many)), isInvalid(/5001 entries/));
  const bomb = zipSync({ 'lena-template.ver': strToU8('shop:3'), bomb: new Uint8Array(2 ** 20) });
  assert.throws(() => revisionOf(bomb), isInvalid(/packed more than 100 times/));
  // Each within its ratio, together more than 64 MiB.
  const part = new Uint8Array(2 ** 20);
  const large = zipSync(
    Object.fromEntries(
      Array.from({ length: 65 }, (_, index) => [`f${index}`, [part, { level: 0 }] as const]),
    ),
  );
  assert.throws(() => revisionOf(large), isInvalid(/larger than 67108864 bytes/));
});

/** Where the directory's record of a file begins. */
function headerOf(zip: Uint8Array, name: string): number {
  const at = Buffer.from(zip).lastIndexOf(name) - 46;
  assert.equal(Buffer.from(zip).readUInt32LE(at), 0x02014b50);
  return at;
}
function withHeader(name: string, change: (view: DataView, at: number) => void): Uint8Array {
  const zip = zipOf({ 'lena-template.ver': 'shop:3', 'conf/server.xml': '<Server port="8105"/>'.repeat(20) });
  change(new DataView(zip.buffer, zip.byteOffset, zip.byteLength), headerOf(zip, name));
  return zip;
}

for (const [lie, words, change] of [
  ['a size too small', /larger than its directory says/, (view, at) => view.setUint32(at + 24, 5, true)],
  ['a size too large', /not as large as/, (view, at) => view.setUint32(at + 24, 900, true)],
  ['another checksum', /checksum/, (view, at) => view.setUint32(at + 16, 1, true)],
  ['more packed bytes than there are', /cut off/, (view, at) => view.setUint32(at + 20, 5_000, true)],
  ['a place that is none', /not where/, (view, at) => view.setUint32(at + 42, 7, true)],
  ['a place behind the end', /not where/, (view, at) => view.setUint32(at + 42, 0x7fffffff, true)],
  ['zip64 sizes', /too large/, (view, at) => view.setUint32(at + 24, 0xffffffff, true)],
  ['an unknown packing', /not read \(99\)/, (view, at) => view.setUint16(at + 10, 99, true)],
  ['encryption', /encrypted/, (view, at) => view.setUint16(at + 8, 1, true)],
] satisfies readonly (readonly [string, RegExp, (view: DataView, at: number) => void])[]) {
  test(`refuses a file whose record tells ${lie}`, () => {
    const zip = withHeader('conf/server.xml', change);
    assert.throws(() => readTemplate(zip, { serviceCluster: 'shop' }), isInvalid(words));
  });
}

test('refuses a name that is there twice', () => {
  const zip = zipOf({ 'lena-template.ver': 'shop:3', 'conf/a.xml': 'a', 'conf/b.xml': 'b' });
  Buffer.from(zip.buffer, zip.byteOffset).write('conf/a.xml', headerOf(zip, 'conf/b.xml') + 46);
  assert.throws(() => readTemplate(zip, { serviceCluster: 'shop' }), isInvalid(/conf\/a.xml twice/));
});

test('refuses every cut and every broken byte without another error, or reads the same template', () => {
  const whole = zipOf({ 'lena-template.ver': 'shop:3', 'conf/server.xml': '<Server/>' });
  const outcomeOf = (zip: Uint8Array): string => {
    try {
      return readTemplate(zip, { serviceCluster: 'shop', revision: '3' }).revision;
    } catch (error) {
      return error instanceof AppError ? error.code : `${error}`;
    }
  };
  for (let length = 0; length < whole.length; length++)
    assert.equal(outcomeOf(whole.subarray(0, length)), 'TEMPLATE_INVALID', `cut at ${length}`);
  for (let at = 0; at < whole.length; at++) {
    const broken = whole.slice();
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    // Dates and versions may be anything; whatever else differs must be noticed.
    assert.match(outcomeOf(broken), /^(3|TEMPLATE_INVALID)$/, `byte ${at}`);
  }
});

test('reads zips that tell sizes behind the data, as Java writes them', () => {
  const parts: Uint8Array[] = [];
  const zip = new Zip((error, part) => {
    assert.equal(error, null);
    parts.push(part);
  });
  for (const [name, content] of [
    ['lena-template.ver', 'shop:3'],
    ['conf/server.xml', '<Server/>'],
  ] as const) {
    const file = new ZipDeflate(name);
    zip.add(file);
    file.push(strToU8(content), true);
  }
  zip.end();
  const bytes = Buffer.concat(parts);
  assert.equal(bytes.readUInt16LE(6) & 8, 8, 'has a data descriptor');
  const template = readTemplate(bytes, { serviceCluster: 'shop' });
  assert.deepEqual(template.files.get('conf/server.xml'), strToU8('<Server/>'));
});

test('encodes the service cluster into the path', () => {
  assert.equal(templatePath('a/b c'), '/rest/template/download/container/a%2Fb%20c');
  assert.equal(templatePath('shop', '2 b'), '/rest/template/download/container/shop:2%20b');
});
