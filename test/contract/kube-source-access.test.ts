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
import { createTestAuthority, createTunnelProxy } from '../support/kube-source-tls.ts';
import { inMode } from '../support/modes.ts';
import { startSource } from '../support/sources-sink.ts';

let workspace: Awaited<ReturnType<typeof createWorkspace>>;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await workspace.remove();
});

async function serve(tls?: {
  cert: string;
  key: string;
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
  ca?: string;
}) {
  const api = new SmallApi(tls);
  await api.listen();
  cleanUps.push(() => api.close());
  api.put('pods', podObject('a'));
  return api;
}
function start(kubeconfig: string, over: Partial<KubeSourceOptions> = {}) {
  const environment = { PATH: process.env['PATH'], HOME: workspace.directory, ...over.environment };
  const source = createKubeSource({
    context: 'dev',
    kubeconfig,
    clock: systemClock,
    random: () => 0.5,
    mode: inMode(),
    ...over,
    environment,
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
  cleanUps.push(() => started.stop());
  return started;
}
const base64 = (text: string) => Buffer.from(text).toString('base64');
const configOf = (text: Parameters<typeof kubeconfigText>[0]) =>
  workspace.write('config', kubeconfigText(text));

test('the authority and the client certificate of the kubeconfig are used, its end is shown', async () => {
  const authority = await createTestAuthority();
  const server = await authority.issue('api', { ip: ['127.0.0.1'] });
  const client = await authority.issue('jane', { daysLeft: 3 });
  const api = await serve({ ...server, requestCert: true, rejectUnauthorized: true, ca: authority.ca });
  const { sink } = start(
    await configOf({
      server: api.url,
      cluster: { 'certificate-authority-data': base64(authority.ca) },
      user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
    }),
  );
  await sink.untilState('live');
  await sink.until(() => sink.lastFacts.identity === 'jane', 'identity');
  const daysLeft = ((sink.lastFacts.credentialsEndAt ?? 0) - Date.now()) / 86_400_000;
  assert.ok(daysLeft > 2.9 && daysLeft < 3.1);
});

test('an unknown authority is TLS_UNTRUSTED, unless told to skip or given as CA bundle', async () => {
  const authority = await createTestAuthority();
  const api = await serve(await authority.issue('api', { ip: ['127.0.0.1'] }));
  const bare = await configOf({ server: api.url });
  const untrusted = start(bare);
  await untrusted.sink.untilState('failed');
  assert.equal(untrusted.sink.errorCode, 'TLS_UNTRUSTED');
  await start(bare, { caPem: authority.ca }).sink.untilState('live');
  const skipping = await workspace.write(
    'skip',
    kubeconfigText({ server: api.url, cluster: { 'insecure-skip-tls-verify': true } }),
  );
  await start(skipping).sink.untilState('live');
});

test('an expired server certificate is TLS_EXPIRED', async () => {
  const authority = await createTestAuthority();
  const api = await serve(await authority.issue('api', { ip: ['127.0.0.1'], daysLeft: -1 }));
  const { sink } = start(
    await configOf({ server: api.url, cluster: { 'certificate-authority-data': base64(authority.ca) } }),
  );
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'TLS_EXPIRED');
});

test('tls-server-name is what the certificate is checked against', async () => {
  const authority = await createTestAuthority();
  const api = await serve(await authority.issue('api', { dns: ['api.internal'] }));
  const cluster = { 'certificate-authority-data': base64(authority.ca) };
  const wrong = start(await configOf({ server: api.url, cluster }));
  await wrong.sink.untilState('failed');
  assert.equal(wrong.sink.errorCode, 'TLS_UNTRUSTED');
  const named = await workspace.write(
    'named',
    kubeconfigText({ server: api.url, cluster: { ...cluster, 'tls-server-name': 'api.internal' } }),
  );
  await start(named).sink.untilState('live');
});

test('proxy-url tunnels, with its user, and no secret of it is shown', async () => {
  const authority = await createTestAuthority();
  const api = await serve(await authority.issue('api', { ip: ['127.0.0.1'] }));
  const proxy = await createTunnelProxy();
  cleanUps.push(() => proxy.close());
  const cluster = {
    'certificate-authority-data': base64(authority.ca),
    'proxy-url': `http://me:pw@127.0.0.1:${proxy.port}`,
  };
  const { sink } = start(await configOf({ server: api.url, cluster }));
  await sink.untilState('live');
  assert.ok(proxy.tunnels.length > 0);
  assert.match(proxy.tunnels[0] ?? '', /Basic /);
  assert.ok(!JSON.stringify([sink.lastFacts, sink.statuses]).includes('pw@'));
});

test('plain http where TLS is spoken, and the reverse, is one clear failure', async () => {
  const plain = await serve();
  const { sink } = start(await configOf({ server: plain.url.replace('http:', 'https:') }));
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'UNEXPECTED_ANSWER');
});

