import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { EVERYTHING, type KubeSimulatorOptions } from '../../fixtures/fleet/kube/kube-simulator.ts';
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

interface Exchange {
  readonly name: string;
  readonly user?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Json;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Json;
  };
}
interface Samples {
  readonly exchanges: readonly Exchange[];
  readonly shapes: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<
    Record<
      string,
      { readonly path: string; readonly columns: readonly string[]; readonly cellTypes: readonly string[] }
    >
  >;
}

type Line =
  | { readonly exchange: Exchange }
  /** Carried out writes, which fleet-kube-writes-recordings.test.ts holds the simulator against. */
  | { readonly write: string }
  | { readonly shape: string; readonly paths: readonly string[] }
  | ({ readonly table: string } & Samples['tables'][string]);

function samplesOf(version: KubeVersion): Samples {
  const file = path.resolve(import.meta.dirname, `../../fixtures/kube-samples/${version}.jsonl`);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));
  return {
    exchanges: lines.flatMap((line) => ('exchange' in line ? [line.exchange] : [])),
    shapes: Object.fromEntries(lines.flatMap((line) => ('shape' in line ? [[line.shape, line.paths]] : []))),
    tables: Object.fromEntries(lines.flatMap((line) => ('table' in line ? [[line.table, line]] : []))),
  };
}

const USERS: KubeSimulatorOptions['users'] = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: [] },
  // May list pods and not watch them: what `list-ok-watch-403` was recorded with.
  {
    name: 'lister',
    rules: [{ verbs: ['get', 'list'], groups: [''], resources: ['pods'], namespaces: ['lena'] }],
  },
];
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const TWO = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'two', namespace: 'lena' },
  spec: {
    containers: [
      { name: 'a', image: 'x:1' },
      { name: 'b', image: 'x:1' },
    ],
  },
};

/** Answers this simulator gives on purpose otherwise, with the reason. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['discovery-apps-v1', 'compared in any order below'],
  ['1.20.2 warning-deprecated', 'the group extensions is not served'],
  ['1.20.2 path-404-plain', 'the paths an old server lists are its own'],
]);

async function replay(kube: RunningKube, exchange: Exchange): Promise<void> {
  const { simulator } = kube;
  const pods = await kube.json('/api/v1/namespaces/lena/pods?labelSelector=type%3Dlena-was&limit=1');
  const pod = String(names(pods)[0]);
  const token = String(at(pods, 'metadata', 'continue'));
  const current = String(at(pods, 'metadata', 'resourceVersion'));
  const uidOf = async (where: string) =>
    String(at(await kube.json(`/api/v1/namespaces/lena/${where}`), 'metadata', 'uid'));
  const podUid = await uidOf(`pods/${pod}`);
  const mapUid = await uidOf('configmaps/configmap-lena-was');
  const filled = (text: string) =>
    text
      .replaceAll('$PODUID', podUid)
      .replaceAll('$MAPUID', mapUid)
      .replaceAll('$POD', pod)
      .replaceAll('$CURRENT', current)
      .replaceAll('$CONTINUE', token);
  const { method, headers = {}, body } = exchange.request;
  const as = exchange.user === 'ro' ? 'viewer' : (exchange.user ?? 'admin');
  const answer = await kube.ask(filled(exchange.request.path), {
    method,
    headers,
    as,
    ...(body === undefined ? {} : { body: filled(typeof body === 'string' ? body : JSON.stringify(body)) }),
  });
  const wanted = exchange.response;
  assert.equal(answer.status, wanted.status, answer.text);
  for (const [name, value] of Object.entries(wanted.headers)) {
    assert.equal(answer.headers[name.toLowerCase()], value, name);
  }
  const isText = typeof wanted.body === 'string';
  const got: Json = isText ? answer.text : JSON.parse(answer.text);
  const expected: Json = JSON.parse(filled(JSON.stringify(wanted.body)));
  assert.deepEqual(got, expected);
  assert.equal(simulator.requests.at(-1)?.status, wanted.status);
}

/** Field paths as the samples have them: maps of labels and data are not followed. */
function shapeOf(value: Json, prefix = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => shapeOf(one, `${prefix}[]`)))];
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([name, one]) => {
    const here = prefix === '' ? name : `${prefix}.${name}`;
    return prefix !== '' && /^(labels|annotations|matchLabels|data)$/.test(name)
      ? [here]
      : shapeOf(one, here);
  });
}

/** Written by `kubectl apply`, by a real kubelet or by the service account plugin, which the recordings lack. */
const MAY_BE_MORE =
  /numberAvailable$|annotations$|serviceAccount|hostIPs|observedGeneration|restartPolicyRules|lastState|terminated|PodReadyToStart|minReadySeconds|containerID|spec\.nodeName|fieldPath|initialDelaySeconds/;
