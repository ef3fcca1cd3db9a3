import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { stringify } from 'yaml';
import { createEcsSimulator } from '../../fixtures/fleet/ecs/ecs-simulator.ts';
import type { Fault } from '../../fixtures/fleet/fault.ts';
import { createKubeSimulator, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { createManagerSimulator } from '../../fixtures/fleet/manager/manager-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { createRandom } from '../../fixtures/fleet/random.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { LENA_MANIFESTS } from './fleet-kube.ts';
import { kubeconfigText, SmallApi } from './kube-source-api.ts';
import { createTestAuthority } from './kube-source-tls.ts';
import { wasProcess } from './sources-manager.ts';
import { listenTiny, type TinyServer } from './sources-server.ts';

/** Text that must never be seen: every credential of the lab holds it. */
export const SECRET = 'hunter2-S3cr3t';
/** A colour, a title and a bell, as a hostile remote would send them. */
export const ESCAPES = '\u001b[31m\u001b]0;owned\u0007\u009b2J';

/** One target that cannot work. */
export interface BadTarget {
  readonly name: string;
  /** Its entry of the configuration file. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Any of these; a network without routes and one without answers differ. */
  readonly codes: readonly ErrorCode[];
  /** What the message must name. */
  readonly says: RegExp;
  /** It takes longer than a read waits. */
  readonly isSlow?: boolean;
}

export interface BadTargets {
  readonly bad: readonly BadTarget[];
  /** Contexts that work, beside the bad ones. */
  readonly good: readonly Readonly<Record<string, unknown>>[];
  readonly environment: Readonly<Record<string, string>>;
  /** Writes a configuration of these contexts. */
  config(name: string, contexts: readonly Readonly<Record<string, unknown>>[]): string;
  file(name: string, text: string, mode?: number): string;
  /** Where a Manager redirects to; nothing may ever arrive there. */
  readonly redirectTarget: TinyServer;
  close(): Promise<void>;
}

/** Real sockets on loopback: two targets that work, and one of every kind that does not. */
export async function createBadTargets(home: string): Promise<BadTargets> {
  const folder = path.join(home, 'bad-targets');
  mkdirSync(folder);
  const closers: (() => Promise<unknown>)[] = [];
  const file = (name: string, text: string, mode = 0o600): string => {
    const target = path.join(folder, name);
    writeFileSync(target, text, { mode });
    chmodSync(target, mode);
    return target;
  };
  const listening = async <T extends { listen(): Promise<void>; close(): Promise<void> }>(server: T) => {
    await server.listen();
    closers.push(() => server.close());
    return server;
  };

  // What works.
  const random = createRandom(7).next;
  const quick = { startAfterMs: 0, readyAfterMs: 0, stopAfterMs: 0 };
  const kube = createKubeSimulator({
    name: 'prod',
    processes: new ProcessTable(),
    clock: systemClock,
    random,
    users: [
      { name: 'reader', rules: READ_ONLY },
      { name: 'nobody', rules: [] },
      { name: 'expired', rules: READ_ONLY, tokenExpiresAt: 1 },
    ],
    ...quick,
  });
  for (const manifest of LENA_MANIFESTS) kube.apply(manifest);
  await listening(kube);
  const managerProcesses = new ProcessTable();
  const manager = async (options: { basePath?: string; fault?: Fault; key?: string } = {}) => {
    const { fault, ...rest } = options;
    const simulator = await listening(
      createManagerSimulator({
        name: 'mgr',
        processes: managerProcesses,
        serves: ['prod'],
        registrationDelayMs: 10,
        random,
        ...rest,
      }),
    );
    simulator.addVmServer({
      serverId: 'vmwas',
      type: 'was',
      node: 'node1',
      system: 'system1',
      address: '10.9.9.9',
      port: 8180,
      isStarted: true,
    });
    simulator.setFault(fault);
    return simulator;
  };
  const goodManager = await manager();
  managerProcesses.start(wasProcess('was-1'));
  managerProcesses.setPhase('was-1', 'ready');

  // Kubernetes.
  const ca = { 'certificate-authority-data': Buffer.from(kube.caPem).toString('base64') };
  const tokenOf = (user: string) => ({ token: kube.credentials(user).token });
  const kubeEntry = (name: string, text: string, context?: string) => ({
    name,
    kube: { kubeconfig: file(`${name}.kubeconfig`, text), ...(context === undefined ? {} : { context }) },
  });
  const inKube = (name: string, user: unknown, over: { server?: string; cluster?: object } = {}) =>
    kubeEntry(
      name,
      kubeconfigText({ server: over.server ?? kube.url, user, cluster: { ...ca, ...over.cluster } }),
    );
  const authority = await createTestAuthority();
  const authorityData = { 'certificate-authority-data': Buffer.from(authority.ca).toString('base64') };
  const expired = await listening(
    new SmallApi(await authority.issue('old', { daysLeft: -1, ip: ['127.0.0.1'] })),
  );
  const otherName = await listening(new SmallApi(await authority.issue('other', { dns: ['other.example'] })));
  const broken = async (fault: Fault) => {
    const simulator = await listening(
      createKubeSimulator({
        name: 'broken',
        processes: new ProcessTable(),
        clock: systemClock,
        random,
        users: [{ name: 'reader', rules: READ_ONLY }],
      }),
    );
    simulator.setFault(fault);
    return {
      server: simulator.url,
      user: { token: simulator.credentials('reader').token },
      cluster: { 'certificate-authority-data': Buffer.from(simulator.caPem).toString('base64') },
    };
  };
  const plugin = (name: string, script: string): string => file(name, `#!/bin/sh\n${script}\n`, 0o700);
  const exec = (command: string, over: object = {}) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...over },
  });
  const html = await broken({ kind: 'html', status: 200 });
  const hang = await broken({ kind: 'hang' });
  const garbage = await broken({ kind: 'garbage' });
  const failing = await broken({
    kind: 'status',
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'Status', code: 500, message: `etcd${ESCAPES} down, token=${SECRET}` }),
  });
  // Takes the connection and says nothing, as a firewall that drops packets looks to a client.
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    silentSockets.push(socket);
  });
  const silentSockets: Socket[] = [];
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const silentAddress = silent.address();
  const silentPort = typeof silentAddress === 'object' ? (silentAddress?.port ?? 0) : 0;
  closers.push(async () => {
    for (const socket of silentSockets) socket.destroy();
    silent.close();
  });
  const closedPort = await unusedPort();
  const kubes: BadTarget[] = [
    {
      name: 'k-context',
      entry: kubeEntry('k-context', kubeconfigText({ server: kube.url }), 'mian'),
      codes: ['CONTEXT_UNKNOWN'],
      says: /no context mian; it has main/,
    },
    {
      name: 'k-missing',
      entry: { name: 'k-missing', kube: { kubeconfig: path.join(folder, 'nowhere', 'config') } },
      codes: ['KUBECONFIG_MISSING'],
      says: /nowhere\/config/,
    },
    {
      name: 'k-yaml',
      entry: kubeEntry('k-yaml', 'clusters: [\n  - {name: "c\n'),
      codes: ['KUBECONFIG_INVALID'],
      says: /k-yaml\.kubeconfig:\d+:/,
    },
    {
      name: 'k-list',
      entry: kubeEntry('k-list', '- just\n- a list\n'),
      codes: ['KUBECONFIG_INVALID'],
      says: /k-list\.kubeconfig:1/,
    },
    {
      name: 'k-unreachable',
      entry: inKube('k-unreachable', tokenOf('reader'), { server: 'https://255.255.255.255:6443' }),
      codes: ['UNREACHABLE'],
      says: /255\.255\.255\.255/,
    },
    {
      name: 'k-silent',
      entry: inKube('k-silent', tokenOf('reader'), { server: `https://127.0.0.1:${silentPort}` }),
      codes: ['TIMEOUT'],
      says: /connecting took too long/,
    },
    {
      name: 'k-refused',
      entry: inKube('k-refused', tokenOf('reader'), { server: `https://127.0.0.1:${closedPort}` }),
      codes: ['REFUSED'],
      says: new RegExp(`127\\.0\\.0\\.1:${closedPort}`),
    },
    {
      name: 'k-name',
      entry: inKube('k-name', tokenOf('reader'), { server: 'https://no-such-host.invalid:6443' }),
      codes: ['NAME_UNKNOWN'],
      says: /no-such-host\.invalid/,
    },
    {
      name: 'k-untrusted',
      entry: kubeEntry('k-untrusted', kubeconfigText({ server: kube.url, user: tokenOf('reader') })),
      codes: ['TLS_UNTRUSTED'],
      says: /not trusted/,
    },
    {
      name: 'k-other-name',
      entry: kubeEntry('k-other-name', kubeconfigText({ server: otherName.url, cluster: authorityData })),
      codes: ['TLS_UNTRUSTED'],
      says: /for another name/,
    },
    {
      name: 'k-old-certificate',
      entry: kubeEntry('k-old-certificate', kubeconfigText({ server: expired.url, cluster: authorityData })),
      codes: ['TLS_EXPIRED'],
      says: /certificate has expired/,
    },
    {
      name: 'k-no-tls',
      entry: inKube('k-no-tls', tokenOf('reader'), {
        server: goodManager.url.replace('http:', 'https:').replace(/(:\d+).*/, '$1'),
      }),
      codes: ['UNEXPECTED_ANSWER'],
      says: /no TLS/,
    },
    {
      name: 'k-wrong-token',
      entry: inKube('k-wrong-token', { token: SECRET }),
      codes: ['UNAUTHORIZED'],
      says: /Unauthorized/,
    },
    {
      name: 'k-expired-token',
      entry: inKube('k-expired-token', tokenOf('expired')),
      codes: ['UNAUTHORIZED'],
      says: /Unauthorized/,
    },
    {
      name: 'k-token-file',
      entry: inKube('k-token-file', { tokenFile: '/nonexistent/token' }),
      codes: ['UNAUTHORIZED'],
      says: /\/nonexistent\/token/,
    },
    {
      name: 'k-exec-missing',
      entry: inKube('k-exec-missing', exec('no-such-plugin', { installHint: 'Install it from the portal.' })),
      codes: ['EXEC_PLUGIN_MISSING'],
      says: /no-such-plugin .*Install it from the portal/,
    },
    {
      name: 'k-exec-fails',
      entry: inKube(
        'k-exec-fails',
        exec(
          plugin(
            'fails',
            `printf '${ESCAPES}your session has ended; token=${SECRET} Bearer ${SECRET}\\n' >&2; exit 7`,
          ),
        ),
      ),
      codes: ['EXEC_PLUGIN_FAILED'],
      says: /exit code 7.*your session has ended/,
    },
    {
      name: 'k-exec-words',
      entry: inKube('k-exec-words', exec(plugin('words', `echo 'not json ${SECRET}'`))),
      codes: ['EXEC_PLUGIN_FAILED'],
      says: /did not print an ExecCredential/,
    },
    {
      name: 'k-exec-always',
      entry: inKube(
        'k-exec-always',
        exec(plugin('always', 'echo asked >&2; exit 1'), { interactiveMode: 'Always' }),
      ),
      codes: ['NEEDS_LOGIN'],
      says: /terminal/,
    },
    {
      name: 'k-exec-reads',
      entry: inKube(
        'k-exec-reads',
        exec(
          plugin(
            'reads',
            'printf "Password: " >/dev/tty; read answer || { echo "no answer on stdin" >&2; exit 3; }; sleep 60',
          ),
          { interactiveMode: 'IfAvailable' },
        ),
      ),
      codes: ['EXEC_PLUGIN_FAILED'],
      says: /exit code 3.*no answer on stdin/,
    },
    {
      name: 'k-exec-hangs',
      entry: inKube('k-exec-hangs', exec(plugin('hangs', 'echo "waiting for the browser" >&2; sleep 600'))),
      codes: ['EXEC_PLUGIN_FAILED'],
      says: /did not finish within 20 s.*waiting for the browser/,
      isSlow: true,
    },
    {
      name: 'k-forbidden',
      entry: inKube('k-forbidden', tokenOf('nobody')),
      codes: ['FORBIDDEN'],
      says: /cannot list resource "pods"/,
    },
    {
      name: 'k-html',
      entry: inKube('k-html', html.user, html),
      codes: ['UNEXPECTED_ANSWER'],
      says: /text\/html/,
    },
    {
      name: 'k-hang',
      entry: inKube('k-hang', hang.user, hang),
      codes: ['TIMEOUT'],
      says: /no answer/,
      isSlow: true,
    },
    {
      name: 'k-garbage',
      entry: inKube('k-garbage', garbage.user, garbage),
      codes: ['UNEXPECTED_ANSWER'],
      says: /not Kubernetes JSON/,
    },
    {
      name: 'k-failing',
      entry: inKube('k-failing', failing.user, failing),
      codes: ['REMOTE_ERROR'],
      says: /etcd.*down/,
    },
  ];

  // ECS.
  const ecs = await listening(
    createEcsSimulator({ name: 'ecs', processes: new ProcessTable(), contextName: 'seoul' }),
  );
  ecs.addCluster('lena-a');
  const throttled = await listening(
    createEcsSimulator({ name: 'ecs', processes: new ProcessTable(), contextName: 'busy' }),
  );
  throttled.addCluster('lena-a');
  throttled.setThrottle(1);
  const pages = await listening(
    createEcsSimulator({ name: 'ecs', processes: new ProcessTable(), contextName: 'pages' }),
  );
  pages.setFault({ kind: 'html', status: 200 });
  const profileOf = (name: string, key: { accessKeyId: string; secretAccessKey: string }) =>
    `[${name}]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`;
  const region = ecs.region;
  const environment = {
    AWS_CONFIG_FILE: file('aws-config', `[profile good]\nregion = ${region}\n`),
    AWS_SHARED_CREDENTIALS_FILE: file(
      'aws-credentials',
      profileOf('good', ecs) +
        profileOf('busy', throttled) +
        profileOf('pages', pages) +
        profileOf('noregion', ecs) +
        profileOf('stale', { accessKeyId: ecs.accessKeyId, secretAccessKey: SECRET }),
    ),
    LENA_GOOD_KEY: goodManager.key,
    LENA_BAD_KEY: SECRET,
  };
  const inEcs = (name: string, ecsTarget: object) => ({ name, ecs: { clusters: ['lena-*'], ...ecsTarget } });
  const clouds: BadTarget[] = [
    {
      name: 'e-credentials',
      entry: inEcs('e-credentials', { region, endpoint: ecs.endpoint, profile: 'nobody' }),
      codes: ['CREDENTIALS_MISSING'],
      says: /credentials/i,
    },
    {
      name: 'e-default-credentials',
      entry: inEcs('e-default-credentials', { region, endpoint: ecs.endpoint }),
      codes: ['CREDENTIALS_MISSING'],
      says: /credentials/i,
    },
    {
      name: 'e-secret',
      entry: inEcs('e-secret', { region, endpoint: ecs.endpoint, profile: 'stale' }),
      codes: ['UNAUTHORIZED'],
      says: /signature/i,
    },
    {
      name: 'e-region',
      entry: inEcs('e-region', { endpoint: ecs.endpoint, profile: 'noregion' }),
      codes: ['REGION_MISSING'],
      says: /region/i,
    },
    {
      name: 'e-wrong-region',
      entry: inEcs('e-wrong-region', { region: 'eu-west-1', endpoint: ecs.endpoint, profile: 'good' }),
      codes: ['REGION_WRONG'],
      says: /eu-west-1/,
    },
    {
      name: 'e-no-cluster',
      entry: inEcs('e-no-cluster', {
        region,
        endpoint: ecs.endpoint,
        profile: 'good',
        clusters: ['payment-*'],
      }),
      codes: ['NOT_FOUND'],
      says: /payment-\*/,
    },
    {
      name: 'e-throttled',
      entry: inEcs('e-throttled', { region, endpoint: throttled.endpoint, profile: 'busy' }),
      codes: ['THROTTLED'],
      says: /rate/i,
      isSlow: true,
    },
    {
      name: 'e-html',
      entry: inEcs('e-html', { region, endpoint: pages.endpoint, profile: 'pages' }),
      codes: ['UNEXPECTED_ANSWER'],
      says: /./,
    },
    {
      name: 'e-refused',
      entry: inEcs('e-refused', { region, endpoint: `http://127.0.0.1:${closedPort}`, profile: 'good' }),
      codes: ['REFUSED'],
      says: /127\.0\.0\.1/,
    },
  ];

  // Managers.
  const redirectTarget = await listenTiny((_request, response) => response.end('{}'));
  closers.push(() => redirectTarget.close());
  const foreign = await listenTiny((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/html' });
    response.end(`<html><title>Apache${ESCAPES}</title><body>Not found here</body></html>`);
  });
  closers.push(() => foreign.close());
  const inManager = (name: string, url: string, over: object = {}) => ({
    name,
    manager: { urls: [url], key: { env: 'LENA_BAD_KEY' }, serves: ['good-kube'], ...over },
  });
  const originOf = (url: string): string => new URL(url).origin;
  const managerWith = async (options: Parameters<typeof manager>[0]) =>
    originOf((await manager(options)).url);
  const keyed = originOf(goodManager.url);
  const managers: BadTarget[] = [
    {
      name: 'm-html',
      entry: inManager('m-html', await managerWith({ fault: { kind: 'html', status: 200 } })),
      codes: ['UNEXPECTED_ANSWER'],
      says: /web page/,
    },
    {
      name: 'm-redirect',
      entry: inManager(
        'm-redirect',
        await managerWith({
          fault: { kind: 'redirect', location: `${redirectTarget.url}/login?key=${SECRET}` },
        }),
      ),
      codes: ['REDIRECTED'],
      says: new RegExp(`redirects to ${redirectTarget.url}`),
    },
    {
      name: 'm-hang',
      entry: inManager('m-hang', await managerWith({ fault: { kind: 'hang' } })),
      codes: ['TIMEOUT'],
      says: /no answer/,
      isSlow: true,
    },
    {
      name: 'm-base',
      entry: inManager('m-base', await managerWith({ basePath: '/console' })),
      codes: ['BASE_PATH_UNKNOWN'],
      says: /No Manager interface/,
    },
    {
      name: 'm-foreign',
      entry: inManager('m-foreign', foreign.url),
      codes: ['BASE_PATH_UNKNOWN'],
      says: /No Manager interface/,
    },
    {
      name: 'm-key',
      entry: inManager('m-key', keyed),
      codes: ['KEY_REFUSED'],
      says: /key/i,
    },
    {
      name: 'm-no-key',
      entry: inManager('m-no-key', keyed, { key: { env: 'LENA_UNSET_KEY' } }),
      codes: ['KEY_REFUSED'],
      says: /LENA_UNSET_KEY/,
    },
    {
      name: 'm-key-file',
      entry: inManager('m-key-file', keyed, { key: { file: '/nonexistent/key' } }),
      codes: ['KEY_REFUSED'],
      says: /\/nonexistent\/key/,
    },
    {
      name: 'm-garbage',
      entry: inManager('m-garbage', await managerWith({ fault: { kind: 'garbage' } })),
      codes: ['UNEXPECTED_ANSWER'],
      says: /not JSON/,
    },
    {
      name: 'm-refused',
      entry: inManager('m-refused', `http://user:${SECRET}@127.0.0.1:${closedPort}`),
      codes: ['REFUSED'],
      says: /127\.0\.0\.1/,
    },
    {
      name: 'm-reset',
      entry: inManager('m-reset', await managerWith({ fault: { kind: 'reset' } })),
      codes: ['CONNECTION_LOST'],
      says: /127\.0\.0\.1/,
    },
  ];

  return {
    bad: [...kubes, ...clouds, ...managers],
    good: [
      inKube('good-kube', tokenOf('reader')),
      inManager('good-mgr', originOf(goodManager.url), { key: { env: 'LENA_GOOD_KEY' } }),
    ],
    environment,
    file,
    config: (name, contexts) => file(name, stringify({ contexts })),
    redirectTarget,
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/** A port that was free a moment ago. */
export async function unusedPort(): Promise<number> {
  const server = await listenTiny(() => undefined);
  await server.close();
  return server.port;
}
