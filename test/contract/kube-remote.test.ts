import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { KubeCall, Sent } from '../../src/domain/call.ts';
import type { KubeAccess } from '../../src/domain/remote.ts';
import { startKube } from '../support/fleet-kube.ts';
import { answerJson, openRemote, startRecordingApi } from '../support/kube-remote.ts';
import { inMode } from '../support/modes.ts';

const SIGNAL = AbortSignal.timeout(60_000);
const PATH = '/apis/apps/v1/namespaces/lena/deployments/was';
const PATCH: KubeCall = {
  system: 'kube',
  method: 'PATCH',
  path: PATH,
  query: { fieldManager: 'l9s' },
  contentType: 'application/json-patch+json',
  body: [
    { op: 'test', path: '/spec/replicas', value: 2 },
    { op: 'replace', path: '/spec/replicas', value: 3 },
  ],
};
const status = (code: number, reason: string, message: string, details: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
});
const codeOf = (sent: Sent) => (sent.outcome === 'done' ? 'none' : sent.error.code);
const messageOf = (sent: Sent) => (sent.outcome === 'done' ? '' : sent.error.message);

describe('a call to an API server', () => {
  test('leaves once, as planned, and is done when the server says so', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => answerJson(response, 200, { kind: 'Deployment', spec: { replicas: 3 } });
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual(sent, { outcome: 'done', answer: { kind: 'Deployment', spec: { replicas: 3 } } });
    const [request] = api.requests;
    assert.equal(api.requests.length, 1);
    assert.equal(request?.method, 'PATCH');
    assert.equal(request?.url, `${PATH}?fieldManager=l9s`);
    assert.equal(request?.headers['content-type'], 'application/json-patch+json');
    assert.equal(request?.headers.authorization, 'Bearer EXAMPLE-TOKEN');
    assert.deepEqual(JSON.parse(request?.body ?? ''), PATCH.body);
  });

  test('goes below the path of the server’s own address', async (context) => {
    const api = await startRecordingApi(context);
    const remote = await openRemote(context, { server: `${api.url}/k8s/clusters/c-1` });
    assert.equal((await remote.send(PATCH, SIGNAL)).outcome, 'done');
    assert.equal(api.requests[0]?.url, `/k8s/clusters/c-1${PATH}?fieldManager=l9s`);
  });

  const pdb = status(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget pdb-was needs 2 healthy pods and has 2',
        },
      ],
    },
  );
  const invalid = status(422, 'Invalid', 'Deployment.apps "was" is invalid', {
    causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.replicas' }],
  });
  const cases: readonly (readonly [
    what: string,
    http: number,
    body: object | string,
    outcome: Sent['outcome'],
    code: string,
    says: RegExp,
  ])[] = [
    [
      'a conflict',
      409,
      status(409, 'Conflict', 'the object has been modified'),
      'failed',
      'CONFLICT',
      /modified/,
    ],
    [
      'a failed test of a patch',
      422,
      status(422, 'Invalid', 'the server rejected our request'),
      'failed',
      'CONFLICT',
      /rejected/,
    ],
    ['an invalid object', 422, invalid, 'failed', 'ACTION_IMPOSSIBLE', /Invalid value: -1/],
    [
      'a missing right',
      403,
      status(
        403,
        'Forbidden',
        'deployments.apps "was" is forbidden: User "viewer" cannot patch resource "deployments" in API group "apps" in the namespace "lena"',
      ),
      'failed',
      'PERMISSION_DENIED',
      /cannot patch resource "deployments"/,
    ],
    [
      'a webhook that refuses',
      403,
      status(403, 'Forbidden', 'admission webhook "policy.example" denied the request: not on Fridays'),
      'failed',
      'ADMISSION_REFUSED',
      /not on Fridays/,
    ],
    [
      'a webhook that chose 400',
      400,
      status(400, 'BadRequest', 'admission webhook "policy.example" denied the request: no'),
      'failed',
      'ADMISSION_REFUSED',
      /denied/,
    ],
    [
      'a webhook that is not there',
      500,
      status(
        500,
        'InternalError',
        'Internal error occurred: failed calling webhook "policy.example": connect: refused',
      ),
      'failed',
      'ADMISSION_REFUSED',
      /failed calling webhook/,
    ],
    [
      'a quota',
      403,
      status(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: pods'),
      'failed',
      'ADMISSION_REFUSED',
      /quota/,
    ],
    [
      'an object that is gone',
      404,
      status(404, 'NotFound', 'deployments.apps "was" not found'),
      'failed',
      'NOT_FOUND',
      /not found/,
    ],
    ['a disruption budget', 429, pdb, 'failed', 'DISRUPTION_BUDGET', /pdb-was needs 2 healthy/],
    [
      'throttling',
      429,
      status(429, 'TooManyRequests', 'too many requests'),
      'failed',
      'THROTTLED',
      /too many/,
    ],
    [
      'bad credentials',
      401,
      status(401, 'Unauthorized', 'Unauthorized'),
      'failed',
      'UNAUTHORIZED',
      /Unauthorized/,
    ],
    [
      'a body of another type',
      415,
      status(415, 'UnsupportedMediaType', 'the body has the wrong type'),
      'failed',
      'ACTION_IMPOSSIBLE',
      /wrong type/,
    ],
    [
      'an internal error',
      500,
      status(500, 'InternalError', 'etcd is not well'),
      'unknown',
      'OUTCOME_UNKNOWN',
      /etcd/,
    ],
    [
      'a server that is leaving',
      503,
      status(503, 'ServiceUnavailable', 'shutting down'),
      'unknown',
      'OUTCOME_UNKNOWN',
      /shutting/,
    ],
    [
      'a time-out of the server',
      504,
      status(504, 'Timeout', 'request did not complete'),
      'unknown',
      'OUTCOME_UNKNOWN',
      /complete/,
    ],
    ['a proxy’s bad gateway', 502, '<html>bad gateway</html>', 'unknown', 'OUTCOME_UNKNOWN', /502/],
    ['a page with status 200', 200, '<html>log in</html>', 'unknown', 'OUTCOME_UNKNOWN', /HTTP 200/],
    ['a redirect', 302, '', 'unknown', 'OUTCOME_UNKNOWN', /302/],
    ['a proxy that waited too long', 408, 'timeout', 'unknown', 'OUTCOME_UNKNOWN', /408/],
  ];
  for (const [what, http, body, outcome, code, says] of cases) {
    test(`${what} is ${outcome} with ${code}, and is not repeated`, async (context) => {
      const api = await startRecordingApi(context);
      api.answer = (_, response) => {
        if (typeof body !== 'string') return answerJson(response, http, body);
        response.writeHead(http, { 'content-type': 'text/html', location: `${api.url}/elsewhere` });
        response.end(body);
      };
      const remote = await openRemote(context, { server: api.url });
      const sent = await remote.send(PATCH, SIGNAL);
      assert.deepEqual([sent.outcome, codeOf(sent)], [outcome, code]);
      assert.match(messageOf(sent), says);
      assert.equal(api.requests.length, 1);
    });
  }

  test('a 422 without details is a conflict only where the patch tests something', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => answerJson(response, 422, status(422, 'Invalid', 'rejected'));
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send({ ...PATCH, body: [{ op: 'remove', path: '/spec/x' }] }, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent)], ['failed', 'ACTION_IMPOSSIBLE']);
  });

  test('says no secret of what a server repeats', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) =>
      answerJson(
        response,
        422,
        status(422, 'Invalid', 'bad LENA_MANAGER_KEY=EXAMPLE-1, Bearer EXAMPLE-22222'),
      );
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send({ ...PATCH, body: {} }, SIGNAL);
    assert.match(messageOf(sent), /LENA_MANAGER_KEY=\*\*\*/);
    assert.doesNotMatch(JSON.stringify(sent), /EXAMPLE/);
  });

  test('a dry run says so in the query, and in the body too where a DELETE has one', async (context) => {
    const api = await startRecordingApi(context);
    const remote = await openRemote(context, { server: api.url });
    await remote.dryRun(PATCH, SIGNAL);
    const path = '/api/v1/namespaces/lena/pods/was-0';
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' } };
    await remote.dryRun({ system: 'kube', method: 'DELETE', path, body }, SIGNAL);
    await remote.dryRun({ system: 'kube', method: 'DELETE', path }, SIGNAL);
    const [patched, deleted, bare] = api.requests;
    assert.equal(patched?.url, `${PATH}?fieldManager=l9s&dryRun=All`);
    assert.equal(deleted?.url, `${path}?dryRun=All`);
    assert.deepEqual(JSON.parse(deleted?.body ?? ''), { ...body, dryRun: ['All'] });
    assert.equal(bare?.url, `${path}?dryRun=All`);
    assert.equal(bare?.body, '');
  });

  test('of another system is not sent', async (context) => {
    const api = await startRecordingApi(context);
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send({ system: 'ecs', operation: 'StopTask', input: {} }, SIGNAL);
    assert.equal(sent.outcome, 'notSent');
    assert.equal(api.requests.length, 0);
  });
});

