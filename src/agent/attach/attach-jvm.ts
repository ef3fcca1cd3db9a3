import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { systemCode } from '../../core/app-error.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { isTimeout, withDeadline } from '../../core/deadline.ts';
import { appError } from '../../domain/errors.ts';
import {
  findSocket,
  foreignSocket,
  openTemporary,
  putTrigger,
  removeStaleSocket,
  socketPath,
} from './attach-places.ts';
import { type AttachCommand, connectTo, exchange, HungUpError, isNobodyThere } from './attach-socket.ts';
import {
  type AttachStatus,
  type AttachTarget,
  isStillThere,
  readAttachStatus,
  wakeBySignal,
} from './attach-target.ts';
import { canActForOthers } from './effective-user.ts';

export interface AttachOptions {
  readonly clock: Clock;
  /** @default process.kill */
  readonly kill?: typeof process.kill;
  /** Until the JVM listens. @default 10000, as the JDK's tools wait */
  readonly wakeTimeoutMs?: number | undefined;
}

const WAKE_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 25;
const LOOK_AGAIN_MAX_MS = 250;

/**
 * Asks a HotSpot JVM through its attach socket, without a JDK: what `jstack` and `jmap` do. The answer comes piece by
 * piece. Rejects with NO_JVM, PERMISSION_DENIED or DUMP_FAILED, all in words, or with the signal's reason.
 */
export async function* attach(
  target: AttachTarget,
  command: AttachCommand,
  signal: AbortSignal,
  options: AttachOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const status = readAttachStatus(target);
  checkUser(target, status);
  const temporary = await openTemporary(target);
  try {
    let socket = await reach(target, temporary, signal, options);
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt > 1 || status.uid === 0 || !canActForOthers();
      try {
        yield* exchange(socket, command, signal);
        // The socket of a JVM that is killed ends like that of one that has said all.
        if (!isStillThere(target)) throw appError('NO_JVM', `process ${target.pid} ended while it answered`);
        return;
      } catch (thrown) {
        if (!(thrown instanceof HungUpError)) throw thrown;
        readAttachStatus(target);
        if (isLast) throw hungUp(target, status);
      }
      // JDK 8 takes commands of its own user only.
      socket = await connectTo(socketPath(temporary, target), signal, status).catch((thrown: unknown) => {
        throw signal.aborted ? thrown : hungUp(target, status, thrown);
      });
    }
  } finally {
    await temporary.close();
  }
}

/** HotSpot takes commands from its own user and group, and from root (JDK 8: its own only). */
function checkUser({ pid }: AttachTarget, { uid, gid }: AttachStatus): void {
  const ownUid = process.geteuid?.();
  const ownGid = process.getegid?.();
  if (ownUid === 0 || (ownUid === uid && ownGid === gid)) return;
  const which =
    ownUid === uid ? `group ${gid}, this agent in ${ownGid}` : `user ${uid}, this agent as ${ownUid}`;
  throw appError(
    'PERMISSION_DENIED',
    `process ${pid} runs as ${which}: a JVM takes commands of its own user and group`,
    {
      hint: 'Run the agent as that user and group (runAsUser, runAsGroup), or as root.',
    },
  );
}

/** A connection to the JVM's listener, which is woken where it does not run yet. */
async function reach(
  target: AttachTarget,
  temporary: FileHandle,
  signal: AbortSignal,
  options: AttachOptions,
): Promise<Socket> {
  const { uid } = readAttachStatus(target);
  const found = await findSocket(temporary, target, uid);
  if (found !== 'none') {
    try {
      const socket = await connectTo(socketPath(temporary, target), signal);
      if (found === 'own') return socket;
      socket.destroy();
    } catch (thrown) {
      if (signal.aborted || !isNobodyThere(thrown))
        throw found === 'own' ? connectFailure(target, signal, thrown) : foreignSocket(target);
      await removeStaleSocket(temporary, target);
    }
    if (found === 'foreign' && (await findSocket(temporary, target, uid)) === 'foreign')
      throw foreignSocket(target);
  }
  if (target.refusesAttach)
    throw appError('DUMP_FAILED', `process ${target.pid} runs with -XX:+DisableAttachMechanism`, {
      hint: 'Start it without that flag, or take the dump by pod exec, which can use SIGQUIT and the log.',
    });
  await wake(target, temporary, signal, options);
  return connectTo(socketPath(temporary, target), signal).catch((thrown: unknown) => {
    throw connectFailure(target, signal, thrown);
  });
}

async function wake(
  target: AttachTarget,
  temporary: FileHandle,
  signal: AbortSignal,
  { clock, kill = process.kill.bind(process), wakeTimeoutMs = WAKE_TIMEOUT_MS }: AttachOptions,
): Promise<void> {
  const { uid } = readAttachStatus(target);
  const removeTrigger = await putTrigger(temporary, target, uid);
  try {
    await wakeBySignal(target, kill);
    const deadline = withDeadline(signal, wakeTimeoutMs);
    for (let pauseMs = LOOK_AGAIN_MS; ; pauseMs = Math.min(2 * pauseMs, LOOK_AGAIN_MAX_MS)) {
      await sleep(clock, pauseMs, deadline);
      const found = await findSocket(temporary, target, uid);
      if (found === 'own') return;
      if (found === 'foreign') throw foreignSocket(target);
      readAttachStatus(target);
      if (deadline.aborted) throw notWoken(target, signal, wakeTimeoutMs);
    }
  } finally {
    await removeTrigger();
  }
}

function notWoken({ pid }: AttachTarget, signal: AbortSignal, waitedMs: number): unknown {
  if (signal.aborted && !isTimeout(signal.reason)) return signal.reason;
  return appError('DUMP_FAILED', `process ${pid} opened no attach socket within ${waitedMs / 1_000} s`, {
    hint: 'It hangs, has no processor time or memory, or (JDK 8) its socket in /tmp was cleaned away: then only SIGQUIT and its log, or a restart, help.',
  });
}
function connectFailure({ pid }: AttachTarget, signal: AbortSignal, thrown: unknown): unknown {
  if (signal.aborted) return thrown;
  const code = systemCode(thrown);
  if (code === 'EACCES' || code === 'EPERM')
    return appError('PERMISSION_DENIED', `the attach socket of process ${pid} is closed to this user`, {
      cause: thrown,
      hint: 'Run the agent as the user and group of the JVM, or as root.',
    });
  return appError(
    'DUMP_FAILED',
    `the attach socket of process ${pid} takes no connection (${code ?? 'error'})`,
    {
      cause: thrown,
    },
  );
}
const hungUp = ({ pid }: AttachTarget, { uid }: AttachStatus, cause?: unknown) =>
  appError('PERMISSION_DENIED', `process ${pid} takes no commands from this user`, {
    cause,
    hint: `JDK 8 listens to its own user and group only: run the agent as user ${uid}, or as root with CAP_SETUID and CAP_SETGID.`,
  });
