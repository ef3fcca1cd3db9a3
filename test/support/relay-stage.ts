import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import type { SenderHistory } from '../../src/domain/series.ts';
import type { RelayOptions } from '../../src/sources/telemetry/relay/relay-options.ts';
import {
  createTelemetrySource,
  type TelemetryOptions,
} from '../../src/sources/telemetry/telemetry-source.ts';
import type { RelayHello } from '../../src/wire/relay/frames.ts';
import { RecordingSink } from './sources-sink.ts';
import { l9sDatagram } from './telemetry-datagrams.ts';

/** A sender of which nothing but its name is worth a word. */
export const plainSender = (id: string, more: Partial<Sender> = {}): Sender => ({
  ref: refOf('sender', 'udp', id),
  codec: 'l9s',
  name: id,
  sourceAddress: '10.0.0.1',
  sourcePort: 1,
  restarts: 0,
  heartbeat: { at: 1, perMinute: 30, rejected: 0, intervalMs: 2_000 },
  counters: {},
  ...more,
});
/** What the owner of a port says first. */
export const ownerHello = (more: Partial<RelayHello> = {}): RelayHello => ({
  type: 'hello',
  program: '0.0.0-test',
  instance: 'one',
  role: 'console',
  pid: 1,
  listen: '0.0.0.0:16100',
  isWaiting: false,
  at: Date.now(),
  ...more,
});

/** A directory nobody else writes to; removed when the test ends. */
export function privateDirectory(context: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-r-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A UDP port nobody has at this moment. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A sink that keeps history too. */
export class RelaySink extends RecordingSink {
  readonly histories: SenderHistory[] = [];
  history(batch: readonly SenderHistory[]): void {
    this.histories.push(...batch);
  }
  names(): readonly string[] {
    return this.all('sender')
      .map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b));
  }
  sender(name: string) {
    const found = this.all('sender').find((sender) => sender.name === name);
    if (found === undefined) throw new Error(`no sender ${name} among ${this.names().join(', ')}`);
    return found;
  }
}

export interface Neighbour {
  readonly sink: RelaySink;
  /** Receives itself. */
  readonly isOwner: () => boolean;
  stop(): Promise<void>;
}

/** One process's source on the port, sharing it through `directory`. */
export function startNeighbour(
  context: TestContext,
  port: number,
  {
    relay,
    ...options
  }: Partial<Omit<TelemetryOptions, 'relay'>> & {
    readonly relay: Partial<RelayOptions> & Pick<RelayOptions, 'serveIn'>;
  },
): Neighbour {
  const sink = new RelaySink();
  const abort = new AbortController();
  const source = createTelemetrySource({
    listen: { host: '127.0.0.1', port },
    clock: systemClock,
    flushMs: 20,
    ...options,
    relay: {
      role: 'console',
      program: '0.0.0-test',
      pid: process.pid,
      uid: process.getuid?.(),
      lookIn: [relay.serveIn],
      stock: undefined,
      ...relay,
    },
  });
  const run = source.run(sink, abort.signal);
  const stop = async () => {
    abort.abort();
    await run;
  };
  context.after(stop);
  return { sink, isOwner: () => source.address !== undefined, stop };
}

/** A socket that sends; closed when the test ends. */
export async function openSender(context: TestContext, port: number) {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  context.after(() => socket.close());
  return (bytes: Uint8Array | string) => socket.send(bytes, port, '127.0.0.1');
}

export { l9sDatagram };
