import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeSimulatorControl } from '../../fixtures/fleet/kube/kube-simulator.ts';
import {
  applyLena,
  at,
  items,
  names,
  type OpenStream,
  startKube,
  type WatchLine,
} from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const MAPS = '/api/v1/namespaces/lena/configmaps';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

const map = (name: string, labels: Readonly<Record<string, string>> = {}, value = '1') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'lena', labels },
  data: { value },
});
const putMaps = (simulator: KubeSimulatorControl, ...mapNames: readonly string[]) => {
  for (const name of mapNames) simulator.apply(map(name));
};
const told = (event: WatchLine) => `${event.type} ${String(at(event.object, 'metadata', 'name'))}`;
const countOf = (stream: OpenStream, count: number) =>
  waitFor(`${count} watch lines`, () => stream.lines.length >= count);
const versionOf = async (kube: { json(path: string): Promise<unknown> }) =>
  String(at(await kube.json(`${MAPS}?limit=1`), 'metadata', 'resourceVersion'));

describe('lists of a simulated cluster', () => {
  test('pages keep the first page’s version and its content while objects change', async (context) => {
    const kube = await startKube(context);
    putMaps(kube.simulator, 'a', 'b', 'c', 'd');
    const first = await kube.json(`${MAPS}?limit=2`);
    kube.simulator.delete({ kind: 'ConfigMap', namespace: 'lena', name: 'd' });
    putMaps(kube.simulator, 'e');
    const token = String(at(first, 'metadata', 'continue'));
    const second = await kube.json(`${MAPS}?limit=2&continue=${token}`);
    const last = await kube.json(`${MAPS}?limit=2&continue=${String(at(second, 'metadata', 'continue'))}`);
    assert.deepEqual(
      [...names(first), ...names(second), ...names(last)],
      ['a', 'b', 'c', 'd', 'kube-root-ca.crt'],
    );
    assert.deepEqual(
      [first, second, last].map((page) => at(page, 'metadata', 'remainingItemCount')),
      [3, 1, undefined],
    );
    assert.equal(at(last, 'metadata', 'continue'), undefined);
    for (const page of [second, last]) {
      assert.equal(at(page, 'metadata', 'resourceVersion'), at(first, 'metadata', 'resourceVersion'));
    }
    assert.equal(at(first, 'items', 0, 'kind'), undefined);
  });

  test('a selector leaves the remaining count out, version 0 ignores the limit', async (context) => {
    const kube = await startKube(context);
    for (const name of ['a', 'b', 'c']) kube.simulator.apply(map(name, { app: 'w' }));
    const page = await kube.json(`${MAPS}?limit=1&labelSelector=app%20in%20(w,x),!none`);
    assert.equal(typeof at(page, 'metadata', 'continue'), 'string');
    assert.equal(at(page, 'metadata', 'remainingItemCount'), undefined);
    const all = await kube.json(`${MAPS}?limit=1&resourceVersion=0`);
    assert.equal(items(all, 'items').length, 4);
    const named = await kube.json(
      `/api/v1/configmaps?fieldSelector=metadata.name%3Db,metadata.namespace!%3Dother`,
    );
    assert.deepEqual(names(named), ['b']);
  });

  test('an expired token is 410 and brings one that continues at the newest version', async (context) => {
    const kube = await startKube(context);
    putMaps(kube.simulator, 'a', 'b', 'c');
    const first = await kube.json(`${MAPS}?limit=1`);
    putMaps(kube.simulator, 'a2');
    kube.simulator.compact();
    const refused = await kube.ask(`${MAPS}?limit=1&continue=${String(at(first, 'metadata', 'continue'))}`);
    assert.equal(refused.status, 410);
    const status: unknown = JSON.parse(refused.text);
    assert.equal(at(status, 'reason'), 'Expired');
    const rest = await kube.json(`${MAPS}?limit=9&continue=${String(at(status, 'metadata', 'continue'))}`);
    assert.deepEqual(names(rest), ['a2', 'b', 'c', 'kube-root-ca.crt']);
    const exact = await kube.ask(`${MAPS}?resourceVersion=5&resourceVersionMatch=Exact`);
    assert.equal(exact.status, 410);
  });

  test('YAML is written when it is asked for', async (context) => {
    const kube = await startKube(context);
    putMaps(kube.simulator, 'a');
    const answer = await kube.ask(`${MAPS}?limit=1`, { headers: { accept: 'application/yaml' } });
    assert.equal(answer.headers['content-type'], 'application/yaml');
    assert.match(answer.text, /^apiVersion: v1\nitems:\n/);
  });
});

