import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import { Secret } from '../../core/secret.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { runHelper } from './credential-helper.ts';
import type { Environment } from './kubeconfig.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-schema.ts';

/** What a credential plugin gave. */
export interface ExecCredential {
  readonly token: Secret | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: Secret | undefined;
  readonly endsAt: number | undefined;
}

export interface ExecPluginOptions {
  readonly exec: ExecEntry;
  readonly cluster: ClusterEntry;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default 20000 */
  readonly timeoutMs?: number | undefined;
}

const credentialSchema = z.looseObject({
  kind: z.literal('ExecCredential'),
  status: z.looseObject({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().min(1).optional(),
    clientKeyData: z.string().min(1).optional(),
    expirationTimestamp: z.string().nullish(),
  }),
});

async function readBase64(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString('base64');
  } catch (error) {
    throw appError('KUBECONFIG_INVALID', `certificate-authority ${cleanLine(file, 200)} cannot be read`, {
      cause: error,
    });
  }
}

/** `KUBERNETES_EXEC_INFO`: plugins read from it that nobody can answer them. */
async function execInfo({ exec, cluster }: ExecPluginOptions): Promise<string> {
  const caFile = exec.provideClusterInfo === true ? cluster['certificate-authority'] : undefined;
  const caData = caFile ? await readBase64(caFile) : cluster['certificate-authority-data'];
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && {
        cluster: {
          server: cluster.server,
          'tls-server-name': cluster['tls-server-name'] ?? undefined,
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
          'certificate-authority-data': caData ?? undefined,
          'proxy-url': cluster['proxy-url'] ?? undefined,
        },
      }),
    },
  });
}

function certificateEnd(pem: string | undefined): number | undefined {
  if (pem === undefined) return undefined;
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** Runs an exec credential plugin, at most four at a time over all contexts. */
export async function runExecPlugin(options: ExecPluginOptions): Promise<ExecCredential> {
  const { exec } = options;
  const what = `credential plugin ${cleanLine(exec.command, 100)}`;
  if (exec.interactiveMode === 'Always') throw appError('NEEDS_LOGIN', `${what} always asks on a terminal`);
  const variables: Record<string, string> = { KUBERNETES_EXEC_INFO: await execInfo(options) };
  for (const { name, value } of exec.env ?? []) variables[name] = value;
  const stdout = await runHelper({
    ...options,
    what,
    command: exec.command,
    args: exec.args ?? [],
    variables,
    installHint: exec.installHint,
  });
  let parsed: z.infer<typeof credentialSchema>;
  try {
    parsed = credentialSchema.parse(JSON.parse(stdout));
  } catch {
    // Neither the text nor the parser's message may be shown: both can hold the token.
    throw appError('EXEC_PLUGIN_FAILED', `${what} did not print an ExecCredential`);
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = parsed.status;
  const ends = [Date.parse(expirationTimestamp ?? ''), certificateEnd(clientCertificateData)].filter(
    (at): at is number => at !== undefined && !Number.isNaN(at),
  );
  return {
    token: token === undefined ? undefined : new Secret(token),
    certPem: clientCertificateData,
    keyPem: clientKeyData === undefined ? undefined : new Secret(clientKeyData),
    endsAt: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

const at = (value: unknown, dotted: string): unknown =>
  dotted
    .replace(/^\{?\.?|\}$/g, '')
    .split('.')
    .reduce<unknown>(
      (current, step) =>
        typeof current === 'object' && current !== null && Object.hasOwn(current, step)
          ? Reflect.get(current, step)
          : undefined,
      value,
    );

/**
 * The command of an old `gcp` or `azure` auth provider. client-node would run it through a shell and block the
 * process; here it is run as kubectl did: arguments split at blanks, no shell.
 */
export async function runAuthProviderCommand(
  config: Environment,
  options: Omit<ExecPluginOptions, 'exec'>,
): Promise<Readonly<Record<string, string>>> {
  const command = config['cmd-path'] ?? '';
  const what = `auth-provider command ${cleanLine(command, 100)}`;
  const args = (config['cmd-args'] ?? '').split(/\s+/).filter((argument) => argument !== '');
  const stdout = await runHelper({ ...options, what, command, args });
  let parsed: unknown;
  try {
    parsed = JSON.parse(stdout);
  } catch {
    throw appError('EXEC_PLUGIN_FAILED', `${what} did not print JSON`);
  }
  const token = at(parsed, config['token-key'] ?? '{.access_token}');
  if (typeof token !== 'string' || token === '')
    throw appError('EXEC_PLUGIN_FAILED', `${what} gave no token`);
  const expiry = at(parsed, config['expiry-key'] ?? '{.token_expiry}');
  const endsAt = typeof expiry === 'string' ? Date.parse(expiry) : Number.NaN;
  // Without an end client-node would ask again at every request.
  const keptUntil = Number.isNaN(endsAt) ? options.clock.now() + 300_000 : endsAt;
  return { 'access-token': token, expiry: new Date(keptUntil).toISOString() };
}
