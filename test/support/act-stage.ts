import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import * as z from 'zod';
import type { EcsSimulator, KubeSimulator, ManagerSimulator } from '../../fixtures/fleet/simulator.ts';
import type { BuiltProgram } from './built.ts';
import { type FastFleet, startFastFleet } from './fast-fleet.ts';
import { type Pty, startInPty } from './pty.ts';
import { type Finished, runProgram } from './run-program.ts';

const LIMIT_MS = 50_000;

const entrySchema = z.looseObject({
  id: z.string(),
  action: z.string(),
  result: z.string(),
  error: z.string().optional(),
  targets: z.array(
    z.looseObject({
      context: z.string(),
      name: z.string(),
      result: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
  calls: z.array(z.looseObject({ context: z.string(), request: z.string(), outcome: z.string().optional() })),
});
export type AuditedEntry = z.infer<typeof entrySchema>;

/** A program that runs beside the test, without a terminal. */
export interface StartedProgram {
  readonly child: ChildProcess;
  /** Resolves when what it said on stderr passes the test; rejects when it ended before. */
  until(isReached: (stderr: string) => boolean): Promise<void>;
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
}
/** What somebody at a terminal saw. */
export interface Confirmed {
  readonly code: number | undefined;
  readonly screen: string;
}
/** A plan that is shown on a terminal, with its question. */
export interface Asked {
  /** Says yes and waits for the end. */
  answer(): Promise<Confirmed>;
  /** Says yes, or types what is given. */
  write(keys?: string): void;
  readonly ended: Promise<Confirmed>;
  /** Sends the program itself a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Confirmed>;
}

/** The built program, a fleet and a home of its own for one test. */
export interface Stage {
  readonly fast: FastFleet;
  readonly auditDirectory: string;
  kube(context: string): KubeSimulator;
  ecs(): EcsSimulator;
  manager(context: string): ManagerSimulator;
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished>;
  start(args: readonly string[], stdout?: 'pipe' | 'ignore'): StartedProgram;
  /** Orders on a terminal, lets `between` happen while the plan is shown, and says yes (types what is asked for). */
  confirm(args: readonly string[], between?: () => unknown): Promise<Confirmed>;
  /** Up to the question of {@link Stage.confirm}; `ahead` is typed at once, before the program has read anything. */
  ask(args: readonly string[], ahead?: string): Promise<Asked>;
  /** As `l9s audit` tells it, newest first. */
  audit(): Promise<readonly AuditedEntry[]>;
  /** Requests that could change something at one remote, with these words in them. */
  writes(remote: string, words?: string): readonly string[];
}

export async function openStage(context: TestContext, built: BuiltProgram): Promise<Stage> {
  const fast = await startFastFleet();
  const home = mkdtempSync(path.join(tmpdir(), 'l9s-stage-'));
  const running = new Set<() => void>();
  context.after(async () => {
    for (const end of running) end();
    await fast.close();
    rmSync(home, { recursive: true, force: true });
  });
  const environment = { ...fast.environment, HOME: home };
  const withConfig = (args: readonly string[]) => [...args, '--config', fast.configPath];

  function start(args: readonly string[], stdout: 'pipe' | 'ignore' = 'pipe'): StartedProgram {
    const child = spawn(process.execPath, [built.program, ...withConfig(args)], {
      stdio: ['ignore', stdout, 'pipe'],
      env: { ...built.environment, ...environment },
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    running.add(() => child.kill('SIGKILL'));
    const startedAt = performance.now();
    const said = { stdout: '', stderr: '' };
    const waiting = new Set<() => void>();
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said.stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said.stderr += chunk;
      for (const check of waiting) check();
    });
    const finished = new Promise<Finished & { readonly signal: NodeJS.Signals | null }>((resolve) => {
      child.once('close', (code, signal) =>
        resolve({ code: code ?? undefined, signal, ...said, elapsedMs: performance.now() - startedAt }),
      );
    });
    return {
      child,
      finished,
      until: (isReached) =>
        new Promise((resolve, reject) => {
          const check = () => {
            if (!isReached(said.stderr)) return;
            waiting.delete(check);
            resolve();
          };
          waiting.add(check);
          check();
          void finished.then(({ code, stdout, stderr }) =>
            reject(new Error(`ended with ${code} before: ${stdout}\n${stderr}`)),
          );
        }),
    };
  }

  async function ask(args: readonly string[], ahead?: string): Promise<Asked> {
    const terminal: Pty = startInPty([process.execPath, built.program, ...withConfig(args)], {
      columns: 250,
      rows: 60,
      environment: { ...built.environment, ...environment },
      limitMs: LIMIT_MS,
    });
    const signalAll = (signal: NodeJS.Signals) => {
      for (const id of terminal.processIds()) process.kill(id, signal);
    };
    running.add(() => signalAll('SIGKILL'));
    if (ahead !== undefined) terminal.write(ahead);
    let typed = 'y';
    await terminal.until((screen) => {
      const question = /Go on\? \[y\/N\]|Type (.+) to go on:/.exec(screen);
      typed = question?.[1] ?? 'y';
      return question !== null;
    }, 20_000);
    const write = (keys = `${typed}\r`) => terminal.write(keys);
    const ended = terminal.exited.then((code) => ({ code, screen: terminal.raw() }));
    return {
      write,
      ended,
      answer() {
        write();
        return ended;
      },
      end(signal) {
        signalAll(signal);
        return ended;
      },
    };
  }

  function found<T>(simulator: T | undefined): T {
    assert.ok(simulator !== undefined);
    return simulator;
  }
  return {
    fast,
    auditDirectory: path.join(home, '.local/state/l9s/audit'),
    kube: (name) => found(fast.fleet.kube.get(name)),
    ecs: () => found(fast.fleet.ecs.get('seoul')),
    manager: (name) => found(fast.fleet.managers.get(name)),
    run: (args, more = {}) => runProgram(built, withConfig(args), { ...environment, ...more }, LIMIT_MS),
    start,
    ask,
    async confirm(args, between) {
      const asked = await ask(args);
      await between?.();
      return asked.answer();
    },
    async audit() {
      const { code, stdout, stderr } = await runProgram(
        built,
        withConfig(['audit', '-o', 'json']),
        environment,
      );
      assert.equal(code, 0, stderr);
      return z.object({ audit: z.array(entrySchema) }).parse(JSON.parse(stdout)).audit;
    },
    writes: (remote, words = '') =>
      fast.writes().filter((line) => line.startsWith(`${remote}: `) && line.includes(words)),
  };
}

/** The files of an audit's directory, oldest first. */
export const auditFiles = (directory: string): readonly string[] =>
  readdirSync(directory)
    .sort()
    .map((name) => path.join(directory, name));

export function assertCode(
  { code, ...said }: { readonly code: number | undefined } & object,
  expected: number,
): void {
  assert.equal(code, expected, JSON.stringify(said, undefined, 1).replaceAll('\\n', '\n'));
}

/** `name result error-code` of each target, sorted. */
export const resultsOf = ({ targets }: AuditedEntry): readonly string[] =>
  targets
    .map(({ name, result = 'none', error }) => [name, result, error?.split(':')[0] ?? ''].join(' ').trim())
    .sort();
/** What became of each call, in the order of the plan. */
export const outcomesOf = ({ calls }: AuditedEntry): readonly string[] =>
  calls.map(({ outcome }) => outcome ?? 'not begun');

export interface PlainWorkload {
  readonly name: string;
  readonly replicas?: number;
  /** One of tag `does-not-exist` cannot be pulled. */
  readonly image?: string | undefined;
  readonly progressDeadlineSeconds?: number;
}
/** A Deployment of namespace `shop` that rolls out as fast as its pods start. */
export const plainDeployment = ({
  name,
  replicas = 1,
  image = 'docker.io/library/tomcat:10.1',
  progressDeadlineSeconds,
}: PlainWorkload) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas,
    ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
    selector: { matchLabels: { type: name } },
    template: {
      metadata: { labels: { type: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name, image, ports: [{ containerPort: 8080 }] }],
      },
    },
  },
});
export const NO_IMAGE = 'docker.io/library/tomcat:does-not-exist';

/** A pod without a controller. */
export const plainPod = (name: string, finalizers: readonly string[] = []) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', finalizers },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name, image: 'docker.io/library/tomcat:10.1' }],
  },
});

/** As a client creates it: with what a manifest of the fleet has no words for. */
export function createObject(simulator: KubeSimulator, collection: string, object: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(collection, simulator.url),
      {
        method: 'POST',
        ca: simulator.caPem,
        agent: false,
        headers: {
          authorization: `Bearer ${simulator.credentials('operator').token}`,
          'content-type': 'application/json',
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          if (answer.statusCode === 201) resolve();
          else reject(new Error(`creating it answered ${answer.statusCode}`));
        });
      },
    );
    sent.once('error', reject);
    sent.end(JSON.stringify(object));
  });
}
