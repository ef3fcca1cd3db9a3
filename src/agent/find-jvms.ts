import { type FileHandle, readdir, readFile } from 'node:fs/promises';
import { cleanLine } from '../core/text.ts';
import { jvmFiguresOf } from '../wire/hsperfdata/figures-of.ts';
import { MAX_PERF_DATA_BYTES, readPerfData } from '../wire/hsperfdata/read-perf-data.ts';
import { identityOf, type JvmIdentity, looksLikeJava, perfDataIsOff, refusesAttach } from './jvm-identity.ts';
import { openPerfFile, type PerfFilePlaces, type PerfFileProblem, readWhole } from './perf-file.ts';
import { readMachine, startOf } from './proc/machine.ts';
import { type ProcessEntry, readArguments, readEntry, readTimes } from './proc/process-entry.ts';
import { insideProcess } from './proc/process-root.ts';

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
/** A program that starts a JVM inside itself may do so late. */
const LOOKS = 2;
const MAX_RULED_OUT = 65_536;

/** A script that becomes a JVM keeps its number and its start, but not the program's name. */
interface RuledOut {
  readonly startTicks: number;
  readonly program: string;
  looks: number;
}
/** One process while it is looked at. */
interface Look {
  readonly entry: ProcessEntry;
  readonly startTicks: number;
  readonly words: readonly string[];
  /** Epoch ms. */
  readonly startedAt: number | undefined;
  readonly wanted: Wanted;
}

/** Looks through the processes of the machine again and again; remembers which are none of ours. */
export class JvmFinder {
  readonly #places: PerfFilePlaces;
  readonly #ruledOut = new Map<number, RuledOut>();

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
    const machine = await readMachine(this.#places.proc);
    for (const pid of await this.#pids(wanted)) {
      const times = readTimes(this.#places.proc, pid);
      if (times === undefined || known(pid, times.startTicks)) continue;
      const entry = readEntry(this.#places.proc, pid);
      const words = readArguments(this.#places.proc, pid);
      // The kernel's own threads have no arguments.
      if (entry === undefined || words.length === 0 || this.#isRuledOut(entry, times.startTicks)) continue;
      const { startTicks } = times;
      const startedAt = machine && startOf(machine, startTicks);
      const result = await this.#look({ entry, startTicks, words, startedAt, wanted });
      if (result === undefined) this.#ruleOut(entry, startTicks);
      else if ('code' in result) unreadable.push(result);
      else found.push(result);
    }
    // Twins are numbered in this order: that of their starts is the same after our own restart, that of their numbers is not.
    found.sort((a, b) => a.startTicks - b.startTicks || a.entry.pid - b.entry.pid);
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
  #isRuledOut({ pid, program }: ProcessEntry, startTicks: number): boolean {
    const seen = this.#ruledOut.get(pid);
    return seen?.startTicks === startTicks && seen.program === program && seen.looks >= LOOKS;
  }
  #ruleOut({ pid, program }: ProcessEntry, startTicks: number): void {
    const seen = this.#ruledOut.get(pid);
    if (seen?.startTicks === startTicks && seen.program === program) seen.looks++;
    else this.#ruledOut.set(pid, { startTicks, program, looks: 1 });
    if (this.#ruledOut.size > MAX_RULED_OUT) this.#ruledOut.clear();
  }
  async #look(look: Look): Promise<FoundJvm | UnreadableJvm | undefined> {
    const { entry, words, wanted } = look;
    if (wanted.isLike?.(likenessOf(look)) === false) return undefined;
    const file = await openPerfFile(this.#places, entry);
    if ('kind' in file) {
      const off = perfDataIsOff(words);
      const why = off === undefined ? await whyOf(this.#places, entry, file) : `it runs with ${off}`;
      const program = cleanLine(entry.program, 16);
      // A program may start a JVM inside itself: what it is called is no proof.
      const called = looksLikeJava(entry.program, words) ? '' : `it is called ${program}, not java, and `;
      return refuse(
        look,
        file.kind === 'missing' ? 'PERF_DATA_MISSING' : 'PERF_DATA_DENIED',
        `${called}${why}`,
      );
    }
    const result = await readFound(look, file);
    if (result === undefined || 'code' in result) await file.close();
    return result;
  }
}

/** The folder is named by the user's name: a JVM whose user has none (`runAsUser` without one) keeps its figures. */
async function whyOf({ proc }: PerfFilePlaces, { pid, uid }: ProcessEntry, { kind, why }: PerfFileProblem) {
  if (kind !== 'missing') return why;
  const users = await readFile(insideProcess(proc, pid, '/etc/passwd'), 'utf8').catch(() => undefined);
  const isNameless =
    users !== undefined && !users.split('\n').some((line) => line.split(':')[2] === `${uid}`);
  return isNameless ? `its user ${uid} has no name in /etc/passwd, so the JVM writes no file` : why;
}

const likenessOf = ({ entry, words }: Look): string => `${entry.uid} ${words.join('\0')}`;

/** Only of a JVM that was asked for it is worth a word that it cannot be read. */
function refuse(
  { entry, startTicks, words, startedAt, wanted }: Look,
  code: UnreadableJvm['code'],
  why: string,
): UnreadableJvm | undefined {
  const isNamed = wanted.pid !== undefined;
  const isAsked =
    isNamed || (looksLikeJava(entry.program, words) && (wanted.matches?.(words.join(' ')) ?? true));
  if (!isAsked) return undefined;
  const isYoung = startedAt !== undefined && Date.now() - startedAt < YOUNG_MS;
  return { pid: entry.pid, startTicks, code, message: `process ${entry.pid}: ${why}`, isYoung };
}

async function readFound(look: Look, file: FileHandle): Promise<FoundJvm | UnreadableJvm | undefined> {
  const { entry, startTicks, words, startedAt, wanted } = look;
  const bytes = await readWhole(file, Buffer.allocUnsafe(MAX_PERF_DATA_BYTES + 1));
  const data = bytes && readPerfData(bytes);
  if (data?.kind !== 'perf-data')
    return refuse(look, 'PERF_DATA_MISSING', `its hsperfdata file is ${data?.reason ?? 'gone'}`);
  const figures = jvmFiguresOf(data);
  const { command = '' } = figures;
  const vmArguments = data.texts.get('java.rt.vmArgs');
  const identity = identityOf({ words, command, vmArguments });
  const isWanted =
    wanted.pid !== undefined ||
    (!identity.isTool && (wanted.matches?.(`${words.join(' ')} ${command}`) ?? true));
  if (!isWanted) return undefined;
  if (startedAt !== undefined && figures.startedAt !== undefined && figures.startedAt < startedAt - STALE_MS)
    return refuse(look, 'PERF_DATA_MISSING', 'the hsperfdata file there is an earlier process’s');
  return {
    entry,
    startTicks,
    identity,
    likeness: likenessOf(look),
    file,
    startedAt: figures.startedAt ?? startedAt,
    version: figures.version,
    collectors: figures.collectors.map(({ name }) => name),
    // The JVM's own list holds those of JAVA_TOOL_OPTIONS too, in the order in which they count.
    refusesAttach: refusesAttach(vmArguments?.split(/\s+/) ?? words),
  };
}
