import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ManagerCall } from '../../src/domain/call.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { createManagerRemote, type ManagerRemoteOptions } from '../../src/sources/manager/manager-remote.ts';
import { inMode } from '../support/modes.ts';
import { startManager } from '../support/sources-manager.ts';
import { listenTiny } from '../support/sources-server.ts';
import { startProxy, startTls } from '../support/sources-tls.ts';

const SIGNAL = AbortSignal.timeout(60_000);
const KEY = 'k%2Bey%3D';
const STOP: ManagerCall = {
  system: 'manager',
  method: 'POST',
  path: '/rest/was/servers/was01/nodes/vm-1/systems/IDC/action',
  body: { action: 'stop' },
};
const code = (wanted: string, words?: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof AppError);
  assert.equal(thrown.code, wanted, thrown.message);
  if (words !== undefined) assert.match(thrown.message, words);
  assert.ok(!thrown.message.includes(KEY));
  return true;
};

async function remoteOf(
  context: TestContext,
  urls: readonly string[],
  options: Partial<ManagerRemoteOptions> & { readonly in?: Mode } = {},
) {
  const remote = await createManagerRemote({
    context: 'mgr',
    urls,
    key: async () => new Secret(KEY),
    clock: systemClock,
    mode: inMode(options.in),
    timeoutMs: 1_000,
    actionTimeoutMs: 300,
    ...options,
  });
  context.after(() => remote.close());
  return remote;
}

/** A Manager that says who it is and answers actions as told, with what reached it. */
async function tinyManager(
  context: TestContext,
  onAction: (request: IncomingMessage, response: ServerResponse) => void,
  info: object = { version: '1.3.2.10', haMode: 'SINGLE' },
) {
  const bodies: string[] = [];
  const server = await listenTiny((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.includes('managerInfo') === true ? info : { serverList: [] }));
      return;
    }
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      bodies.push(text);
      onAction(request, response);
    });
  });
  context.after(() => server.close());
  return { ...server, bodies, posts: () => server.requests.filter((line) => line.startsWith('POST')) };
}
const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const page = (status: number) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>Login</title>');
};

test('sends an action once, as planned, the key as it is', async (context) => {
  const manager = await tinyManager(context, json(200, { actionResult: 'Y' }));
  const remote = await remoteOf(context, [manager.url]);
  assert.deepEqual(await remote.send(STOP, SIGNAL), { outcome: 'done', answer: { actionResult: 'Y' } });
  assert.deepEqual(manager.posts(), [`POST /lena${STOP.path}?key=${KEY}`]);
  assert.deepEqual(manager.bodies, ['{"action":"stop"}']);
  assert.equal(await remote.dryRun(STOP, SIGNAL), undefined);
  assert.match((await remote.identity(SIGNAL)) ?? '', /^Manager key sha256:[0-9a-f]{8}$/);
});

for (const [what, answer, outcome, error] of [
  ['"N"', json(200, { actionResult: 'N' }), 'failed', 'ACTION_IMPOSSIBLE'],
  ['401', json(401, { error: `wrong key ${KEY}`, code: 401 }), 'failed', 'PERMISSION_DENIED'],
  ['403', json(403, { error: 'no EXECUTE', code: 403 }), 'failed', 'PERMISSION_DENIED'],
  ['404', json(404, { error: 'no such server', code: 404 }), 'failed', 'NOT_FOUND'],
  ['409', json(409, { error: 'on standby', code: 409 }), 'failed', 'CONFLICT'],
  ['400', json(400, { error: 'bad body', code: 400 }), 'failed', 'ACTION_IMPOSSIBLE'],
  ['429', json(429, { error: 'too many', code: 429 }), 'failed', 'THROTTLED'],
  ['500', json(500, { error: 'broken', code: 500 }), 'unknown', 'OUTCOME_UNKNOWN'],
  ['503 of a proxy', page(503), 'unknown', 'OUTCOME_UNKNOWN'],
  ['a page', page(200), 'unknown', 'OUTCOME_UNKNOWN'],
  ['JSON of something else', json(200, { ok: true }), 'unknown', 'OUTCOME_UNKNOWN'],
  ['no JSON', json(200, undefined), 'unknown', 'OUTCOME_UNKNOWN'],
  [
    'a redirect',
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(302, { location: '/login' }).end();
    },
    'unknown',
    'OUTCOME_UNKNOWN',
  ],
  ['a cut connection', (request: IncomingMessage) => request.socket.destroy(), 'unknown', 'OUTCOME_UNKNOWN'],
  ['nothing in time', () => undefined, 'unknown', 'OUTCOME_UNKNOWN'],
] as const) {
  test(`${what} as the answer is ${outcome} ${error}, after one request`, async (context) => {
    const manager = await tinyManager(context, answer);
    const remote = await remoteOf(context, [manager.url]);
    const sent = await remote.send(STOP, SIGNAL);
    assert.equal(sent.outcome, outcome, JSON.stringify(sent));
    assert.ok('error' in sent);
    assert.equal(sent.error.code, error);
    assert.ok(!sent.error.message.includes(KEY), sent.error.message);
    assert.equal(manager.posts().length, 1);
  });
}

