import type { Clock } from '../../core/clock.ts';
import { sizeText } from '../../core/size-text.ts';
import type { VerdictLine } from '../../domain/analysis.ts';
import { DUMP_TITLES, type Dump, type DumpKind, type DumpSeries, type DumpWayId } from '../../domain/dump.ts';
import type { DumpFile } from '../../domain/dump-folder.ts';
import { figuresOf } from '../../domain/dump-target.ts';
import type { DumpTaking, DumpTarget, TakenDump } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import { type Text, text, type Words } from '../../domain/text.ts';
import { createLimit, orAborted } from '../executor/concurrency.ts';
import { safeLine, safeText } from '../executor/failure.ts';
import type { DumpTools, Lookup } from '../tools.ts';
import { assertStillThere, namedOf } from './dump-target.ts';

/** Reading what is in a dump must not hold up keeping it. */
const VERDICT_TIMEOUT_MS = 30_000;
/** What a way that was told to stop gets before its file is taken from under it. */
const STOP_MS = 3_000;

/** One file to be taken, as it was planned. */
export interface FileOrder {
  readonly dumps: DumpTools;
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly target: DumpTarget;
  readonly kind: DumpKind;
  readonly way: DumpWayId;
  readonly isAuthenticated: boolean;
  readonly maxBytes: number;
  readonly expectBytes?: number | undefined;
  /** Epoch ms of what was written before. @default now */
  readonly takenAt?: number | undefined;
  /** @default the state directory */
  readonly directory?: string | undefined;
  readonly take: (taking: DumpTaking) => Promise<TakenDump>;
  /** Waits where the server itself has to connect and does not stand; rejects with the signal's reason only. */
  readonly untilConnected?: ((signal: AbortSignal) => Promise<void>) | undefined;
}
/** What is known only when it is carried out. */
export interface FileRun {
  readonly report: (detail: Words) => void;
  readonly signal: AbortSignal;
  readonly reason?: string | undefined;
  readonly series?: DumpSeries | undefined;
}

/** Takes one dump into a file with its facts. Rejects with an AppError or the signal's reason, and leaves nothing then. */
export async function takeFile(order: FileOrder, run: FileRun): Promise<Dump> {
  const { dumps, target, kind, clock, lookup } = order;
  const { signal, report } = run;
  signal.throwIfAborted();
  assertStillThere(target, lookup);
  const { ref, name, place } = target.server;
  const file = await dumps.folder.create({
    ...namedOf(target),
    facts: {
      kind,
      server: ref,
      serverName: name,
      ...(place?.kind === 'namespace' ? { namespace: place.name } : {}),
      takenAt: order.takenAt ?? clock.now(),
      way: order.way,
      isAuthenticated: order.isAuthenticated,
      by: dumps.by,
      ...(run.reason === undefined ? {} : { reason: run.reason }),
      ...(run.series === undefined ? {} : { series: run.series }),
      figures: figuresOf(lookup.get(ref)),
    },
    directory: order.directory,
    maxBytes: order.maxBytes,
    expectBytes: order.expectBytes,
  });
  try {
    const taking = order.take({ write: (bytes) => file.write(bytes), report, signal });
    const { how, missing, sha256 } = await untilStopped(taking, order, signal);
    if (file.sizeBytes === 0) {
      throw appError('DUMP_FAILED', `${DUMP_TITLES[kind].en} of ${name}: nothing came`);
    }
    const verdict = await verdictOf(order, file, run);
    // In the words of whoever answered.
    const said = { how: safeLine(how), missing: missing.map(safeText) };
    return await file.keep({ ...said, sha256, verdict });
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

/** What was taken; rejects soon after the signal aborts, whether the way listens to it or not. */
async function untilStopped(
  taking: Promise<TakenDump>,
  { clock }: FileOrder,
  signal: AbortSignal,
): Promise<TakenDump> {
  const late = new AbortController();
  let cancel: (() => void) | undefined;
  const stop = () => {
    cancel = clock.after(STOP_MS, () => late.abort(signal.reason));
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await orAborted(taking, late.signal);
  } finally {
    cancel?.();
    signal.removeEventListener('abort', stop);
  }
}

/** A dump that cannot be read is kept all the same, and so is one that is whole when it is cancelled. */
async function verdictOf(
  { dumps, kind, clock }: FileOrder,
  file: DumpFile,
  { report, signal }: FileRun,
): Promise<readonly VerdictLine[] | undefined> {
  report(text('reading what is in it', '내용 읽는 중'));
  const limit = createLimit(signal, VERDICT_TIMEOUT_MS, clock);
  try {
    return await orAborted(dumps.verdict({ path: file.temporaryPath, kind }, limit.signal), limit.signal);
  } catch {
    return undefined;
  } finally {
    limit.clear();
  }
}

/** What is in a dump, in one line: what its analysis says first, else how large it is. */
export function resultWords({ verdict, sizeBytes }: Dump): Text {
  const first = verdict?.[0]?.text;
  const size = sizeText(sizeBytes);
  return first ?? text(`${size} kept`, `${size} 저장됨`);
}
