import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyJsonPatch } from '../../fixtures/fleet/kube/json-patch.ts';
import { ApiFailure } from '../../fixtures/fleet/kube/status-body.ts';
import { applyStrategicMerge } from '../../fixtures/fleet/kube/strategic-merge.ts';

const codeOf = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiFailure) return error.body.code;
    throw error;
  }
  return 200;
};

describe('strategic merges', () => {
  test('keep only the fields a patch says to retain', () => {
    const before = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
    const patch = { strategy: { $retainKeys: ['type'], type: 'Recreate' } };
    assert.deepEqual(applyStrategicMerge(before, patch, 'Deployment'), { strategy: { type: 'Recreate' } });
  });

  test('add to and take from lists of words', () => {
    const before = { metadata: { finalizers: ['a', 'b'] } };
    const added = applyStrategicMerge(before, { metadata: { finalizers: ['b', 'c'] } }, 'Pod');
    assert.deepEqual(added, { metadata: { finalizers: ['a', 'b', 'c'] } });
    const taken = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } };
    assert.deepEqual(applyStrategicMerge(before, taken, 'Pod'), { metadata: { finalizers: ['b'] } });
  });

  test('merge the ports of a Service by port, those of a container by containerPort', () => {
    const service = { ports: [{ port: 80, targetPort: 1 }] };
    assert.deepEqual(applyStrategicMerge(service, { ports: [{ port: 80, targetPort: 2 }] }, 'Service'), {
      ports: [{ port: 80, targetPort: 2 }],
    });
    const container = { ports: [{ containerPort: 80, name: 'a' }] };
    const patch = { ports: [{ containerPort: 80, name: 'b' }, { containerPort: 81 }] };
    assert.deepEqual(applyStrategicMerge(container, patch, 'Pod'), patch);
  });

  test('replace maps, lists without a key, and lists that say so', () => {
    const before = { data: { a: '1', b: '2' }, args: ['x', 'y'], volumes: [{ name: 'v' }, { name: 'w' }] };
    const patch = {
      data: { $patch: 'replace', c: '3' },
      args: ['z'],
      volumes: [{ name: 'n' }, { $patch: 'replace' }],
    };
    assert.deepEqual(applyStrategicMerge(before, patch, 'Pod'), {
      data: { c: '3' },
      args: ['z'],
      volumes: [{ name: 'n' }],
    });
  });

  test('refuse an item without its key and a directive nobody knows', () => {
    const merge = (patch: object) => codeOf(() => applyStrategicMerge({}, patch, 'Pod'));
    assert.equal(merge({ containers: [{ image: 'x' }] }), 400);
    assert.equal(merge({ spec: { $patch: 'explode' } }), 400);
  });
});

describe('JSON patches', () => {
  const document = { list: [1, 2, 3], map: { a: { b: 1 } } };
  const patched = (...steps: object[]) => applyJsonPatch(document, steps, true);

  test('insert, append and remove in lists', () => {
    assert.deepEqual(
      patched(
        { op: 'add', path: '/list/1', value: 9 },
        { op: 'add', path: '/list/-', value: 4 },
        { op: 'remove', path: '/list/0' },
      ),
      { ...document, list: [9, 2, 3, 4] },
    );
    assert.deepEqual(document.list, [1, 2, 3]);
  });

  test('refuse what does not fit and do nothing of the rest', () => {
    const refused = (step: object) => codeOf(() => patched(step));
    for (const step of [
      { op: 'replace', path: '/nosuch', value: 1 },
      { op: 'add', path: '/map/x/y', value: 1 },
      { op: 'remove', path: '/list/3' },
      { op: 'add', path: '/list/01', value: 1 },
      { op: 'test', path: '/map', value: { a: { b: 2 } } },
      { op: 'copy', from: '/nosuch', path: '/map/c' },
      { op: 'fly', path: '/map' },
    ]) {
      assert.equal(refused(step), 422, JSON.stringify(step));
    }
    assert.equal(
      codeOf(() => applyJsonPatch(document, [{ op: 'add' }], true)),
      400,
    );
    assert.equal(
      codeOf(() => patched({ op: 'test', path: '/map', value: { a: { b: 1 } } })),
      200,
    );
  });
});
