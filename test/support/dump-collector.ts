import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { stringify } from 'yaml';
import type { BuiltProgram } from './built.ts';
import { freeTcpPort } from './dump-channel-stage.ts';
import { type Cleanups, MASTER_KEY, type Place } from './dump-peers.ts';

const HERE = '127.0.0.1';

export interface DumpCollector {
  readonly child: ChildProcess;
  readonly config: string;
  /** For programs that ask it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where servers dial in. */
  readonly place: Place;
  /** All it has said. */
  readonly said: () => string;
  /** Resident memory now, in bytes. */
  memoryBytes(): number;
}

/** The built collector on a port of its own, and a configuration of machines that may dial in. */
export async function startDumpCollector(
  cleanups: Cleanups,
  built: BuiltProgram,
  servers: readonly { readonly name: string; readonly address: string }[],
): Promise<DumpCollector> {
  const runtime = path.join(built.home, 'run');
  const directory = path.join(runtime, 'l9s');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const agentKey = path.join(built.home, 'agents.key');
  writeFileSync(agentKey, MASTER_KEY, { mode: 0o600 });
  // The machines' own servers: all of them are up.
  const machines = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => machines.listen(0, '0.0.0.0', resolve));
  cleanups.after(() => machines.close());
  const address = machines.address();
  const serverPort = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const port = await freeTcpPort();
  const config = path.join(built.home, 'collector.yaml');
  const content = {
    contexts: [
      {
        name: 'vms',
        hosts: { servers: servers.map((server) => ({ ...server, type: 'tomcat', port: serverPort })) },
      },
    ],
    telemetry: { listen: `${HERE}:${port}`, tcp: true, agentKey },
    dumps: { maxBytes: 1_048_576 },
  };
  writeFileSync(config, stringify(content), { mode: 0o600 });
  const environment = { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: path.join(built.home, 'state') };
  const child = spawn(
    process.execPath,
    [built.program, 'collector', '--config', config, '--directory', directory],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...built.environment, ...environment } },
  );
  cleanups.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const isOver = AbortSignal.timeout(20_000);
  while (!said.includes('receiving')) {
    if (isOver.aborted || child.exitCode !== null) throw new Error(`the collector does not receive: ${said}`);
    await Promise.race([once(child.stdout, 'data', { signal: isOver }), once(child, 'exit')]).catch(() => []);
  }
  return {
    child,
    config,
    environment,
    place: { host: HERE, port },
    said: () => said,
    memoryBytes: () => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
    },
  };
}
