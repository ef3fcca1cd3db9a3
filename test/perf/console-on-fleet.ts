import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { FleetSize } from '../../fixtures/fleet/world/topology.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type Pty, startInPty } from '../support/pty.ts';

/** The simulated fleet as a process of its own, running before the console starts. */
export interface RunningFleet {
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly processId: number | undefined;
  /** Where the console hears its datagrams. */
  readonly port: number;
  /** Starts the datagrams. */
  send(): void;
  close(): Promise<void>;
}

interface Ready {
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string>>;
}

const START_MS = 60_000;

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

function readyOf(line: string): Ready {
  const ready: unknown = JSON.parse(line);
  if (typeof ready !== 'object' || ready === null || !('configPath' in ready) || !('environment' in ready))
    throw new Error(`the fleet said ${line}`);
  const { configPath, environment } = ready;
  if (typeof configPath !== 'string' || typeof environment !== 'object' || environment === null)
    throw new Error(`the fleet said ${line}`);
  return { configPath, environment: Object.fromEntries(Object.entries(environment)) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the fleet has no stdout');
  const lines = createInterface({ input: child.stdout });
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the fleet did not start')), START_MS);
    child.once('exit', () => reject(new Error('the fleet ended')));
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

export async function startFleetProcess(
  { fleetProgram }: BuiltProgram,
  size: FleetSize,
): Promise<RunningFleet> {
  const child = spawn(process.execPath, [fleetProgram, '--size', size, '--no-script'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { configPath, environment } = readyOf(await firstLine(child));
  const port = await freeUdpPort();
  writeFileSync(configPath, readFileSync(configPath, 'utf8').replace('127.0.0.1:0', `127.0.0.1:${port}`));
  return {
    configPath,
    environment,
    processId: child.pid,
    port,
    send: () => child.stdin?.write(`${JSON.stringify({ type: 'sendTo', host: '127.0.0.1', port })}\n`),
    async close() {
      child.stdin?.end();
      await exited;
    },
  };
}

/** The built console on that fleet, in a pty of 120×40. */
export function startConsole(built: BuiltProgram, fleet: RunningFleet, limitMs = 120_000): Pty {
  return startInPty([process.execPath, built.program, '--config', fleet.configPath], {
    environment: { ...built.environment, ...fleet.environment },
    limitMs,
  });
}

/** `[shown, total]` of the table's title. */
export function countsOf(screen: string): readonly [number, number] {
  const found = /(\d+) of (\d+)/.exec(screen);
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
}

/** Resident memory of a process in MiB. */
export function residentMiB(processId: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib ?? Number.NaN) / 1_024);
}

/** Processor time a process has used, in ms. */
export function cpuMs(processId: number): number {
  // After the name, which may hold spaces: fields 14 and 15 are user and system time in ticks of 10 ms.
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export async function withBuilt<T>(work: (built: BuiltProgram) => Promise<T>): Promise<T> {
  const built = await buildProgram();
  try {
    return await work(built);
  } finally {
    built.remove();
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}
