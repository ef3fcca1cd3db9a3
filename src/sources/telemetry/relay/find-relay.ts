import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { withDeadline } from '../../../core/deadline.ts';
import { decodeRelayLine } from '../../../wire/relay/decode.ts';
import { encodeHello } from '../../../wire/relay/encode.ts';
import type { RelayHello } from '../../../wire/relay/frames.ts';
import { RelayLines } from '../../../wire/relay/lines.ts';
import { checkDirectory, type SocketDirectory, socketFileOf, type UserId } from '../../socket-directory.ts';
import { connectTo } from '../../socket-listener.ts';

const PEEK_MS = 500;

export interface FindOptions {
  readonly lookIn: readonly SocketDirectory[];
  readonly uid: UserId;
  readonly port: number;
  readonly signal: AbortSignal;
}
export interface FoundRelay {
  readonly file: string;
  readonly socket: Socket;
}

const filesOf = ({ lookIn, uid, port }: FindOptions): readonly string[] =>
  lookIn
    .filter((directory) => checkDirectory(directory, uid) === 'usable')
    .map(({ path }) => socketFileOf(path, port))
    .filter((file) => existsSync(file));

/** A connection to whoever owns the port, through the first safe directory that has one. */
export async function findRelay(options: FindOptions): Promise<FoundRelay | undefined> {
  for (const file of filesOf(options)) {
    try {
      return { file, socket: await connectTo(file, options.signal) };
    } catch {
      // Left behind, or not for us: the next one.
    }
  }
  return undefined;
}

export type PeekedRelay = RelayHello & { readonly file: string };

/** What each of those who serve the port says of itself. */
export async function peekRelays(options: FindOptions): Promise<readonly PeekedRelay[]> {
  const found: PeekedRelay[] = [];
  for (const file of filesOf(options)) {
    const hello = await peekHello(file, options.signal).catch(() => undefined);
    if (hello !== undefined) found.push({ ...hello, file });
  }
  return found;
}

async function peekHello(file: string, signal: AbortSignal): Promise<RelayHello | undefined> {
  const deadline = withDeadline(signal, PEEK_MS);
  const socket = await connectTo(file, deadline);
  const lines = new RelayLines();
  return await new Promise((resolve) => {
    const end = (hello?: RelayHello) => {
      socket.destroy();
      deadline.removeEventListener('abort', stop);
      resolve(hello);
    };
    const stop = () => end();
    deadline.addEventListener('abort', stop, { once: true });
    socket.on('error', stop);
    socket.on('close', stop);
    socket.on('data', (bytes) => {
      const [text] = lines.push(bytes);
      if (text === undefined) return;
      const line = decodeRelayLine(text);
      end(line.kind === 'frame' && line.frame.type === 'hello' ? line.frame : undefined);
    });
  });
}

/** Tells consoles that a collector wants the port, until the signal aborts; never rejects. */
export async function askForPort(
  relays: readonly PeekedRelay[],
  hello: RelayHello | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (hello === undefined) return;
  for (const { file } of relays) {
    const socket = await connectTo(file, signal).catch(() => undefined);
    if (socket === undefined) continue;
    socket.on('error', () => socket.destroy());
    socket.resume();
    socket.write(encodeHello(hello));
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    if (signal.aborted) socket.destroy();
  }
}
