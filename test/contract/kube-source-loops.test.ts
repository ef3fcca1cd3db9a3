import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { createKubeSource, type KubeSourceOptions } from '../../src/sources/kube/kube-source.ts';
import {
  answerStatus,
  createWorkspace,
  kubeconfigText,
  podObject,
  SmallApi,
} from '../support/kube-source-api.ts';
import { inMode } from '../support/modes.ts';
import { startSource } from '../support/sources-sink.ts';

let api: SmallApi;
let workspace: Awaited<ReturnType<typeof createWorkspace>>;
let running: ReturnType<typeof startSource>[] = [];

beforeEach(async () => {
  api = new SmallApi();
  await api.listen();
  workspace = await createWorkspace();
});
afterEach(async () => {
  for (const source of running) await source.stop();
  running = [];
  await api.close();
  await workspace.remove();
});

async function start(
  over: Partial<KubeSourceOptions> = {},
  config: Partial<Parameters<typeof kubeconfigText>[0]> = {},
) {
  const text = kubeconfigText({ server: api.url, user: { token: 'example-token' }, ...config });
  const source = createKubeSource({
    context: 'dev',
    kubeconfig: await workspace.write('config', text),
    clock: systemClock,
    random: () => 0.5,
    mode: inMode(),
    environment: {},
    ...over,
    limits: {
      backoffFirstMs: 20,
      backoffMaxMs: 100,
      deniedMs: 100,
      connectMs: 1_000,
      requestMs: 1_000,
      ...over.limits,
    },
  });
  const started = startSource(source);
  running.push(started);
  return { ...started, source };
}
const names = (sink: Awaited<ReturnType<typeof start>>['sink']) =>
  sink
    .all('instance')
    .map(({ name }) => name)
    .sort();

test('lists, then says live, then follows the watch', async () => {
  api.put('pods', podObject('a'));
  api.put('services', { metadata: { name: 'shop', namespace: 'shop' }, spec: { ports: [{ port: 80 }] } });
  const { sink } = await start();
  await sink.untilState('live');
  assert.deepEqual(names(sink), ['a']);
  assert.deepEqual(sink.all('serviceAddress')[0]?.ports, [80]);
  assert.equal(sink.statuses[0]?.state, 'connecting');
  api.put('pods', podObject('b'));
  await sink.until(() => names(sink).length === 2, 'second pod');
  api.remove('pods', 'shop', 'a');
  await sink.until(() => names(sink).join() === 'b', 'first pod gone');
  await sink.until(() => sink.lastFacts.capabilities?.['list pods']?.state === 'found', 'capability');
  await sink.until(() => sink.lastFacts.version === 'v1.30.0', 'version');
  assert.equal(sink.lastFacts.identity, 'u');
  assert.equal(sink.lastFacts.target, api.url);
  assert.equal(sink.lastFacts.clockSkewMs, 0);
});

test('follows pages by their continue tokens', async () => {
  for (let i = 0; i < 7; i++) api.put('pods', podObject(`p${i}`));
  const { sink } = await start({ limits: { pageSize: 3 } });
  await sink.untilState('live');
  assert.equal(names(sink).length, 7);
  assert.equal(api.requests.filter(({ url }) => url.startsWith('/api/v1/pods?limit=3')).length, 3);
});

test('starts the list over when its continue token expired, and asks in one go when that repeats', async () => {
  for (let i = 0; i < 5; i++) api.put('pods', podObject(`p${i}`));
  api.intercept = ({ resource, query, response }) => {
    if (resource !== 'pods' || !query.has('continue')) return false;
    answerStatus(response, 410, 'Expired', 'the provided continue parameter is too old');
    return true;
  };
  const { sink } = await start({ limits: { pageSize: 2 } });
  await sink.untilState('live');
  assert.equal(names(sink).length, 5);
});

test('relists after 410 Gone without dropping a row meanwhile', async () => {
  api.put('pods', podObject('a'));
  api.put('pods', podObject('b'));
  const { sink } = await start();
  await sink.untilState('live');
  await api.until(() => api.watchesOf('pods') === 1, 'watch open');
  let fewest = 2;
  const put = sink.changes.bind(sink);
  sink.changes = (batch) => {
    put(batch);
    fewest = Math.min(fewest, names(sink).length);
  };
  // Gone while nobody watched: only the relist can tell.
  api.objects.get('pods')?.delete('shop/a');
  api.objects.get('pods')?.set('shop/c', { ...podObject('c') });
  api.expireWatches('pods');
  await sink.until(() => names(sink).join() === 'b,c', 'relisted');
  assert.equal(fewest, 2);
  assert.equal(sink.lastStatus?.state, 'live');
});