test('reads with the key, but what is public without it', async (context) => {
  const manager = await tinyManager(context, json(200, {}));
  const remote = await remoteOf(context, [manager.url]);
  await remote.get('/rest/public/managerInfo', {}, SIGNAL);
  await remote.get('/rest/notification', { interval: '60', limit: undefined }, SIGNAL);
  assert.ok(manager.requests.every((line) => line.includes('managerInfo') !== line.includes('key=')));
  assert.equal(manager.requests.at(-1), `GET /lena/rest/notification?interval=60&key=${KEY}`);
});

test('an abort while the answer is awaited is unknown, one before is not sent', async (context) => {
  const abort = new AbortController();
  const manager = await tinyManager(context, () => abort.abort());
  const remote = await remoteOf(context, [manager.url], { actionTimeoutMs: 20_000 });
  assert.equal((await remote.send(STOP, abort.signal)).outcome, 'unknown');
  assert.equal((await remote.send(STOP, abort.signal)).outcome, 'notSent');
  assert.equal(manager.posts().length, 1);
});

test('nothing is sent where nobody listens, or TLS is not trusted', async (context) => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  const refused = await (await remoteOf(context, [`http://127.0.0.1:${port}`])).send(STOP, SIGNAL);
  assert.equal(refused.outcome, 'notSent');
  const manager = await tinyManager(context, json(200, { actionResult: 'Y' }));
  const tls = await startTls(manager.port);
  context.after(() => tls.close());
  const untrusted = await (await remoteOf(context, [tls.url])).send(STOP, SIGNAL);
  assert.ok(untrusted.outcome === 'notSent');
  assert.equal(untrusted.error.code, 'TLS_UNTRUSTED');
  assert.deepEqual(manager.requests, []);
});

test('through a proxy: an action is done, and without the proxy nothing is sent', async (context) => {
  const manager = await tinyManager(context, json(200, { actionResult: 'Y' }));
  const tls = await startTls(manager.port);
  context.after(() => tls.close());
  const proxy = await startProxy();
  let isOpen = true;
  const close = async () => {
    if (isOpen) await proxy.close();
    isOpen = false;
  };
  context.after(close);
  const environment = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: tls.caFile };
  const remote = await remoteOf(context, [tls.url], { environment });
  assert.equal((await remote.send(STOP, SIGNAL)).outcome, 'done');
  assert.ok(proxy.asked.length > 0);
  await close();
  assert.equal((await remote.send(STOP, SIGNAL)).outcome, 'notSent');
  assert.equal(manager.posts().length, 1);
});

