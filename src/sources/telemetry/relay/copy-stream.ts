import { readdirSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { AppError, describeThrown } from '../../../core/app-error.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import { appError, type ErrorCode } from '../../../domain/errors.ts';
import {
  checkDirectory,
  checkGivenSocket,
  directoryProblems,
  type SocketDirectory,
  type UserId,
} from '../../socket-directory.ts';
import { connectTo } from '../../socket-listener.ts';
import { type FoundRelay, findRelay } from './find-relay.ts';
import { readerHello } from './reader-hello.ts';

export interface CopyOptions {
  /** A socket that was named; else the directories are looked through. */
  readonly file: string | undefined;
  readonly lookIn: readonly SocketDirectory[];
  readonly uid: UserId;
  readonly port: number;
  /** The port was asked for; else another one is taken where it is the only one served. */
  readonly isPortGiven: boolean;
  readonly program: string;
  readonly pid: number;
  readonly out: Writable;
  readonly clock: Clock;
}

/** After an owner left, the next one has so long. */
const NEXT_OWNER_MS = 10_000;
const LOOK_MS = 200;
const LINE_FEED = 0x0a;

/**
 * Copies the stream of whoever owns the port on this host to `out`, from one owner to the next, until the signal
 * aborts. Rejects with ATTACH_FAILED where nobody owns it, or nobody does any more; sends nothing but a hello.
 */
export async function copyStream(options: CopyOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  let until: number | undefined;
  let sought = options;
  while (!signal.aborted) {
    const found = await find(sought, signal);
    if (signal.aborted) return;
    if (!(found instanceof AppError)) {
      // The next owner is one of the same port.
      sought = { ...options, port: portOf(found.file) ?? options.port, isPortGiven: true };
      await copy(found, options, signal);
      until = clock.now() + NEXT_OWNER_MS;
    } else if (until === undefined) throw found;
    else if (clock.now() >= until) throw ownerGone(found);
    else await sleep(clock, LOOK_MS, signal);
  }
}

async function find(options: CopyOptions, signal: AbortSignal): Promise<FoundRelay | AppError<ErrorCode>> {
  const { file, lookIn, uid, port } = options;
  if (file !== undefined) {
    try {
      checkGivenSocket(file);
      return { file, socket: await connectTo(file, signal) };
    } catch (error) {
      if (error instanceof AppError) return appError('SOCKET_UNSAFE', error.message, { hint: error.hint });
      return appError('ATTACH_FAILED', `nobody hands on datagrams at ${file}: ${describeThrown(error)}`);
    }
  }
  const found = await findRelay({ lookIn, uid, port, signal });
  if (found !== undefined) return found;
  const others = options.isPortGiven ? [] : await findOthers(options, signal);
  const [only, ...more] = others;
  if (only !== undefined && more.length === 0) return only.relay;
  for (const { relay } of others) relay.socket.destroy();
  const places = lookIn.map(({ path }) => path).join(' and ');
  const problems = directoryProblems(lookIn, uid, port).map((problem) => `; ${problem}`);
  if (more.length > 0) {
    const ports = others.map((other) => other.port).join(', ');
    return appError(
      'ATTACH_FAILED',
      `nobody hands on datagrams of port ${port} here, but of several others: ${ports}`,
      { hint: 'Say which one with --listen PORT, or name its socket with --socket.' },
    );
  }
  const what = options.isPortGiven ? `datagrams of port ${port}` : 'datagrams';
  return appError('ATTACH_FAILED', `nobody hands on ${what} here (${places})${problems.join('')}`, {
    hint: 'Start `l9s collector` on this host, or a console with --listen; a socket elsewhere is named with --socket.',
  });
}

interface Other {
  readonly port: number;
  readonly relay: FoundRelay;
}
/** Those who serve other ports; which of several is meant is not ours to choose. */
async function findOthers(options: CopyOptions, signal: AbortSignal): Promise<readonly Other[]> {
  const { lookIn, uid } = options;
  const found: Other[] = [];
  for (const port of otherPorts(options)) {
    const relay = await findRelay({ lookIn, uid, port, signal });
    if (relay !== undefined) found.push({ port, relay });
  }
  return found;
}

function otherPorts({ lookIn, uid, port }: CopyOptions): readonly number[] {
  const ports = new Set<number>();
  for (const directory of lookIn) {
    if (checkDirectory(directory, uid) !== 'usable') continue;
    for (const name of namesIn(directory.path)) {
      const served = portOf(name);
      if (served !== undefined && served !== port) ports.add(served);
    }
  }
  return [...ports].sort((a, b) => a - b);
}

function portOf(file: string): number | undefined {
  const written = /(?:^|\/)udp-(\d{1,5})\.sock$/.exec(file)?.[1];
  return written === undefined ? undefined : Number(written);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Until the owner ends it, or `out` takes no more. */
async function copy({ socket }: FoundRelay, options: CopyOptions, signal: AbortSignal): Promise<void> {
  const { out, program, pid, clock } = options;
  let last = LINE_FEED;
  socket.write(readerHello({ program, pid, at: clock.now() }));
  await new Promise<void>((resolve) => {
    const resume = () => socket.resume();
    const end = () => {
      signal.removeEventListener('abort', end);
      out.off('drain', resume);
      socket.destroy();
      resolve();
    };
    socket.on('data', (bytes) => {
      last = bytes.at(-1) ?? last;
      if (out.write(bytes)) return;
      // The owner sees that we are slow, and cuts us off should it last.
      socket.pause();
      out.once('drain', resume);
    });
    socket.on('error', end);
    socket.on('close', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
  // A line that was cut off must not swallow the next owner's hello.
  if (last !== LINE_FEED && !signal.aborted) out.write('\n');
}

const ownerGone = ({ message, hint }: AppError) =>
  appError('ATTACH_FAILED', `the owner left and none came in ${NEXT_OWNER_MS / 1_000} s: ${message}`, {
    hint,
  });