for (const version of ['1.20.2', '1.36.2'] as const) {
  describe(`watches of a simulated cluster ${version}`, () => {
    test('resume with what was missed and go on', async (context) => {
      const kube = await startKube(context, { version });
      putMaps(kube.simulator, 'a');
      const from = await versionOf(kube);
      putMaps(kube.simulator, 'b');
      const stream = await kube.watch(`${MAPS}?watch=true&resourceVersion=${from}`);
      await countOf(stream, 1);
      kube.simulator.apply(map('b', {}, '2'));
      kube.simulator.delete({ kind: 'ConfigMap', namespace: 'lena', name: 'b' });
      await countOf(stream, 3);
      assert.deepEqual(stream.events.map(told), ['ADDED b', 'MODIFIED b', 'DELETED b']);
      const revisions = stream.events.map((event) => Number(at(event.object, 'metadata', 'resourceVersion')));
      assert.deepEqual(
        revisions,
        [...revisions].sort((a, b) => a - b),
      );
      assert.equal(at(stream.events[0]?.object, 'kind'), 'ConfigMap');
    });

    test('begin with what there is when no version is given, limit or not', async (context) => {
      const kube = await startKube(context, { version });
      putMaps(kube.simulator, 'a', 'b');
      const stream = await kube.watch(`${MAPS}?watch=1&limit=1`);
      await countOf(stream, 3);
      assert.deepEqual(stream.events.map(told), ['ADDED a', 'ADDED b', 'ADDED kube-root-ca.crt']);
    });

    test('show an object that leaves a selector as deleted with its old labels', async (context) => {
      const kube = await startKube(context, { version });
      const from = await versionOf(kube).catch(() => '0');
      const stream = await kube.watch(`${MAPS}?watch=true&resourceVersion=${from}&labelSelector=app%3Dw`);
      kube.simulator.apply(map('w', { app: 'w' }));
      kube.simulator.apply(map('w', { app: 'x' }));
      kube.simulator.apply(map('w', { app: 'w' }));
      await countOf(stream, 3);
      const [, left] = stream.events;
      assert.deepEqual(stream.events.map(told), ['ADDED w', 'DELETED w', 'ADDED w']);
      assert.equal(at(left?.object, 'metadata', 'labels', 'app'), 'w');
      const [first, second] = stream.events.map((event) =>
        Number(at(event.object, 'metadata', 'resourceVersion')),
      );
      assert.ok((second ?? 0) > (first ?? 0));
    });

    test('answer a version that is too old with 200, one ERROR and the end', async (context) => {
      const kube = await startKube(context, { version });
      putMaps(kube.simulator, 'a');
      const from = await versionOf(kube);
      kube.simulator.compact();
      for (const accept of ['application/json', TABLE, METADATA]) {
        const stream = await kube.watch(`${MAPS}?watch=true&resourceVersion=${from}`, {
          headers: { accept },
        });
        await waitFor('the end', () => stream.isEnded);
        assert.equal(stream.status, 200);
        const [event] = stream.events;
        assert.equal(stream.events.length, 1);
        assert.equal(event?.type, 'ERROR');
        assert.equal(at(event?.object, 'reason'), 'Expired');
        assert.match(String(at(event?.object, 'message')), /^too old resource version: \d+ \(\d+\)$/);
      }
    });

    test('bring bookmarks where they are asked for and something happened', async (context) => {
      const kube = await startKube(context, { version, bookmarkEveryMs: 20 });
      putMaps(kube.simulator, 'a');
      const from = await versionOf(kube);
      const query = `watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Dnone`;
      const asking = await kube.watch(`${MAPS}?${query}&allowWatchBookmarks=true`);
      const silent = await kube.watch(`${MAPS}?${query}`);
      const idle = await kube.watch(
        `/api/v1/nodes?watch=true&resourceVersion=${from}&allowWatchBookmarks=true`,
      );
      putMaps(kube.simulator, 'b');
      const now = await versionOf(kube);
      await countOf(asking, 1);
      const modern = version === '1.36.2' ? {} : { creationTimestamp: null };
      assert.deepEqual(asking.events[0], {
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: now, ...modern } },
      });
      assert.deepEqual([silent.lines.length, idle.lines.length], [0, 0]);
    });

    test('end without a word when their time is over, and when they are dropped', async (context) => {
      const kube = await startKube(context, { version });
      const short = await kube.watch('/api/v1/secrets?watch=true&timeoutSeconds=1&resourceVersion=99999999');
      const long = await kube.watch('/api/v1/secrets?watch=true');
      assert.equal(kube.simulator.openStreams, 2);
      await waitFor('the end', () => short.isEnded);
      assert.equal(long.isEnded, false);
      kube.simulator.dropWatches();
      await waitFor('the end', () => long.isEnded);
      assert.deepEqual([short.lines.length, long.lines.length], [0, 0]);
      await waitFor('no stream', () => kube.simulator.openStreams === 0);
    });

    test('tell a table’s columns once', async (context) => {
      const kube = await startKube(context, { version }, applyLena);
      const stream = await kube.watch('/api/v1/namespaces/lena/pods?watch=true', {
        headers: { accept: TABLE },
      });
      await countOf(stream, 2);
      const columns = stream.events.map(({ object }) => at(object, 'columnDefinitions'));
      assert.equal(Array.isArray(columns[0]), true);
      assert.deepEqual(new Set(columns.slice(1)), new Set([null]));
      assert.equal(at(stream.events[0]?.object, 'rows', 0, 'object', 'kind'), 'PartialObjectMetadata');
    });
  });
}

test('initial events end with an annotated bookmark', async (context) => {
  const kube = await startKube(context);
  putMaps(kube.simulator, 'a');
  const stream = await kube.watch(
    `${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  );
  await countOf(stream, 3);
  const last = stream.events.at(-1);
  assert.deepEqual(
    stream.events.map(({ type }) => type),
    ['ADDED', 'ADDED', 'BOOKMARK'],
  );
  assert.deepEqual(at(last?.object, 'metadata', 'annotations'), { 'k8s.io/initial-events-end': 'true' });
});
