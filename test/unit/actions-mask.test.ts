import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskRequest } from '../../src/actions/executor/shown.ts';
import { maskDeep, maskText } from '../../src/actions/mask.ts';
import type { JsonValue } from '../../src/domain/call.ts';
import { maskUrl, maskWords, shownLine } from '../../src/domain/secret-name.ts';
import { maskMessage } from '../../src/sources/kube/mask.ts';

test('values of secret-looking keys are masked at any depth, and others stay', () => {
  assert.deepEqual(
    maskDeep({ a: [{ dbPassword: 'x', replicas: 3 }], tokens: ['a', 'b'], credentials: { user: 'u', n: 1 } }),
    {
      a: [{ dbPassword: '***', replicas: 3 }],
      tokens: ['***', '***'],
      credentials: { user: '***', n: '***' },
    },
  );
});

test('a pair of name and value is masked by its name in every spelling', () => {
  assert.deepEqual(
    maskDeep([
      { name: 'DB_PASSWORD', value: 'x' },
      { Name: 'API_TOKEN', Value: 'x' },
      { key: 'managerKey', value: 'x' },
      { name: 'LENA_SERVER_TYPE', value: 'was' },
    ]),
    [
      { name: 'DB_PASSWORD', value: '***' },
      { Name: 'API_TOKEN', Value: '***' },
      { key: 'managerKey', value: '***' },
      { name: 'LENA_SERVER_TYPE', value: 'was' },
    ],
  );
});

test('a JSON patch is masked by the last segment of its path', () => {
  assert.deepEqual(maskDeep([{ op: 'test', path: '/data/DB_PASSWORD', value: 'x' }]), [
    { op: 'test', path: '/data/DB_PASSWORD', value: '***' },
  ]);
  const replicas = [{ op: 'replace', path: '/spec/replicas', value: 3 }];
  assert.deepEqual(maskDeep(replicas), replicas);
});

test('what names a secret without holding it stays readable', () => {
  const spec = {
    imagePullSecrets: [{ name: 'registry' }],
    env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'pw' } } }],
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    exitCode: 0,
  };
  assert.deepEqual(maskDeep(spec), spec);
});

test('a bare key is a secret unless it names an entry', () => {
  assert.deepEqual(maskDeep({ key: 'abc' }), { key: '***' });
});

test('command lines are masked as text and as lists of words', () => {
  assert.equal(
    maskText('java -Ddb.password=foo --token bar -Xmx1g'),
    'java -Ddb.password=*** --token *** -Xmx1g',
  );
  assert.deepEqual(maskDeep(['--password', 'x', '--user', 'u']), ['--password', '***', '--user', 'u']);
});

test('addresses and headers in text are masked', () => {
  assert.equal(maskText('GET http://u:p@h/x?key=abc&a=1'), 'GET http://***@h/x?key=***&a=1');
  assert.equal(maskText('Authorization: Bearer abc.def'), 'Authorization: Bearer ***');
});

test('JSON inside of a string is masked as JSON', () => {
  const inner = JSON.stringify({ env: [{ name: 'DB_PASSWORD', value: 'x' }] });
  assert.deepEqual(maskDeep({ annotation: inner }), {
    annotation: JSON.stringify({ env: [{ name: 'DB_PASSWORD', value: '***' }] }),
  });
});

test('the data of a Secret is masked, whether the body or only the path says it is one', () => {
  assert.deepEqual(maskDeep({ kind: 'Secret', data: { a: 'x' } }), { kind: 'Secret', data: { a: '***' } });
  const shown = JSON.stringify(
    maskRequest({
      system: 'kube',
      method: 'PATCH',
      path: '/api/v1/namespaces/shop/secrets/db',
      body: { data: { user: 'visible' } },
    }),
  );
  assert.doesNotMatch(shown, /visible/);
});

test('a nest deeper than any request is cut, not followed', () => {
  const nest: JsonValue = JSON.parse(`${'{"inner":'.repeat(4_000)}"end"${'}'.repeat(4_000)}`);
  const masked = JSON.stringify(maskDeep(nest));
  assert.doesNotMatch(masked, /end/);
  assert.match(masked, /\*\*\*/);
});

test('a secret inside of another value is masked, and codes and references are not', () => {
  assert.equal(maskText('error: password=abc exitCode=137'), 'error: password=*** exitCode=137');
  assert.equal(
    maskText('image: lab/keycloak:26 --code 3 --api-key abc'),
    'image: lab/keycloak:26 --code 3 --api-key ***',
  );
});

/** Shapes that make a careless pattern look at every character from every other one: hours at this size. */
const HOSTILE = [
  '?',
  '&',
  'a',
  '-',
  'a-',
  '.',
  'a.',
  '?a',
  '?a=',
  'a://',
  'a://b:',
  '@',
  'a@',
  ' ',
  'key',
  'key ',
  'key=',
  '="',
  'key="\\',
  '"key',
  '--a "',
  "k='",
  'eyJ',
];
test('a million characters of any shape are masked', () => {
  for (const shape of HOSTILE) {
    const text = `${shape.repeat(1_000_000 / shape.length)} password=hunter2`;
    for (const mask of [maskUrl, maskWords, maskText]) {
      const masked = mask(text);
      assert.ok(mask === maskUrl || !masked.includes('hunter2'), `${mask.name} of ${shape}`);
    }
    assert.ok(maskMessage(text, 2_048).length <= 2_048);
  }
});

test('what a server says of itself is shown without secrets', () => {
  for (const [said, shown] of [
    [
      "select * from member where password = 'hunter2 x' and id=7",
      'select * from member where password = *** and id=7',
    ],
    ['update t set api_key=?, token="a b" where x = 1', 'update t set api_key=?, token=*** where x = 1'],
    ['exec-1 GET /login?token=abc&id=7', 'exec-1 GET /login?token=***&id=7'],
    ['exec-2 Bearer abcdefgh.1', 'exec-2 Bearer ***'],
    ['http-nio-8080-exec-1', 'http-nio-8080-exec-1'],
    ["where password = 'cut in the mid", 'where password = ***'],
  ] as const)
    assert.equal(shownLine(said, 200), shown);
  for (const shape of [...HOSTILE, "key='", 'key = "', 'key =', 'Basic '])
    assert.ok(
      !shownLine(`${shape.repeat(1_000_000 / shape.length)} password=hunter2`, 2_000_000).includes('hunter2'),
    );
});