test('nothing is sent where the Manager goes between being found and being asked', async (context) => {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    server.close();
    response.end('{"haMode":"SINGLE"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const sent = await (await remoteOf(context, [`http://127.0.0.1:${port}`])).send(STOP, SIGNAL);
  assert.ok(sent.outcome === 'notSent', JSON.stringify(sent));
  assert.equal(sent.error.code, 'REFUSED');
});

for (const mode of ['readonly', 'triage'] as const) {
  test(`in ${mode} reads pass and nothing is posted`, async (context) => {
    const manager = await tinyManager(context, json(200, { actionResult: 'Y' }));
    const remote = await remoteOf(context, [manager.url], { in: mode });
    const sent = await remote.send(STOP, SIGNAL);
    assert.ok(sent.outcome === 'notSent');
    assert.equal(sent.error.code, 'TRANSPORT_LOCKED');
    assert.match(sent.error.message, new RegExp(`${mode} \\(set by the test\\)`));
    assert.deepEqual(await remote.get('/rest/was/servers', {}, SIGNAL), { serverList: [] });
    assert.deepEqual(manager.posts(), []);
  });
}

test('the licence call and anything unknown leave in no mode', async (context) => {
  const manager = await tinyManager(context, json(200, { actionResult: 'Y' }));
  const remote = await remoteOf(context, [manager.url]);
  for (const path of [
    '/rest/container/license',
    '/rest/was/servers/../../container/license',
    '/rest/users',
  ]) {
    const sent = await remote.send({ ...STOP, path }, SIGNAL);
    assert.ok(sent.outcome === 'notSent');
    assert.equal(sent.error.code, 'TRANSPORT_LOCKED');
    await assert.rejects(remote.get(path, {}, SIGNAL), code('TRANSPORT_LOCKED'));
  }
  assert.ok(manager.requests.every((line) => line.includes('managerInfo')));
  const other = await remote.send({ system: 'ecs', operation: 'StopTask', input: {} }, SIGNAL);
  assert.equal(other.outcome, 'notSent');
});

test('of two Managers only the one that alone says it is active is asked', async (context) => {
  const done = json(200, { actionResult: 'Y' });
  const standby = await tinyManager(context, done, { haMode: 'STANDBY' });
  const active = await tinyManager(context, done, { haMode: 'ACTIVE' });
  const second = await tinyManager(context, done, { haMode: 'ACTIVE' });
  const pair = await remoteOf(context, [standby.url, active.url]);
  assert.equal((await pair.send(STOP, SIGNAL)).outcome, 'done');
  assert.equal(active.posts().length, 1);
  for (const urls of [
    [active.url, second.url],
    [standby.url, 'http://127.0.0.1:1'],
  ]) {
    const sent = await (await remoteOf(context, urls)).send(STOP, SIGNAL);
    assert.ok(sent.outcome === 'notSent');
    assert.equal(sent.error.code, 'ACTION_IMPOSSIBLE', sent.error.message);
  }
  assert.equal(standby.posts().length + second.posts().length, 0);
  assert.equal(active.posts().length, 1);
});

async function fleetRemote(context: TestContext) {
  const { simulator } = await startManager();
  context.after(() => simulator.close());
  const remote = await remoteOf(context, [simulator.url], { key: async () => new Secret(simulator.key) });
  return { simulator, remote };
}

test('gives a template whole: the default one, or the revision asked for', async (context) => {
  const { remote } = await fleetRemote(context);
  const byDefault = await remote.template('shop', undefined, SIGNAL);
  assert.equal(byDefault.revision, '2');
  assert.ok(byDefault.files.has('conf/server.xml'));
  assert.ok(!byDefault.files.has('lena-template.ver'));
  assert.equal((await remote.template('shop', '3', SIGNAL)).revision, '3');
});

test('tells apart a revision that is not there, a wrong key and a name that cannot be', async (context) => {
  const { remote, simulator } = await fleetRemote(context);
  await assert.rejects(remote.template('shop', '99', SIGNAL), code('NOT_FOUND'));
  await assert.rejects(remote.template('..', undefined, SIGNAL), code('INPUT_INVALID'));
  await assert.rejects(remote.template('shop:2', '3', SIGNAL), code('INPUT_INVALID'));
  const wrong = await remoteOf(context, [simulator.url]);
  await assert.rejects(wrong.template('shop', '2', SIGNAL), code('KEY_REFUSED'));
});

for (const [fault, wanted] of [
  ['page', 'NOT_FOUND'],
  ['brokenZip', 'TEMPLATE_INVALID'],
  ['zipBomb', 'TEMPLATE_INVALID'],
  ['lyingSize', 'TEMPLATE_INVALID'],
  ['tooManyEntries', 'TEMPLATE_INVALID'],
  ['pathOutside', 'TEMPLATE_INVALID'],
  ['wrongVersion', 'TEMPLATE_INVALID'],
  ['cut', 'CONNECTION_LOST'],
] as const) {
  test(`a template with the fault ${fault} is ${wanted}`, async (context) => {
    const { remote, simulator } = await fleetRemote(context);
    simulator.setTemplateFault('shop', fault);
    await assert.rejects(remote.template('shop', '2', SIGNAL), code(wanted));
  });
}