describe('a call that gets no answer', () => {
  const cut = (response: ServerResponse) => response.socket?.destroy();

  test('is unknown when the connection is lost after it left', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => cut(response);
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent)], ['unknown', 'OUTCOME_UNKNOWN']);
    assert.equal(api.requests.length, 1);
  });

  test('is unknown when the answer breaks off', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"kind":', () => cut(response));
    };
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.equal(sent.outcome, 'unknown');
    assert.equal(api.requests.length, 1);
  });

  test('is unknown when no answer comes in time', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = () => undefined;
    const remote = await openRemote(context, { server: api.url, limits: { writeMs: 50 } });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.equal(sent.outcome, 'unknown');
    assert.equal(api.requests.length, 1);
  });

  test('is unknown when we leave while it is on its way', async (context) => {
    const api = await startRecordingApi(context);
    const leaving = new AbortController();
    api.answer = () => leaving.abort();
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send(PATCH, leaving.signal);
    assert.equal(sent.outcome, 'unknown');
    assert.equal(api.requests.length, 1);
  });

  test('was not sent when we left before', async (context) => {
    const api = await startRecordingApi(context);
    const remote = await openRemote(context, { server: api.url });
    const sent = await remote.send(PATCH, AbortSignal.abort());
    assert.equal(sent.outcome, 'notSent');
    assert.equal(api.requests.length, 0);
  });

  test('was not sent when nothing listens', async (context) => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const address = gone.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => gone.close(resolve));
    const remote = await openRemote(context, { server: `http://127.0.0.1:${port}` });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent)], ['notSent', 'REFUSED']);
  });

  test('was not sent when the name is unknown', async (context) => {
    const remote = await openRemote(context, { server: 'https://nowhere.invalid:6443' });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.equal(sent.outcome, 'notSent');
    assert.ok(['NAME_UNKNOWN', 'TIMEOUT'].includes(codeOf(sent)), codeOf(sent));
  });

  test('was not sent when the server’s certificate is not trusted', async (context) => {
    const { simulator } = await startKube(context);
    const remote = await openRemote(context, { server: simulator.url });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent)], ['notSent', 'TLS_UNTRUSTED']);
    assert.equal(simulator.requests.length, 0);
  });

  test('was not sent when the credentials cannot be had', async (context) => {
    const api = await startRecordingApi(context);
    const remote = await openRemote(context, { server: api.url, user: { tokenFile: '/nonexistent/token' } });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent)], ['notSent', 'UNAUTHORIZED']);
    assert.equal(api.requests.length, 0);
  });
});

