import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { selectorText } from '../../src/actions/kube/live-pods.ts';
import { readLive } from '../../src/actions/kube/live-workload.ts';
import { strategyWarnings } from '../../src/actions/kube/roll-template.ts';
import { diffTemplateFields } from '../../src/actions/template-lines.ts';
import type { JsonObject } from '../../src/domain/call.ts';

const SIGNAL = new AbortController().signal;
const template = (container: object, more: object = {}) => ({
  metadata: { creationTimestamp: null, labels: { type: 'was' } },
  spec: { containers: [{ name: 'was', image: 'was:1', ...container }], ...more },
});

describe('the difference of two pod templates', () => {
  test('names each field that differs by container, variable, port and mount', () => {
    const before = template({
      env: [
        { name: 'B', value: '1' },
        { name: 'A', value: 'x' },
      ],
      ports: [{ containerPort: 8180, protocol: 'TCP' }],
      volumeMounts: [{ name: 'logs', mountPath: '/logs' }],
    });
    const after = template(
      {
        image: 'was:2',
        env: [
          { name: 'A', value: 'x' },
          { name: 'C', value: '3' },
        ],
        ports: [{ containerPort: 8180, protocol: 'UDP' }],
        volumeMounts: [{ name: 'data', mountPath: '/logs' }],
      },
      { terminationGracePeriodSeconds: 0 },
    );
    assert.deepEqual(diffTemplateFields(before, after), [
      '- spec.containers[was].env[B].name: B',
      '- spec.containers[was].env[B].value: 1',
      '+ spec.containers[was].env[C].name: C',
      '+ spec.containers[was].env[C].value: 3',
      '- spec.containers[was].image: was:1',
      '+ spec.containers[was].image: was:2',
      '- spec.containers[was].ports[8180].protocol: TCP',
      '+ spec.containers[was].ports[8180].protocol: UDP',
      '- spec.containers[was].volumeMounts[/logs].name: logs',
      '+ spec.containers[was].volumeMounts[/logs].name: data',
      '+ spec.terminationGracePeriodSeconds: 0',
    ]);
  });

  test('is none where only the order or the server’s own marks differ', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ];
    const { spec } = template({ env: env.toReversed() });
    assert.deepEqual(
      diffTemplateFields(template({ env }), { metadata: { labels: { type: 'was' } }, spec }),
      [],
    );
  });

  test('compares secrets and shows none of them', () => {
    const of = (secret: string) =>
      template({
        env: [
          { name: 'LENA_MANAGER_KEY', value: secret },
          { name: 'OTHER', valueFrom: { secretKeyRef: { name: 'vault', key: 'pass' } } },
        ],
        args: [`--password=${secret}`],
      });
    const lines = diffTemplateFields(of('EXAMPLE-1'), of('EXAMPLE-2'));
    assert.ok(lines.includes('- spec.containers[was].env[LENA_MANAGER_KEY].value: ***'));
    assert.ok(lines.includes('+ spec.containers[was].env[LENA_MANAGER_KEY].value: ***'));
    assert.equal(lines.length, 4);
    assert.doesNotMatch(lines.join('\n'), /EXAMPLE/);
  });
});

describe('what a strategy makes of a rollout', () => {
  const live = (kind: 'Deployment' | 'StatefulSet', spec: JsonObject) =>
    readLive(
      { get: async () => ({ metadata: { uid: 'u', generation: 1 }, spec, status: {} }) },
      { context: 'dev', namespace: 'lena', kind, name: 'was' },
      SIGNAL,
    );
  const codesOf = async (kind: 'Deployment' | 'StatefulSet', spec: JsonObject) =>
    strategyWarnings(await live(kind, spec)).map(({ code, level }) => `${level} ${code}`);

  test('is told where pods end first, stay, or are staged', async () => {
    assert.deepEqual(await codesOf('Deployment', { replicas: 2 }), []);
    assert.deepEqual(await codesOf('Deployment', { replicas: 2, strategy: { type: 'Recreate' } }), [
      'danger recreate',
    ]);
    assert.deepEqual(await codesOf('StatefulSet', { updateStrategy: { type: 'OnDelete' } }), [
      'warn on-delete',
    ]);
    assert.deepEqual(
      await codesOf('StatefulSet', { replicas: 0, updateStrategy: { rollingUpdate: { partition: 2 } } }),
      ['warn partitioned', 'info no-pods'],
    );
  });
});

test('a selector is written as a query has it', () => {
  const selector = {
    matchLabels: { app: 'was', tier: 'one' },
    matchExpressions: [
      { key: 'zone', operator: 'In', values: ['a', 'b'] },
      { key: 'old', operator: 'NotIn', values: ['yes'] },
      { key: 'any', operator: 'Exists' },
      { key: 'none', operator: 'DoesNotExist' },
    ],
  };
  assert.equal(selectorText(selector), 'app=was,tier=one,zone in (a,b),old notin (yes),any,!none');
  assert.equal(selectorText(undefined), '');
});
