import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyLena, at, items, startKube } from '../support/fleet-kube.ts';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}';

for (const version of ['1.20.2', '1.36.2'] as const) {
  const isModern = version === '1.36.2';
  const parameters = isModern
    ? ['dryRun', 'fieldManager', 'fieldValidation', 'force']
    : ['dryRun', 'fieldManager', 'force'];

  describe(`OpenAPI v2 of a simulated cluster ${version}`, () => {
    test('says as JSON what a patch may be asked for', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const page = await kube.json('/openapi/v2');
      assert.equal(at(page, 'swagger'), '2.0');
      const patch = at(page, 'paths', DEPLOYMENTS, 'patch');
      assert.deepEqual(
        items(patch, 'parameters').map((one) => at(one, 'name')),
        parameters,
      );
      const gvk = { group: 'apps', version: 'v1', kind: 'Deployment' };
      assert.deepEqual(at(patch, 'x-kubernetes-group-version-kind'), gvk);
    });

    test('leaves no reference open', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { text } = await kube.ask('/openapi/v2');
      const definitions = at(JSON.parse(text), 'definitions');
      const references = [...text.matchAll(/#\/definitions\/([^"]+)/g)].map(([, name = '']) => name);
      assert.ok(references.length > 0);
      assert.deepEqual(
        references.filter((name) => at(definitions, name) === undefined),
        [],
      );
    });

    test('says the same as protobuf', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { status, headers, bytes } = await kube.ask('/openapi/v2', { headers: { accept: PROTOBUF } });
      assert.equal(status, 200);
      assert.equal(
        headers['content-type'],
        isModern ? PROTOBUF.replace('@', '.') : 'application/octet-stream',
      );
      assert.equal(within(bytes, 1)[0]?.toString(), '2.0');
      const patch = within(bytes, 8, 2).find((entry) => within(entry, 1)[0]?.toString() === DEPLOYMENTS);
      assert.ok(patch);
      const named = within(patch, 2, 8, 8, 1, 2, 3, 4).map(String);
      assert.deepEqual(named, parameters);
      const yaml = within(patch, 2, 8, 13, 2, 2).map(String);
      assert.deepEqual(yaml, ['patch\n', 'group: apps\nversion: v1\nkind: Deployment\n']);
      const json = await kube.json('/openapi/v2');
      const kinds = within(bytes, 9, 1, 1).map(String);
      assert.deepEqual(kinds, Object.keys(Object(at(json, 'definitions'))));
    });

    test('has no other form', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const { status, text } = await kube.ask('/openapi/v2', { headers: { accept: 'text/html' } });
      assert.deepEqual([status, text], [406, '']);
    });
  });
}

/** Everything found in protobuf by following field numbers of messages and texts. */
function within(bytes: Buffer, ...path: readonly number[]): readonly Buffer[] {
  const [field, ...rest] = path;
  if (field === undefined) return [bytes];
  const found: Buffer[] = [];
  let next = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(next++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (next < bytes.length) {
    const tag = varint();
    const length = varint();
    if ((tag & 7) === 0) continue;
    assert.equal(tag & 7, 2);
    if (tag >>> 3 === field) found.push(...within(bytes.subarray(next, next + length), ...rest));
    next += length;
  }
  return found;
}
