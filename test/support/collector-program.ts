import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { BuiltProgram } from './built.ts';
import { l9sDatagram, openSender, privateDirectory } from './relay-stage.ts';

export interface RunningCollector {
  readonly child: ChildProcess;
  readonly said: () => string;
}
export interface CollectorPlace {
  readonly port: number;
  readonly directory: string;
}

/** The real program as a process of its own; it has said that it receives. */
export async function startCollector(
  context: TestContext,
  built: BuiltProgram,
  { port, directory }: CollectorPlace,
): Promise<RunningCollector> {
  const child = spawn(
    process.execPath,
    [built.program, 'collector', '--listen', `127.0.0.1:${port}`, '--directory', directory],
    { stdio: ['ignore', 'pipe', 'pipe'], env: built.environment },
  );
  context.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const deadline = AbortSignal.timeout(20_000);
  while (!said.includes('receiving')) await once(child.stdout, 'data', { signal: deadline });
  return { child, said: () => said };
}

/** `base` as XDG_RUNTIME_DIR makes the program's consoles look in `directory`. */
export function runtimeDirectory(context: TestContext) {
  const base = privateDirectory(context);
  const directory = path.join(base, 'l9s');
  mkdirSync(directory, { mode: 0o700 });
  return { base, directory };
}

export const JVM_NAMES: readonly string[] = ['host1/a', 'host2/b', 'host3/c'];

/** Three JVMs that go on sending, each datagram numbered. */
export async function sendJvms(context: TestContext, port: number, everyMs = 100): Promise<void> {
  const send = await openSender(context, port);
  let seq = 0;
  const startedAt = Date.now() - 60_000;
  const timer = setInterval(() => {
    seq++;
    for (const id of JVM_NAMES) {
      const at = Date.now();
      send(l9sDatagram({ id, seq, at, upMs: at - startedAt, heap: { used: 1_000 * seq, max: 1e6 } }));
    }
  }, everyMs);
  context.after(() => clearInterval(timer));
}
