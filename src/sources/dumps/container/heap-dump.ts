import { AppError, describeThrown } from '../../../core/app-error.ts';
import { sleep } from '../../../core/clock.ts';
import { sizeText } from '../../../core/size-text.ts';
import type { DumpTaking, HeapRoom, TakenDump } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { text } from '../../../domain/text.ts';
import { messageOf, NO_JCMD_HINT, saidLine, thrownError } from './container-failure.ts';
import { assertSameJvm, type ContainerJvm, type Looking } from './container-jvm.ts';
import { DumpText } from './dump-text.ts';
import { readListing } from './file-listing.ts';
import { JavaTools } from './java-tools.ts';
import type { ContainerDumpsOptions } from './runner.ts';
import { dumpFolders, hashOf, NOT_COMPARED, readFile } from './server-files.ts';
import { roomShortage } from './thread-dump.ts';

const SHORT = { timeoutMs: 10_000, maxBytes: 65_536 };
const CLEAR_MS = 4_000;
const LOOK_EVERY_MS = 2_000;
const MIB = 1_048_576;
/** Files there are memory of the container itself: a heap in them would kill the server. */
const IN_MEMORY = /^(?:tmpfs|shm|ramfs|none)$/;
const NOT_CREATED = /: Unable to create /;
const NO_SPACE = /no space left/i;
const NO_SPACE_HINT = 'Free space in the container, or give it a volume for its dumps.';
/** What `jcmd` says when the file is whole; it holds nothing of the heap itself. */
const WRITTEN = { begin: 'Heap dump file created', end: /Heap dump file created/ };

export interface HeapTaking extends DumpTaking {
  readonly jvm: ContainerJvm;
  readonly looking: Looking;
  readonly isLive: boolean;
  readonly maxBytes: number;
  /** 16 hex digits, of the file's name. */
  readonly token: string;
}

/**
 * Folders on a disk with what is free there, most first, and how much the heap needs at most; empty where neither can be
 * told. Rejects with an AppError.
 */
export async function heapRooms(
  options: ContainerDumpsOptions,
  { jvm, looking }: Pick<HeapTaking, 'jvm' | 'looking'>,
  signal: AbortSignal,
): Promise<readonly HeapRoom[]> {
  const { commands } = looking;
  const { heapBytes: neededBytes, usedBytes } = jvm;
  if (neededBytes === undefined) return [];
  const own = await dumpFolders({ ...options, commands }, signal);
  const rooms: HeapRoom[] = [];
  for (const folder of [...own.filter((path) => path.endsWith('/hdump')), '/tmp', '/var/tmp']) {
    const said = await commands.ask(['df', '-Pk', folder], SHORT, signal);
    if (said.kind === 'failed') throw thrownError(toError(said.failure), looking.name);
    const freeBytes = said.kind === 'said' ? freeOf(Buffer.from(said.bytes).toString('utf8')) : undefined;
    if (freeBytes !== undefined) rooms.push({ folder, freeBytes, neededBytes, usedBytes });
  }
  // Of equals the first: LENA's own folder comes before others on the same disk.
  return rooms.toSorted((x, y) => y.freeBytes - x.freeBytes);
}
const toError = ({ code, message, hint }: { code: string; message: string; hint: string }): AppError =>
  new AppError(code, message, { hint });

/** Free bytes in the last line of `df -Pk`; `undefined` where it is memory. */
export function freeOf(said: string): number | undefined {
  const [device = '', , , free = ''] = (said.trim().split('\n').at(-1) ?? '').trim().split(/\s+/);
  return /^\d{1,15}$/.test(free) && !IN_MEMORY.test(device) ? Number(free) * 1_024 : undefined;
}

/**
 * Lets the JVM write its heap to a file of ours, fetches it and removes it, whatever happens. Rejects with an
 * AppError that names the file where it may be left behind.
 */
export async function takeHeapDump(options: ContainerDumpsOptions, taking: HeapTaking): Promise<TakenDump> {
  const { runner } = options;
  const { looking, signal, token } = taking;
  const what = `heap dump of ${runner.name}`;
  const shortage = await roomShortage(looking, signal);
  if (shortage !== undefined)
    throw appError('DUMP_FAILED', `no ${what}: jcmd: ${shortage}`, {
      hint: 'Give the container more memory, or use our agent beside it.',
    });
  const rooms = await heapRooms(options, taking, signal);
  const [most] = rooms;
  if (most === undefined)
    throw appError('DUMP_FAILED', `no ${what}: no folder with a disk and known room was found there`, {
      hint: 'The container needs `df`, a writable folder on a disk, and a JVM whose counters can be read.',
    });
  if (most.freeBytes < most.neededBytes)
    throw appError(
      'DISK_FULL',
      `no ${what}: ${most.folder} there has ${sizeText(most.freeBytes)} free, up to ${sizeText(most.neededBytes)} are needed`,
      { hint: NO_SPACE_HINT },
    );
  const refusals: string[] = [];
  for (const { folder, freeBytes, neededBytes } of rooms) {
    if (freeBytes < neededBytes) break;
    const path = `${folder}/l9s-${token}.hprof`;
    try {
      return await takeInto(path, options, { ...taking, neededBytes });
    } catch (thrown) {
      // A folder with room may still be one the JVM cannot write to.
      if (!(thrown instanceof AppError) || !NOT_CREATED.test(thrown.message)) throw thrown;
      refusals.push(thrown.message);
    }
  }
  throw appError('DUMP_FAILED', refusals.join('; '), {
    hint: 'Give the container a folder on a disk that its JVM may write to.',
  });
}