describe('credentials a server does not know any more', () => {
  const tokenFile = (context: { after(task: () => void): void }) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'l9s-token-'));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    const file = path.join(directory, 'token');
    writeFileSync(file, 'EXAMPLE-OLD');
    return file;
  };
  const unauthorized = status(401, 'Unauthorized', 'Unauthorized');

  test('are renewed once, and the call is sent anew: it was refused unread', async (context) => {
    const api = await startRecordingApi(context);
    const file = tokenFile(context);
    api.answer = ({ headers }, response) => {
      if (headers.authorization === 'Bearer EXAMPLE-NEW')
        return answerJson(response, 200, { kind: 'Deployment' });
      writeFileSync(file, 'EXAMPLE-NEW');
      answerJson(response, 401, unauthorized);
    };
    const remote = await openRemote(context, { server: api.url, user: { tokenFile: file } });
    assert.equal((await remote.send(PATCH, SIGNAL)).outcome, 'done');
    assert.equal(api.requests.length, 2);
  });

  test('are not renewed a second time', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => answerJson(response, 401, unauthorized);
    const remote = await openRemote(context, { server: api.url, user: { tokenFile: tokenFile(context) } });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent), api.requests.length], ['failed', 'UNAUTHORIZED', 2]);
  });

  test('that cannot be renewed leave the call unsent, not unknown', async (context) => {
    const api = await startRecordingApi(context);
    const file = tokenFile(context);
    api.answer = (_, response) => {
      rmSync(file);
      answerJson(response, 401, unauthorized);
    };
    const remote = await openRemote(context, { server: api.url, user: { tokenFile: file } });
    const sent = await remote.send(PATCH, SIGNAL);
    assert.deepEqual([sent.outcome, codeOf(sent), api.requests.length], ['notSent', 'UNAUTHORIZED', 1]);
  });
});