test('resumes from the version of the last bookmark after a reset', async () => {
  api.put('pods', podObject('a'));
  const { sink } = await start();
  await sink.untilState('live');
  await api.until(() => api.watches === 8, 'all watches open');
  api.send(
    'pods',
    JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '777' } } }),
  );
  api.put('pods', podObject('z'));
  await sink.until(() => names(sink).length === 2, 'event after bookmark');
  api.send(
    'pods',
    JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '888' } } }),
  );
  api.put('services', { metadata: { name: 'marker', namespace: 'shop' }, spec: {} });
  await sink.until(() => sink.all('serviceAddress').length === 1, 'stream drained');
  api.resetWatches();
  await api.until(
    () => api.requests.some(({ url }) => url.includes('/pods?') && url.includes('resourceVersion=888')),
    'requested',
  );
  assert.equal(sink.lastStatus?.state, 'live');
});

test('reopens a watch that fell silent, from where it was', async () => {
  api.put('pods', podObject('a'));
  const { sink } = await start({ limits: { silenceMs: 150 } });
  await sink.untilState('live');
  await api.until(
    () => api.requests.filter(({ url }) => url.includes('/pods?watch=true')).length >= 2,
    'requested',
  );
  assert.equal(api.requests.filter(({ url }) => /\/pods\?limit/.test(url)).length, 1);
  assert.equal(sink.lastStatus?.state, 'live');
});

test('says refused with the time of the next try, and returns by itself', async () => {
  api.put('pods', podObject('a'));
  const { sink } = await start();
  await sink.untilState('live');
  const port = Number(new URL(api.url).port);
  await api.close();
  await sink.until(() => sink.errorCode === 'REFUSED', 'refused');
  const status = sink.lastStatus;
  assert.equal(status?.state, 'failed');
  assert.ok(status?.state === 'failed' && status.retryAt !== undefined && status.lastGoodAt !== undefined);
  assert.deepEqual(names(sink), ['a']);
  const next = new SmallApi();
  next.put('pods', podObject('b'));
  await next.listen(port);
  api = next;
  await sink.untilState('live');
  api.put('pods', podObject('c'));
  await sink.until(() => names(sink).includes('c'), 'live rows again');
});

test('one probe at a time knocks on a dead target, not every resource', async () => {
  const { sink } = await start();
  await sink.untilState('live');
  let probes = 0;
  api.intercept = ({ request }) => {
    probes++;
    request.socket.destroy();
    return true;
  };
  api.resetWatches();
  await sink.until(() => sink.lastStatus?.state === 'failed', 'failed');
  const before = probes;
  const failures = sink.statuses.length;
  await sink.until(() => sink.statuses.length >= failures + 3, 'three more tries');
  assert.ok(probes - before <= 6, `${probes - before} requests for three tries`);
});

test('401 is denied with UNAUTHORIZED and retried slowly', async () => {
  let isRefusing: boolean = true;
  api.intercept = ({ response }) => {
    if (isRefusing) answerStatus(response, 401, 'Unauthorized', 'Unauthorized');
    return isRefusing;
  };
  const { sink } = await start();
  await sink.untilState('denied');
  assert.equal(sink.errorCode, 'UNAUTHORIZED');
  isRefusing = false;
  await sink.untilState('live');
});

test('403 on the cluster-wide list narrows to the namespace of the kubeconfig and says so', async () => {
  api.put('pods', podObject('mine', { namespace: 'shop' }));
  api.put('pods', podObject('other', { namespace: 'pay' }));
  api.intercept = ({ namespace, request, response, isWatch }) => {
    if (namespace !== undefined || request.url === '/version' || isWatch) return false;
    answerStatus(
      response,
      403,
      'Forbidden',
      'pods is forbidden: User "viewer" cannot list resource "pods" at the cluster scope',
    );
    return true;
  };
  const { sink } = await start({}, { namespace: 'shop' });
  await sink.untilState('live');
  assert.deepEqual(names(sink), ['mine']);
  await sink.until(() => sink.lastFacts.notes?.length === 1, 'note');
  assert.deepEqual(sink.lastFacts.notes, ['cluster-wide list forbidden: namespace shop only']);
});

test('only the given namespaces are listed', async () => {
  for (const namespace of ['a', 'b', 'c']) api.put('pods', podObject(`in-${namespace}`, { namespace }));
  const { sink } = await start({ namespaces: ['a', 'b'] });
  await sink.untilState('live');
  assert.deepEqual(names(sink), ['in-a', 'in-b']);
  assert.ok(!api.requests.some(({ url }) => url.startsWith('/api/v1/pods')));
  api.expireWatches('pods');
  await api.until(
    () => api.requests.filter(({ url }) => url.includes('/a/pods?limit')).length === 2,
    'requested',
  );
  assert.deepEqual(names(sink), ['in-a', 'in-b']);
});

