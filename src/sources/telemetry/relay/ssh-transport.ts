import { spawn } from 'node:child_process';
import { describeThrown, systemCode } from '../../../core/app-error.ts';
import { appError } from '../../../domain/errors.ts';
import { complaintOf, type RelayTransport } from './relay-transport.ts';
import { endError } from './remote-end.ts';

export interface SshTransportOptions {
  /** `[user@]host`, or a name of the user's ssh configuration. */
  readonly host: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program. @default ssh */
  readonly command?: string | undefined;
}

/** No terminal, no question, no other channel; a dead peer is noticed. Behind `--` nothing is an option. */
const FLAGS = [
  '-T',
  '-o',
  'BatchMode=yes',
  '-o',
  'ConnectTimeout=10',
  '-o',
  'ClearAllForwardings=yes',
  '-o',
  'ServerAliveInterval=10',
];
const SSH_FAILED = 255;
const STDERR_KEPT = 4_096;
const KILL_MS = 500;
/** What it wrote last is read for so long; a connection that it left to others (ControlPersist) holds its pipes open. */
const DRAIN_MS = 500;

/** Through the user's own ssh, with a login that asks nothing. */
export function createSshTransport({
  host,
  environment,
  command = 'ssh',
}: SshTransportOptions): RelayTransport {
  const place = `ssh ${host}`;
  return {
    place,
    isRemote: true,
    open: (onBytes, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        if (!/^[^\s-][^\s]*$/.test(host)) {
          reject(appError('CONFIG_INVALID', `telemetry.attach: "${host}" is no host for ssh`));
          return;
        }
        const child = spawn(command, [...FLAGS, '--', host, 'l9s', 'attach', '--stdio'], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: environment,
          windowsHide: true,
        });
        let stderr = '';
        let killing: NodeJS.Timeout | undefined;
        let draining: NodeJS.Timeout | undefined;
        let isOver = false;
        const stop = () => {
          child.kill('SIGTERM');
          killing = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
        };
        signal.addEventListener('abort', stop, { once: true });
        child.stdout.on('data', onBytes);
        child.stderr.on('data', (bytes: Buffer) => {
          stderr = `${stderr}${bytes.toString('utf8')}`.slice(-STDERR_KEPT);
        });
        child.once('error', (error) => {
          signal.removeEventListener('abort', stop);
          const why =
            systemCode(error) === 'ENOENT' ? 'there is no ssh on this machine' : describeThrown(error);
          reject(appError('ATTACH_FAILED', `${place}: ${why}`, { cause: error }));
        });
        const end = (code: number | null) => {
          if (isOver) return;
          isOver = true;
          clearTimeout(killing);
          clearTimeout(draining);
          signal.removeEventListener('abort', stop);
          child.stdout.destroy();
          child.stderr.destroy();
          if (signal.aborted) resolve();
          else if (code === SSH_FAILED) reject(unreachable(host, stderr));
          else reject(endError(place, { exitCode: code ?? undefined, stderr }));
        };
        child.once('close', end);
        child.once('exit', (code) => {
          if (signal.aborted) end(code);
          else draining = setTimeout(() => end(code), DRAIN_MS);
        });
      }),
  };
}

const unreachable = (host: string, stderr: string) =>
  appError('ATTACH_FAILED', `ssh ${host}: ${complaintOf(stderr) || 'ssh failed'}`, {
    hint: `Try \`ssh -o BatchMode=yes ${host} l9s attach --stdio\` by hand: the login must ask nothing.`,
  });
