import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffBlocks, diffTemplates } from '../../src/diagnosis/template-diff.ts';
import { maskConfiguration } from '../../src/diagnosis/template-mask.ts';
import type { Template } from '../../src/domain/remote.ts';

type Content = string | Uint8Array;
const bytesOf = (content: Content) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
const template = (revision: string, files: Readonly<Record<string, Content>>): Template => ({
  serviceCluster: 'shop',
  revision,
  files: new Map(Object.entries(files).map(([path, content]) => [path, bytesOf(content)] as const)),
});
const diff = (before: Readonly<Record<string, Content>>, after: Readonly<Record<string, Content>>) =>
  diffTemplates(template('1', before), template('2', after));
const only = (before: Content, after: Content) => {
  const [file] = diff({ f: before }, { f: after }).files;
  assert.ok(file);
  return file;
};

test('tells files added, removed and changed, sorted, and counts the equal ones', () => {
  const found = diff(
    { 'conf/b': 'x\n', same: '1', 'conf/gone': 'old\n' },
    { 'conf/b': 'y\n', same: '1', a: 'new\n' },
  );
  assert.deepEqual(
    found.files.map(({ path, change, lines }) => [path, change, lines]),
    [
      ['a', 'added', ['+new']],
      ['conf/b', 'changed', ['-x', '+y']],
      ['conf/gone', 'removed', ['-old']],
    ],
  );
  assert.equal(found.unchanged, 1);
  assert.equal(found.summary.en, 'Template shop 1 → 2: 1 changed, 1 added, 1 removed');
  assert.deepEqual(
    diffBlocks(found).map(({ title }) => title),
    [found.summary.en, 'a (added, +1 -0)', 'conf/b (changed, +1 -1)', 'conf/gone (removed, +0 -1)'],
  );
});

test('shows three lines around a change and says where it is', () => {
  const before = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
  const after = before.with(19, 'other');
  assert.deepEqual(only(before.join('\n'), after.join('\n')).lines, [
    ' … line 17',
    ' line 17',
    ' line 18',
    ' line 19',
    '-line 20',
    '+other',
    ' line 21',
    ' line 22',
    ' line 23',
  ]);
});

test('does not show what is no text, what is too large or too different', () => {
  assert.deepEqual(only(new Uint8Array([0, 1, 2]), 'text').lines, [' binary: 3 bytes → 4 bytes']);
  assert.match(only('a', 'b'.repeat(1_048_577)).lines.join(), /^ too large to compare/);
  const numbers = (from: number) => Array.from({ length: 3_000 }, (_, index) => `${from + index}`).join('\n');
  assert.match(only(numbers(0), numbers(10_000)).lines.join(), /^ too different/);
});

test('reads files in EUC-KR as text', () => {
  assert.deepEqual(only(new Uint8Array([0xb0, 0xa1]), '나').lines.slice(0, 1), ['-가']);
});

test('cuts what is long and makes control characters visible', () => {
  const many = Array.from({ length: 500 }, (_, index) => `n${index}`).join('\n');
  const { lines, added } = only('', many);
  assert.equal(added, 500);
  assert.equal(lines.length, 401);
  assert.match(lines.at(-1) ?? '', /more lines/);
  assert.deepEqual(only('a\r\n', 'a\u001b[2J\n').lines, ['-a␍', '+a␛[2J']);
});

test('shows that a secret changed and neither of its values', () => {
  const file = only('user=a\ndb.password=first\n', 'user=a\ndb.password=second\n');
  assert.deepEqual(file.lines, [' user=a', '-db.password=***', '+db.password=***']);
});

/** Every content hides `HIDDEN` and keeps `shown`. */
const SECRETS: readonly (readonly [name: string, content: string])[] = [
  ['properties', 'shown=1\ndb.password = HIDDEN HIDDEN\nshown=2'],
  ['properties with a continued line', 'api.key=HIDDEN\\\n  HIDDEN\nshown=2'],
  ['properties with a colon', 'token: HIDDEN\nshown: yes'],
  ['a comment that was a setting', '# password=HIDDEN HIDDEN\n# shown'],
  ['an XML attribute', '<Resource username="shown" password="HIDDEN HIDDEN" maxTotal="shown"/>'],
  ['an XML attribute at the start of a line', '<R\n  password="HIDDEN" maxTotal="shown"/>'],
  ['an XML attribute over two lines', '<R password="HIDDEN\nHIDDEN" maxTotal="shown"/>'],
  ['single quotes', "<R password='HIDDEN' shown=''/>"],
  ['an XML element', '<shown><Password>HIDDEN</Password></shown>'],
  ['an XML element over lines', '<password>\nHIDDEN\n</password><shown/>'],
  ['an element with a namespace', '<p:secretKey x="shown">HIDDEN</p:secretKey>'],
  ['name and value', '<property name="db.password" value="HIDDEN" shown="1"/>'],
  ['value before name', '<property value="HIDDEN" name="db.password" shown="1"/>'],
  ['a named element', '<entry key="apiToken">HIDDEN</entry><shown/>'],
  ['JSON', '{"shown": 1, "password": "HIDDEN\\"HIDDEN", "x": "shown"}'],
  ['JSON by line', '{\n "secret": "HIDDEN",\n "x": "shown"\n}'],
  ['YAML', 'shown: 1\npassword: HIDDEN word\nlist:\n  - token: "HIDDEN"'],
  ['shell', 'export DB_PASSWD=HIDDEN\nexport SHOWN=shown'],
  ['JVM options', 'JAVA_OPTS="-Dshown=1 -Djavax.net.ssl.keyStorePassword=HIDDEN -Dx=shown"'],
  ['a directive', 'SSLPassPhraseSecret HIDDEN\nKeepAlive shown'],
  ['a URL', 'url="jdbc:x://u:HIDDEN@db/shown?token=HIDDEN&x=shown"'],
  ['a header', 'Header set Authorization "Bearer HIDDENHIDDEN" shown'],
  ['a private key', 'shown\n-----BEGIN PRIVATE KEY-----\nHIDDEN\nHIDDEN==\n-----END PRIVATE KEY-----\nshown'],
];
for (const [name, content] of SECRETS) {
  test(`masks a secret in ${name}`, () => {
    const masked = maskConfiguration(content);
    assert.doesNotMatch(masked, /HIDDEN/);
    assert.match(masked, /shown/i);
    assert.equal(masked.split('\n').length, content.split('\n').length);
  });
}

test('leaves what is no secret as it is', () => {
  const content =
    '<Connector port="8180" keepAliveTimeout="20"/>\nmaxThreads=200\nhost: "a"\n# why\nKeepAlive On\n';
  assert.equal(maskConfiguration(content), content);
});

test('masks hostile files of any shape without an effort that grows faster than they do', () => {
  // A quadratic rule needs minutes for one of these; the run's own limit would end it.
  for (const part of [
    '?',
    '?a',
    'a+',
    '<a ',
    '<password>',
    'a="b=\'',
    'key=a\\\n',
    '"\\',
    'Bearer ',
    'a://',
  ]) {
    const content = part.repeat(Math.ceil(300_000 / part.length));
    assert.equal(maskConfiguration(content).split('\n').length, content.split('\n').length, part);
  }
});
