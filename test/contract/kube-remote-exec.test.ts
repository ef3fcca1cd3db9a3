import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import type { ExecRequest } from '../../src/domain/remote.ts';
import { applyLena, startKube } from '../support/fleet-kube.ts';
import { openRemote, type RemoteSettings } from '../support/kube-remote.ts';
import { createTunnelProxy } from '../support/kube-source-tls.ts';
import { inMode } from '../support/modes.ts';

const SIGNAL = AbortSignal.timeout(60_000);
const HOME = '/usr/local/lena/servers/sessionServer';
const users = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: READ_ONLY },
];
const request = (argv: readonly string[], over: Partial<ExecRequest> = {}): ExecRequest => ({
  namespace: 'lena',
  pod: 'lena-session-0',
  container: 'lena-session',
  argv,
  timeoutMs: 5_000,
  maxBytes: 65_536,
  ...over,
});

async function start(
  context: TestContext,
  {
    as = 'admin',
    proxyUrl,
    ...settings
  }: Partial<RemoteSettings> & {
    readonly as?: string;
    readonly proxyUrl?: string;
    readonly version?: '1.36.2' | '1.20.2';
  } = {},
) {
  const { version, ...options } = settings;
  const { simulator } = await startKube(
    context,
    { users, ...(version !== undefined && { version }) },
    applyLena,
  );
  const remote = await openRemote(context, {
    server: simulator.url,
    cluster: {
      'certificate-authority-data': Buffer.from(simulator.caPem).toString('base64'),
      'proxy-url': proxyUrl,
    },
    user: { token: simulator.credentials(as).token },
    ...options,
  });
  return { simulator, remote };
}

