import { fork } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { appError } from '../domain/errors.ts';

export type FleetSize = 'small' | 'large' | 'huge';

/** The simulated fleet in its own process; it ends with ours. */
export interface DemoFleet {
  /** A configuration file that names every simulated target. */
  readonly configPath: string;
  /** Variables the sources need, e.g. where the AWS files are. */
  readonly environment: Readonly<Record<string, string>>;
  sendTo(host: string, port: number): void;
  close(): void;
}

const readySchema = z.looseObject({
  type: z.literal('ready'),
  configPath: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
});

const START_MS = 30_000;

export interface DemoOptions {
  readonly size: FleetSize;
  readonly seed?: number;
  /** The fleet's main file beside the bundle (or its source under tsx). */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** Starts the fleet and waits until its sockets listen. */
export async function startDemoFleet({ size, seed, program, signal }: DemoOptions): Promise<DemoFleet> {
  const child = fork(program, ['--size', size, ...(seed === undefined ? [] : ['--seed', `${seed}`])], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: path.extname(program) === '.ts' ? ['--import', 'tsx'] : [],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString('utf8')}`.slice(-2_000);
  });
  return await new Promise((resolve, reject) => {
    const fail = (why: string) => {
      child.kill();
      reject(appError('INTERNAL', `the simulated fleet did not start: ${why}`));
    };
    const timer = setTimeout(() => fail('no answer in 30 s'), START_MS);
    signal.addEventListener('abort', () => fail('interrupted'), { once: true });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) =>
      fail(`exit ${code ?? 'by signal'} ${complaint.trim().split('\n').at(-1) ?? ''}`),
    );
    child.on('message', (message) => {
      const ready = readySchema.safeParse(message);
      if (!ready.success) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.unref();
      child.channel?.unref();
      child.stderr?.destroy();
      resolve({
        configPath: ready.data.configPath,
        environment: ready.data.environment,
        sendTo: (host, port) => child.connected && child.send({ type: 'sendTo', host, port }),
        close: () => {
          if (child.connected) child.disconnect();
        },
      });
    });
  });
}
