import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { appError } from '../../domain/errors.ts';
import { isStillThere, readAttachStatus } from '../attach/attach-target.ts';
import { insideProcess } from '../proc/process-root.ts';
import type { DumpServer } from './dump-job.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NAME = /^l9s-heap-\d+-[0-9a-f]{16}\.hprof/;
/** Left by an agent that was killed: longer than any dump takes. */
const LEFT_AFTER_MS = 6 * 3_600_000;
const CLEAR_EVERY_MS = 1_000;
/** A JVM that was asked writes on, whoever waits for it. */
const CLEAR_FOR_MS = 900_000;

/** The file a JVM writes its heap to, for as long as it is there. */
export class HeapFile {
  /** As the JVM sees it. */
  readonly path: string;
  readonly #server: DumpServer;
  readonly #folder: FileHandle;
  readonly #name: string;

  private constructor(server: DumpServer, folder: FileHandle, at: string) {
    this.#server = server;
    this.#folder = folder;
    this.#name = `l9s-heap-${server.target.innerPid}-${randomBytes(8).toString('hex')}.hprof`;
    this.path = `${at === '/' ? '' : at}/${this.#name}`;
  }
  /** Names a file that is not there yet; the JVM itself refuses to write over one. */
  static async in(server: DumpServer, at: string): Promise<HeapFile> {
    const { proc, pid } = server.target;
    const folder = await open(insideProcess(proc, pid, at), FOLDER);
    const file = new HeapFile(server, folder, at);
    await file.#removeLeft();
    return file;
  }
  /** So far; 0 before it is there. */
  async sizeBytes(): Promise<number> {
    return stat(this.#at(this.#name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  /** Opens it and takes its name away: its room is free as soon as it is read, whatever happens to us. */
  async open(): Promise<FileHandle> {
    const { uid } = readAttachStatus(this.#server.target);
    const handle = await open(this.#at(this.#name), FILE).catch((thrown: unknown) => {
      const why = systemCode(thrown) ?? describeThrown(thrown);
      throw appError('DUMP_FAILED', `${this.path} cannot be read where the JVM wrote it (${why})`, {
        cause: thrown,
      });
    });
    const facts = await handle.stat();
    if (facts.isFile() && facts.uid === uid) {
      await this.remove();
      return handle;
    }
    await handle.close();
    throw appError('DUMP_FAILED', `${this.path} is not what the JVM wrote`);
  }
  /** With the parts a JVM of today writes beside it. Never rejects; tells whether there was any. */
  async remove(): Promise<boolean> {
    let isRemoved = false;
    for (const name of await this.#names()) {
      if (!name.startsWith(this.#name)) continue;
      isRemoved =
        (await unlink(this.#at(name)).then(
          () => true,
          () => false,
        )) || isRemoved;
    }
    return isRemoved;
  }
  /**
   * Takes away what a JVM still writes after it was given up on: it cannot be stopped, and may not even have begun.
   * Resolves when there is nothing left to come.
   */
  async clear(clock: Clock, isWriting: () => boolean): Promise<void> {
    const until = clock.now() + CLEAR_FOR_MS;
    for (;;) {
      const isOver = !isWriting() || clock.now() >= until || !isStillThere(this.#server.target);
      await this.remove();
      if (isOver) return;
      await sleep(clock, CLEAR_EVERY_MS, NEVER);
    }
  }
  async close(): Promise<void> {
    await this.#folder.close().catch(() => undefined);
  }
  #at(name: string): string {
    return `/proc/self/fd/${this.#folder.fd}/${name}`;
  }
  async #names(): Promise<readonly string[]> {
    return (await readdir(`/proc/self/fd/${this.#folder.fd}`).catch(() => [])).filter((name) =>
      NAME.test(name),
    );
  }
  async #removeLeft(): Promise<void> {
    const { uid } = readAttachStatus(this.#server.target);
    for (const name of await this.#names()) {
      const facts = await stat(this.#at(name)).catch(() => undefined);
      if (facts === undefined || facts.uid !== uid || Date.now() - facts.mtimeMs < LEFT_AFTER_MS) continue;
      await unlink(this.#at(name)).catch(() => undefined);
    }
  }
}

const NEVER = new AbortController().signal;