test('a resource that may not be listed is a denied capability, the rest is live', async () => {
  api.put('pods', podObject('a'));
  api.intercept = ({ resource, response }) => {
    if (resource !== 'events') return false;
    answerStatus(response, 403, 'Forbidden', 'events is forbidden');
    return true;
  };
  const { sink } = await start();
  await sink.untilState('live');
  await sink.until(() => sink.lastFacts.capabilities?.['list events']?.state === 'denied', 'capability');
});

test('pods that may not be listed make the context denied, though the rest is listed', async () => {
  api.put('services', { metadata: { name: 'shop', namespace: 'shop' }, spec: {} });
  api.intercept = ({ resource, response }) => {
    if (resource === 'pods') answerStatus(response, 403, 'Forbidden', 'pods is forbidden');
    return resource === 'pods';
  };
  const { sink } = await start();
  await sink.untilState('denied');
  assert.equal(sink.errorCode, 'FORBIDDEN');
  await sink.until(() => sink.all('serviceAddress').length === 1, 'the rest');
});

test('pods that cannot be listed make the context failed, not stale', async () => {
  api.intercept = ({ resource, response }) => {
    if (resource === 'pods') answerStatus(response, 500, 'InternalError', 'boom');
    return resource === 'pods';
  };
  const { sink } = await start();
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'REMOTE_ERROR');
});

test('everything forbidden is denied FORBIDDEN', async () => {
  api.intercept = ({ response }) => {
    answerStatus(response, 403, 'Forbidden', 'no rights');
    return true;
  };
  const { sink } = await start();
  await sink.untilState('denied');
  assert.equal(sink.errorCode, 'FORBIDDEN');
});

test('polls where listing is allowed and watching is not', async () => {
  api.put('pods', podObject('a'));
  api.intercept = ({ isWatch, response }) => {
    if (isWatch) answerStatus(response, 403, 'Forbidden', 'pods is forbidden: cannot watch');
    return isWatch;
  };
  const { sink } = await start({ limits: { pollMs: 50 } });
  await sink.untilState('live');
  api.put('pods', podObject('b'));
  await sink.until(() => names(sink).length === 2, 'polled');
  assert.equal(sink.lastStatus?.state, 'live');
  await sink.until(() => sink.lastFacts.capabilities?.['watch pods']?.state === 'denied', 'capability');
});

for (const [name, status, code] of [
  ['500', 500, 'REMOTE_ERROR'],
  ['503', 503, 'REMOTE_ERROR'],
  ['429', 429, 'THROTTLED'],
] as const) {
  test(`${name} on every request is failed with ${code} and heals`, async () => {
    let isFailing: boolean = true;
    api.put('pods', podObject('a'));
    api.intercept = ({ response }) => {
      if (isFailing) answerStatus(response, status, 'InternalError', 'etcdserver: request timed out');
      return isFailing;
    };
    const { sink } = await start();
    await sink.untilState('failed');
    assert.equal(sink.errorCode, code);
    isFailing = false;
    await sink.untilState('live');
  });
}

test('waits as long as Retry-After says', async () => {
  let first = 0;
  api.intercept = ({ resource, response }) => {
    if (resource !== 'pods' || first !== 0) return false;
    first = Date.now();
    response.writeHead(429, { 'retry-after': '1' });
    response.end();
    return true;
  };
  const { sink } = await start();
  await sink.untilState('live');
  const second = api.requests.filter(({ url }) => url.startsWith('/api/v1/pods?limit'))[1];
  assert.ok((second?.at ?? 0) - first >= 950, `${(second?.at ?? 0) - first} ms`);
});

test('one failing resource makes the context stale, not dead', async () => {
  api.put('pods', podObject('a'));
  api.intercept = ({ resource, response }) => {
    if (resource === 'events') answerStatus(response, 500, 'InternalError', 'boom');
    return resource === 'events';
  };
  const { sink } = await start();
  await sink.untilState('stale');
  assert.deepEqual(names(sink), ['a']);
});

for (const [name, type, body] of [
  ['an HTML page', 'text/html; charset=UTF-8', '<!DOCTYPE html><html><body>Sign in</body></html>'],
  ['garbage', 'application/json', '{"kind":"\u0000'],
  ['other JSON', 'application/json', '{"hello":"world"}'],
] as const) {
  test(`${name} with status 200 is UNEXPECTED_ANSWER`, async () => {
    api.intercept = ({ response }) => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
      return true;
    };
    const { sink } = await start();
    await sink.untilState('failed');
    assert.equal(sink.errorCode, 'UNEXPECTED_ANSWER');
  });
}

test('a redirect is not followed', async () => {
  api.intercept = ({ response }) => {
    response.writeHead(302, { location: 'http://127.0.0.1:9/' });
    response.end();
    return true;
  };
  const { sink } = await start();
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'REDIRECTED');
});