/** Of states the sample was in and ours is not. */
const MAY_BE_LESS =
  /numberUnavailable$|lastState|terminated|tty|exec\.command|livenessProbe|readinessProbe|annotations$|minReadySeconds/;

for (const version of ['1.20.2', '1.36.2'] as const) {
  const samples = samplesOf(version);
  describe(`a simulated API server ${version} answers as the real one did`, () => {
    for (const exchange of samples.exchanges.filter(
      ({ name }) => !OTHERWISE.has(name) && !OTHERWISE.has(`${version} ${name}`),
    )) {
      test(exchange.name, async (context) => {
        const kube = await startKube(context, { version, users: USERS, futureWaitMs: 20 }, (simulator) => {
          applyLena(simulator);
          simulator.apply(TWO);
        });
        const user = exchange.name === 'list-ok-watch-403' ? 'lister' : exchange.user;
        const asLister = JSON.parse(JSON.stringify(exchange).replaceAll('\\"viewer\\"', '\\"lister\\"'));
        await replay(kube, user === 'lister' ? { ...asLister, user } : exchange);
      });
    }

    test('objects have the recorded fields and none that came later', async (context) => {
      const kube = await startKube(context, { version, users: USERS }, (simulator) => {
        applyLena(simulator);
      });
      for (const manifest of [
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'lena' }, spec: TWO.spec },
      ]) {
        kube.simulator.apply(manifest);
      }
      const lena = '/namespaces/lena';
      const list = async (where: string) => items(await kube.json(where), 'items');
      const pods = await list(`/api/v1${lena}/pods`);
      const named = (prefix: string) =>
        pods.find((pod) => String(at(pod, 'metadata', 'name')).startsWith(prefix));
      const events = await list(`/apis/events.k8s.io/v1${lena}/events`);
      const coreEvents = await list(`/api/v1${lena}/events`);
      const made = (event: Json) => at(event, 'reason') === 'SuccessfulCreate';
      const objects: Readonly<Record<string, Json>> = {
        deployment: await kube.json(`/apis/apps/v1${lena}/deployments/lena-was`),
        replicaSet: (await list(`/apis/apps/v1${lena}/replicasets`))[0],
        statefulSet: await kube.json(`/apis/apps/v1${lena}/statefulsets/lena-session`),
        daemonSet: await kube.json(`/apis/apps/v1${lena}/daemonsets/lena-web`),
        pod: named('lena-was'),
        statefulSetPod: named('lena-session'),
        controllerRevision: (await list(`/apis/apps/v1${lena}/controllerrevisions`))[0],
        service: await kube.json(`/api/v1${lena}/services/lena-web`),
        namespace: await kube.json('/api/v1/namespaces/lena'),
        controllerEvent: coreEvents.find(made),
        newControllerEvent: events.find(made),
        ...(version === '1.36.2'
          ? { scheduledEvent: coreEvents.find((event) => at(event, 'reason') === 'Scheduled') }
          : {}),
      };
      const differences: unknown[] = [];
      for (const [kind, object] of Object.entries(objects)) {
        const wanted = samples.shapes[kind] ?? [];
        const kept = wanted.filter(
          (field) => !(/^(kind|apiVersion)$/.test(field) && at(object, 'kind') === undefined),
        );
        const got = shapeOf(object);
        const missing = kept.filter((field) => !got.includes(field) && !MAY_BE_LESS.test(field));
        const extra = got.filter(
          (field) =>
            !wanted.includes(field) && !MAY_BE_MORE.test(field) && !/^(kind|apiVersion)$/.test(field),
        );
        if (missing.length + extra.length > 0) differences.push({ kind, missing, extra });
      }
      assert.deepEqual(differences, []);
    });

    test('tables have the recorded columns and types of cells', async (context) => {
      const kube = await startKube(context, { version, users: USERS }, applyLena);
      for (const [name, { path: where, columns, cellTypes }] of Object.entries(samples.tables)) {
        const table = await kube.json(where, { headers: { accept: TABLE } });
        const got = items(table, 'columnDefinitions').map((one) =>
          ['name', 'type', 'format', 'priority'].map((field) => String(at(one, field))).join('|'),
        );
        assert.deepEqual(got, columns, name);
        assert.deepEqual(
          items(table, 'rows', 0, 'cells').map((cell) => typeof cell),
          cellTypes,
          name,
        );
      }
    });

    test('discovery names the recorded apps resources', async (context) => {
      const kube = await startKube(context, { version, users: USERS });
      const wanted = samples.exchanges.find(({ name }) => name === 'discovery-apps-v1')?.response.body;
      const got = await kube.json('/apis/apps/v1');
      const sorted = (body: Json) =>
        [...items(body, 'resources')].sort((a, b) =>
          String(at(a, 'name')) < String(at(b, 'name')) ? -1 : 1,
        );
      assert.deepEqual(sorted(got), sorted(wanted));
    });
  });
}
