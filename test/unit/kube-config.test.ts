import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { readCredentials } from '../../src/sources/kube/credentials.ts';
import { isProxyBypassed, selectProxy } from '../../src/sources/kube/dispatcher.ts';
import { listKubeContexts, selectTarget } from '../../src/sources/kube/kube-target.ts';
import { readKubeconfig } from '../../src/sources/kube/kubeconfig.ts';
import { createWorkspace, kubeconfigText } from '../support/kube-source-api.ts';

let workspace: Awaited<ReturnType<typeof createWorkspace>>;
beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(() => workspace.remove());

const failsWith = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

async function credentialsOf(user: unknown, cluster: Readonly<Record<string, unknown>> = {}) {
  const kubeconfig = await workspace.write(
    'config',
    kubeconfigText({ server: 'https://api.example:6443', user, cluster }),
  );
  const target = selectTarget(await readKubeconfig({ kubeconfig, environment: {} }), undefined);
  const environment = { PATH: process.env['PATH'], HOME: workspace.directory };
  return readCredentials(
    { target, environment, clock: systemClock, execTimeoutMs: 2_000 },
    AbortSignal.timeout(10_000),
  );
}
const plugin = (text: string) => workspace.write('plugin', `#!/bin/sh\n${text}\n`, 0o700);

test('merges the files of KUBECONFIG, the first of one name counts', async () => {
  const a = await workspace.write('a', kubeconfigText({ server: 'https://a.example' }));
  const b = await workspace.write(
    'b',
    kubeconfigText({ server: 'https://b.example' }).replaceAll('main', 'second'),
  );
  const environment = { KUBECONFIG: [a, path.join(workspace.directory, 'none'), b].join(path.delimiter) };
  const list = await listKubeContexts({ environment });
  assert.deepEqual(
    list.contexts.map(({ name }) => name),
    ['main', 'second'],
  );
  assert.equal(list.current, 'main');
  const target = selectTarget(await readKubeconfig({ environment }), 'second');
  assert.equal(target.cluster.server, 'https://a.example');
});

test('a missing kubeconfig is KUBECONFIG_MISSING and names the path', async () => {
  const kubeconfig = path.join(workspace.directory, 'nowhere');
  await assert.rejects(
    listKubeContexts({ kubeconfig, environment: {} }),
    failsWith('KUBECONFIG_MISSING', /nowhere/),
  );
});

test('broken YAML and wrong types name file and line', async () => {
  const broken = await workspace.write('broken', 'apiVersion: v1\ncontexts:\n  - name: "a\n');
  await assert.rejects(
    listKubeContexts({ kubeconfig: broken, environment: {} }),
    failsWith('KUBECONFIG_INVALID', /broken:\d+: /),
  );
  const wrong = await workspace.write(
    'wrong',
    'clusters:\n- name: c\n  cluster:\n    server: 5\ncontexts:\n- name: x\n  context: {cluster: c}\ncurrent-context: x\n',
  );
  const kubeconfig = await readKubeconfig({ kubeconfig: wrong, environment: {} });
  assert.throws(() => selectTarget(kubeconfig, 'x'), failsWith('KUBECONFIG_INVALID', /wrong:4: server/));
});

test('a context that is not there lists those that are; a dangling cluster names its line', async () => {
  const file = await workspace.write('config', 'contexts:\n- name: x\n  context:\n    cluster: gone\n');
  const kubeconfig = await readKubeconfig({ kubeconfig: file, environment: {} });
  assert.throws(() => selectTarget(kubeconfig, 'y'), failsWith('CONTEXT_UNKNOWN', /no context y; it has x/));
  assert.throws(
    () => selectTarget(kubeconfig, 'x'),
    failsWith('KUBECONFIG_INVALID', /config:4: context x names cluster gone/),
  );
  assert.throws(
    () => selectTarget(kubeconfig, undefined),
    failsWith('KUBECONFIG_INVALID', /no current-context/),
  );
});

test('paths are relative to the file, token files and certificates are read', async () => {
  await workspace.write('token.txt', 'file-token\n');
  const credentials = await credentialsOf({ tokenFile: 'token.txt' });
  assert.equal(credentials.authorization?.reveal(), 'Bearer file-token');
  assert.equal(credentials.isRenewable, true);
  assert.ok(!JSON.stringify(credentials).includes('file-token'));
  await assert.rejects(
    credentialsOf({ 'client-certificate': 'no.pem', 'client-key': 'no.key' }),
    failsWith('KUBECONFIG_INVALID', /no\.pem/),
  );
});

test('basic authentication and impersonation', async () => {
  const credentials = await credentialsOf({
    username: 'u',
    password: 'p',
    as: 'other',
    'as-groups': ['a', 'b'],
  });
  assert.equal(credentials.authorization?.reveal(), `Basic ${btoa('u:p')}`);
  assert.deepEqual(credentials.impersonation, [
    ['impersonate-user', 'other'],
    ['impersonate-group', 'a'],
    ['impersonate-group', 'b'],
  ]);
  assert.equal(credentials.identity, 'other');
});

test('the end and the subject of a JWT are shown', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ sub: 'system:serviceaccount:a:b', exp: 1_900_000_000 })}.c2ln`;
  const credentials = await credentialsOf({ token });
  assert.equal(credentials.endsAt, 1_900_000_000_000);
  assert.equal(credentials.identity, 'system:serviceaccount:a:b');
});

const EXEC = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'IfAvailable' };

test('an exec plugin gives a token and its end, is told that nobody can answer, and has no terminal', async () => {
  const command = await plugin(
    `case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) echo no info >&2; exit 1;; esac