test('a target that never answers is a TIMEOUT', async () => {
  api.intercept = () => true;
  const { sink } = await start({ limits: { requestMs: 100 } });
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'TIMEOUT');
});

test('garbage inside a watch is counted and leads to a relist', async () => {
  api.put('pods', podObject('a'));
  const { sink } = await start();
  await sink.untilState('live');
  await api.until(() => api.watches === 8, 'all watches open');
  api.objects.get('pods')?.set('shop/c', podObject('c'));
  api.send('pods', '{"type":"ADDED","obj');
  await sink.until(() => names(sink).join() === 'a,c', 'relisted');
  await sink.until(() => sink.lastFacts.counts?.['badLines'] === 1, 'counted');
});

test('a line beyond the bound ends the watch, not the process', async () => {
  const { sink } = await start({ limits: { maxLineBytes: 10_000 } });
  await sink.untilState('live');
  await api.until(() => api.watches === 8, 'all watches open');
  api.objects.set('pods', new Map([['shop/c', podObject('c')]]));
  api.send('pods', `{"type":"ADDED","object":"${'x'.repeat(50_000)}`);
  await sink.until(() => names(sink).join() === 'c', 'relisted');
});

test('keeps no more objects than its bound and says so', async () => {
  for (let i = 0; i < 30; i++) api.put('pods', podObject(`p${i}`));
  const { sink } = await start({ limits: { maxObjects: 10 } });
  await sink.untilState('live');
  assert.equal(names(sink).length, 10);
  await sink.until(() => sink.lastFacts.counts?.['overLimit'] === 20, 'counted');
});

test('objects that are none are dropped and counted', async () => {
  api.put('pods', podObject('a'));
  api.put('pods', { metadata: { name: 'no-containers', namespace: 'shop' } });
  const { sink } = await start();
  await sink.untilState('live');
  assert.deepEqual(names(sink), ['a']);
  await sink.until(() => sink.lastFacts.counts?.['badObjects'] === 1, 'counted');
});

test('ends within a second of the abort, whatever hangs', async () => {
  api.intercept = ({ resource }) => resource === 'pods';
  const live = await start();
  await live.sink.until(() => live.sink.all('workload').length === 0, 'started');
  await api.until(() => api.watches >= 5, 'others open');
  const tookMs = await live.stop();
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
});

test('reads referred ConfigMaps by name before it says live, and again when due', async () => {
  api.put('configmaps', {
    metadata: { name: 'was', namespace: 'shop', creationTimestamp: '2025-01-01T00:00:00Z' },
    data: { LENA_SERVER_TYPE: 'was', LENA_MANAGER_KEY: 'EXAMPLE' },
  });
  api.put(
    'pods',
    podObject('a', {
      spec: {
        containers: [
          {
            name: 'shop',
            image: 'registry.example/shop:1',
            envFrom: [{ configMapRef: { name: 'was' } }, { secretRef: { name: 'db' } }],
          },
        ],
      },
    }),
  );
  const { sink } = await start({ limits: { configMapMs: 100 } });
  await sink.untilState('live');
  const environment = () => sink.all('instance')[0]?.environment ?? [];
  assert.deepEqual(environment(), [
    { name: 'LENA_SERVER_TYPE', value: 'was', origin: { kind: 'configMap', name: 'was' } },
    { name: 'LENA_MANAGER_KEY', isMasked: true, origin: { kind: 'configMap', name: 'was' } },
    { name: '*', isMasked: true, origin: { kind: 'secret', name: 'db' } },
  ]);
  assert.ok(!api.requests.some(({ url }) => url.includes('secrets') || /configmaps(\?|$)/.test(url)));
});

test('a ConfigMap changed after the start is marked', async () => {
  const map = (value: string, at: string) => ({
    metadata: { name: 'was', namespace: 'shop', managedFields: [{ time: at }] },
    data: { A: value },
  });
  api.put('configmaps', map('1', '2025-12-31T00:00:00Z'));
  api.put(
    'pods',
    podObject('a', {
      spec: {
        containers: [
          {
            name: 'shop',
            image: 'x',
            env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'was', key: 'A' } } }],
          },
        ],
      },
    }),
  );
  const { sink, source } = await start();
  await sink.untilState('live');
  const entry = () => sink.all('instance')[0]?.environment[0];
  assert.deepEqual(entry(), { name: 'A', value: '1', origin: { kind: 'configMap', name: 'was' } });
  api.put('configmaps', map('2', '2026-02-01T00:00:00Z'));
  source.refresh?.();
  await sink.until(() => entry()?.value === '2', 'read again');
  assert.equal(entry()?.changedSinceStart, true);
});
