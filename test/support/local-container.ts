import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { ExecResult } from '../../src/domain/remote.ts';
import type { ContainerLog, ContainerRunner } from '../../src/sources/dumps/container/runner.ts';
import { waitFor } from './fleet-wait.ts';

/** Two threads that lock each other out for ever, and one with a name of its own. */
const PROGRAM = `import java.util.concurrent.CountDownLatch;
public class Stuck {
  static final Object LEFT = new Object(), RIGHT = new Object();
  static final CountDownLatch BOTH = new CountDownLatch(2);
  static void lock(Object first, Object second) {
    synchronized (first) {
      BOTH.countDown();
      try { BOTH.await(); } catch (InterruptedException stop) { return; }
      synchronized (second) { System.out.println("never"); }
    }
  }
  public static void main(String[] words) throws Exception {
    new Thread(() -> lock(LEFT, RIGHT), "stuck-left").start();
    new Thread(() -> lock(RIGHT, LEFT), "stuck-right").start();
    BOTH.await();
    for (int at = 0; ; at++) {
      System.out.println("line " + at);
      Thread.sleep(200);
    }
  }
}
`;

/** A JVM of this machine whose output is kept, as a container's is. */
export interface LocalJvm {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Told of each new line. */
  readonly followers: Set<(line: string) => void>;
  readonly child: ChildProcess;
  stop(): void;
}

export async function startLocalJvm(options: readonly string[] = []): Promise<LocalJvm> {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-dump-'));
  const source = path.join(folder, 'Stuck.java');
  writeFileSync(source, PROGRAM);
  const child = spawn('java', [...options, '-Xmx48m', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const followers = new Set<(line: string) => void>();
  let rest = '';
  child.stdout.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      for (const follower of followers) follower(line);
    }
  });
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const { pid } = child;
  if (pid === undefined) throw new Error('java does not start');
  try {
    await waitFor('the program to run', () => lines.length > 0 || child.exitCode !== null, 60_000);
    if (lines.length === 0) throw new Error(`java ended with ${child.exitCode}`);
  } catch (thrown) {
    stop();
    throw thrown;
  }
  return { pid, lines, followers, child, stop };
}

export interface LocalContainerOptions {
  readonly pid: number;
  /** Tools that are there, by the first word of a command. @default all */
  readonly has?: (tool: string) => boolean;
  /** Called before each command. */
  readonly before?: (argv: readonly string[]) => void;
}
export interface LocalContainer extends ContainerRunner {
  readonly asked: readonly string[];
}

/** Runs the commands of a dump on this machine, as if it were a container in which only one process runs. */
export function createLocalContainer({
  pid,
  has = () => true,
  before = () => undefined,
}: LocalContainerOptions): LocalContainer {
  const asked: string[] = [];
  const begin = (argv: readonly string[], signal: AbortSignal): boolean => {
    signal.throwIfAborted();
    before(argv);
    asked.push(argv.join(' '));
    return has(argv[0] ?? '');
  };
  const absent = (tool: string) => ({
    exitCode: undefined,
    notStarted: `exec: "${tool}": executable file not found in $PATH: unknown`,
    stderr: '',
  });
  return {
    name: 'here/here (here)',
    isExact: true,
    asked,
    describe: () => 'tools of this machine',
    async run(argv, { maxBytes, timeoutMs }, signal): Promise<ExecResult> {
      const [tool = '', ...words] = argv;
      if (!begin(argv, signal)) return { ...absent(tool), stdout: '', stdoutBytes: new Uint8Array() };
      const limits = { timeout: timeoutMs, maxBuffer: maxBytes, encoding: 'buffer' } as const;
      return new Promise((resolve) => {
        execFile(tool, words, limits, (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
          const stdoutBytes = isListing(argv) ? onlyPid(stdout, pid) : stdout;
          resolve({
            exitCode,
            stdout: stdoutBytes.toString('utf8'),
            stdoutBytes,
            stderr: stderr.toString('utf8'),
          });
        });
      });
    },
    async stream(argv, onBytes, signal) {
      const [tool = '', ...words] = argv;
      if (!begin(argv, signal)) return absent(tool);
      const child = spawn(tool, words, { signal, stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = new Promise<number | undefined>((resolve) =>
        child.once('close', (code) => resolve(code ?? undefined)),
      );
      let stderr = '';
      child.on('error', () => undefined);
      child.stderr.on('data', (bytes: Buffer) => {
        stderr += bytes.toString('utf8');
      });
      for await (const bytes of child.stdout) if (bytes instanceof Uint8Array) await onBytes(bytes);
      const exitCode = await ended;
      signal.throwIfAborted();
      return { exitCode, stderr };
    },
  };
}

const PERF_FOLDER = `/tmp/hsperfdata_${userInfo().username}`;
const isListing = ([tool, , folder = '']: readonly string[]): boolean =>
  tool === 'ls' && (folder.startsWith('/tmp/hsperfdata_') || folder === '/proc' || folder === '/tmp');
/** Other processes of this machine are none of this container's. */
const onlyPid = (stdout: Buffer, pid: number): Buffer =>
  Buffer.from(
    stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line === String(pid) || `/tmp/${line}` === PERF_FOLDER)
      .map((line) => `${line}\n`)
      .join(''),
  );

/** The output of a JVM as the log of its container. */
export function createLocalLog(jvm: LocalJvm): ContainerLog {
  return {
    mark: async () => ({ at: Date.now(), line: String(jvm.lines.length) }),
    follow: (mark, onLine, signal) =>
      new Promise((_, reject) => {
        for (const line of jvm.lines.slice(Number(mark.line))) onLine(line);
        jvm.followers.add(onLine);
        const stop = () => {
          jvm.followers.delete(onLine);
          reject(signal.reason);
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
}
