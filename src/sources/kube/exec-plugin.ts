import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { systemCode } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { Secret } from '../../core/secret.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { Environment } from './kubeconfig.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-schema.ts';
import { maskMessage } from './mask.ts';

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

const MAX_OUTPUT_BYTES = 2 ** 20;
const MAX_AT_ONCE = 4;

/** One queue for the whole process: twenty contexts must not start twenty cloud command lines at once. */
let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn(signal: AbortSignal): Promise<() => void> {
  if (running < MAX_AT_ONCE) running++;
  else {
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const index = waiting.indexOf(go);
        if (index >= 0) waiting.splice(index, 1);
        reject(signal.reason);
      };
      if (signal.aborted) reject(signal.reason);
      else {
        waiting.push(go);
        signal.addEventListener('abort', leave, { once: true });
      }
    });
  }
  return () => {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  };
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

/** `KUBERNETES_EXEC_INFO`: plugins read from it that nobody can answer them. */
function execInfo({ exec, cluster }: ExecPluginOptions): string {
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
          'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
          'proxy-url': cluster['proxy-url'] ?? undefined,
        },
      }),
    },
  });
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly end: 'exit' | 'timeout' | 'aborted' | 'flood';
}

/**
 * Stdin closed, and a session of its own: without a controlling terminal a plugin cannot open /dev/tty and prompt
 * in the middle of the console. The whole group is killed at the end of its time.
 */
function runProcess(
  command: string,
  args: readonly string[],
  { environment, clock, signal, timeoutMs = 20_000 }: ExecPluginOptions,
  extra: Readonly<Record<string, string>>,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...extra },
      detached: true,
      windowsHide: true,
    });
    let end: Outcome['end'] = 'exit';
    let bytes = 0;
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const kill = (why: Outcome['end']) => {
      end = why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const abort = () => kill('aborted');
    const cancelTimer = clock.after(timeoutMs, () => kill('timeout'));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_OUTPUT_BYTES) kill('flood');
        else output[name].push(chunk);
      });
    }
    const finish = () => {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (exitCode) => {
      finish();
      resolve({
        stdout: Buffer.concat(output.stdout).toString('utf8'),
        stderr: Buffer.concat(output.stderr).toString('utf8'),
        exitCode: exitCode ?? undefined,
        end,
      });
    });
  });
}

const lastLine = (text: string): string => text.trimEnd().split(/\r?\n/).at(-1) ?? '';

async function runBounded(
  what: string,
  command: string,
  args: readonly string[],
  options: ExecPluginOptions,
  extra: Readonly<Record<string, string>>,
): Promise<string> {
  const release = await takeTurn(options.signal);
  try {
    const outcome = await runProcess(command, args, options, extra);
    const said = maskMessage(lastLine(outcome.stderr), 200);
    switch (outcome.end) {
      case 'aborted':
        throw options.signal.reason;
      case 'timeout':
        throw appError(
          'EXEC_PLUGIN_FAILED',
          `${what} did not finish within ${(options.timeoutMs ?? 20_000) / 1_000} s${said === '' ? '' : `: ${said}`}`,
        );
      case 'flood':
        throw appError('EXEC_PLUGIN_FAILED', `${what} wrote more than 1 MiB`);
      case 'exit':
        if (outcome.exitCode !== 0) {
          throw appError(
            'EXEC_PLUGIN_FAILED',
            `${what} ended with exit code ${outcome.exitCode ?? 'unknown'}${said === '' ? '' : `: ${said}`}`,
          );
        }
        return outcome.stdout;
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'EACCES') {
      throw appError('EXEC_PLUGIN_MISSING', `${what} is not installed or not executable`, {
        cause: error,
        ...(options.exec.installHint && { hint: maskMessage(lastLine(options.exec.installHint), 200) }),
      });
    }
    throw error;
  } finally {
    release();
  }
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
  const extra: Record<string, string> = { KUBERNETES_EXEC_INFO: execInfo(options) };
  for (const { name, value } of exec.env ?? []) extra[name] = value;
  const stdout = await runBounded(what, exec.command, exec.args ?? [], options, extra);
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
  const stdout = await runBounded(what, command, args, { ...options, exec: { command } }, {});
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
