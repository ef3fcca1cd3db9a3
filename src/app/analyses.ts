import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import type { Analysis, VerdictLine } from '../domain/analysis.ts';
import { type Dump, type DumpKind, isLiveHistogram } from '../domain/dump.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { Change } from '../domain/ports.ts';
import { isSameRef, type Ref, refKey, refOf } from '../domain/ref.ts';
import type { AnalysisFile, AnalysisResult, AnalysisStart } from './analysis-messages.ts';
import { type AnalysisEnd, analyzeOnThread } from './analysis-thread.ts';

export interface AnalysesOptions {
  /** File of the program that analyses on a thread of its own. */
  readonly workerProgram: string;
  readonly store: { apply(batch: readonly Change[]): void };
  readonly clock: Clock;
  /** A dump in the store; `undefined` for one that is gone. */
  readonly dumpOf: (ref: Ref<'dump'>) => Dump | undefined;
}

/** Reads dumps beside the screen: one file at a time, on a thread of its own. */
export interface Analyses {
  /** What a file shows, in a few sentences; `undefined` for a heap, and where it cannot be read or is given up. */
  verdict(
    file: { readonly path: string; readonly kind: DumpKind },
    signal: AbortSignal,
  ): Promise<readonly VerdictLine[] | undefined>;
  /** Puts the analysis that is looked at into the store; of those looked at before, the last four stay. */
  look(scope: Ref<'analysis'> | undefined): void;
  /** Ends what runs. */
  close(): Promise<void>;
}

const KEPT = 4;
/** Between the names of an analysis's dumps; no dump's name holds one. */
const JOINED_BY = '+';

/** An analysis in the store, with the rows that go with it. */
interface Shown {
  readonly ref: Ref<'analysis'>;
  evidence: readonly Ref<'evidence'>[];
  /** Ends its reading. */
  readonly abort: AbortController;
  isDone: boolean;
}

export function createAnalyses({ workerProgram, store, clock, dumpOf }: AnalysesOptions): Analyses {
  /** Oldest first; the last is the one looked at, while one is. */
  const shown: Shown[] = [];
  const closing = new AbortController();
  let looked: Ref<'analysis'> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = (
    start: AnalysisStart,
    signal: AbortSignal,
    onProgress?: (readBytes: number, sizeBytes: number) => void,
  ): Promise<AnalysisEnd> => {
    const ended = AbortSignal.any([signal, closing.signal]);
    const end = queue.then(() =>
      analyzeOnThread(start, { program: workerProgram, clock, onProgress }, ended),
    );
    queue = end;
    return end;
  };

  const drop = (gone: Shown): void => {
    gone.abort.abort();
    store.apply([
      { type: 'drop', kind: 'analysis', ref: gone.ref },
      ...gone.evidence.map((ref): Change => ({ type: 'drop', kind: 'evidence', ref })),
    ]);
  };
  const put = (entity: Analysis, more: readonly Change[] = []): void =>
    store.apply([{ type: 'put', kind: 'analysis', entity }, ...more]);

  const read = async (entry: Shown): Promise<void> => {
    const { ref } = entry;
    const refs = ref.id.split(JOINED_BY).map((name) => refOf('dump', ref.context, name));
    const dumps = refs.map(dumpOf);
    const known = dumps.filter((dump) => dump !== undefined);
    const begun: Analysis = {
      ref,
      dumps: refs,
      name: nameOf(known, ref),
      state: 'reading',
      verdict: [],
      problems: [],
    };
    put(begun);
    const refusal = refusalOf(refs, dumps);
    if (refusal !== undefined) {
      entry.isDone = true;
      put({ ...begun, state: 'failed', error: refusal });
      return;
    }
    const files = known.map((dump) => fileOf(dump, known));
    const end = await inTurn({ files, withEvidence: true }, entry.abort.signal, (readBytes, sizeBytes) => {
      if (!entry.abort.signal.aborted) put({ ...begun, progress: { readBytes, sizeBytes } });
    });
    if (end.state === 'aborted' || entry.abort.signal.aborted) return;
    entry.isDone = true;
    if (end.state === 'failed') {
      put({ ...begun, state: 'failed', error: end.failure });
      return;
    }
    const rows = evidenceOf(ref, end.result);
    entry.evidence = rows.map(({ ref: row }) => row);
    const { verdict, problems } = end.result;
    put(
      { ...begun, state: 'done', verdict, problems },
      rows.map((entity): Change => ({ type: 'put', kind: 'evidence', entity })),
    );
  };

  /** One that was read stays for whoever comes back; one that was still being read is given up. */
  const leave = (): void => {
    const last = shown.at(-1);
    if (looked === undefined || last === undefined || last.isDone) return;
    shown.pop();
    drop(last);
  };

  return {
    async verdict({ path: file, kind }, signal) {
      if (kind === 'heap' || closing.signal.aborted) return undefined;
      const start = {
        files: [{ path: file, name: cleanLine(path.basename(file), 200) }],
        withEvidence: false,
      };
      const end = await inTurn(start, signal);
      return end.state === 'done' ? end.result.verdict : undefined;
    },
    look(scope) {
      if (closing.signal.aborted || isSameRef(scope, looked) || (scope === undefined && looked === undefined))
        return;
      leave();
      looked = scope;
      if (scope === undefined) return;
      const at = shown.findIndex(({ ref }) => isSameRef(ref, scope));
      const [before] = at < 0 ? [] : shown.splice(at, 1);
      // What failed is tried again: the file may be readable now.
      if (before !== undefined && before.evidence.length > 0) {
        shown.push(before);
        return;
      }
      if (before !== undefined) drop(before);
      const entry: Shown = { ref: scope, evidence: [], abort: new AbortController(), isDone: false };
      shown.push(entry);
      while (shown.length > KEPT) {
        const oldest = shown.shift();
        if (oldest !== undefined) drop(oldest);
      }
      void read(entry);
    },
    async close() {
      closing.abort();
      for (const { abort } of shown) abort.abort();
      await queue;
    },
  };
}