describe('a remote in a mode that changes nothing', () => {
  for (const mode of ['triage', 'readonly'] as const)
    test(`sends no write and opens no exec in ${mode}, and still reads`, async (context) => {
      const api = await startRecordingApi(context);
      api.answer = (_, response) => answerJson(response, 201, { status: { allowed: true } });
      const remote = await openRemote(context, { server: api.url, mode: inMode(mode) });
      const podPath = '/api/v1/namespaces/lena/pods/was-0';
      const calls: readonly KubeCall[] = [
        PATCH,
        { ...PATCH, query: { dryRun: 'All' } },
        { system: 'kube', method: 'PUT', path: `${PATH}/scale`, body: {} },
        { system: 'kube', method: 'POST', path: `${podPath}/eviction`, body: {} },
        { system: 'kube', method: 'DELETE', path: podPath },
      ];
      for (const call of calls) {
        const sent = await remote.send(call, SIGNAL);
        assert.deepEqual([sent.outcome, codeOf(sent)], ['notSent', 'TRANSPORT_LOCKED'], call.path);
        const tried = await remote.dryRun(call, SIGNAL);
        assert.equal(tried?.outcome, 'notSent', call.path);
      }
      const exec = {
        namespace: 'lena',
        pod: 'was-0',
        container: 'was',
        argv: ['ls'],
        timeoutMs: 1_000,
        maxBytes: 100,
      };
      await assert.rejects(remote.exec(exec, SIGNAL), { code: 'TRANSPORT_LOCKED' });
      await assert.rejects(remote.get('/api/v1/namespaces/lena/secrets/one', {}, SIGNAL), {
        code: 'TRANSPORT_LOCKED',
      });
      assert.equal(api.requests.length, 0);
      await remote.get(podPath, {}, SIGNAL);
      assert.equal(
        (await remote.mayI({ verb: 'delete', group: '', resource: 'pods' }, SIGNAL)).state,
        'allowed',
      );
      assert.deepEqual(
        api.requests.map(({ method }) => method),
        ['GET', 'POST'],
      );
    });

  test('follows a mode that changes while it is open', async (context) => {
    const api = await startRecordingApi(context);
    let mode: 'normal' | 'readonly' = 'readonly';
    const remote = await openRemote(context, { server: api.url, mode: () => ({ mode, origin: 'a lift' }) });
    assert.equal((await remote.send(PATCH, SIGNAL)).outcome, 'notSent');
    mode = 'normal';
    assert.equal((await remote.send(PATCH, SIGNAL)).outcome, 'done');
    mode = 'readonly';
    assert.equal((await remote.send(PATCH, SIGNAL)).outcome, 'notSent');
    assert.equal(api.requests.length, 1);
  });
});

describe('asking for a right', () => {
  const ACCESS: KubeAccess = {
    verb: 'patch',
    group: 'apps',
    resource: 'deployments',
    subresource: 'scale',
    namespace: 'lena',
  };

  test('is one review a minute for each right, shared by those who ask at once', async (context) => {
    const api = await startRecordingApi(context);
    let now = 1_000_000;
    api.answer = (_, response) =>
      answerJson(response, 201, { status: { allowed: false, reason: 'no such role' } });
    const remote = await openRemote(context, { server: api.url, clock: { ...systemClock, now: () => now } });
    const [first, second] = await Promise.all([remote.mayI(ACCESS, SIGNAL), remote.mayI(ACCESS, SIGNAL)]);
    assert.deepEqual(first, { state: 'denied', reason: 'no such role' });
    assert.deepEqual(second, first);
    await remote.mayI({ ...ACCESS, namespace: 'shop' }, SIGNAL);
    assert.equal(api.requests.length, 2);
    assert.deepEqual(JSON.parse(api.requests[0]?.body ?? '').spec.resourceAttributes, ACCESS);
    now += 59_000;
    await remote.mayI(ACCESS, SIGNAL);
    assert.equal(api.requests.length, 2);
    now += 2_000;
    await remote.mayI(ACCESS, SIGNAL);
    assert.equal(api.requests.length, 3);
  });

  test('is unknown, and asked again, where the review fails', async (context) => {
    const api = await startRecordingApi(context);
    api.answer = (_, response) => answerJson(response, 403, status(403, 'Forbidden', 'no reviews for you'));
    const remote = await openRemote(context, { server: api.url });
    assert.equal((await remote.mayI(ACCESS, SIGNAL)).state, 'unknown');
    assert.equal((await remote.mayI(ACCESS, SIGNAL)).state, 'unknown');
    assert.equal(api.requests.length, 2);
  });
});

test('an identity is who the credentials are of, without asking anybody', async (context) => {
  const api = await startRecordingApi(context);
  const remote = await openRemote(context, { server: api.url, user: { token: 'EXAMPLE', as: 'jane' } });
  assert.equal(await remote.identity(SIGNAL), 'jane');
  assert.equal(api.requests.length, 0);
});
