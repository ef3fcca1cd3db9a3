import { connect, type Socket } from 'node:net';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { asUser } from './effective-user.ts';

/** What is asked of a JVM: a command of HotSpot's attach listener and at most three arguments. */
export interface AttachCommand {
  readonly name: 'threaddump' | 'inspectheap' | 'dumpheap';
  readonly args: readonly string[];
}
/** As the person who reads the dump would name it. */
export const commandText = ({ name, args }: AttachCommand): string => ['attach', name, ...args].join(' ');

const PROTOCOL = '1';
const ARGUMENTS = 3;
/** Longest first line of an answer, its code. */
const CODE_LENGTH = 12;
const BAD_VERSION = 101;
const LINE_LENGTH = 300;

/** Nobody listens behind the socket's file. */
export const isNobodyThere = (thrown: unknown): boolean =>
  systemCode(thrown) === 'ECONNREFUSED' || systemCode(thrown) === 'ENOENT';

/** The JVM hung up before it said a word: it takes nothing from this user. */
export class HungUpError extends Error {}

/**
 * Connects and waits for it. `as`: with these effective ids, which the JVM reads off the connection. Rejects with the
 * system's error.
 */
export async function connectTo(
  path: string,
  signal: AbortSignal,
  as?: { readonly uid: number; readonly gid: number },
): Promise<Socket> {
  // Node connects to such a path within the call: the ids are ours again when it returns.
  const socket = as === undefined ? connect({ path }) : asUser(as, () => connect({ path }));
  // Whoever reads from it is told; between two readings nobody is, and that must not end the program.
  socket.on('error', () => undefined);
  const abort = () => socket.destroy(reasonOf(signal));
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/**
 * Sends one command and gives what the JVM answers, piece by piece; as long as nobody takes the next piece, that JVM
 * serves nobody else's command. Rejects with HungUpError, DUMP_FAILED or the signal's reason.
 */
export async function* exchange(
  socket: Socket,
  command: AttachCommand,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const words = [command.name, ...command.args, ...Array<string>(ARGUMENTS).fill('')].slice(0, 1 + ARGUMENTS);
  let head: Buffer = Buffer.alloc(0);
  let code: number | undefined;
  try {
    socket.write([PROTOCOL, ...words].map((word) => `${word}\0`).join(''));
    for await (const piece of socket) {
      const bytes: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
      if (code === 0) {
        yield bytes;
        continue;
      }
      head = Buffer.concat([head, bytes]);
      if (code !== undefined) {
        if (head.length >= LINE_LENGTH) break;
        continue;
      }
      const end = head.indexOf(0x0a);
      if (end < 0 && head.length <= CODE_LENGTH) continue;
      code = codeOf(head, end);
      head = head.subarray(end + 1);
      if (code === 0 && head.length > 0) yield head;
    }
  } catch (thrown) {
    if (signal.aborted) throw reasonOf(signal);
    if (code === undefined && head.length === 0 && isHangUp(thrown)) throw new HungUpError();
    throw thrown;
  } finally {
    socket.destroy();
  }
  if (signal.aborted) throw reasonOf(signal);
  if (code === undefined) throw new HungUpError();
  if (code !== 0) throw refusal(command, code, head);
}

function codeOf(head: Buffer, end: number): number {
  const written = head.subarray(0, Math.max(0, end)).toString('latin1');
  if (/^-?\d{1,10}$/.test(written)) return Number(written);
  throw appError('DUMP_FAILED', 'what answers at the attach socket is no JVM');
}
const isHangUp = (thrown: unknown): boolean => ['EPIPE', 'ECONNRESET'].includes(systemCode(thrown) ?? '');

function refusal(command: AttachCommand, code: number, words: Buffer) {
  const said = cleanLine(words.toString('utf8').trim(), LINE_LENGTH);
  const what =
    code === BAD_VERSION ? 'it speaks another version of the attach protocol' : said || `code ${code}`;
  return appError('DUMP_FAILED', `the JVM refuses ${command.name}: ${what}`);
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error(describeThrown(signal.reason));