describe('a command in a container', () => {
  for (const version of ['1.36.2', '1.20.2'] as const)
    test(`is told with its output and how it ended (${version})`, async (context) => {
      const { remote } = await start(context, { version });
      assert.deepEqual(await remote.exec(request(['hostname']), SIGNAL), {
        exitCode: 0,
        stdout: 'lena-session-0\n',
        stdoutBytes: Buffer.from('lena-session-0\n'),
        stderr: '',
      });
      const failed = await remote.exec(request(['sh', '-c', 'echo a; cat /nosuch; exit 3']), SIGNAL);
      assert.deepEqual(failed, {
        exitCode: 3,
        stdout: 'a\n',
        stdoutBytes: Buffer.from('a\n'),
        stderr: 'cat: /nosuch: No such file or directory\n',
      });
    });

  test('goes out in triage where it is one of the list, and nothing else does', async (context) => {
    const { remote, simulator } = await start(context, { mode: inMode('triage') });
    const status = await remote.exec(request([`${HOME}/console.sh`, 'status']), SIGNAL);
    assert.equal(status.exitCode, 0);
    assert.match(status.stdout, /session_count/);
    assert.equal((await remote.exec(request([`${HOME}/health.sh`]), SIGNAL)).exitCode, 0);
    const before = simulator.requests.length;
    await assert.rejects(remote.exec(request(['hostname']), SIGNAL), { code: 'TRANSPORT_LOCKED' });
    await assert.rejects(remote.exec(request(['sh', '-c', `${HOME}/health.sh`]), SIGNAL), {
      code: 'TRANSPORT_LOCKED',
    });
    assert.equal(simulator.requests.length, before);
  });

  test('that is not there ends with the runtime’s word for it', async (context) => {
    const { remote } = await start(context);
    const { exitCode, notStarted } = await remote.exec(request(['/nosuch']), SIGNAL);
    assert.equal(exitCode, undefined);
    assert.match(notStarted ?? '', /unable to start container process.*no such file/);
    const old = await start(context, { version: '1.20.2' });
    assert.equal((await old.remote.exec(request(['/nosuch']), SIGNAL)).exitCode, 126);
  });

  test('without the right is PERMISSION_DENIED naming it', async (context) => {
    const { remote } = await start(context, { as: 'viewer' });
    await assert.rejects(remote.exec(request(['hostname']), SIGNAL), {
      code: 'PERMISSION_DENIED',
      message: /cannot \w+ resource "pods\/exec"/,
    });
  });

  test('in a container or a pod that is not there says so', async (context) => {
    const { remote } = await start(context);
    await assert.rejects(remote.exec(request(['hostname'], { container: 'nosuch' }), SIGNAL), {
      code: 'ACTION_IMPOSSIBLE',
      message: /container nosuch is not valid/,
    });
    await assert.rejects(remote.exec(request(['hostname'], { pod: 'gone' }), SIGNAL), { code: 'NOT_FOUND' });
  });

  test('is cut at the bytes asked for, without an exit code', async (context) => {
    const { remote } = await start(context);
    const { exitCode, stdout } = await remote.exec(
      request(['sh', '-c', 'echo 0123456789'], { maxBytes: 4 }),
      SIGNAL,
    );
    assert.deepEqual([exitCode, stdout], [undefined, '0123']);
  });

  test('that takes too long is ended, and what it said is kept', async (context) => {
    const { remote, simulator } = await start(context);
    simulator.setExecFault({ namespace: 'lena', name: 'lena-session-0' }, { kind: 'hang' });
    const result = await remote.exec(request(['hostname'], { timeoutMs: 300 }), SIGNAL);
    assert.equal(result.exitCode, undefined);
  });

  test('ends with us', async (context) => {
    const { remote, simulator } = await start(context);
    simulator.setExecFault({ namespace: 'lena', name: 'lena-session-0' }, { kind: 'hang' });
    const leaving = new AbortController();
    const running = remote.exec(request(['hostname']), leaving.signal);
    leaving.abort(new Error('we leave'));
    await assert.rejects(running, /we leave/);
  });

  for (const how of ['reset', 'close'] as const)
    test(`whose connection ends in the middle has no exit code (${how})`, async (context) => {
      const { remote, simulator } = await start(context);
      simulator.setExecFault(
        { namespace: 'lena', name: 'lena-session-0' },
        { kind: 'cut', afterBytes: 4, how },
      );
      const { exitCode, stdout } = await remote.exec(request(['sh', '-c', 'echo 0123456789']), SIGNAL);
      assert.equal(exitCode, undefined);
      assert.ok('0123456789'.startsWith(stdout));
    });

  test('against nothing that listens is REFUSED', async (context) => {
    const { remote, simulator } = await start(context);
    await simulator.close();
    await assert.rejects(remote.exec(request(['hostname']), SIGNAL), { code: 'REFUSED' });
  });

  test('goes through the proxy of the kubeconfig', async (context) => {
    const proxy = await createTunnelProxy();
    context.after(() => proxy.close());
    const { remote } = await start(context, { proxyUrl: `http://127.0.0.1:${proxy.port}` });
    assert.equal((await remote.exec(request(['hostname']), SIGNAL)).stdout, 'lena-session-0\n');
    assert.equal(proxy.tunnels.length, 1);
  });

  test('asks as whom the kubeconfig says, each group in a line of its own', async (context) => {
    const asked: NodeJS.Dict<string[]>[] = [];
    const server = createServer().on('upgrade', ({ headersDistinct }, socket) => {
      asked.push(headersDistinct);
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const remote = await openRemote(context, {
      server: `http://127.0.0.1:${port}/k8s/clusters/c-1`,
      user: { token: 'EXAMPLE-TOKEN', as: 'jane', 'as-groups': ['ops', 'lena'] },
    });
    await assert.rejects(remote.exec(request(['hostname']), SIGNAL), { code: 'PERMISSION_DENIED' });
    const [headers] = asked;
    assert.deepEqual(headers?.['impersonate-group'], ['ops', 'lena']);
    assert.deepEqual(headers?.['authorization'], ['Bearer EXAMPLE-TOKEN']);
    assert.equal(asked.length, 1);
  });
});
