import type { Clock } from '../../../core/clock.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { JvmSample } from '../../../domain/jvm-sample.ts';
import type { SourceFailure } from '../../../domain/source-status.ts';
import { readAllowedCores, readMaxOpenFiles, readProcessStat } from '../../../wire/proc/process-files.ts';
import type { ContainerCommands, Said } from '../../container-commands.ts';
import type { FoundJvm } from '../../find-jvm.ts';
import { entriesIn } from '../../perf-files.ts';
import { decodePerfFile, MAX_PERF_FILE_BYTES } from '../../perf-reading.ts';
import { saidFailure } from '../../said-failure.ts';
import { CpuShare } from './cpu-share.ts';
import { SampleMaker } from './probe-sample.ts';

export type ReadResult =
  | {
      readonly kind: 'sample';
      readonly jvm: JvmSample;
      /** Clock of its machine minus ours. */
      readonly clockSkewMs: number | undefined;
    }
  /** It ended, or another process has its pid. */
  | { readonly kind: 'gone' }
  /** The file cannot be read as it is; mostly it was being written. */
  | { readonly kind: 'reject'; readonly failure: SourceFailure }
  | { readonly kind: 'failed'; readonly failure: SourceFailure };

export interface JvmReaderOptions {
  readonly commands: ContainerCommands;
  readonly jvm: FoundJvm;
  readonly clock: Clock;
  readonly name: string;
  readonly cpuLimit: number | undefined;
}

const MAX_PROC_BYTES = 16_384;
/** Descriptors are counted by listing them: not with every reading. */
const FILES_EVERY = 5;

/** Reads one JVM, from when it was found to its end. */
export class JvmReader {
  readonly #options: JvmReaderOptions;
  readonly #maker = new SampleMaker();
  readonly #cpu: CpuShare;
  #turn = 0;
  #hasLimits: boolean = false;
  #canListFiles: boolean = true;
  #openFiles: number | undefined = undefined;
  #maxOpenFiles: number | undefined = undefined;

  constructor(options: JvmReaderOptions) {
    this.#options = options;
    this.#cpu = new CpuShare(options.clock);
    this.#cpu.take(options.jvm.stat);
  }
  isOf({ pid, path, stat }: FoundJvm): boolean {
    const { jvm } = this.#options;
    return jvm.pid === pid && jvm.path === path && jvm.stat.startTicks === stat.startTicks;
  }

  /** Rejects only when the signal aborts. */
  async read(signal: AbortSignal): Promise<ReadResult> {
    const { commands, jvm, name, clock } = this.#options;
    const isFilesTurn = this.#canListFiles && this.#turn % FILES_EVERY === 0;
    const proc = (file: string) => commands.read(`/proc/${jvm.pid}/${file}`, MAX_PROC_BYTES, signal);
    const [file, stat, files, status, limits] = await Promise.all([
      commands.read(jvm.path, MAX_PERF_FILE_BYTES, signal),
      proc('stat'),
      isFilesTurn ? commands.list(`/proc/${jvm.pid}/fd`, signal) : undefined,
      this.#hasLimits ? undefined : proc('status'),
      this.#hasLimits ? undefined : proc('limits'),
    ]);
    if (file.kind === 'absent' || stat.kind === 'absent') return { kind: 'gone' };
    const failure = saidFailure(file, jvm.path, name);
    if (failure !== undefined || file.kind !== 'said')
      return { kind: 'failed', failure: failure ?? sourceFailure('INTERNAL', `${name}: nothing was read`) };
    const now = readProcessStat(textOf(stat) ?? '');
    const isOther = now !== undefined && now.startTicks !== jvm.stat.startTicks;
    if (isOther || now?.hasEnded === true) return { kind: 'gone' };
    const decoded = decodePerfFile(file.bytes);
    if (decoded.kind === 'reject') {
      const why = `${name}: ${jvm.path} cannot be read: ${decoded.reason}`;
      return { kind: 'reject', failure: sourceFailure('PERF_DATA_MISSING', why) };
    }
    this.#turn++;
    this.#takeLimits(status, limits);
    if (now !== undefined) this.#cpu.take(now);
    this.#takeFiles(files);
    const { figures } = decoded;
    const at = clock.now();
    const sample = this.#maker.take(figures, at, {
      cpuShare: this.#cpu.share,
      openFiles: this.#openFiles,
      maxOpenFiles: this.#maxOpenFiles,
    });
    const clockSkewMs =
      figures.startedAt === undefined ? undefined : Math.round(figures.startedAt + figures.upMs - at);
    return { kind: 'sample', jvm: sample, clockSkewMs };
  }

  #takeLimits(status: Said | undefined, limits: Said | undefined): void {
    if (this.#hasLimits) return;
    this.#hasLimits = true;
    const { cpuLimit } = this.#options;
    const allowed = readAllowedCores(textOf(status) ?? '');
    const known = [cpuLimit, allowed].filter((cores) => cores !== undefined && cores > 0);
    if (known.length > 0) this.#cpu.cores = Math.min(...known.map(Number));
    this.#maxOpenFiles = readMaxOpenFiles(textOf(limits) ?? '');
  }
  #takeFiles(files: Said | undefined): void {
    if (files === undefined) return;
    // Another user's are not shown; asking again does not help.
    if (files.kind === 'denied') this.#canListFiles = false;
    this.#openFiles = files.kind === 'said' ? entriesIn(files.bytes) : undefined;
  }
}

const textOf = (said: Said | undefined): string | undefined =>
  said?.kind === 'said' ? Buffer.from(said.bytes).toString('utf8') : undefined;
