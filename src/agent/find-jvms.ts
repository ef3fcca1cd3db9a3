import { type FileHandle, readdir } from 'node:fs/promises';
import { jvmFiguresOf } from '../wire/hsperfdata/figures-of.ts';
import { MAX_PERF_DATA_BYTES, readPerfData } from '../wire/hsperfdata/read-perf-data.ts';
import { identityOf, type JvmIdentity, looksLikeJava, perfDataIsOff, refusesAttach } from './jvm-identity.ts';
import { openPerfFile, type PerfFilePlaces, readWhole } from './perf-file.ts';
import { readMachine, startOf } from './proc/machine.ts';
import { type ProcessEntry, readArguments, readEntry, readTimes } from './proc/process-entry.ts';

/** A JVM that can be read; whoever takes it closes its file. */
export interface FoundJvm {
  readonly entry: ProcessEntry;
  readonly startTicks: number;
  readonly identity: JvmIdentity;
  /** What a successor must be started with to be the same server: arguments and user. */
  readonly likeness: string;
  readonly file: FileHandle;
  /** Epoch ms. */
  readonly startedAt: number | undefined;
  readonly version: string | undefined;
  readonly collectors: readonly string[];
  readonly refusesAttach: boolean;
}
/** A JVM that was asked for and cannot be read. */
export interface UnreadableJvm {
  readonly pid: number;
  readonly startTicks: number;
  readonly code: 'PERF_DATA_MISSING' | 'PERF_DATA_DENIED';
  readonly message: string;
  /** Just started: its file may still come. */
  readonly isYoung: boolean;
}
/** Which of the machine's JVMs are wanted. */
export interface Wanted {
  /** Only this process, by our own namespace. */
  readonly pid?: number | undefined;
  /** Tests the command line; all of the machine's without. */
  readonly matches?: ((commandLine: string) => boolean) | undefined;
  /** Tests {@link FoundJvm.likeness} of what follows on the process named. */
  readonly isLike?: ((likeness: string) => boolean) | undefined;
}

/** A file older than its process by this much was left by another one of the same number. */
const STALE_MS = 60_000;
const YOUNG_MS = 5_000;
/** A process that is no JVM may still become one: what starts it is often a script. */
const LOOKS = 6;
const MAX_RULED_OUT = 65_536;

/** Looks through the processes of the machine again and again; remembers which are none of ours. */
export class JvmFinder {
  readonly #places: PerfFilePlaces;
  readonly #ruledOut = new Map<number, { readonly startTicks: number; looks: number }>();

  constructor(places: PerfFilePlaces) {
    this.#places = places;
  }
  /** Those wanted that are not `known` (by pid and start). */
  async find(
    wanted: Wanted,
    known: (pid: number, startTicks: number) => boolean,
  ): Promise<{ readonly found: readonly FoundJvm[]; readonly unreadable: readonly UnreadableJvm[] }> {
    const found: FoundJvm[] = [];
    const unreadable: UnreadableJvm[] = [];
    for (const pid of await this.#pids(wanted)) {
      const times = await readTimes(this.#places.proc, pid);
      if (times === undefined || known(pid, times.startTicks) || this.#isRuledOut(pid, times.startTicks))
        continue;
      const result = await this.#look(pid, times.startTicks, wanted);
      if (result === undefined) this.#ruleOut(pid, times.startTicks);
      else if ('code' in result) unreadable.push(result);
      else found.push(result);
    }
    return { found, unreadable };
  }
  async #pids({ pid }: Wanted): Promise<readonly number[]> {
    if (pid !== undefined) return [pid];
    const names = await readdir(this.#places.proc);
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((found) => found !== process.pid);
  }
  #isRuledOut(pid: number, startTicks: number): boolean {
    const seen = this.#ruledOut.get(pid);
    return seen?.startTicks === startTicks && seen.looks >= LOOKS;
  }
  #ruleOut(pid: number, startTicks: number): void {
    const seen = this.#ruledOut.get(pid);
    if (seen?.startTicks === startTicks) seen.looks++;
    else this.#ruledOut.set(pid, { startTicks, looks: 1 });
    if (this.#ruledOut.size > MAX_RULED_OUT) this.#ruledOut.clear();
  }
  async #look(
    pid: number,
    startTicks: number,
    wanted: Wanted,
  ): Promise<FoundJvm | UnreadableJvm | undefined> {
    const { proc } = this.#places;
    const [entry, words, machine] = await Promise.all([
      readEntry(proc, pid),
      readArguments(proc, pid),
      readMachine(proc),
    ]);
    if (entry === undefined) return undefined;
    const likeness = `${entry.uid} ${words.join('\0')}`;
    if (wanted.isLike?.(likeness) === false) return undefined;
    const isNamed = wanted.pid !== undefined;
    const line = words.join(' ');
    const isJava = isNamed || looksLikeJava(entry.program, words);
    const startedAt = machine && startOf(machine, startTicks);
    const isYoung = startedAt !== undefined && Date.now() - startedAt < YOUNG_MS;
    const refuse = (code: UnreadableJvm['code'], message: string): UnreadableJvm | undefined =>
      isJava && (wanted.matches?.(line) ?? true) ? { pid, startTicks, code, message, isYoung } : undefined;
    const file = await openPerfFile(this.#places, entry);
    if ('kind' in file) {
      const off = perfDataIsOff(words);
      const why = off === undefined ? file.why : `it runs with ${off}`;
      const code = file.kind === 'missing' ? 'PERF_DATA_MISSING' : 'PERF_DATA_DENIED';
      return refuse(code, `process ${pid}: ${why}`);
    }
    const buffer = Buffer.allocUnsafe(MAX_PERF_DATA_BYTES + 1);
    const bytes = await readWhole(file, buffer);
    const data = bytes && readPerfData(bytes);
    if (data?.kind !== 'perf-data') {
      await file.close();
      return refuse('PERF_DATA_MISSING', `process ${pid}: its hsperfdata file is ${data?.reason ?? 'gone'}`);
    }
    const figures = jvmFiguresOf(data);
    const isStale =
      startedAt !== undefined && figures.startedAt !== undefined && figures.startedAt < startedAt - STALE_MS;
    const command = figures.command ?? '';
    const identity = identityOf({ words, command, vmArguments: data.texts.get('java.rt.vmArgs') });
    const isWanted = isNamed || (!identity.isTool && (wanted.matches?.(`${line} ${command}`) ?? true));
    if (isStale || !isWanted) {
      await file.close();
      return isStale && isWanted
        ? refuse('PERF_DATA_MISSING', `process ${pid}: the hsperfdata file there is an earlier process’s`)
        : undefined;
    }
    return {
      entry,
      startTicks,
      identity,
      likeness,
      file,
      startedAt: figures.startedAt ?? startedAt,
      version: figures.version,
      collectors: figures.collectors.map(({ name }) => name),
      refusesAttach: refusesAttach(words),
    };
  }
}
