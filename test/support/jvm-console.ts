import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import type { Clock } from '../../src/core/clock.ts';
import type { Server } from '../../src/domain/server.ts';
import { createTelemetrySource, type TelemetrySource } from '../../src/sources/telemetry/telemetry-source.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { ConsoleStore } from '../../src/store/state.ts';
import type { L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { decodeL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { waitFor } from './fleet-wait.ts';

const CONTEXT = 'udp';
const DEADLINE_MS = 40_000;

/** Resolves once `found` gives something; a test that waits in vain has failed. */
export const eventually = <T>(found: () => T | undefined, what: string): Promise<T> =>
  waitFor(what, found, DEADLINE_MS);

/** A receiver with its store, whose clock can be set forward, and every datagram as it came. */
export class ListeningConsole {
  readonly store: ConsoleStore;
  readonly datagrams: L9sJvm[] = [];
  readonly #source: TelemetrySource;
  readonly #stop = new AbortController();
  readonly #raw: Socket;
  readonly #ticker: NodeJS.Timeout;
  #run: Promise<void> = Promise.resolve();
  #aheadMs = 0;

  constructor() {
    const clock: Clock = {
      now: () => Date.now() + this.#aheadMs,
      after(delayMs, task) {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    };
    this.store = createConsoleStore({
      contexts: [{ name: CONTEXT, kind: 'udp', isProtected: false, network: CONTEXT, serves: [] }],
      rules: [],
      identity: [],
      now: clock.now(),
    });
    this.#source = createTelemetrySource({ listen: { host: '127.0.0.1', port: 0 }, clock, flushMs: 50 });
    this.#raw = createSocket('udp4');
    this.#raw.on('message', (bytes) => {
      const decoded = decodeL9sDatagram(bytes);
      if (decoded.kind === 'datagram' && decoded.value.type === 'jvm') this.datagrams.push(decoded.value);
    });
    this.#ticker = setInterval(() => this.store.tick(clock.now()), 100);
  }
  async open(): Promise<void> {
    this.#run = this.#source.run(
      {
        changes: (batch) => this.store.apply(batch),
        status: (status) => this.store.setStatus(CONTEXT, status),
        facts: (facts) => this.store.setFacts(CONTEXT, facts),
      },
      this.#stop.signal,
    );
    this.#raw.bind(0, '127.0.0.1');
    await once(this.#raw, 'listening');
    await eventually(() => this.#source.address, 'the receiver');
  }
  /** Both ends, as `--to` takes them. */
  get addresses(): string {
    return `127.0.0.1:${this.#source.address?.port ?? 0},127.0.0.1:${this.#raw.address().port}`;
  }
  get servers(): readonly Server[] {
    return [...this.store.state.getState().tables.server.rows.values()];
  }
  /** The only row there is. */
  get server(): Server | undefined {
    if (this.servers.length > 1) throw new Error(`${this.servers.length} rows`);
    return this.servers[0];
  }
  setForward(byMs: number): void {
    this.#aheadMs += byMs;
  }
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#stop.abort();
    await this.#run;
    await new Promise<void>((resolve) => this.#raw.close(() => resolve()));
  }
}

/** The agent as users run it, from its source. */
export class AgentProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const main = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'advertise', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.lines.push(...text.split('\n').filter((line) => line !== ''));
    });
    this.#child = child;
  }
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
    return this.#child.exitCode;
  }
}
