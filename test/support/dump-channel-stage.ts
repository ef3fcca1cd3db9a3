import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { DumpKind, DumpPeer, DumpWayId } from '../../src/domain/dump.ts';
import type { DumpAsk, DumpTarget, TakenDump } from '../../src/domain/dump-way.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import type { Server } from '../../src/domain/server.ts';
import type { Words } from '../../src/domain/text.ts';
import {
  createDumpChannel,
  type DumpChannel,
  type DumpChannelOptions,
} from '../../src/sources/dumps/channel/dump-channel.ts';
import { MASTER_KEY, type Place } from './dump-peers.ts';
import { RecordingSink } from './sources-sink.ts';

const HERE = '127.0.0.1';

export interface ChannelStage {
  readonly channel: DumpChannel;
  readonly place: Place;
  readonly sink: RecordingSink;
  setMode(mode: Mode): void;
  /** Rows of peers as they are shown. */
  peers(): readonly DumpPeer[];
  untilPeers(condition: (peers: readonly DumpPeer[]) => boolean, what: string): Promise<void>;
  untilCount(name: string): Promise<void>;
  /** Leaves the port; resolves when it is free. */
  leave(): Promise<void>;
}
/** A channel that owns a free port of loopback. */
export async function ownChannel(
  context: TestContext,
  options: Partial<DumpChannelOptions> & { readonly isAllowed?: (address: string) => boolean } = {},
): Promise<ChannelStage> {
  const { isAllowed = () => true, ...more } = options;
  const directory = mkdtempSync(path.join(tmpdir(), 'l9s-c-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const agentKeyFile = path.join(directory, 'master');
  writeFileSync(agentKeyFile, MASTER_KEY, { mode: 0o600 });
  const port = more.port ?? (await freeTcpPort());
  let mode: Mode = 'normal';
  const channel = createDumpChannel({
    isOn: true,
    port,
    agentKeyFile,
    modeOf: () => ({ mode, origin: 'the test' }),
    by: 'tester@bastion',
    clock: systemClock,
    ...more,
  });
  const sink = new RecordingSink();
  const stop = new AbortController();
  const owning = channel.companion.own({ host: HERE, port, isAllowed, sink }, stop.signal);
  const leave = async () => {
    stop.abort();
    await owning;
  };
  context.after(leave);
  await eventually(() => channel.companion.counts()['tcpPort'] === port, 'the port is open');
  const peers = () => sink.all('peer');
  return {
    channel,
    place: { host: HERE, port },
    sink,
    setMode(next) {
      mode = next;
    },
    peers,
    untilPeers: (condition, what) =>
      sink.until(() => condition(peers()), `${what}: ${JSON.stringify(peers())}`),
    untilCount: (name) => eventually(() => (channel.companion.counts()[name] ?? 0) > 0, `count ${name}`),
    leave,
  };
}

/** Below those the system gives to whoever connects somewhere, any of which may be taken a moment later. */
export async function freeTcpPort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: HERE, port }, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    return port;
  }
}

/** Looks again and again; fails after eight seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const until = Date.now() + 8_000;
  while (!condition()) {
    if (Date.now() > until) throw new Error(`never: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** A pod as its orchestrator and the join tell it. */
export function targetOf(
  options: {
    readonly name?: string;
    readonly address?: string;
    readonly context?: string;
    readonly sender?: Partial<Sender>;
    readonly isOnlyHeard?: boolean;
  } = {},
): DumpTarget {
  const { name = 'was-1', address = HERE, context = 'prod', isOnlyHeard = false } = options;
  const contextKind = isOnlyHeard ? 'udp' : 'kube';
  const place = { kind: 'namespace', name: 'shop' } as const;
  const workload = { kind: 'Deployment', name: 'was' } as const;
  const server: Server = {
    ref: refOf('server', isOnlyHeard ? 'udp' : context, isOnlyHeard ? name : `shop/${name}`),
    name,
    type: 'was',
    typeReason: 'test',
    contextKind,
    ...(isOnlyHeard ? {} : { place, workload }),
    revision: {},
    state: 'ready',
    health: { level: 'ok', reasons: [] },
    seenAt: 1,
    labels: {},
    environment: [],
    containers: [],
    records: {},
  };
  const instance: Instance = {
    ref: refOf('instance', context, `shop/${name}`),
    contextKind: 'kube',
    name,
    uid: 'u',
    place,
    hostNames: [name],
    addresses: [address],
    ports: [],
    containers: [],
    command: [],
    environment: [],
    labels: {},
    workload,
    state: 'ready',
    seenAt: 1,
  };
  const sender: Sender | undefined = options.sender && {
    ref: refOf('sender', 'udp', name),
    codec: 'lena',
    name: `${name}/tomcat1`,
    hostName: name,
    serverName: 'tomcat1',
    sourceAddress: address,
    sourcePort: 1,
    restarts: 0,
    heartbeat: { at: 1, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    counters: {},
    ...options.sender,
  };
  return { server, instance: isOnlyHeard ? undefined : instance, sender };
}

export const askFor = (kind: DumpKind, more: Partial<DumpAsk> = {}): DumpAsk => ({
  kind,
  maxBytes: 10_000_000,
  timeoutMs: 5_000,
  ...more,
});

export interface Taken {
  readonly taken: TakenDump;
  readonly text: string;
  readonly said: readonly Words[];
}
/** Takes by one way and keeps the bytes; rejects with what the way rejected with. */
export async function takeBy(
  channel: DumpChannel,
  way: DumpWayId,
  { target = targetOf(), ask = askFor('thread'), signal = new AbortController().signal } = {},
): Promise<Taken> {
  const found = channel.ways.find(({ id }) => id === way);
  if (found === undefined) throw new Error(`no way ${way}`);
  const parts: Uint8Array[] = [];
  const said: Words[] = [];
  const taken = await found.take(target, ask, {
    signal,
    report: (detail) => said.push(detail),
    write: (bytes) => {
      parts.push(Buffer.from(bytes));
      return Promise.resolve();
    },
  });
  return { taken, text: Buffer.concat(parts).toString('utf8'), said };
}
export async function offerBy(
  channel: DumpChannel,
  way: DumpWayId,
  { target = targetOf(), ask = askFor('thread') } = {},
) {
  const found = channel.ways.find(({ id }) => id === way);
  if (found === undefined) throw new Error(`no way ${way}`);
  return await found.offer(target, ask, new AbortController().signal);
}

/** Time that runs, with timers that fall due at once when told: for waits of minutes. */
export interface HastyClock extends Clock {
  /** Runs the timers that wait `delayMs` now. */
  runWaiting(delayMs: number): number;
}
export function createHastyClock(): HastyClock {
  const waiting = new Map<() => void, number>();
  return {
    now: () => Date.now(),
    after(delayMs, task) {
      const cancel = systemClock.after(delayMs, () => {
        waiting.delete(run);
        task();
      });
      const run = () => {
        cancel();
        waiting.delete(run);
        task();
      };
      waiting.set(run, delayMs);
      return () => {
        waiting.delete(run);
        cancel();
      };
    },
    runWaiting(delayMs) {
      const due = [...waiting].filter(([, each]) => each === delayMs);
      for (const [run] of due) run();
      return due.length;
    },
  };
}
