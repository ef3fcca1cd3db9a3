import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { KubeSimulatorControl } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { KubeVersion } from '../../fixtures/fleet/kube/kube-version.ts';
import {
  applyLena,
  at,
  items,
  type Json,
  names,
  type RunningKube,
  startKube,
} from '../support/fleet-kube.ts';

/** A write a real server carried out, with what of its answer every server has to give. */
interface Sample {
  readonly write: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Json;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly kind: string;
    readonly metadata: readonly string[];
    readonly grace?: number;
    readonly finalizers?: readonly string[];
    readonly spec?: Json;
    readonly details?: readonly string[];
    readonly items?: number;
  };
}

function samplesOf(version: KubeVersion): readonly Sample[] {
  const file = path.resolve(import.meta.dirname, `../../fixtures/kube-samples/${version}.jsonl`);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{"write"'))
    .map((line): Sample => JSON.parse(line));
}

const inLena = (name: string, labels?: object) => ({
  name,
  namespace: 'lena',
  ...(labels === undefined ? {} : { labels }),
});
const map = (name: string, labels?: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: inLena(name, labels),
  data: { a: '1' },
});
const pod = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: inLena(name),
  spec: { containers: [{ name: 'a', image: 'x:1' }], ...spec },
});

/** What was there when the answers were recorded. */
function prepare(simulator: KubeSimulatorControl, sample: Sample): void {
  const { method, path: where } = sample.request;
  const isCreation = method === 'POST' && !where.endsWith('/eviction');
  if (sample.write === 'namespace-create') return;
  simulator.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lena' } });
  if (isCreation) return;
  applyLena(simulator);
  for (const manifest of [
    pod('d1'),
    pod('d2', { nodeSelector: { no: 'where' } }),
    pod('d3', { terminationGracePeriodSeconds: 0 }),
    map('delcm'),
    map('dc1', { app: 'w' }),
    map('dc2', { app: 'w' }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inLena('tmp'),
      spec: {
        replicas: 1,
        selector: { matchLabels: { type: 'tmp' } },
        template: {
          metadata: { labels: { type: 'tmp' } },
          spec: { containers: [{ name: 'a', image: 'x:1' }] },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } },
  ]) {
    simulator.apply(manifest);
  }
}

/** The sample's text with what this cluster has in the places of what that one had. */
async function filling(kube: RunningKube, { request }: Sample): Promise<(text: string) => string> {
  if (request.method === 'POST' && !request.path.endsWith('/eviction')) return (text) => text;
  const firstOf = async (type: string) =>
    String(names(await kube.json(`/api/v1/namespaces/lena/pods?labelSelector=type%3D${type}`))[0]);
  const [was, web] = [await firstOf('lena-was'), await firstOf('lena-web')];
  const named = (text: string) => text.replaceAll('$POD', was).replaceAll('$WEB', web);
  if (request.method !== 'PUT') return named;
  const metadata = at(await kube.json(request.path.split('?')[0] ?? ''), 'metadata');
  return (text) =>
    named(text)
      .replaceAll('$UID', String(at(metadata, 'uid')))
      .replaceAll('$VERSION', String(at(metadata, 'resourceVersion')));
}

/** What kubectl's or the recorded users' annotations leave behind, and nothing else. */
const metadataOf = (body: Json): ReadonlySet<string> => {
  const names = Object.keys(Object(at(body, 'metadata')));
  return new Set(names.filter((name) => name !== 'annotations' && name !== 'managedFields'));
};

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`writes to a simulated API server ${version} are answered as the real one did`, () => {
    const samples = samplesOf(version);
    test('there are samples', () => {
      assert.ok(samples.length > 30);
    });
    for (const sample of samples) {
      test(sample.write, async (context) => {
        const kube = await startKube(context, { version, stopAfterMs: 3_600_000 }, (simulator) =>
          prepare(simulator, sample),
        );
        const { request, response: wanted } = sample;
        const filled = await filling(kube, sample);
        const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
        const answer = await kube.ask(filled(request.path), {
          method: request.method,
          headers: request.headers,
          ...(request.body === undefined ? {} : { body: filled(text) }),
        });
        assert.equal(answer.status, wanted.status, answer.text);
        assert.equal(answer.headers['warning'], wanted.headers['Warning']);
        const body: Json = JSON.parse(answer.text);
        assert.equal(at(body, 'kind'), wanted.kind);
        assert.deepEqual(metadataOf(body), new Set(wanted.metadata));
        assert.deepEqual(at(body, 'metadata', 'finalizers'), wanted.finalizers);
        assert.equal(at(body, 'metadata', 'deletionGracePeriodSeconds'), wanted.grace);
        if (wanted.kind === 'Scale') assert.deepEqual(at(body, 'spec'), wanted.spec);
        if (wanted.details !== undefined) {
          const details = Object.keys(Object(at(body, 'details')));
          assert.deepEqual(new Set(details), new Set(wanted.details));
        }
        if (wanted.items !== undefined) assert.equal(items(body, 'items').length, wanted.items);
      });
    }
  });
}
