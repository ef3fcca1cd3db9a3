import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openAdvertiser } from '../../src/app/advertising.ts';
import { writeDerivedKey, writeMasterKey } from '../../src/app/agent-keys.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { DumpKind } from '../../src/domain/dump.ts';
import {
  type DumpAsk,
  type DumpTaking,
  type DumpTarget,
  isOffer,
  type TakenDump,
} from '../../src/domain/dump-way.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { text } from '../../src/domain/text.ts';
import { createDumpChannel } from '../../src/sources/dumps/channel/dump-channel.ts';
import { createContainerDumps } from '../../src/sources/dumps/container/container-dumps.ts';
import { type DumpPage, writeDumpPages } from './dump-pages.ts';
import { freePort, RealTomcat } from './jvm-tools.ts';
import { createLocalContainer } from './local-container.ts';
import { inMode } from './modes.ts';
import { senderOf } from './store-entities.ts';

const run = promisify(execFile);
const IDENTITY = 'udp/host1';
const NEVER = new AbortController().signal;
const TAKE_TIMEOUT_MS = 20_000;
/** For a cause to stand on a machine that is busy. */
const WAIT_MS = 45_000;

const server: Server = {
  ref: refOf('server', 'udp', 'host1'),
  name: 'host1',
  type: 'tomcat',
  typeReason: 'said',
  contextKind: 'udp',
  revision: {},
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [],
  records: {},
};
const target: DumpTarget = {
  server,
  sender: { ...senderOf('host1', { codec: 'l9s' }), serverName: undefined },
};
const askFor = (kind: DumpKind): DumpAsk => ({ kind, maxBytes: 100_000_000, timeoutMs: TAKE_TIMEOUT_MS });

async function textOf(take: (taking: DumpTaking) => Promise<TakenDump>): Promise<string> {
  const pieces: Uint8Array[] = [];
  await take({
    write: async (bytes) => {
      pieces.push(Buffer.from(bytes));
    },
    report: () => undefined,
    signal: AbortSignal.timeout(TAKE_TIMEOUT_MS),
  });
  return Buffer.concat(pieces).toString('utf8');
}

/** Takes a dump of one kind and returns it as text. */
export type TakeDump = (kind: DumpKind) => Promise<string>;

/** A real Tomcat with the pages of `dump-pages.ts`, and three ways to its threads. */
export interface RealCauses {
  readonly tomcat: RealTomcat;
  /** The answer of a page; rejects once the stage is closed. */
  get(page: DumpPage | `${string}.jsp`, query?: string): Promise<string>;
  /** What `jcmd PID Thread.print -l` writes into a file. */
  readonly jcmd: () => Promise<string>;
  /** Over TCP, through our agent beside it and our receiver. */
  readonly agent: TakeDump;
  /** By the commands of a pod exec, run on this machine. */
  readonly exec: TakeDump;
  /** Keeps a text as a file and returns its path. */
  keep(name: string, content: string): string;
  close(): Promise<void>;
}

/** Starts all of it, in triage: nothing of this needs more. */
export async function startRealCauses(options: readonly string[] = []): Promise<RealCauses> {
  const ended = new AbortController();
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-causes-'));
  const file = (name: string) => path.join(folder, name);
  // The first tier alone: half the CPU until the pages answer, and nothing of this needs the second.
  const tomcat = new RealTomcat(['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...options]);
  const running: Promise<void>[] = [];
  const close = async () => {
    ended.abort();
    await Promise.all(running);
    await tomcat.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await tomcat.start();
    writeDumpPages(tomcat.base);
    return {
      tomcat,
      get: async (page, query = '') => {
        const answer = await fetch(`http://127.0.0.1:${tomcat.port}/${page}${query}`, {
          signal: ended.signal,
        });
        return await answer.text();
      },
      jcmd: async () => {
        const words = [`${tomcat.pid}`, 'Thread.print', '-l'];
        return (await run('jcmd', words, { maxBuffer: 64 * 1_048_576 })).stdout;
      },
      agent: await joinAgent(tomcat, { file, running, signal: ended.signal }),
      exec: (kind) => {
        const dumps = createContainerDumps({
          runner: createLocalContainer({ pid: tomcat.pid }),
          clock: systemClock,
          serverName: 'here',
          log: { missing: text('none', '없음') },
          hostNames: [],
        });
        return textOf((taking) => dumps.take(askFor(kind), taking));
      },
      keep(name, content) {
        writeFileSync(file(name), content);
        return file(name);
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface Joining {
  readonly file: (name: string) => string;
  readonly running: Promise<void>[];
  readonly signal: AbortSignal;
}

/** Our agent beside the JVM and our receiver, over TLS-PSK; back once the agent can be asked. */
async function joinAgent(tomcat: RealTomcat, { file, running, signal }: Joining): Promise<TakeDump> {
  writeMasterKey(file('master'));
  writeDerivedKey({ identity: IDENTITY, master: file('master'), out: file('own') });
  writeFileSync(file('manager'), 'agent:agent-word', { mode: 0o600 });
  const port = await freePort();
  const channel = createDumpChannel({
    isOn: true,
    port,
    agentKeyFile: file('master'),
    modeOf: inMode('triage'),
    by: 'ops@bastion',
    clock: systemClock,
  });
  const way = channel.ways.find(({ id }) => id === 'agent-channel');
  if (way === undefined) throw new Error('no way through agents');
  const sink = { changes: () => undefined };
  running.push(channel.companion.own({ host: '127.0.0.1', port, isAllowed: () => true, sink }, signal));
  const lines: string[] = [];
  const advertiser = await openAdvertiser({
    pid: tomcat.pid,
    to: [],
    host: 'host1',
    intervalMs: 500,
    tomcat: `http://127.0.0.1:${tomcat.port}/manager`,
    tomcatCredentials: file('manager'),
    environment: {},
    say: (line) => lines.push(line),
    dumps: {
      to: { host: '127.0.0.1', port },
      identity: IDENTITY,
      key: { derived: file('own') },
      allowsHeap: false,
      program: 'test',
    },
  });
  running.push(advertiser.run(signal));
  for (let tries = 0; ; tries++) {
    const offer = await way.offer(target, askFor('thread'), NEVER);
    if (isOffer(offer)) break;
    if (tries === 150) throw new Error(`${offer.why.en}: ${lines.join('\n')}`);
    await pause(100);
  }
  return (kind) => textOf((taking) => way.take(target, askFor(kind), taking));
}

/** Takes them until one is as wanted; an error that tells what was waited for where none ever is. */
export async function dumpWhen(
  what: string,
  take: () => Promise<string>,
  isAsWanted: (dump: string) => boolean,
): Promise<string> {
  for (const until = Date.now() + WAIT_MS; Date.now() < until; ) {
    const dump = await take();
    if (isAsWanted(dump)) return dump;
    await pause(100);
  }
  throw new Error(`no dump shows ${what}`);
}