if (: </dev/tty) 2>/dev/null; then echo has terminal >&2; exit 1; fi
read -r line && exit 2
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"plugin-'"$WHO"'","expirationTimestamp":"2030-01-01T00:00:00Z"}}'`,
  );
  const credentials = await credentialsOf({
    exec: { ...EXEC, command, env: [{ name: 'WHO', value: 'me' }] },
  });
  assert.equal(credentials.authorization?.reveal(), 'Bearer plugin-me');
  assert.equal(credentials.endsAt, Date.parse('2030-01-01T00:00:00Z'));
});

test('a plugin that always asks on a terminal is not run', async () => {
  await assert.rejects(
    credentialsOf({ exec: { ...EXEC, command: 'login', interactiveMode: 'Always' } }),
    failsWith('NEEDS_LOGIN', /login/),
  );
});

test('a plugin that is not installed is EXEC_PLUGIN_MISSING', async () => {
  await assert.rejects(
    credentialsOf({ exec: { ...EXEC, command: 'l9s-no-such-plugin' } }),
    failsWith('EXEC_PLUGIN_MISSING', /l9s-no-such-plugin/),
  );
});

test('a failing plugin says its last line, without secrets or escapes', async () => {
  const command = await plugin(`printf 'noise\\n\\033[31mexpired token=abc123\\n' >&2; exit 3`);
  await assert.rejects(credentialsOf({ exec: { ...EXEC, command } }), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'EXEC_PLUGIN_FAILED');
    assert.match(error.message, /exit code 3: .*expired token=\*\*\*$/);
    assert.ok(!error.message.includes('\u001b'));
    return true;
  });
});

test('a plugin that hangs is killed with its children', async () => {
  const command = await plugin('sleep 60 & sleep 60');
  await assert.rejects(
    credentialsOf({ exec: { ...EXEC, command } }),
    failsWith('EXEC_PLUGIN_FAILED', /did not finish within 2 s/),
  );
});

test('at most four plugins run at a time', async () => {
  const command = await plugin(
    `echo s >> "$HOME/log"; sleep 0.2; echo e >> "$HOME/log"
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'`,
  );
  await Promise.all(Array.from({ length: 7 }, () => credentialsOf({ exec: { ...EXEC, command } })));
  let now = 0;
  let most = 0;
  for (const line of (await readFile(path.join(workspace.directory, 'log'), 'utf8')).trim().split('\n')) {
    now += line === 's' ? 1 : -1;
    most = Math.max(most, now);
  }
  assert.equal(most, 4);
});

test('a plugin that prints something else never shows it', async () => {
  const command = await plugin(`echo '{"token":"abc123"}'`);
  await assert.rejects(credentialsOf({ exec: { ...EXEC, command } }), (error) => {
    assert.ok(error instanceof AppError && error.code === 'EXEC_PLUGIN_FAILED');
    assert.ok(!error.message.includes('abc123'));
    return true;
  });
});

test('the command of an old auth provider is run without a shell', async () => {
  const command = await plugin(
    `echo '{"credential":{"access_token":"gcp-'"$1"'","token_expiry":"2030-01-01T00:00:00Z"}}'`,
  );
  const config = {
    'cmd-path': command,
    'cmd-args': '$HOME x',
    'token-key': '{.credential.access_token}',
    'expiry-key': '{.credential.token_expiry}',
  };
  const credentials = await credentialsOf({ 'auth-provider': { name: 'gcp', config } });
  assert.equal(credentials.authorization?.reveal(), 'Bearer gcp-$HOME');
});

test('NO_PROXY: names, sub-domains, ports, networks, loopback', () => {
  const url = (text: string) => new URL(text);
  const bypassed = (server: string, noProxy: string) => isProxyBypassed(url(server), noProxy);
  assert.ok(bypassed('https://127.0.0.1:6443', ''));
  assert.ok(bypassed('https://api.example.com', 'example.com'));
  assert.ok(bypassed('https://api.example.com', '.example.com'));
  assert.ok(!bypassed('https://api.example.com', 'ample.com'));
  assert.ok(bypassed('https://10.1.2.3:6443', '10.0.0.0/8'));
  assert.ok(!bypassed('https://11.1.2.3:6443', '10.0.0.0/8'));
  assert.ok(bypassed('https://api:6443', 'api:6443'));
  assert.ok(!bypassed('https://api:6443', 'api:443'));
  assert.ok(bypassed('https://[fd00::1]:6443', 'fd00::/8'));
  assert.ok(bypassed('https://x', '*'));
});

test('proxy-url goes before HTTPS_PROXY, and NO_PROXY before the latter', () => {
  const server = new URL('https://api.example.com');
  const environment = { HTTPS_PROXY: 'proxy:3128' };
  assert.equal(selectProxy({ server, proxyUrl: undefined, environment }), 'http://proxy:3128');
  assert.equal(selectProxy({ server, proxyUrl: 'socks5://s:1080', environment }), 'socks5://s:1080');
  assert.equal(
    selectProxy({ server, proxyUrl: undefined, environment: { ...environment, NO_PROXY: 'example.com' } }),
    undefined,
  );
});
