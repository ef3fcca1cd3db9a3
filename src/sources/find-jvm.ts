import { sourceFailure } from '../domain/errors.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { JvmFigures } from '../wire/hsperfdata/jvm-figures.ts';
import { type ProcessStat, readProcessStat } from '../wire/proc/process-files.ts';
import type { ContainerCommands } from './container-commands.ts';
import { mainOf, perfFoldersIn, pidsIn, serverLikeness } from './perf-files.ts';
import { decodePerfFile, MAX_PERF_FILE_BYTES } from './perf-reading.ts';
import { saidFailure } from './said-failure.ts';

const MAX_STAT_BYTES = 4_096;
const MAX_LIVE = 16;
const MAX_PROCESSES = 48;
const MAX_OTHERS = 8;

/** A running JVM and where its figures are. */
export interface FoundJvm {
  readonly pid: number;
  readonly path: string;
  readonly stat: ProcessStat;
}
/** A Java process of which nothing else is known. */
export type JavaProcess = Pick<FoundJvm, 'pid'> & Pick<ProcessStat, 'startTicks'>;
export type Found =
  | {
      readonly kind: 'jvm';
      readonly jvm: FoundJvm;
      /** What the others run, without arguments. */
      readonly others: readonly string[];
    }
  /** Java processes run, and none has a file; this one started last. */
  | {
      readonly kind: 'noFile';
      readonly process: JavaProcess;
      /** How many more there are. */
      readonly otherCount: number;
    }
  | { readonly kind: 'failed'; readonly failure: SourceFailure };

interface Looking {
  readonly commands: ContainerCommands;
  readonly name: string;
  readonly signal: AbortSignal;
}
interface Candidate extends FoundJvm {
  readonly figures: JvmFigures | undefined;
}

/** Looks for the server's JVM in its container: the newest live one that looks like the server. */
export async function findJvm(looking: Looking): Promise<Found> {
  const { commands, name, signal } = looking;
  const tmp = await commands.list('/tmp', signal);
  // A container without /tmp has no such file either.
  const failure = tmp.kind === 'absent' ? undefined : saidFailure(tmp, '/tmp', name);
  if (failure !== undefined) return { kind: 'failed', failure };
  const candidates: Candidate[] = [];
  let refused: SourceFailure | undefined;
  for (const folder of tmp.kind === 'said' ? perfFoldersIn(tmp.bytes) : []) {
    const listed = await commands.list(folder, signal);
    refused ??= listed.kind === 'absent' ? undefined : saidFailure(listed, folder, name);
    for (const pid of listed.kind === 'said' ? pidsIn(listed.bytes) : []) {
      if (candidates.length >= MAX_LIVE) break;
      const stat = await statOf(pid, looking);
      if (stat.kind === 'failed') return stat;
      // A file may outlive its JVM.
      if (stat.kind === 'stat')
        candidates.push({ pid, path: `${folder}/${pid}`, stat: stat.stat, figures: undefined });
    }
  }
  const [first, ...more] = await readCommands(candidates, looking);
  if (first !== undefined) return choose([first, ...more]);
  if (refused !== undefined) return { kind: 'failed', failure: refused };
  return findWithoutFile(looking);
}

/** Reads the files only where there is something to choose between. */
async function readCommands(
  candidates: readonly Candidate[],
  { commands, signal }: Looking,
): Promise<readonly Candidate[]> {
  if (candidates.length <= 1) return candidates;
  const read: Candidate[] = [];
  for (const candidate of candidates) {
    const said = await commands.read(candidate.path, MAX_PERF_FILE_BYTES, signal);
    const decoded = said.kind === 'said' ? decodePerfFile(said.bytes) : undefined;
    read.push(decoded?.kind === 'figures' ? { ...candidate, figures: decoded.figures } : candidate);
  }
  return read;
}

function choose([only, ...more]: Ranked): Found {
  const [first, ...rest] = [only, ...more].sort(
    (a, b) =>
      serverLikeness(b.figures?.command) - serverLikeness(a.figures?.command) ||
      b.stat.startTicks - a.stat.startTicks ||
      b.pid - a.pid,
  );
  const { pid, path, stat } = first ?? only;
  return {
    kind: 'jvm',
    jvm: { pid, path, stat },
    others: rest.map((other) => mainOf(other.figures?.command) ?? `pid ${other.pid}`).slice(0, MAX_OTHERS),
  };
}
type Ranked = readonly [Candidate, ...Candidate[]];

/** No file of a live JVM: are there Java processes at all? */
async function findWithoutFile(looking: Looking): Promise<Found> {
  const { commands, name, signal } = looking;
  const listed = await commands.list('/proc', signal);
  const failure = saidFailure(listed, '/proc', name);
  if (failure !== undefined || listed.kind !== 'said') {
    return { kind: 'failed', failure: failure ?? sourceFailure('NO_JVM', `${name}: no /proc to look in`) };
  }
  const java: JavaProcess[] = [];
  for (const pid of pidsIn(listed.bytes).slice(0, MAX_PROCESSES)) {
    const stat = await statOf(pid, looking);
    if (stat.kind === 'failed') return stat;
    if (stat.kind === 'stat' && stat.stat.program === 'java')
      java.push({ pid, startTicks: stat.stat.startTicks });
  }
  const [newest] = java.sort((a, b) => b.startTicks - a.startTicks || b.pid - a.pid);
  if (newest === undefined) {
    const failure = sourceFailure(
      'NO_JVM',
      `${name}: no Java process runs in the container`,
      'Check that this is the server’s container; the JVM may be starting, or be another program than `java`.',
    );
    return { kind: 'failed', failure };
  }
  return { kind: 'noFile', process: newest, otherCount: java.length - 1 };
}

type StatRead =
  | { readonly kind: 'stat'; readonly stat: ProcessStat }
  | { readonly kind: 'none' }
  | Extract<Found, { readonly kind: 'failed' }>;

/** `none` where there is no such process; what keeps every file from being read is a failure. */
async function statOf(pid: number, { commands, name, signal }: Looking): Promise<StatRead> {
  const path = `/proc/${pid}/stat`;
  const said = await commands.read(path, MAX_STAT_BYTES, signal);
  if (said.kind === 'noTool' || said.kind === 'failed') {
    const failure = saidFailure(said, path, name);
    if (failure !== undefined) return { kind: 'failed', failure };
  }
  const content = said.kind === 'said' ? Buffer.from(said.bytes).toString('utf8') : '';
  const stat = readProcessStat(content);
  // One that ended and was not waited for keeps its pid and its file.
  return stat === undefined || stat.hasEnded ? { kind: 'none' } : { kind: 'stat', stat };
}