test('an unknown host name is NAME_UNKNOWN', async () => {
  const { sink } = start(await configOf({ server: 'https://l9s-no-such-host.invalid:6443' }));
  await sink.untilState('failed', 15_000);
  assert.equal(sink.errorCode, 'NAME_UNKNOWN');
});

test('a missing kubeconfig fails with its code and is picked up when it appears', async () => {
  const api = await serve();
  const { sink } = start(`${workspace.directory}/later`);
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'KUBECONFIG_MISSING');
  await workspace.write('later', kubeconfigText({ server: api.url }));
  await sink.untilState('live');
});

test('a context the kubeconfig does not have is CONTEXT_UNKNOWN', async () => {
  const { sink } = start(await configOf({ server: 'http://127.0.0.1:9' }), { kubeContext: 'prod' });
  await sink.untilState('failed');
  assert.equal(sink.errorCode, 'CONTEXT_UNKNOWN');
});

test('a plugin that wants a terminal is denied NEEDS_LOGIN; after a login it goes on', async () => {
  const api = await serve();
  const { sink } = start(
    await configOf({ server: api.url, user: { exec: { command: 'login', interactiveMode: 'Always' } } }),
  );
  await sink.untilState('denied');
  assert.equal(sink.errorCode, 'NEEDS_LOGIN');
  await configOf({ server: api.url, user: { token: 'x' } });
  await sink.untilState('live');
});

test('after a 401 the plugin is asked once more before anything is said', async () => {
  const api = await serve();
  const command = await workspace.write(
    'plugin',
    `#!/bin/sh
echo x >> "$HOME/runs"
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t'"$(wc -l < "$HOME/runs" | tr -d ' ')"'"}}'
`,
    0o700,
  );
  api.intercept = ({ request, response }) => {
    if (request.headers.authorization !== 'Bearer t1') return false;
    answerStatus(response, 401, 'Unauthorized', 'Unauthorized');
    return true;
  };
  const { sink } = start(
    await configOf({
      server: api.url,
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } },
    }),
  );
  await sink.untilState('live');
  assert.deepEqual([...new Set(sink.statuses.map(({ state }) => state))], ['connecting', 'live']);
});

test('an idle context asks at most fifteen times a minute', async () => {
  const api = await serve();
  // A minute of silence in a fraction of the time: every limit a hundredth.
  const { sink } = start(await configOf({ server: api.url }), {
    limits: { silenceMs: 750, watchMs: 3_000, configMapMs: 600 },
  });
  await sink.untilState('live');
  await sink.until(() => Object.keys(sink.lastFacts.capabilities ?? {}).length >= 16, 'all watches open');
  const before = api.requests.length;
  const again = api.requests.filter(({ url }) => url.includes('/events?watch')).length;
  const reopened = () => api.requests.filter(({ url }) => url.includes('/events?watch')).length > again;
  await api.until(reopened, 'watch of events reopened');
  // Each of the eight watches once in 75 s: 6.4 a minute.
  assert.ok(api.requests.length - before <= 9, `${api.requests.length - before} requests in one round`);
});
