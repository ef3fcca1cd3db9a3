import { createHash } from 'node:crypto';
import { AppError, systemCode } from '../../../core/app-error.ts';
import { sizeText } from '../../../core/size-text.ts';
import type { Dump } from '../../../domain/dump.ts';
import type { DumpFile, NewDump } from '../../../domain/dump-folder.ts';
import { dumpFileName } from '../../../domain/dump-name.ts';
import { appError } from '../../../domain/errors.ts';
import { refOf } from '../../../domain/ref.ts';
import { folderFailure } from './failures.ts';
import {
  beside,
  exists,
  nameIt,
  type OpenPart,
  type PartHandle,
  partName,
  removeFile,
  syncDirectory,
} from './part-file.ts';
import { statusName, statusText } from './status-file.ts';

/** Names of one second tried before giving up. */
const MAX_TRIES = 1_000;

export interface DumpFileOptions {
  readonly of: NewDump;
  readonly directory: string;
  readonly openPart: OpenPart;
  /** It has its name. */
  readonly onKept: (dump: Dump) => Promise<void>;
}

/** Begins a dump's file. Rejects with an AppError. */
export async function createDumpFile({
  of,
  directory,
  openPart,
  onKept,
}: DumpFileOptions): Promise<DumpFile> {
  const nameOf = (again: number) =>
    dumpFileName({
      host: of.host,
      server: of.serverName,
      at: of.facts.takenAt,
      kind: of.facts.kind,
      again: again < 2 ? undefined : again,
    });
  const isTaken = async (wanted: string) =>
    (await exists(beside(directory, wanted))) || (await exists(beside(directory, statusName(wanted))));

  /** The first name nobody has, with a part of ours under it. */
  async function begin() {
    for (let again = 1; again < MAX_TRIES; again++) {
      const wanted = nameOf(again);
      if (await isTaken(wanted)) continue;
      const file = beside(directory, partName(wanted));
      try {
        return { first: wanted, part: file, opened: await openPart(file) };
      } catch (thrown) {
        // Another one of this process has it.
        if (systemCode(thrown) !== 'EEXIST') throw thrown;
      }
    }
    throw appError('STATE_UNWRITABLE', `${directory}: no name is left for ${nameOf(1)}`);
  }
  const { first, part, opened } = await begin().catch((thrown: unknown) => {
    throw thrown instanceof AppError ? thrown : folderFailure(thrown, directory);
  });
  let name = first;

  const hash = createHash('sha256');
  let sizeBytes = 0;
  let state: 'open' | 'kept' | 'gone' = 'open';
  /** Writes follow one another, whoever asks for them. */
  let last: Promise<void> = Promise.resolve();

  async function close(): Promise<void> {
    await opened.close().catch(() => undefined);
  }
  async function discard(): Promise<void> {
    if (state !== 'open') return;
    state = 'gone';
    await close();
    await removeFile(part).catch(() => undefined);
  }
  async function writeWhole(to: PartHandle, bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const taken = await to.write(bytes.subarray(from));
      // A disk that takes nothing and says nothing is full.
      if (taken <= 0) throw appError('DISK_FULL', `${directory}: no space is left`);
      from += taken;
    }
  }
  async function writeAll(bytes: Uint8Array): Promise<void> {
    if (state !== 'open') throw appError('DUMP_FAILED', `${name} was given up`);
    if (sizeBytes + bytes.length > of.maxBytes) {
      throw appError('DUMP_TOO_LARGE', `${name}: more than ${sizeText(of.maxBytes)} came`);
    }
    await writeWhole(opened, bytes);
    hash.update(bytes);
    sizeBytes += bytes.length;
  }

  /** Facts first, so that a dump never stands without them; who has a name's facts has the name. */
  async function giveName(dumpOf: () => Parameters<typeof statusText>[0]): Promise<string> {
    const facts = statusText(dumpOf());
    for (let again = 1; again < MAX_TRIES; again++) {
      const wanted = again === 1 ? name : nameOf(again);
      const status = beside(directory, statusName(wanted));
      const statusPart = beside(directory, partName(statusName(wanted)));
      await removeFile(statusPart);
      try {
        await writeSmall(statusPart, facts);
        if (!(await nameIt(statusPart, status))) continue;
      } finally {
        await removeFile(statusPart);
      }
      try {
        if (await nameIt(part, beside(directory, wanted))) return wanted;
      } catch (thrown) {
        await removeFile(status);
        throw thrown;
      }
      await removeFile(status);
    }
    throw appError('STATE_UNWRITABLE', `${directory}: no name is left for ${name}`);
  }
  async function writeSmall(file: string, written: string): Promise<void> {
    const small = await openPart(file);
    try {
      await writeWhole(small, new TextEncoder().encode(written));
      await small.sync();
    } finally {
      await small.close();
    }
  }

  /** Whatever goes wrong leaves nothing. */
  async function orNothing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      await discard();
      throw thrown instanceof AppError ? thrown : folderFailure(thrown, directory);
    }
  }

  return {
    get name() {
      return name;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    temporaryPath: part,
    write(bytes) {
      const written = last.then(() => orNothing(() => writeAll(bytes)));
      last = written.catch(() => undefined);
      return written;
    },
    keep(end) {
      const kept = last.then(() =>
        orNothing(async () => {
          if (state !== 'open') throw appError('DUMP_FAILED', `${name} was given up`);
          const sha256 = hash.digest('hex');
          if (end.sha256 !== undefined && end.sha256.toLowerCase() !== sha256) {
            throw appError(
              'DUMP_DAMAGED',
              `${name}: what came is not what was sent (sha256 ${sha256}, not ${end.sha256.slice(0, 64)})`,
            );
          }
          await opened.sync();
          await opened.close();
          const facts = {
            ...of.facts,
            how: end.how,
            missing: end.missing,
            verdict: end.verdict,
            sizeBytes,
            sha256,
          };
          name = await giveName(() => facts);
          state = 'kept';
          // It stands there whole; a name that is not durable yet is no reason to take it away.
          await syncDirectory(directory).catch(() => undefined);
          const dump: Dump = {
            ...facts,
            ref: refOf('dump', facts.server.context, name),
            path: beside(directory, name),
          };
          await onKept(dump);
          return dump;
        }),
      );
      last = kept.then(
        () => undefined,
        () => undefined,
      );
      return kept;
    },
    discard: () => {
      const done = last.then(discard);
      last = done;
      return done;
    },
  };
}
