import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { Secret } from '../../core/secret.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { type ExecCredential, runAuthProviderCommand, runExecPlugin } from './exec-plugin.ts';
import type { KubeTarget } from './kube-target.ts';
import type { Environment } from './kubeconfig.ts';
import { maskMessage } from './mask.ts';

/** TLS material in PEM. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
  readonly servername: string | undefined;
  readonly rejectUnauthorized: boolean;
}
export interface KubeCredentials {
  /** The whole `Authorization` header. */
  readonly authorization: Secret | undefined;
  /** Repeated headers for impersonation; not secret. */
  readonly impersonation: readonly (readonly [name: string, value: string])[];
  readonly tls: TlsMaterial;
  readonly identity: string | undefined;
  readonly endsAt: number | undefined;
  /** Asking again may give others: after a 401 it is worth one try. */
  readonly isRenewable: boolean;
  /** When to ask again, epoch ms. */
  readonly renewAt: number;
}

export interface CredentialOptions {
  readonly target: KubeTarget;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly execTimeoutMs?: number | undefined;
}

/** Ask again this long before the end, and re-read files and providers this often (as client-go does). */
const AHEAD_MS = 10_000;
const REREAD_MS = 60_000;

const pemOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('utf8') : undefined;

function certificateFacts(pem: string | undefined) {
  if (pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    return {
      endsAt: Date.parse(certificate.validTo),
      name: /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1],
    };
  } catch {
    return undefined;
  }
}

/** The claims of a bearer token, unverified: only to show who and until when. */
function tokenFacts(header: string | undefined): { endsAt: number | undefined; name: string | undefined } {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(header ?? '')?.[1];
  if (payload === undefined) return { endsAt: undefined, name: undefined };
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return { endsAt: undefined, name: undefined };
    const exp: unknown = Reflect.get(claims, 'exp');
    const sub: unknown = Reflect.get(claims, 'sub');
    return {
      endsAt: typeof exp === 'number' ? exp * 1_000 : undefined,
      name: typeof sub === 'string' ? sub : undefined,
    };
  } catch {
    return { endsAt: undefined, name: undefined };
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw appError(
      'UNAUTHORIZED',
      `token file ${cleanLine(file, 200)} cannot be read (${systemCode(error) ?? 'unknown'})`,
      { cause: error, hint: 'Correct tokenFile of the kubeconfig’s user, or bring the file back.' },
    );
  }
}

/** Lets client-node turn one kubeconfig user into headers and TLS options; what runs programs is done before. */
async function askClientNode(
  { target, environment, clock, execTimeoutMs }: CredentialOptions,
  signal: AbortSignal,
) {
  const { cluster, user } = target;
  let given: ExecCredential | undefined;
  let provider = user['auth-provider'] ?? undefined;
  if (user.exec) {
    given = await runExecPlugin({
      exec: user.exec,
      cluster,
      environment,
      clock,
      signal,
      timeoutMs: execTimeoutMs,
    });
  } else if (provider?.config?.['cmd-path'] && isEnded(provider.config['expiry'], clock.now())) {
    const renewed = await runAuthProviderCommand(provider.config, { cluster, environment, clock, signal });
    provider = { ...provider, config: { ...provider.config, ...renewed } };
  }
  const tokenFile = user.tokenFile ?? user['token-file'];
  const token =
    given?.token?.reveal() ?? (tokenFile ? await readToken(tokenFile) : (user.token ?? undefined));
  const { KubeConfig } = await import('./client-node.ts');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'cluster',
        server: cluster.server,
        caFile: cluster['certificate-authority'] || undefined,
        caData: cluster['certificate-authority-data'] || undefined,
        // client-node refuses plain http otherwise; kubectl does not (`kubectl proxy`).
        skipTLSVerify: cluster['insecure-skip-tls-verify'] === true || cluster.server.startsWith('http:'),
        tlsServerName: cluster['tls-server-name'] || undefined,
      },
    ],
    users: [
      {
        name: 'user',
        token,
        username: user.username || undefined,
        password: user.password || undefined,
        certFile: user['client-certificate'] || undefined,
        certData: user['client-certificate-data'] || undefined,
        keyFile: user['client-key'] || undefined,
        keyData: user['client-key-data'] || undefined,
        authProvider: provider,
      },
    ],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? ` (${cleanLine(String(error.path), 200)})` : '';
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'EACCES') {
      throw appError('KUBECONFIG_INVALID', `a file the kubeconfig names cannot be read${path}`, {
        cause: error,
      });
    }
    throw appError(
      'UNAUTHORIZED',
      `auth provider ${cleanLine(provider?.name ?? 'unknown', 60)}: ${maskMessage(describeThrown(error))}`,
    );
  }
  return { options, given };
}

function isEnded(expiry: string | undefined, now: number): boolean {
  const at = Date.parse(expiry ?? '');
  return Number.isNaN(at) || at <= now;
}

function authorizationOf(options: RequestOptions): string | undefined {
  if (typeof options.auth === 'string') return `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const headers = options.headers;
  if (headers === undefined || Array.isArray(headers)) return undefined;
  const value: unknown = Reflect.get(headers, 'Authorization');
  return typeof value === 'string' ? value.trim() : undefined;
}

/** The credentials of a target now, from wherever its kubeconfig says. */
export async function readCredentials(
  options: CredentialOptions,
  signal: AbortSignal,
): Promise<KubeCredentials> {
  const { target, clock } = options;
  const { user, cluster } = target;
  const { options: asked, given } = await askClientNode(options, signal);
  const authorization = authorizationOf(asked);
  const cert = given?.certPem ?? pemOf(asked.cert);
  const key = given?.keyPem ?? (asked.key === undefined ? undefined : new Secret(pemOf(asked.key) ?? ''));
  const certificate = certificateFacts(cert);
  const bearer = tokenFacts(authorization);
  const ends = [given?.endsAt, certificate?.endsAt, bearer.endsAt].filter((at) => at !== undefined);
  const endsAt = ends.length === 0 ? undefined : Math.min(...ends);
  const isRenewable = Boolean(user.exec ?? user['auth-provider'] ?? user.tokenFile ?? user['token-file']);
  const now = clock.now();
  const renewAt = user.exec
    ? Math.max(now + 1_000, (given?.endsAt ?? Number.POSITIVE_INFINITY) - AHEAD_MS)
    : isRenewable
      ? now + REREAD_MS
      : Number.POSITIVE_INFINITY;
  const identity = user.as ?? bearer.name ?? user.username ?? certificate?.name ?? target.userName;
  return {
    authorization: authorization === undefined ? undefined : new Secret(authorization),
    impersonation: impersonationOf(user),
    tls: {
      ca: pemOf(asked.ca),
      cert,
      key,
      servername: cluster['tls-server-name'] || undefined,
      rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    },
    identity: identity ? cleanLine(identity, 200) : undefined,
    endsAt,
    isRenewable,
    renewAt,
  };
}

function impersonationOf(user: KubeTarget['user']): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  if (user.as) headers.push(['impersonate-user', user.as]);
  if (user['as-uid']) headers.push(['impersonate-uid', user['as-uid']]);
  for (const group of user['as-groups'] ?? []) headers.push(['impersonate-group', group]);
  for (const [name, values] of Object.entries(user['as-user-extra'] ?? {})) {
    for (const value of values)
      headers.push([`impersonate-extra-${encodeURIComponent(name.toLowerCase())}`, value]);
  }
  return headers;
}
