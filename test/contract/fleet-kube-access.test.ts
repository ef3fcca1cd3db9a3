import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { applyLena, at, items, names, type RunningKube, startKube } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const PODS = '/api/v1/namespaces/lena/pods';
const USERS = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', groups: ['viewers'], rules: READ_ONLY },
  {
    name: 'restricted',
    rules: [{ verbs: ['get', 'list'], groups: [''], resources: ['pods', 'pods/log'], namespaces: ['lena'] }],
  },
];

/** A request that shows a client certificate and no token. */
function askWithCertificate(
  kube: RunningKube,
  user: string,
  path: string,
): Promise<{ status: number; text: string }> {
  const { certPem, keyPem } = kube.simulator.credentials(user);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${kube.simulator.url}${path}`, {
      ca: kube.simulator.caPem,
      cert: certPem,
      key: keyPem,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end();
  });
}
const review = (kube: RunningKube, as: string, resourceAttributes: object) =>
  kube
    .ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      as,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      }),
    })
    .then((answer) => ({ status: answer.status, is: at(JSON.parse(answer.text), 'status') }));

describe('access to a simulated cluster', () => {
  test('a client certificate names its user', async (context) => {
    const kube = await startKube(context, { users: USERS }, applyLena);
    assert.equal((await askWithCertificate(kube, 'viewer', PODS)).status, 200);
    const refused = await askWithCertificate(kube, 'viewer', '/api/v1/secrets');
    assert.equal(refused.status, 403);
    assert.match(
      refused.text,
      /User \\"viewer\\" cannot list resource \\"secrets\\" in API group \\"\\" at the cluster scope/,
    );
  });

  test('an ended certificate, a revoked user and an expired token are 401', async (context) => {
    const kube = await startKube(context, {
      users: [
        ...USERS,
        { name: 'old', rules: READ_ONLY, certificateExpiresAt: Date.UTC(2021, 0, 1), tokenExpiresAt: 1 },
      ],
    });
    assert.equal((await askWithCertificate(kube, 'old', PODS)).status, 401);
    assert.equal((await kube.ask(PODS, { as: 'old' })).status, 401);
    assert.equal((await kube.ask(PODS, { as: 'viewer' })).status, 200);
    kube.simulator.revoke('viewer');
    assert.equal((await kube.ask(PODS, { as: 'viewer' })).status, 401);
    assert.equal((await askWithCertificate(kube, 'viewer', PODS)).status, 401);
  });

  test('rights end at the namespace, the verb and the sub-resource', async (context) => {
    const kube = await startKube(context, { users: USERS }, applyLena);
    const status = async (path: string, method = 'GET') =>
      (await kube.ask(path, { as: 'restricted', method })).status;
    const name = String(names(await kube.json(PODS))[0]);
    assert.deepEqual(
      [
        await status(PODS),
        await status(`${PODS}/${name}`),
        await status(`${PODS}/${name}/log`),
        await status(`${PODS}?watch=true`),
        await status('/api/v1/pods'),
        await status('/api/v1/namespaces/other/pods'),
        await status('/apis/apps/v1/namespaces/lena/deployments'),
        await status(`${PODS}/${name}`, 'DELETE'),
        await status('/version'),
        await status('/apis'),
        await status('/metrics'),
      ],
      [200, 200, 200, 403, 403, 403, 403, 403, 200, 200, 403],
    );
    assert.deepEqual(
      await review(kube, 'restricted', { verb: 'list', resource: 'pods', namespace: 'lena' }),
      {
        status: 201,
        is: {
          allowed: true,
          reason: 'RBAC: allowed by RoleBinding "restricted/lena" of Role "restricted" to User "restricted"',
        },
      },
    );
    assert.deepEqual(await review(kube, 'restricted', { verb: 'list', resource: 'pods' }), {
      status: 201,
      is: { allowed: false },
    });
  });

  test('strangers see the version and nothing else', async (context) => {
    const kube = await startKube(context, { users: USERS });
    const status = async (path: string, as: string) => (await kube.ask(path, { as })).status;
    assert.deepEqual(
      [await status('/version', 'none'), await status('/api', 'none'), await status('/version', 'bad')],
      [200, 403, 401],
    );
  });

  test('who may only look is refused every write, sub-resources too', async (context) => {
    const kube = await startKube(context, { users: USERS }, applyLena);
    for (const [method, path] of [
      ['POST', PODS],
      ['DELETE', `${PODS}/lena-session-0`],
      ['PATCH', '/apis/apps/v1/namespaces/lena/deployments/lena-was'],
      ['PUT', '/apis/apps/v1/namespaces/lena/deployments/lena-was/scale'],
      ['POST', `${PODS}/lena-session-0/eviction`],
    ] as const) {
      const answer = await kube.ask(path, { method, as: 'viewer', body: '{}' });
      assert.equal(answer.status, 403, `${method} ${path}`);
      assert.equal(at(JSON.parse(answer.text), 'reason'), 'Forbidden');
    }
    assert.equal(at(await kube.json(`${PODS}/lena-session-0`), 'metadata', 'deletionTimestamp'), undefined);
  });

  test('large answers are packed for who asks, and dated by the cluster’s clock', async (context) => {
    const kube = await startKube(context, { clockSkewMs: 300_000 }, (simulator) => {
      for (let i = 0; i < 200; i++) {
        simulator.apply({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `m${i}`, namespace: 'lena' },
          data: { text: 'x'.repeat(2_000) },
        });
      }
    });
    const headers = { 'accept-encoding': 'gzip' };
    const all = await kube.ask('/api/v1/configmaps', { headers });
    assert.equal(all.headers['content-encoding'], 'gzip');
    assert.equal(items(JSON.parse(gunzipSync(all.bytes).toString('utf8')), 'items').length, 202 + 1);
    const few = await kube.ask('/api/v1/configmaps?limit=1', { headers });
    assert.equal(few.headers['content-encoding'], undefined);
    assert.ok(Date.parse(String(few.headers.date)) > Date.now() + 200_000);
  });

  test('what is asked is written down without credentials', async (context) => {
    const kube = await startKube(context, { users: USERS });
    const { token } = kube.simulator.credentials('viewer');
    await kube.ask(`${PODS}?limit=5`, { as: 'viewer' });
    await kube.watch(`${PODS}?watch=true`, { as: 'viewer' });
    assert.deepEqual(kube.simulator.requests, [
      { method: 'GET', path: `${PODS}?limit=5`, status: 200 },
      { method: 'GET', path: `${PODS}?watch=true`, status: 200 },
    ]);
    assert.equal(JSON.stringify(kube.simulator.requests).includes(token), false);
  });
});

describe('a simulated cluster out of order', () => {
  test('refuses, cuts what is open, and comes back on the same port', async (context) => {
    const kube = await startKube(context, {}, applyLena);
    const { url } = kube.simulator;
    const stream = await kube.watch(`${PODS}?watch=true`);
    kube.simulator.setFault({ kind: 'refuse' });
    await waitFor('the cut', () => stream.isEnded);
    await assert.rejects(kube.ask(PODS), { code: 'ECONNREFUSED' });
    kube.simulator.setFault(undefined);
    await waitFor('the return', () =>
      kube.ask(PODS).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    assert.equal(kube.simulator.url, url);
  });

  test('falls silent half-open: watches stay and say nothing more', async (context) => {
    const kube = await startKube(context, {}, applyLena);
    const stream = await kube.watch('/api/v1/namespaces/lena/configmaps?watch=true');
    await waitFor('the first lines', () => stream.lines.length >= 4);
    kube.simulator.setFault({ kind: 'hang' });
    const change = () =>
      kube.simulator.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'new', namespace: 'lena' },
      });
    change();
    const before = stream.lines.length;
    const unanswered = kube.ask(PODS).then(
      () => 'answered',
      () => 'cut',
    );
    await waitFor('the hanging request', () => kube.simulator.requests.at(-1)?.status === 0);
    kube.simulator.setFault(undefined);
    const list = await kube.json('/api/v1/namespaces/lena/configmaps');
    assert.ok(names(list).includes('new'));
    assert.deepEqual([stream.lines.length, stream.isEnded], [before, false]);
    kube.simulator.setFault({ kind: 'reset' });
    await waitFor('the cut', () => stream.isEnded);
    assert.equal(await unanswered, 'cut');
  });

  test('answers with errors, pages and garbage', async (context) => {
    const kube = await startKube(context);
    kube.simulator.setFault({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    assert.equal((await kube.ask(PODS)).headers['retry-after'], '1');
    kube.simulator.setFault({ kind: 'html', status: 200 });
    assert.match((await kube.ask(PODS)).text, /<html>/);
    kube.simulator.setFault({ kind: 'garbage' });
    const garbage = await kube.ask(PODS);
    assert.throws(() => JSON.parse(garbage.text));
    kube.simulator.setFault({ kind: 'slow', delayMs: 30 });
    assert.equal((await kube.ask(PODS)).status, 200);
    assert.deepEqual(
      kube.simulator.requests.map(({ status }) => status),
      [429, 200, 200, 200],
    );
  });
});
