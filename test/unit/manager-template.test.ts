import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { readTemplateRevision, templatePath } from '../../src/sources/manager/template-default.ts';

const zipOf = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)] as const)),
  );

for (const [content, revision] of [
  ['shop:12\n', '12'],
  ['# written by the Manager\r\nshop:12\r\n', '12'],
  ['12', '12'],
  ['revision=12', '12'],
  ['shop:1\u001b[31m2', '1␛[31m2'],
] as const) {
  test(`reads revision ${revision} of ${JSON.stringify(content)}`, () => {
    assert.equal(
      readTemplateRevision(zipOf({ 'conf/a.xml': '<a/>', 'lena-template.ver': content }), 'shop'),
      revision,
    );
  });
}

test('finds the version file inside a folder', () => {
  assert.equal(readTemplateRevision(zipOf({ 'shop/lena-template.ver': 'shop:3' }), 'shop'), '3');
});

test('refuses a zip without it, a bomb of it, too many entries, and what is no zip', () => {
  const is = { name: /Error/ };
  assert.throws(() => readTemplateRevision(zipOf({ a: 'b' }), 'shop'), /no readable lena-template.ver/);
  assert.throws(
    () => readTemplateRevision(zipOf({ 'lena-template.ver': '0'.repeat(60_000) }), 'shop'),
    /too large/,
  );
  const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`f${index}`, '']));
  assert.throws(() => readTemplateRevision(zipOf(many), 'shop'), /too many entries/);
  assert.throws(() => readTemplateRevision(strToU8('PK not a zip'), 'shop'), is);
  const cut = zipOf({ 'lena-template.ver': 'shop:3' });
  assert.throws(() => readTemplateRevision(cut.subarray(0, cut.length - 30), 'shop'), is);
});

test('encodes the service cluster into the path', () => {
  assert.equal(templatePath('a/b c'), '/rest/template/download/container/a%2Fb%20c');
});
