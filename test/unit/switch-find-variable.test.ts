import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigMaps, findVariable } from '../../src/actions/switch-revision/find-variable.ts';
import { findTemplateSites, requireSites } from '../../src/actions/switch-revision/template-sites.ts';

const ID = 'LENA_CONFIG_TEMPLATE_ID';
const maps = (values: Readonly<Record<string, Readonly<Record<string, string>>>>): ConfigMaps =>
  new Map(Object.entries(values).map(([name, data]) => [name, { data, isImmutable: false }]));
const literal = (value: string) => ({ name: ID, value });
const bundle = (name: string, prefix?: string) => ({
  configMapRef: { name },
  ...(prefix === undefined ? {} : { prefix }),
});
const key = (name: string, of: string) => ({ name: ID, valueFrom: { configMapKeyRef: { name, key: of } } });
const secret = (name: string) => ({ secretRef: { name } });

for (const [what, container, configMaps, expected] of [
  ['nothing', {}, {}, 'absent'],
  ['a literal', { env: [{ name: 'A', value: '1' }, literal('shop:1')] }, {}, 'literal 1 shop:1'],
  ['the last of two literals', { env: [literal('shop:1'), literal('shop:2')] }, {}, 'literal 1 shop:2'],
  [
    'env before envFrom',
    { env: [literal('shop:1')], envFrom: [bundle('a')] },
    { a: { [ID]: 'shop:2' } },
    'literal 0 shop:1',
  ],
  ['a ConfigMap', { envFrom: [bundle('a')] }, { a: { [ID]: 'shop:2' } }, `configMap a/${ID} shop:2`],
  [
    'the last of two ConfigMaps',
    { envFrom: [bundle('a'), bundle('b')] },
    { a: { [ID]: 'shop:2' }, b: { [ID]: 'shop:3' } },
    `configMap b/${ID} shop:3`,
  ],
  [
    'the first of two where the last lacks it',
    { envFrom: [bundle('a'), bundle('b')] },
    { a: { [ID]: 'shop:2' }, b: {} },
    `configMap a/${ID} shop:2`,
  ],
  [
    'a prefix',
    { envFrom: [bundle('a', 'LENA_')] },
    { a: { CONFIG_TEMPLATE_ID: 'shop:2', [ID]: 'no' } },
    'configMap a/CONFIG_TEMPLATE_ID shop:2',
  ],
  ['a prefix that does not fit', { envFrom: [bundle('a', 'X_')] }, { a: { [ID]: 'shop:2' } }, 'absent'],
  ['a key of a ConfigMap', { env: [key('a', 'id')] }, { a: { id: 'shop:4' } }, 'configMap a/id shop:4'],
  [
    'an optional key that is not there',
    { env: [literal('shop:1'), key('a', 'id')] },
    { a: {} },
    'literal 0 shop:1',
  ],
  [
    'a Secret’s key',
    { env: [{ name: ID, valueFrom: { secretKeyRef: { name: 's', key: 'id' } } }] },
    {},
    'elsewhere Secret s',
  ],
  [
    'a field',
    { env: [{ name: ID, valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
    {},
    'elsewhere the pod’s own field metadata.labels',
  ],
  ['a way not known', { env: [{ name: ID, valueFrom: { fileKeyRef: {} } }] }, {}, 'elsewhere fileKeyRef'],
  ['other variables', { env: [literal('$(SC):1')] }, {}, 'elsewhere other variables ($(SC):1)'],
  [
    'a Secret read after the ConfigMap',
    { envFrom: [bundle('a'), secret('s')] },
    { a: { [ID]: 'shop:2' } },
    `configMap a/${ID} shop:2 maybe s`,
  ],
  [
    'a Secret read before the ConfigMap',
    { envFrom: [secret('s'), bundle('a')] },
    { a: { [ID]: 'shop:2' } },
    `configMap a/${ID} shop:2`,
  ],
] as const) {
  test(`finds a variable set by ${what}`, () => {
    const found = findVariable(container, ID, maps(configMaps));
    const maybe = 'maybeIn' in found && found.maybeIn.length > 0 ? ` maybe ${found.maybeIn.join()}` : '';
    const shown = {
      absent: () => 'absent',
      literal: () => (found.state === 'literal' ? `literal ${found.index} ${found.value}` : ''),
      configMap: () =>
        found.state === 'configMap' ? `configMap ${found.configMap}/${found.key} ${found.value}` : '',
      elsewhere: () => (found.state === 'elsewhere' ? `elsewhere ${found.where}` : ''),
    }[found.state]();
    assert.equal(`${shown}${maybe}`, expected);
  });
}

const template = (...containers: readonly object[]) => ({
  spec: { containers: containers.map((container, index) => ({ name: `c${index}`, ...container })) },
});
const Y = { name: 'LENA_CONFIG_TEMPLATE_DOWNLOAD', value: 'Y' };
const sitesOf = (...containers: readonly object[]) => findTemplateSites(template(...containers), new Map());

test('takes the sites of one service cluster where one is named', () => {
  const all = sitesOf({ env: [literal('shop:1'), Y] }, { env: [literal('cart:2'), Y] }, {});
  assert.deepEqual(
    requireSites('w', all, 'cart').map(({ container, revision, place }) => [container, revision, place]),
    [['c1', '2', { kind: 'literal', path: '/spec/template/spec/containers/1/env/0' }]],
  );
  assert.throws(() => requireSites('w', all, undefined), /two service clusters, shop and cart/);
  assert.throws(() => requireSites('w', all, 'other'), /no container has .* of service cluster other/);
});

test('changes init containers too', () => {
  const found = findTemplateSites(
    {
      spec: { initContainers: [{ name: 'first', env: [literal('shop:1'), Y] }], containers: [{ name: 'c' }] },
    },
    new Map(),
  );
  assert.equal(
    found.sites[0]?.place.kind === 'literal' && found.sites[0].place.path,
    '/spec/template/spec/initContainers/0/env/0',
  );
});

for (const [value, shown] of [
  [undefined, 'is not set'],
  ['N', 'is N'],
  ['y', 'is y'],
] as const) {
  test(`refuses a container whose download ${shown}`, () => {
    const env = [literal('shop:1'), ...(value === undefined ? [] : [{ ...Y, value }])];
    assert.throws(
      () => requireSites('w', sitesOf({ env }), undefined),
      new RegExp(`DOWNLOAD of container c0 ${shown}`),
    );
  });
}

test('refuses what names no service cluster and what has no template', () => {
  assert.throws(
    () => requireSites('w', sitesOf({ env: [literal(':3'), Y] }), undefined),
    /names no service cluster/,
  );
  assert.throws(() => requireSites('w', sitesOf({}), undefined), /no container has LENA_CONFIG_TEMPLATE_ID/);
});
