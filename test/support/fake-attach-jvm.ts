import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AttachTarget } from '../../src/agent/attach/attach-target.ts';

/** Command and arguments as they came, and how to answer them. */
export type AttachAnswer = (words: readonly string[], socket: Socket) => void;

export interface FakeJvmOptions {
  readonly answer?: AttachAnswer;
  /** Letter of the kernel. @default S */
  readonly state?: string;
  /** @default true */
  readonly hasHotspot?: boolean;
  /** @default true */
  readonly catchesQuit?: boolean;
  /** Opens its socket when it is signalled. @default true */
  readonly wakes?: boolean;
  /** User and group it runs as; another than ours needs root. @default ours */
  readonly uid?: number;
}

const PID = 4_321;
const INNER = 7;
const START_TICKS = 5_000;
const ARGUMENTS = 3;

/** A process with a folder of `/proc` of its own whose attach socket a test speaks for; signals are only counted. */
export class FakeAttachJvm {
  readonly proc = mkdtempSync(path.join(tmpdir(), 'l9s-p-'));
  readonly root = path.join(this.proc, 'r');
  readonly work = path.join(this.proc, 'w');
  readonly socketFile = path.join(this.root, `tmp/.java_pid${INNER}`);
  readonly signals: (string | number | undefined)[] = [];
  readonly commands: (readonly string[])[] = [];
  readonly #options: FakeJvmOptions;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: FakeJvmOptions = {}) {
    this.#options = options;
    const own = path.join(this.proc, `${PID}`);
    for (const folder of [own, this.work, path.join(this.root, 'tmp')])
      mkdirSync(folder, { recursive: true });
    symlinkSync(this.root, path.join(own, 'root'));
    symlinkSync(this.work, path.join(own, 'cwd'));
    const { state = 'S', hasHotspot = true, catchesQuit = true } = options;
    // Field 22 is the start; those between do not matter here.
    writeFileSync(
      path.join(own, 'stat'),
      `${PID} (java) ${state} ${'0 '.repeat(18)}${START_TICKS} ${'0 '.repeat(30)}\n`,
    );
    const { uid = process.getuid?.() ?? 0 } = options;
    const gid = options.uid ?? process.getgid?.() ?? 0;
    writeFileSync(
      path.join(own, 'status'),
      [
        'Name:\tjava',
        `State:\t${state} (any)`,
        `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
        `Gid:\t${gid}\t${gid}\t${gid}\t${gid}`,
        `NSpid:\t${PID}\t${INNER}`,
        `SigCgt:\t000000018100${catchesQuit ? '5ccf' : '5ccb'}`,
        '',
      ].join('\n'),
    );
    writeFileSync(
      path.join(own, 'maps'),
      hasHotspot
        ? '7f00-7f01 r-xp 00000000 08:01 1 /opt/jdk/lib/server/libjvm.so\n'
        : '7f00-7f01 r-xp 0 08:01 1 /bin/cat\n',
    );
  }
  get target(): AttachTarget {
    return { proc: this.proc, pid: PID, innerPid: INNER, startTicks: START_TICKS, refusesAttach: false };
  }
  /** In place of `process.kill`. */
  readonly kill = (_pid: number, signal?: string | number): true => {
    this.signals.push(signal);
    if (this.#options.wakes !== false) this.#listening = this.listen();
    return true;
  };
  #listening: Promise<void> | undefined;

  async listen(mode = 0o600): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      let heard = '';
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
        const words = heard.split('\0').slice(0, -1);
        if (words.length < 2 + ARGUMENTS) return;
        heard = '';
        this.commands.push(words);
        this.#options.answer?.(words.slice(1), socket);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socketFile, resolve));
    chmodSync(this.socketFile, mode);
    const { uid } = this.#options;
    if (uid !== undefined) chownSync(this.socketFile, uid, uid);
  }
  /** As an earlier process left it: the file without anybody behind it. */
  async leaveSocket(): Promise<void> {
    const other = path.join(this.root, 'tmp/other');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(other, resolve));
    chmodSync(other, 0o600);
    linkSync(other, this.socketFile);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  async remove(): Promise<void> {
    await this.#listening;
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(this.proc, { recursive: true, force: true });
  }
}