async function takeInto(
  path: string,
  options: ContainerDumpsOptions,
  taking: HeapTaking & { readonly neededBytes: number },
): Promise<TakenDump> {
  const { signal, neededBytes } = taking;
  const file = new HeapFile(options, taking, path);
  try {
    const taken = await file.take(neededBytes);
    const left = await file.clear();
    return left === undefined ? taken : { ...taken, missing: [...taken.missing, leftText(path, left)] };
  } catch (thrown) {
    const left = await file.clear();
    if (left === undefined) {
      signal.throwIfAborted();
      throw thrown;
    }
    const why = signal.aborted ? saidLine(describeThrown(signal.reason)) : messageOf(thrown);
    throw appError(
      'DUMP_FAILED',
      `no heap dump of ${options.runner.name}: ${why}; its file ${path} is left there: ${left}`,
      { hint: `Remove it by hand: \`rm ${path}\` in the container.`, cause: thrown },
    );
  }
}
const leftText = (path: string, why: string) =>
  text(
    `nothing of the heap; but its file ${path} is left on the server: ${why}`,
    `힙은 온전하나 서버에 ${path} 파일이 남음: ${why}`,
  );

/** The file of a heap dump on the server, from before the JVM writes it until it is gone. */
class HeapFile {
  readonly #options: ContainerDumpsOptions;
  readonly #taking: HeapTaking;
  readonly #path: string;
  /** `asked`: the JVM may create it any moment. */
  #state: 'none' | 'asked' | 'there' = 'none';

  constructor(options: ContainerDumpsOptions, taking: HeapTaking, path: string) {
    this.#options = options;
    this.#taking = taking;
    this.#path = path;
  }

  async take(neededBytes: number): Promise<TakenDump> {
    const { runner } = this.#options;
    const { looking, signal, report, maxBytes } = this.#taking;
    const how = await this.#write(neededBytes);
    const sizeBytes = await this.#size(signal);
    if (sizeBytes === undefined)
      throw appError('DUMP_FAILED', `${how} in ${runner.name}: its file cannot be found`);
    if (sizeBytes > maxBytes)
      throw appError(
        'DUMP_TOO_LARGE',
        `the heap dump of ${runner.name} has ${sizeBytes} bytes, more than ${maxBytes}`,
      );
    report(text('comparing its hash', '해시 확인 중'));
    const sha256 = await hashOf(looking.commands, this.#path, signal);
    const bytes = await readFile(runner, this.#path, sizeBytes, this.#taking).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw thrownError(thrown, runner.name);
    });
    if (bytes !== sizeBytes)
      throw appError('DUMP_DAMAGED', `the heap dump of ${runner.name}: ${bytes} bytes came of ${sizeBytes}`);
    return { how, missing: sha256 === undefined ? [NOT_COMPARED] : [], sha256 };
  }

  /** Why it may still be there; `undefined` where it is not. Never rejects. */
  async clear(): Promise<string | undefined> {
    const { runner } = this.#options;
    if (this.#state === 'none') return undefined;
    const signal = AbortSignal.timeout(CLEAR_MS);
    try {
      const { exitCode, notStarted, stderr } = await runner.run(['rm', '-f', this.#path], SHORT, signal);
      if (exitCode !== 0) return saidLine(notStarted ?? stderr.split('\n')[0] ?? '') || 'rm gave no answer';
      return this.#state === 'asked' ? 'the JVM may still be about to write it' : undefined;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }

  /** Asks the JVM for it, looking how it grows meanwhile. */
  async #write(neededBytes: number): Promise<string> {
    const { runner, clock } = this.#options;
    const { jvm, looking, isLive, signal, report } = this.#taking;
    await assertSameJvm(jvm, looking, signal);
    const words = [`${jvm.pid}`, 'GC.heap_dump', ...(isLive ? [] : ['-all']), this.#path];
    const asked = ['jcmd', ...words].join(' ');
    report(asked);
    const dump = new DumpText({ marks: WRITTEN, what: asked, maxBytes: MIB, write: async () => undefined });
    const looked = new AbortController();
    const watching = this.#watch(neededBytes, AbortSignal.any([signal, looked.signal]));
    this.#state = 'asked';
    try {
      const { how, end } = await new JavaTools(jvm, { runner, clock, beginMs: Number.POSITIVE_INFINITY }).run(
        'jcmd',
        words,
        dump,
        signal,
      );
      const isMissing = end.kind === 'nothing' && end.reason === 'noTool';
      // It answered: what it has not written by now it will not write.
      this.#state = isMissing ? 'none' : 'there';
      if (end.kind === 'whole') return how;
      const message = `no heap dump of ${runner.name}: ${asked}: ${end.why}`;
      throw NO_SPACE.test(end.why)
        ? appError('DISK_FULL', message, { hint: NO_SPACE_HINT })
        : isMissing
          ? appError('NO_TOOL', message, { hint: NO_JCMD_HINT })
          : appError('DUMP_FAILED', message);
    } finally {
      looked.abort();
      await watching;
    }
  }

  /** Never rejects. */
  async #watch(neededBytes: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await sleep(clock, LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      const sizeBytes = await this.#size(signal).catch(() => undefined);
      if (sizeBytes === undefined) continue;
      if (this.#state === 'asked') this.#state = 'there';
      this.#taking.report(
        text(
          `the JVM writes: ${sizeText(sizeBytes)} of at most ${sizeText(neededBytes)}`,
          `JVM 기록 중: ${sizeText(sizeBytes)} / 최대 ${sizeText(neededBytes)}`,
        ),
      );
    }
  }

  async #size(signal: AbortSignal): Promise<number | undefined> {
    const { commands } = this.#taking.looking;
    const said = await commands.ask(['ls', '-ln', this.#path], SHORT, signal);
    if (said.kind !== 'said') return undefined;
    return readListing(Buffer.from(said.bytes).toString('utf8')).files[0]?.sizeBytes;
  }
}
