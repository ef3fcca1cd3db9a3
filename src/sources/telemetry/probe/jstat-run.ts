import type { Clock } from '../../../core/clock.ts';
import { cleanLine } from '../../../core/text.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { StreamEnd } from '../../../domain/remote.ts';
import { maskWords } from '../../../domain/secret-name.ts';
import type { SourceFailure } from '../../../domain/source-status.ts';
import type { JvmFigures } from '../../../wire/hsperfdata/jvm-figures.ts';
import { type ContainerCommands, thrownFailure } from '../../container-commands.ts';
import { readMemoryRoom } from '../../memory-room.ts';
import { JstatTable } from './jstat-table.ts';

/** Runs one command of the list whose output is read as it comes. Rejects as a `RunCommand` does. */
export type StreamCommand = (
  argv: readonly string[],
  onBytes: (bytes: Uint8Array) => void,
  signal: AbortSignal,
) => Promise<StreamEnd>;

/** One for all probes of the program: a second JVM is started in one container at a time only. */
export interface JstatSlot {
  /** False while another has it. */
  take(): boolean;
  free(): void;
}
export function createJstatSlot(): JstatSlot {
  let isTaken = false;
  return {
    take() {
      const isMine = !isTaken;
      isTaken = true;
      return isMine;
    },
    free() {
      isTaken = false;
    },
  };
}

/** What a JVM with `jstat` in it needs at most. */
const ROOM_BYTES = 134_217_728;
const MIB = 1_048_576;
const EVERY_MS = '2000';
const TIMES = '30';
const FIRST_ROW_MS = 20_000;
/** A user of a number alone is usual where a cluster gives each namespace its own. */
const NO_FILE_HINT =
  'It writes none with -XX:-UsePerfData or -XX:+PerfDisableSharedMem, where its user has no name in /etc/passwd, or as another JVM than HotSpot: change that, or let it send datagrams (Micrometer’s StatsD, LENA’s advertiser).';

export interface JstatOptions {
  readonly commands: ContainerCommands;
  readonly stream: StreamCommand;
  readonly slot: JstatSlot;
  readonly clock: Clock;
  readonly name: string;
  readonly pid: number;
  readonly onFigures: (figures: JvmFigures) => void;
}
export interface JstatEnd {
  readonly failure?: SourceFailure | undefined;
  /** Nothing but a change of the container makes another answer likely. */
  readonly isFinal: boolean;
}

/** One run of `jstat` for a minute, where there is room for it. Rejects only when the signal aborts. */
export async function runJstat(options: JstatOptions, signal: AbortSignal): Promise<JstatEnd> {
  const { commands, slot, name } = options;
  const missing = (why: string, isFinal = false): JstatEnd => ({
    isFinal,
    failure: sourceFailure(
      'PERF_DATA_MISSING',
      `${name}: the JVM has no hsperfdata file, and ${why}`,
      NO_FILE_HINT,
    ),
  });
  const room = await readMemoryRoom(commands, signal);
  if (room.kind === 'unknown') return missing(`jstat is not started there: ${room.why}`);
  if (room.bytes < ROOM_BYTES) {
    const free = Math.floor(room.bytes / MIB);
    return missing(
      `jstat is not started there: ${free} MiB are free below the memory limit, ${ROOM_BYTES / MIB} MiB are needed`,
    );
  }
  if (!slot.take()) return missing('jstat reads another server now: one at a time');
  try {
    return await stream(options, signal, missing);
  } finally {
    slot.free();
  }
}

async function stream(
  { stream: run, clock, pid, onFigures, name }: JstatOptions,
  signal: AbortSignal,
  missing: (why: string, isFinal?: boolean) => JstatEnd,
): Promise<JstatEnd> {
  const table = new JstatTable();
  let rows = 0;
  const silent = new AbortController();
  const cancelTimer = clock.after(FIRST_ROW_MS, () => {
    if (rows === 0) silent.abort(new Error('jstat said nothing'));
  });
  try {
    const end = await run(
      ['jstat', '-gc', String(pid), EVERY_MS, TIMES],
      (bytes) => {
        for (const figures of table.take(bytes, clock.now())) {
          rows++;
          onFigures(figures);
        }
      },
      AbortSignal.any([signal, silent.signal]),
    );
    if (rows > 0) return { isFinal: false };
    if (end.notStarted !== undefined || end.exitCode === 126 || end.exitCode === 127)
      return missing('the container has no jstat', true);
    const said = maskWords(cleanLine(end.stderr.split('\n')[0] ?? '', 200));
    return missing(said === '' ? 'jstat tells nothing of it' : `jstat says: ${said}`, true);
  } catch (thrown) {
    signal.throwIfAborted();
    if (silent.signal.aborted) return missing(`jstat said nothing within ${FIRST_ROW_MS / 1_000} s`, true);
    return { failure: thrownFailure(thrown, name), isFinal: false };
  } finally {
    cancelTimer();
  }
}