const fileOf = (dump: Dump, all: readonly Dump[]): AnalysisFile => {
  const { server, serverName } = dump;
  return {
    path: dump.path,
    name: dump.ref.id,
    takenAt: dump.takenAt,
    // By its name, unless two share it.
    server: all.some((other) => other.serverName === serverName && !isSameRef(other.server, server))
      ? server.id
      : serverName,
    isLive: isLiveHistogram(dump),
  };
};

function refusalOf(refs: readonly Ref<'dump'>[], dumps: readonly (Dump | undefined)[]) {
  const gone = refs.find((_ref, index) => dumps[index] === undefined);
  if (gone !== undefined)
    return sourceFailure('NOT_FOUND', `the dump ${cleanLine(gone.id, 200)} is not there any more`);
  return dumps.some((dump) => dump?.kind === 'heap')
    ? sourceFailure(
        'NOT_A_DUMP',
        'a heap dump is not analysed here',
        'Open it with Eclipse MAT or VisualVM; a class histogram (i) is read here.',
      )
    : undefined;
}

function nameOf(dumps: readonly Dump[], { id }: Ref<'analysis'>): string {
  const [first] = dumps;
  if (first === undefined) return cleanLine(id, 40);
  const names = new Set(dumps.map(({ serverName }) => serverName));
  const name = names.size === 1 ? first.serverName : `${names.size} servers`;
  return dumps.length === 1 ? name : `${name} ×${dumps.length}`;
}

/** Ids of rows are short and the same whenever the same dumps are read. */
function evidenceOf(analysis: Ref<'analysis'>, { evidence }: AnalysisResult) {
  const lead = createHash('sha256').update(refKey(analysis)).digest('hex').slice(0, 12);
  return evidence.map((row, order) => ({
    ...row,
    ref: refOf('evidence', analysis.context, `${lead}.${order}`),
    analysis: analysis.id,
    order,
  }));
}
